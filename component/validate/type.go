package validate

import (
	"cmp"
	"math"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
)

// MaxValueSize bounds the size of a value in a 64-bit memory, exclusively.
//
// Spec: CanonicalABI.md#element-size.
const MaxValueSize = 1 << 28

// MaxParams bounds the number of parameters of a function.
const MaxParams = 1000

// primitives are the definitions that primitive types stand for.
var primitives = func() map[types.Kind]*TypeDef {
	m := map[types.Kind]*TypeDef{}
	for k := types.KindBool; k.IsPrimitive(); k++ {
		m[k] = &TypeDef{Value: types.Primitive(k), measure: measure{depth: 1, size: 1}}
	}
	return m
}()

func (v *validator) typ(t *component.Type) *TypeDef {
	d := v.defType(t)
	v.scope().types = append(v.scope().types, d)
	return d
}

// Spec: Binary.md#type-definitions, production `deftype`.
func (v *validator) defType(t *component.Type) *TypeDef {
	switch def := t.Def.(type) {
	case *component.FuncType:
		return v.newDef(&TypeDef{Func: v.funcType(t.At, def)})
	case component.ComponentType:
		return v.newDef(&TypeDef{Component: v.componentType(t.At, def)})
	case component.InstanceType:
		return v.newDef(&TypeDef{Instance: v.instanceType(t.At, def)})
	case *component.ResourceType:
		return v.resourceType(t.At, def)
	case component.PrimType:
		return v.primType(t.At, types.Kind(def))
	default:
		return v.compound(t.At, def)
	}
}

func (v *validator) primType(at component.Offset, k types.Kind) *TypeDef {
	d := v.valType(at, component.Prim(k))
	return &TypeDef{Value: d.Value, measure: d.measure}
}

// valType resolves a value type.
func (v *validator) valType(at component.Offset, t component.ValType) *TypeDef {
	if t.Prim != 0 {
		if t.Prim == types.KindErrorContext {
			v.gate(at, component.FeatureErrorContext, "error-context types")
		}
		if !t.Prim.IsPrimitive() {
			fail(at, "%s is not a primitive type", t.Prim)
		}
		return primitives[t.Prim]
	}
	d := get(v.scope().types, t.Index, at, "type")
	if d.Value == nil {
		fail(at, "type %d is not a value type: it is a %s, and a defined value type is needed", t.Index, d.kind())
	}
	return d
}

// kind is what messages call the type.
func (d *TypeDef) kind() string {
	switch {
	case d.Value != nil:
		return d.Value.Kind().String()
	case d.Resource != nil:
		return "resource"
	case d.Func != nil:
		return "func"
	case d.Instance != nil:
		return "instance"
	}
	return "component"
}

func (v *validator) optional(at component.Offset, t *component.ValType) *TypeDef {
	if t == nil {
		return nil
	}
	return v.valType(at, *t)
}

// value is the value type of a part, nil for none.
func value(d *TypeDef) *types.Type {
	if d == nil {
		return nil
	}
	return d.Value
}

// compound resolves the value types that have parts.
func (v *validator) compound(at component.Offset, def component.DefType) *TypeDef {
	parts := v.parts(at, def)
	v.spend(1 + len(parts))
	d := v.newDef(&TypeDef{Parts: parts})
	d.Value = v.build(at, def, parts)
	if layout.Of(d.Value, layout.Ptr64).Size >= MaxValueSize {
		fail(at, "values of this type are too large: they may take less than 2^28 bytes in memory")
	}
	return d
}

