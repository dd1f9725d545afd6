package wazero

import (
	"math"

	"github.com/tetratelabs/wazero/api"
	lookup "github.com/tetratelabs/wazero/experimental/table"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// table is a table of functions: the one with an index in an instance's main part.
type table struct {
	in    *instance
	index uint32
}

// Func implements [cabi.Table]. That nothing is there can't be told from an index that
// is out of bounds.
func (t *table) Func(i uint64, ft layout.CoreFuncType) cabi.CoreFunc {
	if i > math.MaxUint32 {
		trap.Throw(trap.TableOutOfBounds)
	}
	if t.in.mod == nil {
		panic(errClosed)
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			if tr, ok := asError(r).(*trap.Trap); ok {
				r = ofStart(tr)
			}
			panic(r)
		default:
			panic(r)
		}
	}()
	fn := lookup.LookupFunction(t.in.mod, t.index, uint32(i), apiTypes(ft.Params), apiTypes(ft.Results))
	return &tableFunction{t.in.space, newCallee(fn)}
}

// ofStart gives a trap the words for the start function of a thread.
func ofStart(t *trap.Trap) *trap.Trap {
	if t.Code == trap.IndirectCallTypeMismatch {
		return trap.New(trap.ThreadStartType)
	}
	return t
}

var apiTypeOf = map[layout.CoreType]api.ValueType{
	layout.I32: api.ValueTypeI32, layout.I64: api.ValueTypeI64, layout.F32: api.ValueTypeF32, layout.F64: api.ValueTypeF64,
}

func apiTypes(ts []layout.CoreType) []api.ValueType {
	vs := make([]api.ValueType, len(ts))
	for i, t := range ts {
		vs[i] = apiTypeOf[t]
	}
	return vs
}

// tableFunction is a function that was in a table. It serves one call at a time,
// which is what a thread needs.
type tableFunction struct {
	space *space
	idle  *callee // nil during a call
}

// Call implements [cabi.CoreFunc].
func (f *tableFunction) Call(stack []uint64) {
	c := f.idle
	if c == nil {
		panic("wazero: a function of a table is called again while a call is under way")
	}
	if f.space.set == nil {
		panic(errClosed)
	}
	f.idle = nil
	_, err := c.call(f.space, stack)
	f.idle = c
	if err != nil {
		f.space.upset = true
		panic(f.space.failed(err))
	}
}
