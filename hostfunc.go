package gondola

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// HostFunc is a host function on dynamic values. The arguments have the WIT
// function's parameter types; the result must have its result type, and is
// invalid where there is none. See [Linker.Func].
type HostFunc = func(ctx context.Context, args []val.Value) (val.Value, error)

// hostFunc is a function that a linker gives.
type hostFunc struct {
	fn              reflect.Value
	ready, blocking bool
}

func (f *hostFunc) kind(t *types.Func) callKind {
	switch {
	case t.Async && f.ready:
		return readyCall
	case t.Async:
		return asyncCall
	case f.blocking:
		return blockingCall
	}
	return plainCall
}

// importedFunc is a host function that satisfies an import.
type importedFunc struct {
	item  Item
	codec *funcCodec
	kind  callKind
}

// match finds out whether the function fits an import.
func (f *hostFunc) match(item Item, handles handleTypes) (*importedFunc, error) {
	codec, err := newFuncCodec(f.fn, item.Type, handles)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", item, err)
	}
	return &importedFunc{item, codec, f.kind(item.Type)}, nil
}

// bind makes the function one of a store, which is held.
func (f *importedFunc) bind(s *store) cabi.FuncInst {
	b := &boundFunc{f, s}
	hf := &cabi.HostFunc{Name: f.item.String(), Type: f.item.Type, Scope: s.root()}
	if f.kind == asyncCall {
		hf.Async = b.startAsync
	} else {
		hf.Plain = b.plain
	}
	return s.core.NewHostFunc(hf)
}

// boundFunc is an importedFunc in a store.
type boundFunc struct {
	*importedFunc
	store *store
}

// taskOf is the task that calls a host function.
func (s *store) taskOf(context any) *task {
	if t, ok := context.(*task); ok {
		return t
	}
	return s.acting
}

// holding is the context of a host function that is called while the store is
// held.
func (s *store) holding(t *task) *hostContext {
	switch {
	case t == nil:
		return &hostContext{Context: s.ctx, store: s}
	case t.held == nil:
		t.shared = true
		t.held = &hostContext{Context: s.ctx, task: t, store: s}
	}
	return t.held
}

// plain answers on the calling task, while the store is held.
func (b *boundFunc) plain(context any, args []val.Value) (val.Value, error) {
	s := b.store
	ctx := s.holding(s.taskOf(context))
	args = s.wrapArgs(args, b.item.Type)
	outer := s.holder.Swap(ctx)
	result, err := b.guarded(ctx, args)
	s.holder.Store(outer)
	endBorrows(args, b.item.Type)
	if err != nil {
		b.ended(args, err)
		return val.Value{}, err
	}
	return s.unwrapResult(result, b.item.Type)
}

// startAsync starts the function on a goroutine of its own.
func (b *boundFunc) startAsync(c *cabi.HostCall) {
	s := b.store
	t := s.taskOf(c.Context())
	if t != nil {
		t.shared = true
	}
	a := &pendingCall{boundFunc: b, call: c, args: s.wrapArgs(c.Args(), b.item.Type)}
	a.ctx = hostContext{task: t, store: s, call: c}
	a.ctx.Context, a.cancel = context.WithCancel(s.ctx)
	c.SetOnCancel(a.cancel)
	s.hostCalls++
	go a.run()
}

// pendingCall is a call of an async host function: what goes on beside the store,
// and then the entry that answers.
type pendingCall struct {
	*boundFunc
	call   *cabi.HostCall
	ctx    hostContext
	cancel context.CancelFunc
	args   []val.Value
	result val.Value
	err    error
}

// run calls the function, on a goroutine of its own, which the function may end.
func (a *pendingCall) run() {
	deepen()
	returned := false
	defer func() {
		if !returned {
			a.err = a.goexit()
		}
		a.store.arrive(a)
		a.cancel()
	}()
	a.result, a.err = a.guarded(&a.ctx, a.args)
	returned = true
}

// enter ends the call, while the store is held.
func (a *pendingCall) enter() {
	s := a.store
	s.hostCalls--
	endBorrows(a.args, a.item.Type)
	outer := s.acting
	s.acting = a.ctx.task
	a.answer()
	s.acting = outer
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
// whoever waits.
func (a *pendingCall) fail() {
	a.ended(a.args, a.err)
	if a.ctx.Err() == nil || !isEndOf(&a.ctx, a.err) || a.call.Cancel() != nil {
		a.call.Fail(a.err)
	}
}

// isEndOf reports whether err says that ctx, which has ended, is why.
func isEndOf(ctx context.Context, err error) bool {
	return errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}

// ended closes what the arguments hold if the function was not called, since they
// could not be converted.
func (b *boundFunc) ended(args []val.Value, err error) {
	if _, ok := err.(*argError); ok {
		b.store.closeArgs(args, b.item.Type)
	}
}

// guarded calls the function. What it panics with becomes an error, which traps
// the guest that called and reaches whoever waits for it: a panic on the
// goroutine that happens to drive the store would hit a caller who has nothing
// to do with it.
func (b *boundFunc) guarded(ctx context.Context, args []val.Value) (result val.Value, err error) {
	returned := false
	defer func() {
		switch p := recover(); {
		case returned:
		case p != nil:
			err = &PanicError{Func: b.item.String(), Value: p, Stack: debug.Stack()}
		case b.kind != asyncCall:
			b.unwind()
		}
	}()
	result, err = b.codec.call(ctx, args)
	returned = true
	return result, err
}

// unwind is called when a function that holds the store ends its goroutine, which
// nobody can stop and which unwinds the guest's frames below it too.
func (b *boundFunc) unwind() {
	s := b.store
	s.holder.Store(nil)
	t := trap.Host(b.goexit())
	s.failure = t
	s.core.Trap(t)
}

// goexit is the error of a function that ended its goroutine.
func (b *boundFunc) goexit() error {
	return fmt.Errorf("%s ended its goroutine (runtime.Goexit) instead of returning", b.item)
}

// PanicError is the error of a host function that panicked. The guest that
// called it is trapped with it.
type PanicError struct {
	Func  string // the function, as errors call it
	Value any    // what it panicked with
	Stack []byte // the goroutine's stack at that moment
}

func (e *PanicError) Error() string { return fmt.Sprintf("%s panicked: %v", e.Func, e.Value) }

// Unwrap is the value of the panic if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Trap is why a guest was stopped: by its own fault, by an error of a host
// function that its result can't carry, or by a limit. Unwrap leads to the host
// function's error.
type Trap = trap.Trap
