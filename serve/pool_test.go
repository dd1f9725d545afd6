package serve

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sleepers are guests that wait for as long as the path says, and answer with the instance's id.
func sleepers() *fakeGuests {
	return &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		d, err := time.ParseDuration(strings.TrimPrefix(r.URL.Path, "/"))
		if err == nil {
			task.block(func() {
				select {
				case <-time.After(d):
				case <-ctx.Done():
					err = ctx.Err()
				}
			})
		}
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, task.in.id)
		return err
	}}
}

// shut ends the handler at the end of a bubble.
func shut(t *testing.T, h *Handler) {
	t.Helper()
	if err := h.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if s := h.Stats(); s.Instances != 0 || s.Active != 0 || s.Waiting != 0 || s.Made != s.Closed {
		t.Errorf("after shutdown: %+v", s)
	}
}

func bubble(t *testing.T, g *fakeGuests, opts Options, f func(t *testing.T, h *Handler)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := fakeHandler(t, g, opts)
		f(t, h)
		shut(t, h)
		for _, in := range g.all() {
			if !in.isClosed() {
				t.Errorf("instance %s is not closed", in.id)
			}
		}
	})
}

func TestOneInstanceWorksOnManyRequests(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if a := get(t.Context(), h, "/1s"); a.body != "1" {
					t.Errorf("got %+v", a)
				}
			})
			synctest.Wait()
		}
		wg.Go(func() {
			if a := get(t.Context(), h, "/1s"); a.body != "2" {
				t.Errorf("the 17th: got %+v", a)
			}
		})
		wg.Wait()
	})
	if in := g.all()[0]; in.most != 16 {
		t.Errorf("it worked on %d at a time", in.most)
	}
}

// An instance that does not rest may be computing, so that others take what comes.
func TestBusyInstanceGetsNoMore(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		time.Sleep(time.Second) // holding the instance
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { get(t.Context(), h, "/") })
		}
		start := time.Now()
		wg.Wait()
		if took := time.Since(start); took > time.Second+5*pause {
			t.Errorf("it took %v", took)
		}
	})
	if n := len(g.all()); n != 5 {
		t.Errorf("%d instances for 5 requests", n)
	}
}

func TestInstanceThatWasUsedLastIsUsedNext(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{MaxConcurrent: 1, IdleTimeout: time.Second}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() { get(t.Context(), h, "/"+strconv.Itoa(3-i)+"ms") })
			synctest.Wait()
		}
		wg.Wait()
		synctest.Wait()
		// The first was given the longest request, and is the last that came back.
		for range 15 {
			if a := get(t.Context(), h, "/100ms"); a.body != "1" {
				t.Fatalf("got %+v", a)
			}
		}
		synctest.Wait()
		if s := h.Stats(); s.Instances != 1 {
			t.Errorf("idle instances are kept: %+v", s)
		}
		time.Sleep(999 * time.Millisecond)
		if s := h.Stats(); s.Instances != 1 {
			t.Errorf("closed too early: %+v", s)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s := h.Stats(); s.Instances != 0 {
			t.Errorf("the last one is kept: %+v", s)
		}
	})
}

func TestReuse(t *testing.T) {
	for _, test := range []struct {
		opts      Options
		instances int
	}{
		{Options{Isolation: IsolationRequest}, 10},
		{Options{MaxReuse: 3}, 4},
		{Options{}, 1},
		{Options{MaxReuse: -1}, 1},
	} {
		g := sleepers()
		bubble(t, g, test.opts, func(t *testing.T, h *Handler) {
			for range 10 {
				if a := get(t.Context(), h, "/1ms"); a.status != 200 {
					t.Errorf("got %+v", a)
				}
				synctest.Wait()
			}
		})
		if n := len(g.all()); n != test.instances {
			t.Errorf("%+v: %d instances, want %d", test.opts, n, test.instances)
		}
	}
}