// parts resolves the parts of a compound type and checks their labels.
func (v *validator) parts(at component.Offset, def component.DefType) []*TypeDef {
	switch def := def.(type) {
	case component.RecordType:
		return v.fields("record field", def)
	case component.VariantType:
		return v.cases(def)
	case component.FlagsType:
		labels(at, "flag", def)
		return nil
	case component.EnumType:
		labels(at, "enum case", def)
		return nil
	case component.TupleType:
		parts := make([]*TypeDef, len(def))
		for i, t := range def {
			parts[i] = v.valType(at, t)
		}
		return parts
	case *component.ListType:
		return []*TypeDef{v.valType(at, def.Elem)}
	case *component.MapType:
		return []*TypeDef{v.valType(at, def.Key), v.valType(at, def.Value)}
	case *component.OptionType:
		return []*TypeDef{v.valType(at, def.Elem)}
	case *component.ResultType:
		return []*TypeDef{v.optional(at, def.Ok), v.optional(at, def.Err)}
	case component.OwnType:
		return []*TypeDef{v.resource(at, uint32(def))}
	case component.BorrowType:
		return []*TypeDef{v.resource(at, uint32(def))}
	case *component.StreamType:
		return []*TypeDef{v.optional(at, def.Elem)}
	case *component.FutureType:
		return []*TypeDef{v.optional(at, def.Elem)}
	}
	fail(at, "a type definition is empty")
	return nil
}

// build makes the value type out of resolved parts.
func (v *validator) build(at component.Offset, def component.DefType, parts []*TypeDef) *types.Type {
	switch def := def.(type) {
	case component.RecordType:
		nonEmpty(at, "record type", "field", len(parts))
		return types.Record(typedFields(def, parts)...)
	case component.VariantType:
		nonEmpty(at, "variant type", "case", len(parts))
		return buildVariant(def, parts)
	case component.FlagsType:
		return buildFlags(at, def)
	case component.EnumType:
		return types.Enum(labelNames(def)...)
	case component.TupleType:
		nonEmpty(at, "tuple type", "type", len(parts))
		return types.Tuple(valuesOf(parts)...)
	case *component.ListType:
		return v.buildList(at, def, parts[0])
	case *component.MapType:
		checkKey(at, parts[0].Value)
		return types.Map(parts[0].Value, parts[1].Value)
	case *component.OptionType:
		return types.Option(parts[0].Value)
	case *component.ResultType:
		return types.Result(value(parts[0]), value(parts[1]))
	case component.OwnType:
		return types.Own(parts[0].Resource)
	case component.BorrowType:
		return types.Borrow(parts[0].Resource)
	case *component.StreamType:
		checkPayload(at, "stream", value(parts[0]))
		return types.Stream(value(parts[0]))
	default:
		checkPayload(at, "future", value(parts[0]))
		return types.Future(value(parts[0]))
	}
}

func nonEmpty(at component.Offset, what, part string, n int) {
	if n == 0 {
		fail(at, "a %s must have at least one %s", what, part)
	}
}

// label checks a label and that it is the only one of its name.
func (seen nameSpace) label(at component.Offset, what, name string) {
	if err := names.CheckLabel(name); err != nil {
		hint := ""
		if s := names.SuggestLabel(name); s != "" {
			hint = "; did you mean `" + s + "`?"
		}
		fail(at, "%s name: %v%s", what, err, hint)
	}
	seen.add(at, what+" name", name)
}

func (v *validator) fields(what string, fs []component.LabelValType) []*TypeDef {
	seen, parts := nameSpace{}, make([]*TypeDef, len(fs))
	for i, f := range fs {
		seen.label(f.At, what, f.Name)
		parts[i] = v.valType(f.At, f.Type)
	}
	return parts
}

func (v *validator) cases(cs []component.VariantCase) []*TypeDef {
	seen, parts := nameSpace{}, make([]*TypeDef, len(cs))
	for i, c := range cs {
		seen.label(c.At, "variant case", c.Name)
		parts[i] = v.optional(c.At, c.Type)
	}
	return parts
}

func labels(at component.Offset, what string, ls []component.Label) {
	nonEmpty(at, "type with labels", what, len(ls))
	seen := nameSpace{}
	for _, l := range ls {
		seen.label(l.At, what, l.Name)
	}
}

func labelNames(ls []component.Label) []string {
	ss := make([]string, len(ls))
	for i, l := range ls {
		ss[i] = l.Name
	}
	return ss
}

func valuesOf(parts []*TypeDef) []*types.Type {
	ts := make([]*types.Type, len(parts))
	for i, p := range parts {
		ts[i] = value(p)
	}
	return ts
}

func typedFields(fs []component.LabelValType, parts []*TypeDef) []types.Field {
	out := make([]types.Field, len(fs))
	for i, f := range fs {
		out[i] = types.Field{Name: f.Name, Type: parts[i].Value}
	}
	return out
}

