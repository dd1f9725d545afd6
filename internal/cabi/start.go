package cabi

import (
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// RunStart runs f, which instantiates core modules of inst and so runs their
// start functions, as a task of inst that may not block. It returns what ended
// it: the trap, or why inst can't be entered. f must let panics of what it calls
// pass.
//
// Spec: Concurrency.md#interaction-with-the-start-function.
func (s *Store) RunStart(inst *ComponentInstance, f func()) error {
	core := CoreFuncOf(func([]uint64) { f() })
	var c startCall
	s.Invoke(newLifted("start", core, &types.Func{}, &CanonicalOptions{}, inst), &c, nil)
	return c.err
}

// startCall is the caller's side of a start.
type startCall struct{ err error }

func (*startCall) OnStart(args []val.Value) []val.Value { return args }
func (*startCall) OnResolve(val.Value, Resolution)      {}
func (c *startCall) OnTrap(err error)                   { c.err = err }
