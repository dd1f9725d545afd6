package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// typeSpace is a type index space into which types are being written, and how named
// types come to have their names there.
type typeSpace interface {
	// define adds a type definition.
	define(def component.DefType) uint32
	// name gives the type at index i the name of d and returns the index under
	// which it has it.
	name(d *wit.TypeDef, i uint32) uint32
	// resource adds the resource type d.
	resource(d *wit.TypeDef) uint32
	// foreign adds a type that another interface owns, where it is not ours to define.
	foreign(d *wit.TypeDef) (i uint32, ok bool)
}

// typeIndexes remembers what was written into a type index space.
type typeIndexes struct {
	defs  map[*wit.TypeDef]uint32 // types with names
	plain map[string]uint32       // types without, by their definition's text
}

func newTypeIndexes() *typeIndexes {
	return &typeIndexes{map[*wit.TypeDef]uint32{}, map[string]uint32{}}
}

// typeEncoder writes types into a space, each once.
type typeEncoder struct {
	space typeSpace
	*typeIndexes
}

// primitiveKinds are the kinds of WIT's primitive types.
var primitiveKinds = [...]types.Kind{
	wit.Bool: types.KindBool, wit.U8: types.KindU8, wit.U16: types.KindU16, wit.U32: types.KindU32, wit.U64: types.KindU64,
	wit.S8: types.KindS8, wit.S16: types.KindS16, wit.S32: types.KindS32, wit.S64: types.KindS64,
	wit.F32: types.KindF32, wit.F64: types.KindF64, wit.Char: types.KindChar, wit.String: types.KindString,
	wit.ErrorContext: types.KindErrorContext,
}

// value returns the value type that stands for t.
func (e *typeEncoder) value(t wit.Type) component.ValType {
	switch t := t.(type) {
	case wit.Primitive:
		return component.Prim(primitiveKinds[t])
	case *wit.TypeDef:
		return e.reference(t)
	}
	panic(fmt.Sprintf("componentize: no type: %T", t))
}

func (e *typeEncoder) optional(t wit.Type) *component.ValType {
	if t == nil {
		return nil
	}
	v := e.value(t)
	return &v
}

// reference is the value type of d. A name for a primitive type has an index too,
// since it was exported or imported.
func (e *typeEncoder) reference(d *wit.TypeDef) component.ValType {
	return component.TypeIndex(e.def(d))
}

// def returns the index of d.
func (e *typeEncoder) def(d *wit.TypeDef) uint32 {
	refuseEmpty(d)
	if d.Name == "" {
		return e.plainType(e.kind(d.Kind))
	}
	if i, ok := e.defs[d]; ok {
		return i
	}
	i, ok := e.space.foreign(d)
	if !ok {
		i = e.named(d)
	}
	e.defs[d] = i
	return i
}

// refuseEmpty rejects what WIT may leave empty and a component may not.
func refuseEmpty(d *wit.TypeDef) {
	empty := ""
	switch k := d.Kind.(type) {
	case *wit.Record:
		if len(k.Fields) == 0 {
			empty = "a record without fields"
		}
	case *wit.Tuple:
		if len(k.Types) == 0 {
			empty = "a tuple without elements"
		}
	case *wit.Flags:
		if len(k.Flags) == 0 {
			empty = "flags without a flag"
		}
	}
	switch {
	case empty == "":
	case d.Name == "":
		refuse("a component can't have %s", empty)
	default:
		refuse("the type `%s` of %s is %s, which a component can't have", d.Name, ownerText(d.Owner), empty)
	}
}

func ownerText(o wit.Owner) string {
	switch o := o.(type) {
	case *wit.World:
		return "the world `" + o.IDString() + "`"
	case *wit.Interface:
		if o.Name != "" {
			return "the interface `" + o.IDString() + "`"
		}
	}
	return "an interface inside a world"
}

// named defines a type that has a name.
func (e *typeEncoder) named(d *wit.TypeDef) uint32 {
	switch k := d.Kind.(type) {
	case *wit.Resource:
		return e.space.resource(d)
	case *wit.Alias:
		if target, ok := k.Target.(*wit.TypeDef); ok {
			return e.space.name(d, e.def(target))
		}
		return e.space.name(d, e.space.define(component.PrimType(primitiveKinds[k.Target.(wit.Primitive)])))
	}
	return e.space.name(d, e.space.define(e.kind(d.Kind)))
}

// plainType defines a type without a name.
func (e *typeEncoder) plainType(def component.DefType) uint32 {
	key := defKey(def)
	i, ok := e.plain[key]
	if !ok {
		i = e.space.define(def)
		e.plain[key] = i
	}
	return i
}

