package gondola

import (
	"context"
	"iter"

	"github.com/gondola-wasm/gondola/internal/cabi"
)

// OnRest has f called each time that the instance comes to rest: when no task of it
// can go on until something happens outside, be it a call, the end of a host
// function's call, or a read or write of a stream or future. So f learns that a call
// has blocked or ended, and what is left then; whoever distributes calls over
// instances waits for that.
//
// f is called while the instance is held. It must be quick, and may neither call the
// instance nor wait for anybody who does. Something may have happened by the time that
// it is called; then it will be called again.
func OnRest(f func(Rest)) InstanceOption {
	return func(s *store) { s.whenIdle(func() { f(Rest{s}) }) }
}

// TellRest has what was given to [OnRest] called once more, as soon as the instance is
// at rest. It does not wait for that. So an instance that never answers is one that
// runs on and on.
func (in *Instance) TellRest() { in.store.post(func() {}) }

// Rest is an instance at rest. Its methods may be called by the function given to
// [OnRest] while that is called, and by nobody else.
type Rest struct{ store *store }

// Tasks is how many tasks of the instance have not ended: those of calls that have
// not returned, and those that go on although they have.
func (r Rest) Tasks() int { return r.store.core.Live() }

// Callers are the contexts of the calls that led to those tasks, one for each task.
func (r Rest) Callers() iter.Seq[context.Context] {
	return func(yield func(context.Context) bool) {
		for c := range r.store.core.Contexts() {
			if t, ok := c.(*task); ok && !yield(t.values) {
				return
			}
		}
	}
}

// Handles is how many entries the handle tables of all component instances have:
// resources, ends of streams and futures, subtasks, waitable sets, error contexts.
func (r Rest) Handles() int { return r.store.core.Handles() }

// Err is why no call can enter the instance any more, or nil: the [*Trap] that ended
// it, [ErrClosed], or the error of a host function.
func (r Rest) Err() error {
	if r.store.isClosing() {
		return ErrClosed
	}
	return r.store.poisoned()
}

// Admits reports whether a call of f that is made now begins at once. An async
// function of a guest does not while the guest holds callers back (backpressure), or
// waits on its stack where only one may be inside.
//
// Spec: Concurrency.md#backpressure.
func (r Rest) Admits(f *Func) bool { return f.err == nil && cabi.Admits(f.fn) }

// Patient says that a task may run on without a pause although the context of whoever
// called it has ended. Without it the instance traps then, and with it all other calls
// of it. Whoever makes an instance with it must end it by [Instance.Close] when his own
// patience is at its end.
func Patient() InstanceOption { return func(s *store) { s.patient = true } }