// IsolationInstance means that nothing of one request is left when the next begins.
func TestIsolationInstanceWaitsForWorkAfterTheResponse(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, task *fakeTask, w http.ResponseWriter, _ *http.Request) error {
		task.later(func() { time.Sleep(time.Second) })
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{Isolation: IsolationInstance, MaxInstances: 1}, func(t *testing.T, h *Handler) {
		start := time.Now()
		for range 3 {
			if a := get(t.Context(), h, "/"); a.body != "1" {
				t.Errorf("got %+v", a)
			}
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestTrapFailsTheRequestsOfItsInstance(t *testing.T) {
	var trap sync.Map
	g := &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/header" {
			w.WriteHeader(200)
		}
		task.block(func() { time.Sleep(time.Second) })
		if _, ok := trap.Load(task.in.id); ok {
			return task.trap()
		}
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	trap.Store("1", true)
	bubble(t, g, Options{MaxConcurrent: 2}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		for _, test := range []struct {
			path string
			want answer
		}{
			{"/", answer{status: 500, body: "Internal Server Error\n"}},
			{"/header", answer{aborted: true}},
			{"/", answer{status: 200, body: "2"}},
			{"/header", answer{status: 200, body: "2"}},
		} {
			wg.Go(func() {
				if a := get(t.Context(), h, test.path); a != test.want {
					t.Errorf("%s: got %+v, want %+v", test.path, a, test.want)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if a := get(t.Context(), h, "/"); a.body != "2" {
			t.Errorf("after the trap: %+v", a)
		}
		if s := h.Stats(); s.Trapped != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// An instance that traps while it works for nobody, and has not said so, costs nobody a request.
func TestRequestIsGivenToAnotherIfTheInstanceHasEnded(t *testing.T) {
	g := sleepers()
	bubble(t, g, Options{IdleTimeout: -1}, func(t *testing.T, h *Handler) {
		get(t.Context(), h, "/1ms")
		synctest.Wait()
		in := g.all()[0]
		in.turn.Lock()
		in.ended = errFakeTrap
		in.turn.Unlock() // not a word
		if a := get(t.Context(), h, "/1ms"); a.body != "2" {
			t.Errorf("got %+v", a)
		}
	})
}

func TestInstantiationFails(t *testing.T) {
	broken := errors.New("no memory")
	g := sleepers()
	fails := 2
	g.born = func(*fakeInstance) error {
		if fails--; fails >= 0 {
			return broken
		}
		return nil
	}
	bubble(t, g, Options{MaxInstances: 1}, func(t *testing.T, h *Handler) {
		for _, want := range []int{500, 500, 200, 200} {
			if a := get(t.Context(), h, "/1ms"); a.status != want {
				t.Errorf("got %+v, want %d", a, want)
			}
		}
	})
}

// Who waits while an instance can't be made makes the next.
func TestInstantiationFailsForOthers(t *testing.T) {
	g := sleepers()
	fails := 3
	g.born = func(*fakeInstance) error {
		time.Sleep(time.Second)
		if fails--; fails >= 0 {
			return errors.New("no memory")
		}
		return nil
	}
	bubble(t, g, Options{MaxInstances: 1}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[int]int{}
		for range 8 {
			wg.Go(func() {
				a := get(t.Context(), h, "/1ms")
				mu.Lock()
				got[a.status]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if got[500] != 3 || got[200] != 5 {
			t.Errorf("got %v", got)
		}
	})
}

// A client that goes away has its own request cancelled. If the guest ignores that, it costs others nothing.
func TestClientGoesAway(t *testing.T) {
	var mu sync.Mutex
	var ended []error
	g := &fakeGuests{handle: func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		switch r.URL.Path {
		case "/ignores":
			task.later(func() { <-task.in.down })
			task.block(func() { <-ctx.Done() })
			return ctx.Err()
		case "/listens":
			task.block(func() { <-ctx.Done() })
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, ctx.Err())
			return ctx.Err()
		}
		task.block(func() { time.Sleep(2 * time.Second) })
		_, err := io.WriteString(w, task.in.id)
		return err
	}}
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		var wg sync.WaitGroup
		for _, path := range []string{"/", "/listens", "/ignores", "/"} {
			wg.Go(func() {
				ctx := t.Context()
				if path != "/" {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				if a := get(ctx, h, path); path == "/" && a.body != "1" || path != "/" && !a.aborted {
					t.Errorf("%s: got %+v", path, a)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if a := get(t.Context(), h, "/"); a.body != "1" {
			t.Errorf("afterwards: %+v", a)
		}
	})
	if len(ended) != 1 || ended[0] != context.DeadlineExceeded {
		t.Errorf("the request was cancelled with %v", ended)
	}
}

// A panic of the host is its own affair: the instance can be used again.
func TestPanic(t *testing.T) {
	g := sleepers()
	handle := g.handle
	g.handle = func(ctx context.Context, task *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/panic" {
			panic("a bug")
		}
		return handle(ctx, task, w, r)
	}
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		func() {
			defer func() {
				if p := recover(); p != "a bug" {
					t.Errorf("recovered %v", p)
				}
			}()
			get(t.Context(), h, "/panic")
		}()
		if a := get(t.Context(), h, "/1ms"); a.body != "1" {
			t.Errorf("got %+v", a)
		}
	})
}

func TestBodyLimit(t *testing.T) {
	g := &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, r *http.Request) error {
		if r.Method == "GET" && r.Body != http.NoBody {
			t.Error("a request without a body has one")
		}
		_, err := io.Copy(w, r.Body)
		return err
	}}
	bubble(t, g, Options{MaxBodyBytes: 10}, func(t *testing.T, h *Handler) {
		get(t.Context(), h, "/")
		for _, test := range []struct {
			body    io.Reader
			status  int
			aborted bool
		}{
			{strings.NewReader("1234567890"), 200, false},
			{strings.NewReader("12345678901"), 413, false},
			{io.MultiReader(strings.NewReader("12345678901")), 0, true}, // its length is not known, the header is out
		} {
			w := newRecorder(test.body)
			w.serve(h)
			if w.aborted != test.aborted || !test.aborted && w.Code != test.status {
				t.Errorf("got %d, aborted %v, want %+v", w.Code, w.aborted, test)
			}
		}
	})
}

func TestResponseLimit(t *testing.T) {
	for limit, aborted := range map[int64]bool{0: false, -1: false, 12: false, 11: true} {
		g := &fakeGuests{handle: func(_ context.Context, _ *fakeTask, w http.ResponseWriter, r *http.Request) error {
			for range len(r.URL.Path) {
				if _, err := io.WriteString(w, "1234"); err != nil {
					return err
				}
			}
			return nil
		}}
		bubble(t, g, Options{MaxResponseBytes: limit}, func(t *testing.T, h *Handler) {
			if a := get(t.Context(), h, "/12"); a.aborted != aborted || !aborted && a.body != "123412341234" {
				t.Errorf("limit %d: got %+v", limit, a)
			}
			if a := get(t.Context(), h, "/"); a.body != "1234" { // of the same instance
				t.Errorf("limit %d: got %+v", limit, a)
			}
			if n := len(h.pool.workers); n != 1 {
				t.Errorf("limit %d: %d instances", limit, n)
			}
		})
	}
}

// An instance need not have said that it rests before it gets its first request.
func TestNewInstanceTakesARequestAtOnce(t *testing.T) {
	g := sleepers()
	g.mute = true
	bubble(t, g, Options{}, func(t *testing.T, h *Handler) {
		if a := get(t.Context(), h, "/1ms"); a.body != "1" {
			t.Errorf("got %+v", a)
		}
	})
}
