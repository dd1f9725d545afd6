package serve

import (
	"context"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// More instances than processors help nobody, as long as those that there are come to rest soon.
func TestBusyInstancesAreWaitedForWithoutProcessors(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		time.Sleep(time.Millisecond) // holding the instance
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		h.pool.processors = 2
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if a := get(t.Context(), h, "/"); a.status != 200 {
					t.Errorf("got %+v", a)
				}
			})
		}
		wg.Wait()
	})
	if n := len(g.all()); n != 2 {
		t.Errorf("%d instances for 2 processors", n)
	}
}

func TestQueueIsInOrder(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{Isolation: IsolationInstance, MaxInstances: 1}, func(t *testing.T, h *Handler) {
		var mu sync.Mutex
		var order []int
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				get(t.Context(), h, "/1s")
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
			})
			synctest.Wait()
		}
		if s := h.Stats(); s.Active != 1 || s.Waiting != 4 {
			t.Errorf("%+v", s)
		}
		wg.Wait()
		for i, n := range order {
			if i != n {
				t.Fatalf("answered in the order %v", order)
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	g := sleepers()
	opts := Options{Isolation: IsolationInstance, MaxInstances: 1, MaxRequests: 3, QueueTimeout: 5 * time.Second, RequestTimeout: time.Hour}
	bubble(t, g, opts, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		wg.Go(func() { get(t.Context(), h, "/1m") })
		synctest.Wait()
		wg.Go(func() { // waits in vain
			start := time.Now()
			if a := get(t.Context(), h, "/1s"); a.status != 503 || time.Since(start) != 5*time.Second {
				t.Errorf("a request that waited for %v: %+v", time.Since(start), a)
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wg.Go(func() { // whose client goes away
			if a := get(ctx, h, "/1s"); !a.aborted {
				t.Errorf("a request whose client went: %+v", a)
			}
		})
		synctest.Wait()
		w := newRecorder(http.NoBody)
		w.serve(h)
		if w.Code != 503 || w.Header().Get("Retry-After") != "1" {
			t.Errorf("the fourth: %d %v", w.Code, w.Header())
		}
		wg.Wait()
		if s := h.Stats(); s.Refused != 2 || s.Requests != 4 {
			t.Errorf("%+v", s)
		}
	})
}

// A place that is given to somebody who leaves at the same moment goes to the next.
func TestLeavingTheQueueLosesNoPlace(t *testing.T) {
	for range 50 {
		g := sleepers()
		bubble(t, g, Options{Isolation: IsolationInstance, MaxInstances: 1}, func(t *testing.T, h *Handler) {
			var wg sync.WaitGroup
			wg.Go(func() { get(t.Context(), h, "/1s") })
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second) // as the first ends
			defer cancel()
			wg.Go(func() { get(ctx, h, "/1s") })
			synctest.Wait()
			wg.Go(func() {
				if a := get(t.Context(), h, "/1s"); a.status != 200 {
					t.Errorf("got %+v", a)
				}
			})
			wg.Wait()
		})
	}
}

func TestBackpressure(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		get(t.Context(), h, "/1ms")
		set := func(admits bool) {
			in := g.all()[0]
			in.turn.Lock()
			in.admits = admits
			in.rest()
		}
		set(false)
		if a := get(t.Context(), h, "/1ms"); a.body != "2" {
			t.Errorf("while the first holds callers back: %+v", a)
		}
		set(true)
		if a := get(t.Context(), h, "/1ms"); a.body != "1" {
			t.Errorf("when it does no more: %+v", a)
		}
	})
}

// Where each request has an instance of its own, as many are at work as there are processors, without a pause.
func TestFreshInstancesFillProcessors(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		time.Sleep(time.Millisecond) // holding the instance
		return nil
	}}
	bubble(t, g, Options{Isolation: IsolationRequest}, func(t *testing.T, h *Handler) {
		h.pool.processors = 2
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { get(t.Context(), h, "/") })
		}
		wg.Wait()
		if took := time.Since(start); took != 50*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// An instance that is being closed takes a processor, and what it leaves is there for the next only then.
func TestFreshInstancesComeAfterThoseBefore(t *testing.T) {
	var mu sync.Mutex
	there, most := 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		there += n
		most = max(most, there)
	}
	g := &fakeGuests{
		born: func(*fakeInstance) error { count(1); return nil },
		handle: func(context.Context, *fakeTask, http.ResponseWriter, *http.Request) error {
			time.Sleep(time.Millisecond) // holding the instance
			return nil
		},
		dying: func() { time.Sleep(time.Millisecond); count(-1) },
	}
	bubble(t, g, Options{Isolation: IsolationRequest}, func(t *testing.T, h *Handler) {
		h.pool.processors = 2
		start := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { get(t.Context(), h, "/") })
		}
		wg.Wait()
		// The last ones are not closed yet. A request that comes between the rest of an instance and the
		// end of its response may be early; without waiting for any it would take 50 ms.
		if took := time.Since(start); took < 70*time.Millisecond || took > 99*time.Millisecond {
			t.Errorf("it took %v, with up to %d instances at a time for 2 processors", took, most)
		}
	})
}

// What can't be closed for long holds nobody up for long.
func TestSlowClosingIsNotWaitedFor(t *testing.T) {
	g := sleepers()
	g.dying = func() { time.Sleep(time.Hour) }
	bubble(t, g, Options{Isolation: IsolationRequest}, func(t *testing.T, h *Handler) {
		h.pool.processors = 2
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { get(t.Context(), h, "/0s") })
		}
		wg.Wait()
		start := time.Now()
		for range 2 {
			wg.Go(func() { get(t.Context(), h, "/0s") })
		}
		wg.Wait()
		if took := time.Since(start); took != pause {
			t.Errorf("two requests took %v", took)
		}
	})
}
