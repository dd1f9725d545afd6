package rt

import "context"

// A wait is the wait for the event of a waitable, which something else may end first. It can be used again when it is over.
type wait struct {
	handle     uint32
	state      waitState
	next, prev *wait // in the waits of a task's context
}

type waitState uint8

const (
	waitIdle waitState = iota
	waitOpen
	waitEnded // by end, before the event
)

// end ends the wait, if there is one. It may come before the goroutine is parked, because any allocation may let other goroutines
// run.
func (w *wait) end() {
	if w.state == waitOpen {
		w.state = waitEnded
		interrupt(w.handle)
	}
}

// until waits for the event of the handle, the end of ctx or a call of end; done is false in the latter cases.
func (w *wait) until(ctx context.Context, handle uint32) (payload uint32, done bool) {
	w.handle, w.state = handle, waitOpen
	if t, ok := ctx.(*taskContext); ok {
		t.add(w)
		defer t.remove(w)
	} else if ctx.Done() != nil {
		defer w.endAfter(ctx)()
	}
	if w.state == waitOpen && ctx.Err() == nil {
		payload, done = awaitEvent(handle)
	}
	w.state = waitIdle
	return payload, done
}

// endAfter ends the wait after ctx, unless the function that it returns is called first.
func (w *wait) endAfter(ctx context.Context) (stop func()) {
	stopped := false // an end that comes late must not hit the next wait
	stopFunc := context.AfterFunc(ctx, func() {
		if !stopped {
			w.end()
		}
	})
	return func() {
		stopFunc()
		stopped = true
	}
}
