package gondola

import (
	"context"

	"github.com/gondola-wasm/gondola/val"
)

// Started is a call that [Func.Start] has started.
type Started struct{ call *call }

// Start is [Func.Call] for who doesn't want to wait: it returns when the guest has
// run as far as it can. done is called once, before or after that, with what Call
// would return: in the middle of the guest's turn, while the instance is held, so
// it must be quick, may not wait for anything of the instance's, and may not call
// it. Its context is one of a host function's in that turn, for [Receive] and
// [FutureReader.Then].
//
// The end of ctx does nothing by itself; see [Started.Cancel]. The error of Start is
// that the function was not called, and then done isn't either.
func (f *Func) Start(ctx context.Context, done func(context.Context, val.Value, error), args ...val.Value) (*Started, error) {
	if err := f.mayCall(ctx); err != nil {
		return nil, err
	}
	if err := f.check(args); err != nil {
		return nil, err
	}
	c := newCall(ctx, f.instance.store, f.fn)
	c.args = append(c.args, args...)
	c.told = done
	c.started.call = c
	c.store.visit(c)
	return &c.started, nil
}

// Cancel asks the guest to cancel the call, unless it has returned, and does not
// wait until it has.
func (s *Started) Cancel() { s.call.store.post(s.call.requestCancel) }

// tell gives the result to who is to be told, while the store is held.
func (c *call) tell() {
	s := c.store
	ctx := s.holding(&c.task)
	outer := s.holder.Swap(ctx)
	v, err := c.end(c.task.values)
	c.told(ctx, v, err)
	s.holder.Store(outer)
}
