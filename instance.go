package gondola

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	core      *engine.Instance
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
		return &Func{err: c.noExport(Item{instance, name, nil})}
	}
	f := &Func{instance: in, item: c.exports[i]}
	if ref := c.refs[i]; ref.Imported {
		f.err = fmt.Errorf("%s is imported and exported again, which can't be called from outside", f.item)
	} else {
		f.fn = in.core.Lifts[ref.Index]
	}
	return f
}

// findUnversioned finds the only export whose instance has that name without
// its version.
func (c *Component) findUnversioned(instance, name string) int {
	found := -1
	for i, e := range c.exports {
		if e.Name != name || !strings.HasPrefix(e.Instance, instance+"@") {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

func (c *Component) noExport(want Item) error {
	var have []string
	for _, e := range c.exports {
		have = append(have, e.String())
	}
	if len(have) == 0 {
		return fmt.Errorf("the component exports no function, so there is no %s", want)
	}
	return fmt.Errorf("the component does not export %s; it exports %s", want, strings.Join(have, ", "))
}

// Close unwinds every call that is under way in the instance, which then
// returns [ErrClosed], and frees it. It returns when that is done or ctx ends;
// in the latter case it goes on by itself.
func (in *Instance) Close(ctx context.Context) error {
	return in.store.close(ctx, func() {
		if in.core != nil {
			in.core.Close()
		}
	})
}

// Func is an exported function of an instance. It is safe for use from several
// goroutines.
type Func struct {
	instance *Instance
	item     Item
	fn       cabi.FuncInst
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
	if f.err != nil {
		return val.Value{}, f.err
	}
	if err := f.check(ctx, args); err != nil {
		return val.Value{}, err
	}
	return newCall(ctx, f.instance.store, f.fn, args).run(ctx)
}

func (f *Func) check(ctx context.Context, args []val.Value) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if holds(ctx, f.instance.store) {
		return fmt.Errorf("%s was called from a host function that holds its instance: only async host functions may call back", f.item)
	}
	params := f.item.Type.Params
	if len(args) != len(params) {
		return fmt.Errorf("%s takes %d arguments, got %d: its type is %s", f.item, len(params), len(args), f.item.Type)
	}
	for i, a := range args {
		if err := val.Check(a, params[i].Type, fmt.Sprintf("args[%d]", i)); err != nil {
			return fmt.Errorf("%s: %w", f.item, err)
		}
	}
	return nil
}
