package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// CoreFunc is a core wasm function as the canonical ABI calls it.
//
// Call takes the arguments at the front of stack and leaves the results at its
// front; the stack is as long as the longer of the two. It may be called again
// while a call is going on or parked, so whoever implements it pools what isn't
// reentrant underneath. A trap unwinds it as a panic with a *trap.Trap, and an
// abandoned call as a panic that it must let pass ([coro.Abandoned]).
type CoreFunc interface {
	Call(stack []uint64)
}

// CoreFuncOf makes a Go function a [CoreFunc].
type CoreFuncOf func(stack []uint64)

// Call calls f.
func (f CoreFuncOf) Call(stack []uint64) { f(stack) }

// CoreBuiltin is a core function that the canonical ABI gives to a core module:
// a lowered import or a built-in. Its stack is that of [CoreFunc]. It may only
// be called by the core code of the component instance that it was made for,
// while the store runs that code.
type CoreBuiltin = func(stack []uint64)

// Memory is a core wasm memory. Two memories are the same exactly when the
// interface values are equal, as canon task.return asks, so an implementation
// is one pointer per memory instance.
type Memory interface {
	// Bytes is the memory's content. It is asked again after each call of core
	// code, since that may grow or move the memory.
	Bytes() []byte
}

// Table is a core wasm table of functions.
type Table interface {
	// Func is the function at index i. It throws a trap where i is out of
	// bounds, nothing is there, or it has another type than ft.
	Func(i uint64, ft layout.CoreFuncType) CoreFunc
}

// StringEncoding is how strings lie in a memory.
type StringEncoding uint8

// The encodings.
const (
	UTF8 StringEncoding = iota
	UTF16
	Latin1UTF16
)

// CanonicalOptions are the options of one canonical definition. Fields may be
// set up to the first call of what the options belong to; from then on they
// stay as they are. Several definitions may share one.
//
// Spec: CanonicalABI.md#canonical-abi-options (definitions.py CanonicalOptions).
type CanonicalOptions struct {
	StringEncoding StringEncoding
	Memory         Memory         // or nil
	Ptr            layout.PtrType // of Memory's addresses
	Realloc        CoreFunc       // or nil
	PostReturn     CoreFunc       // or nil; only for lift
	Callback       CoreFunc       // or nil; only for lift, and only with Async
	Async          bool
}

// FlattenFunc is the type of the core function that ft is lifted from or
// lowered to under opts.
//
// Spec: CanonicalABI.md#flattening (definitions.py flatten_functype).
func FlattenFunc(ft *types.Func, opts *CanonicalOptions, d layout.Direction) layout.CoreFuncType {
	return layout.FlattenFunc(ft, layout.ABI{
		Direction: d,
		Async:     opts.Async,
		Callback:  opts.Callback != nil,
		Ptr:       opts.Ptr,
	})
}
