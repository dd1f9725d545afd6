package cabi

import (
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// FuncInst is a component-level function: a guest's ([Store.Lift]) or the host's
// ([Store.NewHostFunc]).
//
// Spec: CanonicalABI.md#tasks (definitions.py FuncInst).
type FuncInst interface {
	// Type is the function's type.
	Type() *types.Func

	// call starts a call on behalf of from, which is nil for the host. It
	// returns when the call has resolved or blocked.
	call(c Caller, from *ComponentInstance) OnCancel
}

// Caller is the caller's side of one call. Its methods are called while the
// store is held, possibly in the middle of guest code: they must be quick, must
// not call the store and must not panic.
//
// Exactly one of OnResolve and OnTrap is called, once.
//
// Spec: definitions.py OnStart, OnResolve.
type Caller interface {
	// OnStart appends the arguments to args, when the callee is ready for them.
	// It is not called where the call is cancelled before.
	OnStart(args []val.Value) []val.Value

	// OnResolve ends the call. result is invalid where the function has none or
	// the call was cancelled. What result holds belongs to the caller.
	OnResolve(result val.Value, how Resolution)

	// OnTrap ends the call by the trap of the callee or of anything else that
	// poisoned it. err is a *trap.Trap, a [*Bug], [ErrClosed] or [ErrTooManyTasks].
	OnTrap(err error)
}

// Resolution is how a call ended.
type Resolution uint8

// The resolutions.
const (
	Returned Resolution = iota
	Cancelled
)

// OnCancel asks a call to end early. The zero OnCancel does nothing.
//
// Spec: definitions.py OnCancel.
type OnCancel struct {
	task *Task
	gen  uint32 // of the task
	host *HostCall
}

// Request asks on behalf of the host. A request that races the call's end does
// nothing, and neither does a second one. It may let guest code run, like
// [Store.Invoke].
func (c OnCancel) Request() {
	switch {
	case c.task != nil && c.task.gen == c.gen:
		c.task.inst.store.protect(func() { c.request(nil) })
	case c.host != nil:
		c.request(nil)
	}
}

func (c OnCancel) request(from *ComponentInstance) {
	switch {
	case c.task != nil && c.task.gen == c.gen:
		c.task.requestCancellation(from)
	case c.host != nil:
		c.host.requestCancellation()
	}
}
