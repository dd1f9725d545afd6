package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
)

// handle stands for all resources: how a type flattens doesn't depend on them.
var handle = types.NewResource("resource", -1)

// funcType is f as the canonical ABI sees it, all resources being one.
func funcType(f *wit.Function) *types.Func {
	ft := &types.Func{Async: f.Async}
	for _, p := range f.Params {
		ft.Params = append(ft.Params, types.Field{Name: p.Name, Type: abiType(p.Type)})
	}
	if f.Result != nil {
		ft.Result = abiType(f.Result)
	}
	return ft
}

// abiType is t as the canonical ABI sees it. A nil type stays nil.
func abiType(t wit.Type) *types.Type {
	switch t := wit.Dealias(t).(type) {
	case nil:
		return nil
	case wit.Primitive:
		return primitiveTypes[t]
	case *wit.TypeDef:
		return abiKind(t.Kind)
	}
	panic(fmt.Sprintf("componentize: no type: %T", t))
}

var primitiveTypes = [...]*types.Type{
	wit.Bool: types.Bool, wit.U8: types.U8, wit.U16: types.U16, wit.U32: types.U32, wit.U64: types.U64,
	wit.S8: types.S8, wit.S16: types.S16, wit.S32: types.S32, wit.S64: types.S64,
	wit.F32: types.F32, wit.F64: types.F64, wit.Char: types.Char, wit.String: types.String,
	wit.ErrorContext: types.ErrorContext,
}

func abiKind(k wit.TypeKind) *types.Type {
	switch k := k.(type) {
	case *wit.Record:
		fields := make([]types.Field, len(k.Fields))
		for i, f := range k.Fields {
			fields[i] = types.Field{Name: f.Name, Type: abiType(f.Type)}
		}
		return types.Record(fields...)
	case *wit.Tuple:
		elems := make([]*types.Type, len(k.Types))
		for i, t := range k.Types {
			elems[i] = abiType(t)
		}
		return types.Tuple(elems...)
	case *wit.Flags:
		return types.Flags(labelNames(k.Flags)...)
	case *wit.Enum:
		return types.Enum(labelNames(k.Cases)...)
	case *wit.Variant:
		cases := make([]types.Case, len(k.Cases))
		for i, c := range k.Cases {
			cases[i] = types.Case{Name: c.Name, Type: abiType(c.Type)}
		}
		return types.Variant(cases...)
	case *wit.Option:
		return types.Option(abiType(k.Type))
	case *wit.Result:
		return types.Result(abiType(k.OK), abiType(k.Err))
	case *wit.List:
		return types.List(abiType(k.Elem))
	case *wit.FixedList:
		return types.FixedList(abiType(k.Elem), int(k.Len))
	case *wit.Map:
		return types.Map(abiType(k.Key), abiType(k.Value))
	case *wit.Future:
		return types.Future(abiType(k.Elem))
	case *wit.Stream:
		return types.Stream(abiType(k.Elem))
	case *wit.Own, *wit.Resource:
		return types.Own(handle)
	case *wit.Borrow:
		return types.Borrow(handle)
	}
	panic(fmt.Sprintf("componentize: no kind of type: %T", k))
}

func labelNames(labels []wit.Label) []string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = l.Name
	}
	return names
}