func (e *typeEncoder) kind(k wit.TypeKind) component.DefType {
	switch k := k.(type) {
	case *wit.Record:
		def := make(component.RecordType, len(k.Fields))
		for i, f := range k.Fields {
			def[i] = component.LabelValType{Name: f.Name, Type: e.value(f.Type)}
		}
		return def
	case *wit.Tuple:
		def := make(component.TupleType, len(k.Types))
		for i, t := range k.Types {
			def[i] = e.value(t)
		}
		return def
	case *wit.Flags:
		return component.FlagsType(labels(k.Flags))
	case *wit.Enum:
		return component.EnumType(labels(k.Cases))
	case *wit.Variant:
		def := make(component.VariantType, len(k.Cases))
		for i, c := range k.Cases {
			def[i] = component.VariantCase{Name: c.Name, Type: e.optional(c.Type)}
		}
		return def
	case *wit.Option:
		return &component.OptionType{Elem: e.value(k.Type)}
	case *wit.Result:
		return &component.ResultType{Ok: e.optional(k.OK), Err: e.optional(k.Err)}
	case *wit.List:
		return &component.ListType{Elem: e.value(k.Elem)}
	case *wit.FixedList:
		n := k.Len
		return &component.ListType{Elem: e.value(k.Elem), Length: &n}
	case *wit.Map:
		return &component.MapType{Key: e.value(k.Key), Value: e.value(k.Value)}
	case *wit.Future:
		return &component.FutureType{Elem: e.optional(k.Elem)}
	case *wit.Stream:
		return &component.StreamType{Elem: e.optional(k.Elem)}
	case *wit.Own:
		return component.OwnType(e.def(k.Resource))
	case *wit.Borrow:
		return component.BorrowType(e.def(k.Resource))
	}
	panic(fmt.Sprintf("componentize: a %T has a name", k))
}

func labels(ls []wit.Label) []component.Label {
	out := make([]component.Label, len(ls))
	for i, l := range ls {
		out[i] = component.Label{Name: l.Name}
	}
	return out
}

// function returns the index of f's type.
func (e *typeEncoder) function(f *wit.Function) uint32 {
	def := &component.FuncType{Async: f.Async}
	for _, p := range f.Params {
		def.Params = append(def.Params, component.LabelValType{Name: p.Name, Type: e.value(p.Type)})
	}
	def.Result = e.optional(f.Result)
	return e.plainType(def)
}

// transfer returns the index of the stream or future type d, where nil is one
// without a payload.
func (e *typeEncoder) transfer(d *wit.TypeDef, future bool) uint32 {
	switch {
	case d != nil:
		return e.def(d)
	case future:
		return e.plainType(&component.FutureType{})
	}
	return e.plainType(&component.StreamType{})
}

// defKey is the same for equal definitions without names. Indices of the same
// space make it exact.
func defKey(def component.DefType) string {
	switch d := def.(type) {
	case *component.OptionType:
		return "option " + valKey(&d.Elem)
	case *component.ResultType:
		return "result " + valKey(d.Ok) + " " + valKey(d.Err)
	case *component.ListType:
		if d.Length != nil {
			return fmt.Sprint("list ", valKey(&d.Elem), " ", *d.Length)
		}
		return "list " + valKey(&d.Elem)
	case *component.MapType:
		return "map " + valKey(&d.Key) + " " + valKey(&d.Value)
	case *component.FutureType:
		return "future " + valKey(d.Elem)
	case *component.StreamType:
		return "stream " + valKey(d.Elem)
	case *component.FuncType:
		key := fmt.Sprint("func ", d.Async, " ", valKey(d.Result))
		for _, p := range d.Params {
			key += " " + p.Name + ":" + valKey(&p.Type)
		}
		return key
	default: // tuples, own and borrow hold no pointers
		return fmt.Sprintf("%T %v", d, d)
	}
}

func valKey(v *component.ValType) string {
	switch {
	case v == nil:
		return "_"
	case v.Prim != types.Kind(0):
		return v.Prim.String()
	}
	return fmt.Sprint(v.Index)
}

// externName is d's or f's name with the attributes that it has in WIT.
func externName(name string, externalID *string) component.ExternName {
	n := component.Named(name)
	if externalID != nil {
		n.Attributes = append(n.Attributes, component.Attribute{Kind: component.AttrExternalID, Value: *externalID})
	}
	return n
}

func typeName(d *wit.TypeDef) component.ExternName { return externName(d.Name, d.ExternalID) }

// interfaceName is the name of an import or export with its attributes.
func interfaceName(key wit.WorldKey, item *wit.InterfaceItem, canonical bool) component.ExternName {
	n := component.Named(key.String())
	if canonical && key.Interface != nil {
		n = canonicalExtern(key.String(), key.Interface.Package.Name.Version)
	}
	if i := wit.Implements(key, item); i != nil {
		n.Attributes = append(n.Attributes, component.Attribute{Kind: component.AttrImplements, Value: i.IDString()})
	}
	n.Attributes = append(n.Attributes, externName("", item.ExternalID).Attributes...)
	return n
}
