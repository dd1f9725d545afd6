package layout

import "github.com/gondola-wasm/gondola/types"

// CoreType is a core wasm value type that a component-level type flattens to.
// The values are those of the core binary format.
type CoreType byte

// The core value types.
const (
	I32 CoreType = 0x7f
	I64 CoreType = 0x7e
	F32 CoreType = 0x7d
	F64 CoreType = 0x7c
)

// String is the type's name in the text format.
func (c CoreType) String() string {
	switch c {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	}
	return "unknown"
}

// Join is the core type that can carry what either of a and b carries.
//
// Spec: definitions.py join.
func Join(a, b CoreType) CoreType {
	switch {
	case a == b:
		return a
	case a == I32 && b == F32, a == F32 && b == I32:
		return I32
	}
	return I64
}

// CoreFuncType is the type of a core function.
type CoreFuncType struct {
	Params, Results []CoreType
}

// The limits up to which values are passed one by one.
//
// Spec: definitions.py MAX_FLAT_PARAMS, MAX_FLAT_ASYNC_PARAMS,
// MAX_FLAT_RESULTS.
const (
	MaxFlatParams      = 16
	MaxFlatAsyncParams = 4
	MaxFlatResults     = 1
)

// Direction says whether a core function is lifted to a component-level one or
// a component-level one lowered to it.
type Direction uint8

// The directions.
const (
	Lift Direction = iota
	Lower
)

// ABI is what a core function's type depends on besides the types of the
// component-level function.
type ABI struct {
	Direction Direction
	Async     bool // the async canonical option is set
	Callback  bool // so is callback; only with Lift
	Ptr       PtrType
}

// Types is the layout of values of these types side by side, as parameters are;
// at most one of them makes a result.
//
// Spec: definitions.py flatten_types.
func Types(ts []*types.Type, p PtrType) *Layout { return Record(ts, p) }

// FlattenFunc is the core function type of a lifted or lowered ft.
//
// Spec: CanonicalABI.md#flattening (definitions.py flatten_functype).
func FlattenFunc(ft *types.Func, abi ABI) CoreFuncType {
	params := Record(ft.ParamTypes(), abi.Ptr)
	results := &Layout{}
	if ft.Result != nil {
		results = Of(ft.Result, abi.Ptr)
	}
	ptr := []CoreType{abi.Ptr.Core()}
	switch {
	case abi.Direction == Lift:
		return CoreFuncType{spill(params, MaxFlatParams, ptr), liftResults(results, abi, ptr)}
	case !abi.Async:
		ps := spill(params, MaxFlatParams, ptr)
		if results.FlatLen > MaxFlatResults {
			return CoreFuncType{append(ps[:len(ps):len(ps)], ptr...), nil}
		}
		return CoreFuncType{ps, results.Flat}
	}
	ps := spill(params, MaxFlatAsyncParams, ptr)
	if results.FlatLen > 0 {
		ps = append(ps[:len(ps):len(ps)], ptr...)
	}
	return CoreFuncType{ps, []CoreType{I32}}
}

func liftResults(results *Layout, abi ABI, ptr []CoreType) []CoreType {
	switch {
	case abi.Async && abi.Callback:
		return []CoreType{I32}
	case abi.Async:
		return nil
	case results.FlatLen > MaxFlatResults:
		return ptr
	}
	return results.Flat
}

// spill replaces more than most flat values by a pointer to them.
func spill(l *Layout, most int, ptr []CoreType) []CoreType {
	if l.FlatLen > most {
		return ptr
	}
	return l.Flat
}
