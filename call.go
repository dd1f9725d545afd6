package gondola

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// call is a call of an export by the host.
//
//	            waits              resolved
//	pending ──────────▶ awaited ─────────────▶ resolved
//	   │                   │ gave up             ▲
//	   │                   ▼                     │
//	   │                detached: the result is closed when it comes
//	   └─────────────────────────────────────────┘
type call struct {
	state atomic.Int32
	wake  chan struct{} // made before the call is awaited; has room for one
	store *store
	fn    cabi.FuncInst
	task  task
	args  []val.Value
	lent  []*Resource

	// Set while the store is held, before the state says resolved.
	onCancel cabi.OnCancel
	result   val.Value
	how      cabi.Resolution
	err      error
}

const (
	callPending int32 = iota
	callAwaited
	callResolved
	callDetached
)

func newCall(ctx context.Context, s *store, fn cabi.FuncInst, args []val.Value) *call {
	return &call{store: s, fn: fn, args: args, task: task{values: ctx}}
}

// OnStart implements [cabi.Caller].
func (c *call) OnStart(args []val.Value) []val.Value { return append(args, c.args...) }

// OnResolve implements [cabi.Caller].
func (c *call) OnResolve(result val.Value, how cabi.Resolution) {
	if result.IsValid() {
		result = c.store.wrap(result, c.fn.Type().Result)
	}
	c.result, c.how = result, how
	c.resolve()
}

// OnTrap implements [cabi.Caller].
func (c *call) OnTrap(err error) {
	c.err = err
	c.resolve()
}

func (c *call) resolve() {
	c.giveBack()
	switch c.state.Swap(callResolved) {
	case callAwaited:
		c.wake <- struct{}{}
	case callDetached:
		closeHandles(c.result, c.fn.Type().Result)
	}
}

func (c *call) resolved() bool { return c.state.Load() == callResolved }

// run starts the call and waits for it.
func (c *call) run(ctx context.Context) (val.Value, error) {
	c.store.enterUntil(c.start, func() bool { return c.resolved() || ctx.Err() != nil })
	if c.resolved() {
		return c.end(ctx)
	}
	c.wake = make(chan struct{}, 1)
	if c.state.CompareAndSwap(callPending, callAwaited) && !c.wait(ctx) {
		return val.Value{}, ctx.Err()
	}
	return c.end(ctx)
}

// start enters the guest, while the store is held.
func (c *call) start() {
	ft := c.fn.Type()
	c.lend(ft)
	if err := c.unwrapArgs(ft); err != nil {
		c.err = err
		c.resolve()
		return
	}
	c.onCancel = c.store.core.Invoke(c.fn, c, &c.task)
}

func (c *call) unwrapArgs(ft *types.Func) error {
	if !hasHandles(ft) {
		return nil
	}
	args := make([]val.Value, len(c.args)) // those of the caller stay as they are
	for i, a := range c.args {
		var err error
		if args[i], err = c.store.unwrap(a, ft.Params[i].Type); err != nil {
			return within("args"+indexStep(i), err)
		}
	}
	c.args = args
	return cabi.CheckArgs(c.fn, args)
}

func hasHandles(ft *types.Func) bool {
	for _, p := range ft.Params {
		if p.Type.ContainsHandle() {
			return true
		}
	}
	return false
}

// lend holds the resources that the call borrows, so that closing them waits.
func (c *call) lend(ft *types.Func) {
	c.lent = borrows(c.args, ft)
	for _, r := range c.lent {
		r.lends++
	}
}

func (c *call) giveBack() {
	for _, r := range c.lent {
		r.lends--
		r.dropIfUnused()
	}
}

// wait waits until the call is resolved. When ctx ends first, it asks the task
// to cancel and waits a little longer; it reports false if that does not help,
// and the call is on its own from then on.
func (c *call) wait(ctx context.Context) bool {
	select {
	case <-c.wake:
		return true
	case <-ctx.Done():
	}
	c.store.post(c.requestCancel)
	grace := time.NewTimer(c.store.grace)
	defer grace.Stop()
	select {
	case <-c.wake:
		return true
	case <-grace.C:
		return !c.state.CompareAndSwap(callAwaited, callDetached)
	}
}

// requestCancel asks the task to cancel, while the store is held.
func (c *call) requestCancel() {
	if !c.resolved() {
		c.onCancel.Request()
	}
}

func (c *call) end(ctx context.Context) (val.Value, error) {
	result, how, err := c.result, c.how, c.err
	switch {
	case err != nil:
		return val.Value{}, err
	case how == cabi.Cancelled && ctx.Err() != nil:
		return val.Value{}, ctx.Err()
	case how == cabi.Cancelled:
		return val.Value{}, context.Canceled
	}
	return result, nil
}
