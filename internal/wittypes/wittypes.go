package wittypes

import (
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// Types translates WIT types. It makes one [types.Resource] for each resource definition, however many aliases lead to it, so
// all types that are to be compared must come from the same Types. Where a world both imports and exports an interface, its
// resources are two types in a component but one definition in WIT: use a Types for each side there.
//
// Not safe for use from several goroutines.
type Types struct {
	defs      map[*wit.TypeDef]*types.Type
	resources map[*wit.TypeDef]*types.Resource
}

// New returns an empty translation.
func New() *Types {
	return &Types{
		defs:      make(map[*wit.TypeDef]*types.Type),
		resources: make(map[*wit.TypeDef]*types.Resource),
	}
}

// Type returns the type that t resolves to, and nil for nil. A resource by itself is no value type: it panics for a *wit.Resource.
func (x *Types) Type(t wit.Type) *types.Type {
	switch t := wit.Dealias(t).(type) {
	case nil:
		return nil
	case wit.Primitive:
		return primitives[t]
	case *wit.TypeDef:
		if done, ok := x.defs[t]; ok {
			return done
		}
		made := x.kind(t.Kind)
		x.defs[t] = made
		return made
	}
	panic("wittypes: a type of an unknown kind")
}

// Func returns the type of f, a method's `self` included.
func (x *Types) Func(f *wit.Function) *types.Func {
	ft := &types.Func{Result: x.Type(f.Result), Async: f.Async}
	for _, p := range f.Params {
		ft.Params = append(ft.Params, types.Field{Name: p.Name, Type: x.Type(p.Type)})
	}
	return ft
}

// Resource returns the resource type that d, a *wit.Resource or an alias of one, defines.
func (x *Types) Resource(d *wit.TypeDef) *types.Resource {
	d = wit.DealiasDef(d)
	r, ok := x.resources[d]
	if !ok {
		r = types.NewResource(d.Name, len(x.resources))
		x.resources[d] = r
	}
	return r
}

var primitives = [...]*types.Type{
	wit.Bool: types.Bool,
	wit.U8:   types.U8, wit.U16: types.U16, wit.U32: types.U32, wit.U64: types.U64,
	wit.S8: types.S8, wit.S16: types.S16, wit.S32: types.S32, wit.S64: types.S64,
	wit.F32: types.F32, wit.F64: types.F64,
	wit.Char: types.Char, wit.String: types.String,
	wit.ErrorContext: types.ErrorContext,
}

func (x *Types) kind(k wit.TypeKind) *types.Type {
	switch k := k.(type) {
	case *wit.Record:
		return types.Record(x.fields(k.Fields)...)
	case *wit.Tuple:
		return types.Tuple(x.types(k.Types)...)
	case *wit.Flags:
		return types.Flags(labels(k.Flags)...)
	case *wit.Enum:
		return types.Enum(labels(k.Cases)...)
	case *wit.Variant:
		return types.Variant(x.cases(k.Cases)...)
	case *wit.Option:
		return types.Option(x.Type(k.Type))
	case *wit.Result:
		return types.Result(x.Type(k.OK), x.Type(k.Err))
	case *wit.List:
		return types.List(x.Type(k.Elem))
	case *wit.FixedList:
		return types.FixedList(x.Type(k.Elem), int(k.Len))
	case *wit.Map:
		return types.Map(x.Type(k.Key), x.Type(k.Value))
	case *wit.Future:
		return types.Future(x.Type(k.Elem))
	case *wit.Stream:
		return types.Stream(x.Type(k.Elem))
	case *wit.Own:
		return types.Own(x.Resource(k.Resource))
	case *wit.Borrow:
		return types.Borrow(x.Resource(k.Resource))
	}
	panic("wittypes: a resource is no value type")
}

func (x *Types) types(ts []wit.Type) []*types.Type {
	out := make([]*types.Type, len(ts))
	for i, t := range ts {
		out[i] = x.Type(t)
	}
	return out
}

func (x *Types) fields(fs []wit.Field) []types.Field {
	out := make([]types.Field, len(fs))
	for i, f := range fs {
		out[i] = types.Field{Name: f.Name, Type: x.Type(f.Type)}
	}
	return out
}

func (x *Types) cases(cs []wit.Case) []types.Case {
	out := make([]types.Case, len(cs))
	for i, c := range cs {
		out[i] = types.Case{Name: c.Name, Type: x.Type(c.Type)}
	}
	return out
}

func labels(ls []wit.Label) []string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = l.Name
	}
	return out
}
