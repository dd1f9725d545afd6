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

// plain answers on the calling task, while the store is held.
func (b *boundFunc) plain(context any, args []val.Value) (val.Value, error) {
	ctx := &hostContext{Context: b.store.ctx, store: b.store, kind: b.kind}
	ctx.task, _ = context.(*task)
	args = b.store.wrapArgs(args, b.item.Type)
	defer endBorrows(args, b.item.Type)
	result, err := b.guarded(ctx, args)
	if err != nil {
		return val.Value{}, err
	}
	return b.store.unwrapResult(result, b.item.Type)
}

// startAsync starts the function on a goroutine of its own.
func (b *boundFunc) startAsync(c *cabi.HostCall) {
	end, cancel := context.WithCancel(b.store.ctx)
	ctx := &hostContext{Context: end, store: b.store, kind: asyncCall}
	ctx.task, _ = c.Context().(*task)
	args := b.store.wrapArgs(c.Args(), b.item.Type)
	c.SetOnCancel(cancel)
	go func() {
		defer cancel()
		result, err := b.guarded(ctx, args)
		b.store.enter(func() {
			endBorrows(args, b.item.Type)
			b.answer(c, end, result, err)
		})
	}()
}

// answer ends an async call, while the store is held.
func (b *boundFunc) answer(c *cabi.HostCall, end context.Context, result val.Value, err error) {
	if err != nil && end.Err() != nil && errors.Is(err, end.Err()) {
		// It was asked to end and did. If nobody asked the call itself, the
		// store is going down, and with it whoever waits.
		if c.Cancel() == nil {
			return
		}
	}
	if err == nil {
		result, err = b.store.unwrapResult(result, b.item.Type)
	}
	if err == nil {
		err = c.Return(result)
	}
	if err != nil {
		c.Fail(err)
	}
}

// guarded calls the function. What it panics with becomes an error, which traps
// the guest that called and reaches whoever waits for it: a panic on the
// goroutine that happens to drive the store would hit a caller who has nothing
// to do with it.
func (b *boundFunc) guarded(ctx context.Context, args []val.Value) (result val.Value, err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if r := recover(); r != nil {
			err = &PanicError{Func: b.item.String(), Value: r, Stack: debug.Stack()}
			return
		}
		// It ended its goroutine, which unwinds the guest's frames under it too;
		// internal/cabi sees that and takes the store down.
	}()
	result, err = b.codec.call(ctx, args)
	returned = true
	return result, err
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
