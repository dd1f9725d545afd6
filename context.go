package gondola

import (
	"context"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
)

// task is what travels with a guest task: the context of the call that started
// it. It is read and written while the store is held.
type task struct {
	// values is the caller's context. Its values reach the host functions that
	// the task calls; its cancellation does not, but for the watch on tasks that
	// hog the processor.
	values context.Context
	// resolved says that the call that started the task has its answer, and that
	// the end of its context means nothing any more.
	resolved bool
	// shared says that a host function has had its context, and may keep it.
	shared bool
	// held is the context of host functions that hold the store, once there was
	// one. One serves them all, since only one of them is called at a time.
	held *hostContext
}

// callKind says how a host function is called, and so what it may do.
type callKind uint8

const (
	asyncCall    callKind = iota // beside the store: may block, may call back
	readyCall                    // on the calling task, for an async function
	plainCall                    // on the calling task, holding the store
	blockingCall                 // the same, and it may block
)

// hostContext is the context of a call of a host function. It ends when the
// guest cancels the call or the store closes, and has the values of the call
// that started the guest's task.
type hostContext struct {
	task  *task
	store *store
	call  *cabi.HostCall // of an async function, else nil

	mu    sync.Mutex
	ended bool // by finish

	// inner is what ends, made when somebody wants to be told: that costs more than
	// all the rest of a call, and most functions never ask. cancel ends it; nil where
	// it is the store's.
	inner  context.Context
	cancel context.CancelFunc
}

type hostContextKey struct{}

// Deadline implements [context.Context]: there is none.
func (c *hostContext) Deadline() (deadline time.Time, ok bool) { return deadline, false }

// Done implements [context.Context].
func (c *hostContext) Done() <-chan struct{} { return c.end().Done() }

// Err implements [context.Context].
func (c *hostContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.inner != nil:
		return c.inner.Err()
	case c.ended:
		return context.Canceled
	}
	return c.store.ctx.Err()
}

// Value implements [context.Context].
func (c *hostContext) Value(key any) any {
	if key == (hostContextKey{}) {
		return c
	}
	// The end comes first: package context asks it how it ends.
	if v := c.end().Value(key); v != nil || c.task == nil {
		return v
	}
	return c.task.values.Value(key)
}

// end is the context that ends when c does.
func (c *hostContext) end() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		c.inner, c.cancel = context.WithCancel(c.store.ctx)
		if c.ended {
			c.cancel()
		}
	}
	return c.inner
}

// finish ends c.
func (c *hostContext) finish() {
	c.mu.Lock()
	c.ended = true
	cancel := c.cancel
	c.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

// caller is the host function, if any, on whose behalf the call was made that
// started the guest's task.
func (c *hostContext) caller() *hostContext {
	if c.task == nil {
		return nil
	}
	return hostContextOf(c.task.values)
}

func hostContextOf(ctx context.Context) *hostContext {
	c, _ := ctx.Value(hostContextKey{}).(*hostContext)
	return c
}

// holds reports whether ctx is that of a host function that holds s, or was
// called on behalf of one, so that waiting for s would never end.
func holds(ctx context.Context, s *store) bool {
	for c := hostContextOf(ctx); c != nil; c = c.caller() {
		if c.store == s && s.holder.Load() == c {
			return true
		}
	}
	return false
}

// shuts reports whether ctx is that of an async host function for which a guest in
// s waits in such a way that nobody else can enter.
func shuts(ctx context.Context, s *store) bool {
	for c := hostContextOf(ctx); c != nil; c = c.caller() {
		if c.store == s && c.call != nil && c.call.Shuts() {
			return true
		}
	}
	return false
}
