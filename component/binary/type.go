package binary

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

// Spec: Binary.md#type-definitions, productions below `type`.

var primCodes = map[byte]types.Kind{
	0x7f: types.KindBool,
	0x7e: types.KindS8,
	0x7d: types.KindU8,
	0x7c: types.KindS16,
	0x7b: types.KindU16,
	0x7a: types.KindS32,
	0x79: types.KindU32,
	0x78: types.KindS64,
	0x77: types.KindU64,
	0x76: types.KindF32,
	0x75: types.KindF64,
	0x74: types.KindChar,
	0x73: types.KindString,
	0x64: types.KindErrorContext,
}

var primBytes = func() map[types.Kind]byte {
	m := map[types.Kind]byte{}
	for c, k := range primCodes {
		m[k] = c
	}
	return m
}()

func (d *decoder) typ() *component.Type {
	return &component.Type{At: d.at(), Def: d.defType()}
}

// valType reads a primitive type or a type index. Both share the signed integers:
// codes of types are negative.
func (d *decoder) valType() component.ValType {
	at := d.at()
	if k, ok := primCodes[d.peek()]; ok {
		d.pos++
		return component.Prim(k)
	}
	i := d.s33("a value type")
	if i < 0 {
		fail(at, "there is no value type %#02x", byte(d.b[at]))
	}
	return component.TypeIndex(uint32(i))
}

func (w *writer) valType(t component.ValType) {
	if t.Prim == 0 {
		w.typeIndex(t.Index)
		return
	}
	w.prim(t.Prim)
}

func (w *writer) prim(k types.Kind) {
	c, ok := primBytes[k]
	if !ok {
		panic("binary: " + k.String() + " is not primitive")
	}
	w.byte(c)
}

func (d *decoder) defType() component.DefType {
	at := d.at()
	c := d.byte("a type")
	if k, ok := primCodes[c]; ok {
		return component.PrimType(k)
	}
	switch c {
	case 0x72:
		return component.RecordType(vec(&d.reader, "fields", d.labelValType))
	case 0x71:
		return component.VariantType(vec(&d.reader, "cases", d.variantCase))
	case 0x70:
		return &component.ListType{Elem: d.valType()}
	case 0x67:
		t := &component.ListType{Elem: d.valType()}
		n := d.u32("the length of a list")
		t.Length = &n
		return t
	case 0x63:
		return &component.MapType{Key: d.valType(), Value: d.valType()}
	case 0x6f:
		return component.TupleType(vec(&d.reader, "types", d.valType))
	case 0x6e:
		return component.FlagsType(vec(&d.reader, "flags", d.label))
	case 0x6d:
		return component.EnumType(vec(&d.reader, "cases", d.label))
	case 0x6b:
		return &component.OptionType{Elem: d.valType()}
	case 0x6a:
		return &component.ResultType{Ok: d.optionalType(), Err: d.optionalType()}
	case 0x69:
		return component.OwnType(d.u32("a type index"))
	case 0x68:
		return component.BorrowType(d.u32("a type index"))
	case 0x66:
		return &component.StreamType{Elem: d.optionalType()}
	case 0x65:
		return &component.FutureType{Elem: d.optionalType()}
	case 0x40, 0x43:
		return d.funcType(c == 0x43)
	case 0x3f:
		return d.resourceType()
	case 0x41:
		return component.ComponentType(d.declarators("component type", d.componentDecl))
	case 0x42:
		return component.InstanceType(d.declarators("instance type", d.instanceDecl))
	}
	fail(at, "there is no type %#02x", c)
	return nil
}

