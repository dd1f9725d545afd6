package gondola

import (
	"context"
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
	typ             *types.Func // what it must be imported as, or nil
	wraps           []func(HostFunc) HostFunc
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
	name  string // as errors call it
	codec *funcCodec
	kind  callKind
}

// match finds out whether the function fits an import.
func (f *hostFunc) match(item Item, handles *handleTypes) (*importedFunc, error) {
	if f.typ != nil {
		if err := fitsExactly(f.typ, item.Type); err != nil {
			return nil, fmt.Errorf("%s: %w", item, err)
		}
	}
	codec, err := newFuncCodec(f.fn, item.Type, handles)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", item, err)
	}
	if len(f.wraps) > 0 {
		codec = f.wrapped(codec)
	}
	return &importedFunc{item, item.String(), codec, f.kind(item.Type)}, nil
}

// bind makes the function one of a store, which is held.
func (f *importedFunc) bind(s *store) cabi.FuncInst {
	b := &boundFunc{f, s}
	hf := &cabi.HostFunc{Name: f.name, Type: f.item.Type, Scope: s.root()}
	switch f.kind {
	case asyncCall:
		hf.Async = b.startAsync
	case readyCall:
		hf.Plain = b.ready
	default:
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
		return &hostContext{inner: s.ctx, store: s}
	case t.held == nil:
		t.shared = true
		t.held = &hostContext{inner: s.ctx, task: t, store: s}
	}
	return t.held
}

// plain answers on the calling task, while the store is held.
func (b *boundFunc) plain(context any, args []val.Value) (val.Value, error) {
	s := b.store
	args = s.wrapArgsInPlace(args, b.item.Type)
	result, err := b.callHolding(s.holding(s.taskOf(context)), args)
	return b.answered(args, result, err)
}

// answered ends a call that was answered on the spot.
func (b *boundFunc) answered(args []val.Value, result val.Value, err error) (val.Value, error) {
	endBorrows(args, b.item.Type)
	if err != nil {
		b.ended(args, err)
		return val.Value{}, err
	}
	return b.store.unwrapResult(result, b.item.Type)
}

// callHolding calls the function while the store is held.
func (b *boundFunc) callHolding(ctx *hostContext, args []val.Value) (val.Value, error) {
	outer := b.store.holder.Swap(ctx)
	result, err := b.guarded(true, func() (val.Value, error) { return b.codec.call(ctx, args) })
	b.store.holder.Store(outer)
	return result, err
}

// ended closes what the arguments hold if the function was not called, since they
// could not be converted.
func (b *boundFunc) ended(args []val.Value, err error) {
	if isArgError(err) {
		b.store.closeArgs(args, b.item.Type)
	}
}

// guarded calls f, which calls the function, maybe while the store is held. What it
// panics with becomes an error, which traps the guest that called and reaches whoever
// waits for it: a panic on the goroutine that happens to drive the store would hit a
// caller who has nothing to do with it.
func (b *boundFunc) guarded(held bool, f func() (val.Value, error)) (result val.Value, err error) {
	returned := false
	defer func() {
		switch p := recover(); {
		case returned:
		case p != nil:
			err = &PanicError{Func: b.item.String(), Value: p, Stack: debug.Stack()}
		case held:
			b.unwind()
		}
	}()
	result, err = f()
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
