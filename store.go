package gondola

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// ErrClosed is what calls, and reads and writes of streams and futures, return
// whose instance has been closed.
var ErrClosed = cabi.ErrClosed

// ErrEndedBefore says of a call that it never began, since the instance had trapped
// before, or a host function had ended it. Nothing came of it, so that it can be made
// again, of another instance. Find it with errors.Is.
var ErrEndedBefore = trap.ErrEndedBefore

// ErrTooManyTasks is what calls return that would go over [WithMaxTasks].
var ErrTooManyTasks = cabi.ErrTooManyTasks

// store holds one instance and gives it its thread of control.
type store struct {
	driver
	core  *cabi.Store
	order cabi.Chooser // nil for in order
	grace time.Duration

	// ctx ends when the store closes, because of ErrClosed.
	ctx    context.Context
	cancel context.CancelCauseFunc

	// stopped is why guest code must end at the next check; nil while it may
	// run.
	stopped atomic.Pointer[string]

	// holder is the context of the host function that is called while the store
	// is held; nil where none is.
	holder atomic.Pointer[hostContext]

	// What follows is used while the store is held.

	// acting is on whose behalf guest code runs that no task runs; hog watches
	// what runs on behalf of those whose context has ended; breath lets others
	// run beside it.
	acting *task
	hog    hogWatch
	breath engine.Breath

	// fuel is what is left of it, if there is an end to it: see WithFuel.
	fuel    uint64
	metered bool

	// handles says which resource types the host implements; resources has what
	// they are in this store. reps are the Go values behind representations.
	handles   *handleTypes
	resources map[*types.Resource]*cabi.ResourceType
	reps      repTable

	// instance is set when the instance is made, before anything but its start
	// functions has run.
	instance *cabi.ComponentInstance

	// failure is the error of a host function that ended its goroutine, which
	// takes the store down.
	failure error

	awaited      int // calls of the host that have not resolved
	hostCalls    int // calls of async host functions that have not ended
	maxHostCalls int
	maxInbox     int // entries that may wait while guest code runs without a pause
	ends         endSet

	stepwise bool // see Stepwise
	patient  bool // see Patient

	closed chan struct{} // closed when everything is unwound
}

func newStore(cfg *config, opts []InstanceOption) *store {
	s := &store{
		grace:        cfg.grace,
		maxHostCalls: cfg.maxHostCalls,
		maxInbox:     max(cmp.Or(cfg.maxHandles, 1<<20), 1<<16),
		fuel:         cfg.fuel,
		metered:      cfg.fuel > 0,
		resources:    map[*types.Resource]*cabi.ResourceType{},
		closed:       make(chan struct{}),
	}
	for _, o := range opts {
		o(s)
	}
	s.core = cabi.NewStore(cabi.Config{
		Chooser:       s.order,
		MaxHandles:    cfg.maxHandles,
		MaxTasks:      cfg.maxTasks,
		MaxValueBytes: cfg.maxValue,
	})
	s.ctx, s.cancel = context.WithCancelCause(context.Background())
	s.tick, s.ready = s.core.Tick, s.core.Ready
	if s.stepwise {
		s.tick = func() bool { return s.awaited > 0 && s.core.Tick() }
		s.ready = func() bool { return s.awaited > 0 && s.core.Ready() }
	}
	return s
}

// root is the instance by whose resource types the host's streams and futures are
// understood.
func (s *store) root() *cabi.ComponentInstance { return s.instance }

// whenIdle adds to what is done when nothing is left to do.
func (s *store) whenIdle(f func()) {
	before := s.idle
	s.idle = func() {
		if before != nil {
			before()
		}
		f()
	}
}

// as runs f on behalf of t, as far as no task runs in it.
func (s *store) as(t *task, f func()) {
	outer := s.acting
	s.acting = t
	f()
	s.acting = outer
}