func (w *writer) defType(t component.DefType) {
	switch t := t.(type) {
	case component.PrimType:
		w.prim(types.Kind(t))
	case component.RecordType:
		w.byte(0x72)
		list(w, t, w.labelValType)
	case component.VariantType:
		w.byte(0x71)
		list(w, t, w.variantCase)
	case *component.ListType:
		w.listType(t)
	case *component.MapType:
		w.byte(0x63)
		w.valType(t.Key)
		w.valType(t.Value)
	case component.TupleType:
		w.byte(0x6f)
		list(w, t, func(e *component.ValType) { w.valType(*e) })
	case component.FlagsType:
		w.byte(0x6e)
		list(w, t, w.label)
	case component.EnumType:
		w.byte(0x6d)
		list(w, t, w.label)
	case *component.OptionType:
		w.byte(0x6b)
		w.valType(t.Elem)
	case *component.ResultType:
		w.byte(0x6a)
		maybe(w, t.Ok, w.valType)
		maybe(w, t.Err, w.valType)
	case component.OwnType:
		w.byte(0x69)
		w.u32(uint32(t))
	case component.BorrowType:
		w.byte(0x68)
		w.u32(uint32(t))
	case *component.StreamType:
		w.byte(0x66)
		maybe(w, t.Elem, w.valType)
	case *component.FutureType:
		w.byte(0x65)
		maybe(w, t.Elem, w.valType)
	case *component.FuncType:
		w.funcType(t)
	case *component.ResourceType:
		w.resourceType(t)
	case component.ComponentType:
		w.byte(0x41)
		list(w, t, w.declarator)
	case component.InstanceType:
		w.byte(0x42)
		list(w, t, w.declarator)
	default:
		panic("binary: a type definition without a type")
	}
}

func (w *writer) listType(t *component.ListType) {
	if t.Length == nil {
		w.byte(0x70)
		w.valType(t.Elem)
		return
	}
	w.byte(0x67)
	w.valType(t.Elem)
	w.u32(*t.Length)
}

func (d *decoder) optionalType() *component.ValType {
	return option(&d.reader, "a type", d.valType)
}

func (d *decoder) labelValType() component.LabelValType {
	return component.LabelValType{At: d.at(), Name: d.name("a label"), Type: d.valType()}
}

func (w *writer) labelValType(f *component.LabelValType) {
	w.name(f.Name)
	w.valType(f.Type)
}

func (d *decoder) variantCase() component.VariantCase {
	c := component.VariantCase{At: d.at(), Name: d.name("a label"), Type: d.optionalType()}
	d.expect(0x00, "the end of a case")
	return c
}

func (w *writer) variantCase(c *component.VariantCase) {
	w.name(c.Name)
	maybe(w, c.Type, w.valType)
	w.byte(0x00)
}

func (d *decoder) label() component.Label {
	return component.Label{At: d.at(), Name: d.name("a label")}
}

func (w *writer) label(l *component.Label) { w.name(l.Name) }

func (d *decoder) funcType(async bool) *component.FuncType {
	return &component.FuncType{
		Async:  async,
		Params: vec(&d.reader, "parameters", d.labelValType),
		Result: d.resultList(),
	}
}

func (w *writer) funcType(f *component.FuncType) {
	if f.Async {
		w.byte(0x43)
	} else {
		w.byte(0x40)
	}
	list(w, f.Params, w.labelValType)
	w.resultList(f.Result)
}

// resultList reads a result or its absence, nil.
func (d *decoder) resultList() *component.ValType {
	if !d.flag("a result") {
		t := d.valType()
		return &t
	}
	d.expect(0x00, "the end of the results")
	return nil
}

func (w *writer) resultList(t *component.ValType) {
	if t == nil {
		w.byte(0x01, 0x00)
		return
	}
	w.byte(0x00)
	w.valType(*t)
}

func (d *decoder) resourceType() *component.ResourceType {
	return &component.ResourceType{
		Rep:  d.coreValType(),
		Dtor: option(&d.reader, "a destructor", func() uint32 { return d.u32("a core function index") }),
	}
}

func (w *writer) resourceType(t *component.ResourceType) {
	w.byte(0x3f)
	w.coreValType(t.Rep)
	maybe(w, t.Dtor, w.u32)
}
