package cabi

import (
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// HostFunc is a function of the host. Exactly one of Plain and Async is set.
type HostFunc struct {
	// Name is what errors call the function.
	Name string

	// Type is its type.
	Type *types.Func

	// Plain answers on the spot, on the calling task, while the store is held.
	// It serves plain functions and async ones that are declared ready. It may
	// keep neither c nor args, but what is in args. An error traps the caller
	// with its text; a *trap.Trap is thrown as it is.
	Plain func(c *HostCall, args []val.Value) (val.Value, error)

	// Async starts to work on c and returns without blocking; c is answered
	// then or later. The type must be async, or c be answered before Async
	// returns.
	Async func(c *HostCall)
}