func buildVariant(cs component.VariantType, parts []*TypeDef) *types.Type {
	out := make([]types.Case, len(cs))
	for i, c := range cs {
		out[i] = types.Case{Name: c.Name, Type: value(parts[i])}
	}
	return types.Variant(out...)
}

func buildFlags(at component.Offset, fs component.FlagsType) *types.Type {
	if len(fs) > 32 {
		fail(at, "a flags type has %d flags: cannot have more than 32 flags", len(fs))
	}
	return types.Flags(labelNames(fs)...)
}

func (v *validator) buildList(at component.Offset, l *component.ListType, elem *TypeDef) *types.Type {
	if l.Length == nil {
		return types.List(elem.Value)
	}
	v.gate(at, component.FeatureFixedLengthLists, "lists of fixed length")
	if *l.Length == 0 || *l.Length > math.MaxInt32 {
		fail(at, "a list of fixed length has 1 to 2^31-1 elements, not %d", *l.Length)
	}
	return types.FixedList(elem.Value, int(*l.Length))
}

// Spec: Explainer.md#type-definitions, production `keytype`.
func checkKey(at component.Offset, key *types.Type) {
	switch k := key.Kind(); {
	case k == types.KindF32, k == types.KindF64, !k.IsPrimitive(), k == types.KindErrorContext:
		fail(at, "invalid map key type %s: keys are booleans, integers, chars and strings", key)
	}
}

func checkPayload(at component.Offset, what string, elem *types.Type) {
	if elem.ContainsBorrow() {
		fail(at, "a %s cannot carry borrow handles, but its element type contains a `borrow`", what)
	}
	if what == "stream" && elem == types.Char {
		fail(at, "`stream<char>` is not valid at this time")
	}
}

// resource resolves the resource type of a handle.
func (v *validator) resource(at component.Offset, i uint32) *TypeDef {
	d := get(v.scope().types, i, at, "type")
	if d.Resource == nil {
		fail(at, "type %d is not a resource type: it is a %s", i, d.kind())
	}
	return d
}

func (v *validator) resourceType(at component.Offset, t *component.ResourceType) *TypeDef {
	s := v.scope()
	if s.kind != scopeComponent {
		fail(at, "resources can only be defined within a concrete component, not in a %s", s.kind)
	}
	v.checkRep(at, t.Rep)
	rep := coreValType(at, t.Rep)
	if t.Dtor != nil {
		want := corewasm.FuncType{Params: []corewasm.ValType{rep}}
		if got := get(s.coreFuncs, *t.Dtor, at, "core func"); !got.Equal(want) {
			fail(at, "wrong signature for a destructor: expected %s, found %s", funcText(want), funcText(got.FuncType))
		}
	}
	r := types.NewResource(cmp.Or(s.typeNames[uint32(len(s.types))], "resource"), -1)
	s.reps[r] = rep
	return v.newDef(&TypeDef{Resource: r})
}

func (v *validator) checkRep(at component.Offset, rep component.CoreValType) {
	switch rep {
	case component.I32:
	case component.I64:
		v.gate(at, component.FeatureMemory64, "resources represented by i64")
	default:
		fail(at, "resources can only be represented by `i32` or `i64`, not `%s`", rep)
	}
}

// Spec: Binary.md#type-definitions, production `functype`.
func (v *validator) funcType(at component.Offset, t *component.FuncType) *FuncType {
	if len(t.Params) > MaxParams {
		fail(at, "a function has at most %d parameters, not %d", MaxParams, len(t.Params))
	}
	f := &FuncType{Func: &types.Func{Async: t.Async}}
	f.Params = v.fields("function parameter", t.Params)
	f.Func.Params = typedFields(t.Params, f.Params)
	f.Result = v.optional(at, t.Result)
	f.Func.Result = value(f.Result)
	if f.Func.Result.ContainsBorrow() {
		fail(at, "function result cannot contain a `borrow` type")
	}
	v.spend(1 + len(f.Params))
	v.measureFunc(f)
	return f
}

func funcText(f corewasm.FuncType) string {
	if s := f.String(); s != "" {
		return "(func " + s + ")"
	}
	return "(func)"
}
