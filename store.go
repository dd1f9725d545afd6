package gondola

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// ErrClosed is what calls return whose instance has been closed.
var ErrClosed = errors.New("the component instance is closed")

// store holds one instance and gives it its thread of control.
type store struct {
	driver
	core  *cabi.Store
	grace time.Duration

	// ctx ends when the store closes.
	ctx    context.Context
	cancel context.CancelFunc

	// stopped is why guest code must end at the next check; nil while it may
	// run.
	stopped atomic.Pointer[trap.Trap]

	// handles says which resource types the host implements; resources has what
	// they are in this store. reps are the Go values behind representations.
	// The latter two are used while the store is held.
	handles   handleTypes
	resources map[*types.Resource]*cabi.ResourceType
	reps      repTable

	// instance is set when the instance is made, before anything but its start
	// functions has run.
	instance *cabi.ComponentInstance

	closed chan struct{} // closed when everything is unwound
}

func newStore(cfg *config) *store {
	s := &store{
		core: cabi.NewStore(cabi.Config{
			MaxHandles: cfg.maxHandles,
			MaxTasks:   cfg.maxTasks,
		}),
		grace:     cfg.grace,
		resources: map[*types.Resource]*cabi.ResourceType{},
		closed:    make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.tick, s.ready = s.core.Tick, s.core.Ready
	return s
}

// root is the instance by whose resource types the host's streams and futures are
// understood.
func (s *store) root() *cabi.ComponentInstance { return s.instance }

// check is called by running guest code every few thousand iterations. It lets
// other goroutines and the garbage collector go on, and ends what has run past
// its time.
func (s *store) check() {
	runtime.Gosched()
	if t := s.stopped.Load(); t != nil {
		panic(trap.New(t.Code, t.Message()))
	}
	t, ok := s.core.Context().(*task)
	if !ok || t.values.Err() == nil {
		return
	}
	now := time.Now()
	switch {
	case t.hogging.IsZero():
		t.hogging = now
	case now.Sub(t.hogging) > s.grace:
		trap.Throw(trap.Interrupted, "the caller's context ended and the task went on without a pause: "+t.values.Err().Error())
	}
}

// stop makes guest code that runs, and any that would, trap.
func (s *store) stop(reason string) {
	s.stopped.CompareAndSwap(nil, trap.New(trap.Interrupted, reason))
}

// close unwinds everything and frees it with free, which is called while the
// store is held. It returns when that is done or ctx ends.
func (s *store) close(ctx context.Context, free func()) error {
	s.stop("the instance is being closed")
	s.cancel()
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
		return ctx.Err()
	}
}
