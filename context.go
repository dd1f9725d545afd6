package gondola

import (
	"context"
	"time"
)

// task is what travels with a guest task: the context of the call that started
// it. It is read and written while the store is held.
type task struct {
	// values is the caller's context. Its values reach the host functions that
	// the task calls; its cancellation does not, but for the watch on tasks that
	// hog the processor.
	values context.Context
	// hogging is when the task was first seen to run after its caller's context
	// had ended; zero before.
	hogging time.Time
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
	context.Context // the end
	task            *task
	store           *store
	kind            callKind
}

type hostContextKey struct{}

func (c *hostContext) Value(key any) any {
	if key == (hostContextKey{}) {
		return c
	}
	if c.task != nil {
		return c.task.values.Value(key)
	}
	return nil
}

// holds reports whether ctx is that of a host function that holds s, so that
// waiting for s would never end.
func holds(ctx context.Context, s *store) bool {
	c, ok := ctx.Value(hostContextKey{}).(*hostContext)
	return ok && c.store == s && c.kind != asyncCall
}
