package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestRequestTimeout(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{RequestTimeout: 10 * time.Second}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		start := time.Now()
		wg.Go(func() {
			if a := get(t.Context(), h, "/1h"); a.status != 504 || time.Since(start) != 10*time.Second {
				t.Errorf("after %v: %+v", time.Since(start), a)
			}
		})
		synctest.Wait()
		for range 30 {
			if a := get(t.Context(), h, "/900ms"); a.body != "1" {
				t.Errorf("beside it: %+v", a)
			}
		}
		wg.Wait()
	})
}

// The time for a response ends with its header: a body may take longer.
func TestRequestTimeoutIsForTheHeader(t *testing.T) {
	g := &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		w.WriteHeader(200)
		for range 100 {
			task.block(func() { time.Sleep(time.Second) })
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, "done")
		return err
	}}
	bubble(t, g, Options{RequestTimeout: 10 * time.Second}, func(t *testing.T, h *Handler) {
		if a := get(t.Context(), h, "/"); a.body != "done" {
			t.Errorf("got %+v", a)
		}
	})
}

// An instance that runs on and on is ended, whoever else waits for it.
func TestHog(t *testing.T) {
	g := &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/hog" {
			w.WriteHeader(200)
			<-task.in.down // holding the instance
			return errors.New("closed")
		}
		task.block(func() {
			select {
			case <-time.After(5 * time.Second):
			case <-task.in.down:
			}
		})
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{RequestTimeout: 10 * time.Second}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		start := time.Now()
		wg.Go(func() { get(t.Context(), h, "/") })
		synctest.Wait()
		wg.Go(func() {
			if a := get(t.Context(), h, "/hog"); !a.aborted {
				t.Errorf("the hog: %+v", a)
			}
			if took := time.Since(start); took < 10*time.Second || took > 15*time.Second {
				t.Errorf("it was ended after %v", took)
			}
		})
		synctest.Wait()
		for range 4 { // meanwhile
			if a := get(t.Context(), h, "/"); a.body != "2" {
				t.Errorf("beside the hog: %+v", a)
			}
		}
		wg.Wait()
		if s := h.Stats(); s.Killed != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWorkAfterTheResponse(t *testing.T) {
	var mu sync.Mutex
	ended := map[string]bool{} // by path, whether it came to its end
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		d, err := time.ParseDuration(r.URL.Path[1:])
		if err != nil {
			return err
		}
		task.later(func() {
			select {
			case <-time.After(d):
				mu.Lock()
				ended[r.URL.Path] = true
				mu.Unlock()
			case <-task.in.down:
			}
		})
		_, err = io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{PostReturnTimeout: 10 * time.Second}, func(t *testing.T, h *Handler) {
		start := time.Now()
		get(t.Context(), h, "/9s")
		time.Sleep(5 * time.Second)
		get(t.Context(), h, "/8s")
		if time.Since(start) != 5*time.Second {
			t.Errorf("a response took %v", time.Since(start)-5*time.Second)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if s := h.Stats(); s.Instances != 0 || s.Killed != 0 {
			t.Errorf("%+v", s)
		}
		get(t.Context(), h, "/1h")
		time.Sleep(9 * time.Second)
		if s := h.Stats(); s.Instances != 1 || s.Tasks != 1 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if s := h.Stats(); s.Instances != 0 || s.Killed != 1 {
			t.Errorf("%+v", s)
		}
	})
	if !ended["/9s"] || !ended["/8s"] || ended["/1h"] {
		t.Errorf("came to their end: %v", ended)
	}
}

// A guest that works on and on after a response gets no more requests, and those that it has lose nothing.
func TestEndlessWorkAfterTheResponseCostsOthersNothing(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/endless" {
			task.later(func() { <-task.in.down })
		} else {
			task.block(func() { time.Sleep(3 * time.Second) })
		}
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{PostReturnTimeout: 10 * time.Second, IdleTimeout: time.Minute}, func(t *testing.T, h *Handler) {
		get(t.Context(), h, "/endless")
		var wg sync.WaitGroup
		answers := map[string]int{}
		var mu sync.Mutex
		for range 15 { // one a second, for three seconds each
			wg.Go(func() {
				a := get(t.Context(), h, "/")
				if a.status != 200 {
					t.Errorf("got %+v", a)
				}
				mu.Lock()
				answers[a.body]++
				mu.Unlock()
			})
			time.Sleep(time.Second)
		}
		wg.Wait()
		if answers["1"] < 10 || answers["1"] > 13 || answers["1"]+answers["2"] != 15 {
			t.Errorf("who answered: %v", answers)
		}
	})
}

func TestShutdown(t *testing.T) {
	g := sleepers()
	synctest.Test(t, func(t *testing.T) {
		h := fakeHandler(t, g, Options{Isolation: IsolationInstance, MaxInstances: 2})
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				want := 200
				if i >= 2 {
					want = 503 // it was waiting
				}
				if a := get(t.Context(), h, "/5s"); a.status != want {
					t.Errorf("request %d: %+v", i, a)
				}
			})
			synctest.Wait()
		}
		start := time.Now()
		done := make(chan error)
		go func() { done <- h.Shutdown(t.Context()) }()
		synctest.Wait()
		if a := get(t.Context(), h, "/1s"); a.status != 503 {
			t.Errorf("during shutdown: %+v", a)
		}
		if err := <-done; err != nil || time.Since(start) != 5*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		wg.Wait()
		shut(t, h) // again
	})
}

func TestShutdownWaitsForWorkAfterTheResponse(t *testing.T) {
	for _, test := range []struct{ patience, took time.Duration }{{time.Minute, 8 * time.Second}, {3 * time.Second, 3 * time.Second}} {
		g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
			task.later(func() {
				select {
				case <-time.After(8 * time.Second):
				case <-task.in.down:
				}
			})
			return nil
		}}
		synctest.Test(t, func(t *testing.T) {
			h := fakeHandler(t, g, Options{})
			get(t.Context(), h, "/")
			start := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), test.patience)
			defer cancel()
			err := h.Shutdown(ctx)
			if took := time.Since(start); took != test.took || (err != nil) != (test.patience == test.took) {
				t.Errorf("%v: it took %v: %v", test.patience, took, err)
			}
			if s := h.Stats(); s.Instances != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// An instance whose guest works on a request that took too long is not kept for it.
func TestGuestIgnoresRequestTimeout(t *testing.T) {
	g := &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/ignores" {
			task.later(func() { <-task.in.down })
			task.block(func() { <-ctx.Done() })
			return ctx.Err()
		}
		task.block(func() { time.Sleep(8 * time.Second) })
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	for _, others := range []int{0, 1} {
		g.instances = nil
		bubble(t, g, Options{RequestTimeout: 10 * time.Second, IdleTimeout: time.Hour}, func(t *testing.T, h *Handler) {
			var wg sync.WaitGroup
			start := time.Now()
			wg.Go(func() {
				if a := get(t.Context(), h, "/ignores"); a.status != 504 || time.Since(start) != 10*time.Second {
					t.Errorf("after %v: %+v", time.Since(start), a)
				}
			})
			for range others { // which it is working on when the other is late
				time.Sleep(8 * time.Second)
				wg.Go(func() {
					if a := get(t.Context(), h, "/"); a.body != "1" {
						t.Errorf("beside it: %+v", a)
					}
				})
			}
			wg.Wait()
			time.Sleep(4 * time.Second)
			if s := h.Stats(); s.Instances != 0 || s.Killed != 1 {
				t.Errorf("%d others: %+v", others, s)
			}
		})
	}
}
