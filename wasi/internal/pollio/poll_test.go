package pollio

import (
	"context"
	"io"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestPollReturnsAllThatAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var never, soon Event
		start := time.Now()
		second := NewPollable(Deadline(start.Add(time.Second)))
		list := []*Pollable{NewPollable(&never), second, NewPollable(&soon), second, NewPollable(Deadline(start.Add(time.Hour)))}
		time.AfterFunc(time.Second, soon.Set)
		got, err := Poll(t.Context(), list)
		if err != nil || time.Since(start) != time.Second {
			t.Fatalf("got %v, %v after %v", got, err, time.Since(start))
		}
		synctest.Wait()
		if got, err := Poll(t.Context(), list); err != nil || !slices.Equal(got, []uint32{1, 2, 3}) {
			t.Errorf("got %v, %v", got, err)
		}
		if len(never.watchers) != 0 {
			t.Error("it is still watched")
		}
	})
}

func TestPollEnds(t *testing.T) {
	if _, err := Poll(t.Context(), nil); err != ErrEmptyPoll {
		t.Errorf("got %v", err)
	}
	var never Event
	p := NewPollable(&never)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Poll(ctx, []*Pollable{p, p}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	if err := p.Block(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	never.Set()
	if err := p.Block(ctx); err != nil || !p.Ready() {
		t.Errorf("got %v", err)
	}
}

func TestDeadlineOfLongAgoIsReadyAtOnce(t *testing.T) {
	for _, d := range []time.Duration{0, -time.Hour} {
		if p := NewPollable(Deadline(time.Now().Add(d))); !p.Ready() {
			t.Errorf("%v is not ready", d)
		}
	}
}

func TestParentOutlivesItsChildren(t *testing.T) {
	var p Parent
	one, other := p.Subscribe(Always{}), p.Adopt()
	if p.CheckDrop() != ErrHasChildren {
		t.Error("dropped with two children")
	}
	one.Drop()
	if p.CheckDrop() != ErrHasChildren {
		t.Error("dropped with a child")
	}
	other()
	if err := p.CheckDrop(); err != nil {
		t.Error(err)
	}
	NewPollable(Always{}).Drop()
}

// A wait is under way only while somebody wants to know and it is not there, and
// once at a time.
func TestWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var waits, ended atomic.Int32
		w := NewWaiter(func() bool { return ended.Load() == 2 }, func(ctx context.Context) {
			waits.Add(1)
			time.Sleep(time.Second)
			ended.Add(1)
		})
		before := runtime.NumGoroutine()
		p, q := NewPollable(w), NewPollable(w)
		if n := runtime.NumGoroutine(); n > before || w.Waiting() {
			t.Errorf("%d goroutines more before anybody asks", n-before)
		}
		if p.Ready() || q.Ready() {
			t.Error("ready before it came")
		}
		if n := runtime.NumGoroutine(); n > before+1 || !w.Waiting() {
			t.Errorf("%d goroutines more", n-before)
		}
		start := time.Now()
		if err := p.Block(t.Context()); err != nil || time.Since(start) != 2*time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		synctest.Wait()
		if waits.Load() != 2 || w.Waiting() || !q.Ready() {
			t.Errorf("%d waits", waits.Load())
		}
	})
}

func TestWaiterThatIsClosedIsReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWaiter(func() bool { return false }, func(ctx context.Context) { <-ctx.Done() })
		p := NewPollable(w)
		time.AfterFunc(time.Second, w.Close)
		if err := p.Block(t.Context()); err != nil || !p.Ready() {
			t.Error(err)
		}
		synctest.Wait()
		if w.Waiting() {
			t.Error("it still waits")
		}
	})
}

func TestStreamThatIsAChild(t *testing.T) {
	var parent Parent
	in, out := newEmptyInputStream(), DefaultLimits.NewOutputStream(ToWriter(io.Discard), OutputOptions{})
	in.ChildOf(&parent)
	out.ChildOf(&parent)
	for _, drop := range []func() error{in.Drop, out.Drop} {
		if !parent.HasChildren() {
			t.Error("a child too few")
		}
		if err := drop(); err != nil {
			t.Error(err)
		}
	}
	if err := parent.CheckDrop(); err != nil {
		t.Error(err)
	}
}