// poisoned is why no guest code can run any more, or nil.
func (s *store) poisoned() error {
	switch {
	case s.failure != nil:
		return s.failure
	case s.instance == nil:
		return nil
	}
	return s.explain(s.instance.Poisoned())
}

// explain says what an error of the canonical ABI means to embedders.
func (s *store) explain(err error) error {
	if s.isClosing() && endedBy(err) {
		return ErrClosed
	}
	if _, bug := err.(*cabi.Bug); bug && s.failure != nil {
		return s.failure
	}
	return err
}

// endedBy reports whether err is a trap that Close brings about: a check of running
// code, or a host function whose context ended.
func endedBy(err error) bool {
	t, ok := errors.AsType[*trap.Trap](err)
	return ok && (t.Code == trap.Interrupted ||
		t.Code == trap.HostFailed && (errors.Is(t.Cause, context.Canceled) || errors.Is(t.Cause, ErrClosed)))
}

// hogWatch measures for how long guest code has run without a pause.
type hogWatch struct {
	turn  uint64 // see driver.turn
	since time.Time
}

// check is called by running guest code every few thousand iterations. It lets
// other goroutines and the garbage collector go on, and ends what has run past
// its time.
func (s *store) check() {
	s.breath.Take()
	if why := s.stopped.Load(); why != nil {
		trap.Throw(trap.Interrupted, *why)
	}
	if s.metered {
		s.burn(engine.StepsPerTick)
	}
	if n := s.waiting(); n > s.maxInbox {
		trap.Throw(trap.Interrupted, fmt.Sprintf("the guest goes on without a pause while %d things wait to be done in its instance, such as the ends of streams that it has dropped", n))
	}
	t, ok := s.core.Context().(*task)
	if !ok {
		t = s.acting
	}
	if t != nil && !s.patient && t.values.Err() != nil && s.keeps(t) {
		s.hog.check(s.turn, s.grace/2, t.values.Err())
	}
}

// spend takes what code would have used that did not have to run.
func (s *store) spend(ticks int) {
	if s.metered && ticks > 0 {
		s.burn(uint64(ticks) * engine.StepsPerTick)
	}
}

// burn takes fuel. Who comes back after all of it is gone gets nothing either.
func (s *store) burn(steps uint64) {
	if s.fuel = s.fuel - min(s.fuel, steps); s.fuel == 0 {
		trap.Throw(trap.OutOfFuel)
	}
}

// keeps reports whether somebody waits for t to pause: the caller, or, where it has
// its answer but lent its goroutine, that goroutine.
func (s *store) keeps(t *task) bool {
	c, ok := s.guest.(*call)
	return !t.resolved || ok && &c.task == t
}

// check traps what has gone on for longer than limit in one turn.
func (w *hogWatch) check(turn uint64, limit time.Duration, why error) {
	now := time.Now()
	if w.turn != turn {
		w.turn, w.since = turn, now
	}
	if now.Sub(w.since) >= limit {
		trap.Throw(trap.Interrupted, "the caller's context ended and the task went on without a pause: "+why.Error())
	}
}

// stop makes guest code that runs, and any that would, trap.
func (s *store) stop(why string) { s.stopped.CompareAndSwap(nil, &why) }

func (s *store) isClosing() bool { return s.ctx.Err() != nil }

// close unwinds everything and frees it with free, which is called while the
// store is held. It returns when that is done or ctx ends.
func (s *store) close(ctx context.Context, free func()) error {
	s.cancel(ErrClosed)
	s.stop("the instance is being closed")
	s.post(func() {
		select {
		case <-s.closed:
			return
		default:
		}
		s.core.Close()
		free()
		close(s.closed)
	})
	if holds(ctx, s) {
		return nil // it happens as soon as the host function that calls us returns
	}
	select {
	case <-s.closed:
		return nil
	case <-ctx.Done():
	}
	if context.Cause(ctx) != ErrClosed {
		return ctx.Err()
	}
	<-s.closed // ctx is that of a host function that ends because of this
	return nil
}
