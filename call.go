package gondola

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// call is a call of an export by the host. It is the entry that starts the
// guest's task.
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
	room  [4]val.Value

	// Used while the store is held.
	owner    argOwner
	lent     []*Resource
	onCancel cabi.OnCancel
	spent    bool // nobody but its caller knows the call any more

	// told is whom to tell the result, where nobody waits; else nil. started is what who
	// started the call has of it then.
	told    func(context.Context, val.Value, error)
	started Started

	// Set while the store is held, before the state says resolved.
	result val.Value
	how    cabi.Resolution
	err    error
}

const (
	callPending int32 = iota
	callAwaited
	callResolved
	callDetached
)

// argOwner is who has the arguments.
type argOwner uint8

const (
	argsCallers argOwner = iota // as the embedder gave them
	argsPassed                  // as the canonical ABI has them, on their way
	argsGuests
	argsNobodys
)

// calls are those that can be used again.
var calls = sync.Pool{New: func() any { return new(call) }}

// newCall makes a call without arguments, which the caller appends to args.
func newCall(ctx context.Context, s *store, fn cabi.FuncInst) *call {
	c := calls.Get().(*call)
	c.store, c.fn, c.task.values, c.args = s, fn, ctx, c.room[:0]
	return c
}

// OnStart implements [cabi.Caller].
func (c *call) OnStart(args []val.Value) []val.Value {
	c.owner = argsGuests
	return append(args, c.args...)
}

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
	c.err = c.store.explain(err)
	c.resolve()
}

func (c *call) resolve() {
	c.store.awaited--
	c.task.resolved = true
	c.giveBack()
	if c.told != nil {
		c.state.Store(callResolved)
		c.tell()
		return
	}
	switch c.state.Swap(callResolved) {
	case callAwaited:
		c.wake <- struct{}{}
	case callDetached:
		c.store.closeHandles(c.result, c.fn.Type().Result)
	}
}

func (c *call) resolved() bool { return c.state.Load() == callResolved }

// run starts the call and waits for it. The call must not be used afterwards.
func (c *call) run(ctx context.Context) (val.Value, error) {
	drove := c.store.visit(c)
	if c.resolved() {
		result, err := c.end(ctx)
		if drove && c.spent {
			*c = call{}
			calls.Put(c)
		}
		return result, err
	}
	c.wake = make(chan struct{}, 1)
	if c.state.CompareAndSwap(callPending, callAwaited) && !c.wait(ctx) {
		return val.Value{}, ctx.Err()
	}
	return c.end(ctx)
}

// leaves lets a caller who may want to give up run no code but that of its own
// call: it could not leave in the middle of another's.
func (c *call) leaves() bool { return c.task.values.Done() != nil || c.resolved() }

// enter starts the guest's task, while the store is held.
func (c *call) enter() {
	c.store.awaited++
	if err := c.prepare(c.fn.Type()); err != nil {
		c.owner, c.err = argsNobodys, err
		c.resolve()
		return
	}
	outer := c.store.acting
	c.store.acting = &c.task
	c.onCancel = c.store.core.Invoke(c.fn, c, &c.task)
	c.store.acting = outer
	if !c.resolved() && c.owner != argsGuests && shuts(c.task.values, c.store) {
		c.err = errShut
		c.onCancel.Request()
	}
	c.spent = c.resolved() && c.onCancel.Ended() && !c.task.shared && !hasHandles(c.fn.Type())
}

// errShut says that a call could never begin.
var errShut = errors.New("the guest waits on its stack for the host function that makes this call, and lets no other task in: import the function asynchronously (async lower) to let it call back")

// prepare makes the arguments the guest's. When it fails nobody has them any
// more.
func (c *call) prepare(ft *types.Func) error {
	if err := c.refuse(); err != nil {
		c.store.closeArgs(c.args, ft)
		return err
	}
	if !hasHandles(ft) {
		return nil
	}
	c.lend(ft)
	if err := c.store.unwrapArgs(c.args, ft); err != nil {
		return err
	}
	if err := cabi.CheckArgs(c.fn, c.args); err != nil {
		c.store.releaseAll(c.args, ft)
		return err
	}
	c.owner = argsPassed
	return nil
}

// refuse says why the call can't begin.
func (c *call) refuse() error {
	if err := c.task.values.Err(); err != nil {
		return err
	}
	switch err := c.store.poisoned(); {
	case err == nil:
		return nil
	case errors.Is(err, ErrClosed):
		return ErrClosed
	default:
		if before, ok := errors.AsType[*trap.Trap](err); ok {
			return trap.CannotEnterAfter(before)
		}
		return fmt.Errorf("%w: %w", ErrEndedBefore, err)
	}
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
	for _, r := range borrows(c.args, ft) {
		if r.store == c.store {
			r.lends++
			c.lent = append(c.lent, r)
		}
	}
}

// giveBack ends what was lent for the call, and gives up the arguments if it has
// never started.
func (c *call) giveBack() {
	ft := c.fn.Type()
	switch {
	case !hasHandles(ft):
		return
	case c.owner == argsGuests:
		c.store.endLoans(c.args, ft)
	case c.owner == argsPassed:
		c.store.post(func() { c.store.releaseAll(c.args, ft) })
	}
	c.owner = argsNobodys
	for _, r := range c.lent {
		r.lends--
		if r.state == closingResource {
			c.store.post(r.dropIfUnused) // guest code may be in the middle of something
		}
	}
	c.lent = nil
}

// wait waits until the call is resolved. When ctx ends first, it asks the task
// to cancel and waits a little longer; it reports false if that does not help,
// and the call is on its own from then on.
func (c *call) wait(ctx context.Context) bool {
	done := ctx.Done()
	if done == nil { // which costs half of a select
		<-c.wake
		return true
	}
	select {
	case <-c.wake:
		return true
	case <-done:
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
	switch {
	case c.err != nil:
		return val.Value{}, blame(ctx, c.err)
	case c.how == cabi.Cancelled && ctx.Err() != nil:
		return val.Value{}, ctx.Err()
	case c.how == cabi.Cancelled:
		return val.Value{}, context.Canceled
	}
	return c.result, nil
}

// blame joins the end of the caller's own context to a trap that it caused.
func blame(ctx context.Context, err error) error {
	if t, ok := err.(*trap.Trap); ok && t.Code == trap.Interrupted && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}
