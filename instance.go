package gondola

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Instance is an instance of a component. It is safe for use from several
// goroutines: their calls interleave inside it.
type Instance struct {
	component *Component
	store     *store
	links     engine.Links
	core      *engine.Instance
	funcs     []atomic.Pointer[Func] // those that were asked for, as the component's exports
}

// Func is the exported function of a name, in an exported instance or, where
// instance is "", in the world itself. The instance's version can be left out
// where only one is there.
//
// It is never nil: what is not there says so when it is called, and by
// [Func.Err].
func (in *Instance) Func(instance, name string) *Func {
	c := in.component
	i := slices.IndexFunc(c.exports, func(e Item) bool { return e.Instance == instance && e.Name == name })
	if i < 0 {
		i = c.findUnversioned(instance, name)
	}
	if i < 0 {
		return &Func{err: &noExportError{c, Item{instance, name, nil}}}
	}
	if f := in.funcs[i].Load(); f != nil {
		return f
	}
	f := &Func{instance: in, item: c.exports[i]}
	if ref := c.refs[i]; ref.Imported {
		f.fn = in.links.Funcs[ref.Index] // the component exports it again
	} else {
		f.fn = in.core.Lifts[ref.Index]
	}
	f.codec = newCallCodec(f.item.Type, in.store.handles)
	in.funcs[i].Store(f)
	return f
}

// findUnversioned finds the only export whose instance has that name without
// its version.
func (c *Component) findUnversioned(instance, name string) int {
	found := -1
	for i, e := range c.exports {
		if version, ok := strings.CutPrefix(e.Instance, instance); e.Name != name || !ok || !strings.HasPrefix(version, "@") {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

// noExportError says that a component does not export a function. Its text is made
// when somebody wants it: some look whether a function is there, often.
type noExportError struct {
	component *Component
	want      Item
}

func (e *noExportError) Error() string {
	var have []string
	for _, item := range e.component.exports {
		have = append(have, item.String())
	}
	if len(have) == 0 {
		return fmt.Sprintf("the component exports no function, so there is no %s", e.want)
	}
	return fmt.Sprintf("the component does not export %s; it exports %s", e.want, strings.Join(have, ", "))
}

// CoreModules are the core modules that the component exports, in its own order.
func (in *Instance) CoreModules() []ExportedModule { return slices.Clone(in.component.modules) }

// Close unwinds every call that is under way in the instance, which then
// returns [ErrClosed], and frees it. It returns when that is done or ctx ends;
// in the latter case it goes on by itself. Called by a host function that holds the
// instance, it returns at once and happens when the function has returned. Closing
// an instance again does nothing.
func (in *Instance) Close(ctx context.Context) error {
	return in.store.close(ctx, func() {
		if in.core != nil {
			in.core.Close()
		}
		in.component.rt.forget(in)
	})
}

// Func is an exported function of an instance. It is safe for use from several
// goroutines.
type Func struct {
	instance *Instance
	item     Item
	fn       cabi.FuncInst
	codec    *callCodec
	err      error // why it can't be called
}

// Err says why the function can't be called, such as that it is not there. It
// is nil where it can.
func (f *Func) Err() error { return f.err }

// Type is the function's type. It is nil where [Func.Err] is not.
func (f *Func) Type() *types.Func { return f.item.Type }

// Call calls the function and waits until it returns. The result is invalid
// where the function has none.
//
// Any number of calls may be under way in one instance. Calls of async functions
// interleave, and wait at the door, first come first served, while the instance
// asks for that; calls of other functions enter at once.
//
// When ctx ends, the guest is asked to cancel. If it returns all the same, Call
// returns its result; if it cancels, ctx.Err(). If it does neither for a while
// (see [WithGracePeriod]), Call returns ctx.Err() and the call goes on without
// anybody who waits for it. The values of ctx reach the host functions that the
// guest calls.
//
// # Errors
//
// An argument that does not fit is a [*val.TypeError] with the path of what is
// wrong, such as args[0].headers[3]. A trap is a [*Trap]; no other call can enter
// the instance after it. A call from a host function that holds the instance is
// an error, since it could never be served.
//
// A result<T, E> is a value; use [val.Value.Result].
func (f *Func) Call(ctx context.Context, args ...val.Value) (val.Value, error) {
	if err := f.mayCall(ctx); err != nil {
		return val.Value{}, err
	}
	if err := f.check(args); err != nil {
		return val.Value{}, err
	}
	c := newCall(ctx, f.instance.store, f.fn)
	c.args = append(c.args, args...) // a copy, so that the caller's need not be on the heap
	return c.run(ctx)
}

// CallInto is [Func.Call] with Go values. The arguments are Go values for the
// parameters, as host functions take them, or [val.Value]s; a nil is the absent
// option. result is a pointer to a Go value for the result, or nil where there is
// none or nobody wants it:
//
//	var sum int32
//	err := add.CallInto(ctx, &sum, int32(2), int32(3))
//
// # Errors
//
// Those of Call, and one that says what would fit where a Go type does not. Of a
// function that returns a result<T, E>, result points to the T, and the failure is
// an error: an *[Err] of [val.Value]. A result that points to a [Result] takes both.
func (f *Func) CallInto(ctx context.Context, result any, args ...any) error {
	if err := f.mayCall(ctx); err != nil {
		return err
	}
	target, err := f.codec.target(result)
	if err != nil {
		return fmt.Errorf("%s: %w", f.item, err)
	}
	s := f.instance.store
	c := newCall(ctx, s, f.fn)
	if c.args, err = f.codec.toArgs(c.args, args); err != nil {
		return fmt.Errorf("%s: %w", f.item, err)
	}
	v, err := c.run(ctx)
	if err != nil {
		return err
	}
	if target.site == nil {
		s.closeHandles(v, f.item.Type.Result)
	}
	return target.store(v)
}

// mayCall says why the function can't be called with ctx.
func (f *Func) mayCall(ctx context.Context) error {
	if f.err != nil {
		return f.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if holds(ctx, f.instance.store) {
		return fmt.Errorf("%s was called from a host function that holds its instance: only async host functions may call back", f.item)
	}
	return nil
}

// check says what is wrong with the arguments of a call.
func (f *Func) check(args []val.Value) error {
	params := f.item.Type.Params
	if len(args) != len(params) {
		return fmt.Errorf("%s takes %d arguments, got %d: its type is %s", f.item, len(params), len(args), f.item.Type)
	}
	for i, a := range args {
		if err := val.Check(a, params[i].Type, ""); err != nil {
			return fmt.Errorf("%s: %w", f.item, within("args"+indexStep(i), err))
		}
	}
	return nil
}
