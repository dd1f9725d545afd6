package gondola

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// startAsync starts the function on a goroutine of its own.
func (b *boundFunc) startAsync(c *cabi.HostCall) {
	b.startBeside(c, b.store.wrapArgs(c.Args(), b.item.Type), nil)
}

// ready calls the function on the spot. The error may be what it leaves for later.
func (b *boundFunc) ready(context any, args []val.Value) (val.Value, error) {
	s := b.store
	args = s.wrapArgsInPlace(args, b.item.Type)
	result, err := b.callHolding(s.holding(s.taskOf(context)), args)
	if l, ok := err.(*later); ok {
		rest, problem := b.codec.later(l.f)
		if problem == nil {
			return val.Value{}, &rested{l, b, slices.Clone(args), rest} // the caller uses args again
		}
		err = problem
	}
	return b.answered(args, result, err)
}

// rested is the rest of a call, in the place of its error.
type rested struct {
	*later
	b    *boundFunc
	args []val.Value
	do   func(context.Context) (val.Value, error)
}

// Start implements [cabi.Starter].
func (r *rested) Start(c *cabi.HostCall) { r.b.startBeside(c, r.args, r.do) }

// startBeside starts the function, or rest in its place unless that is nil, on a
// goroutine of its own.
func (b *boundFunc) startBeside(c *cabi.HostCall, args []val.Value, rest func(context.Context) (val.Value, error)) {
	s := b.store
	if s.hostCalls >= s.maxHostCalls {
		s.closeArgs(args, b.item.Type)
		c.Fail(fmt.Errorf("too many calls of the host are under way: the limit is %d", s.maxHostCalls))
		return
	}
	t := s.taskOf(c.Context())
	if t != nil {
		t.shared = true
	}
	a := &pendingCall{boundFunc: b, call: c, args: args, rest: rest}
	a.ctx.task, a.ctx.store, a.ctx.call = t, s, c
	c.SetCanceller(a)
	s.hostCalls++
	go a.run()
}

// pendingCall is a call of an async host function: what goes on beside the store,
// and then the entry that answers.
//
//	        RequestCancel                grace is over
//	open ───────────────────▶ asked ───────────────────▶ given up
//	  │                         │                           │
//	  └─────── answered ────────┘                           ▼
//	                                    the result is closed when it comes
type pendingCall struct {
	*boundFunc
	call   *cabi.HostCall
	ctx    hostContext
	args   []val.Value
	rest   func(context.Context) (val.Value, error) // what is called, if not the function
	result val.Value
	err    error
	grace  *time.Timer // that runs once the call was asked to end; used while the store is held
}

// run calls the function, on a goroutine of its own, which the function may end.
func (a *pendingCall) run() {
	returned := false
	defer func() {
		if !returned {
			a.err = a.goexit()
		}
		a.store.arrive(a)
		a.ctx.finish()
	}()
	a.result, a.err = a.guarded(false, a.do)
	returned = true
}

func (a *pendingCall) do() (val.Value, error) {
	if a.rest != nil {
		return a.rest(&a.ctx)
	}
	return a.codec.call(&a.ctx, a.args)
}

// RequestCancel implements [cabi.Canceller]: it ends the function's context.
func (a *pendingCall) RequestCancel() {
	a.ctx.finish()
	if !a.call.Ended() {
		a.grace = time.AfterFunc(a.store.grace, func() { a.store.post(a.giveUp) })
	}
}

// giveUp lets the guest go on without a function that ignores the end of its
// context. It is called while the store is held.
func (a *pendingCall) giveUp() {
	if a.call.Ended() {
		return
	}
	endBorrows(a.args, a.item.Type)
	a.store.as(a.ctx.task, func() { _ = a.call.Cancel() }) // which was requested
}

// enter ends the call, while the store is held.
func (a *pendingCall) enter() {
	s := a.store
	s.hostCalls--
	if a.grace != nil {
		a.grace.Stop()
	}
	endBorrows(a.args, a.item.Type)
	s.as(a.ctx.task, a.answer)
}

// answer gives the guest the result.
func (a *pendingCall) answer() {
	if a.err != nil {
		a.fail()
		return
	}
	if a.call.Ended() {
		a.store.closeHandles(a.result, a.item.Type.Result)
		return
	}
	result, err := a.store.unwrapResult(a.result, a.item.Type)
	if err == nil {
		if err = a.call.Return(result); err == nil {
			return
		}
		a.store.release(result, a.item.Type.Result)
	}
	a.call.Fail(err)
}

// fail traps the guest. Where the function was asked to end and did, it is not at
// fault. If nobody asked the call itself then, the store is going down, and with it
// whoever waits. An error that nobody waits for any more is forgotten, but for a
// panic.
func (a *pendingCall) fail() {
	a.ended(a.args, a.err)
	switch _, panicked := a.err.(*PanicError); {
	case a.call.Ended() && panicked:
		a.store.core.Trap(trap.Host(a.err))
	case a.ctx.Err() == nil, !isEndOf(&a.ctx, a.err), a.call.Cancel() != nil:
		a.call.Fail(a.err)
	}
}

// isEndOf reports whether err says that ctx, which has ended, is why.
func isEndOf(ctx context.Context, err error) bool {
	return errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}
