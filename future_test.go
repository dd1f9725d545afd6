package gondola

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// throughFuture sends a future through a function of an instance.
func throughFuture[T any](t testing.TB, in *Instance, name string) (*FutureWriter[T], *FutureReader[T]) {
	t.Helper()
	w, r := NewFuture[T]()
	got, err := in.Func("", name).Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := FutureOf[T](got)
	if err != nil {
		t.Fatal(err)
	}
	return w, back
}

func TestFutures(t *testing.T) {
	in := pump(t)
	for _, name := range []string{"text", "echo-text"} {
		w, r := throughFuture[string](t, in, name)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := r.Await(ctx); err != context.DeadlineExceeded {
			t.Errorf("%s: too early: %v", name, err)
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if got, err := r.Await(t.Context()); err != nil || got != "at last" {
					t.Errorf("%s: %q, %v", name, got, err)
				}
			})
		}
		if err := w.Set("at last"); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if err := w.Set("again"); err == nil {
			t.Errorf("%s: set twice", name)
		}
		r.Close()
		if got, err := r.Await(t.Context()); err != nil || got != "at last" {
			t.Errorf("%s: after Close: %q, %v", name, got, err)
		}
	}
	w, r := throughFuture[byte](t, in, "number")
	w.Set(42)
	if got, err := r.Await(t.Context()); err != nil || got != 42 {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestFutureThatIsSetBeforeItIsPassed(t *testing.T) {
	in := pump(t)
	w, r := NewFuture[string]()
	w.Set("early")
	if _, err := r.Await(t.Context()); err != errBothEnds {
		t.Errorf("with both ends here: %v", err)
	}
	v, err := in.Func("", "text").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := FutureOf[string](v)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := back.Await(t.Context()); err != nil || got != "early" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAbandonedFuture(t *testing.T) {
	want := "the host dropped the write end of a future without writing a value"
	for name, early := range map[string]bool{"before it is read": true, "while it is read": false} {
		in := pump(t)
		w, r := NewFuture[string]()
		if early {
			w.Close()
		}
		v, err := in.Func("", "text").Call(t.Context(), r.Value())
		if err == nil {
			if f, err := FutureOf[string](v); err == nil {
				defer f.Close()
			}
		}
		if !early {
			w.Close()
			waitFor(t, in.store, "the trap", func() bool { return in.store.instance.Poisoned() != nil })
		}
		_, err = in.Func("", "never").Call(t.Context())
		trap, ok := errors.AsType[*Trap](err)
		if !ok || !strings.Contains(trap.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Where the host itself reads, it is told.
	in := pump(t)
	w, r := throughFuture[string](t, in, "echo-text")
	w.Close()
	if _, err := r.Await(t.Context()); err != ErrNoValue {
		t.Errorf("got %v", err)
	}
}

func TestClosedFuture(t *testing.T) {
	in := pump(t)
	w, r := throughFuture[string](t, in, "text")
	awaited := make(chan error)
	go func() {
		_, err := r.Await(context.Background())
		awaited <- err
	}()
	time.Sleep(10 * time.Millisecond)
	r.Close()
	if err := <-awaited; err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
	w.Set("nobody reads this")
	waitFor(t, in.store, "the guest's task ends", func() bool { return in.store.core.Live() == 0 })
	if _, err := r.Await(t.Context()); err != io.ErrClosedPipe {
		t.Errorf("later: %v", err)
	}
}

func TestFuturesBetweenInstances(t *testing.T) {
	a, b := pump(t), pump(t)
	w, r := throughFuture[string](t, a, "text")
	v, err := b.Func("", "text").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := FutureOf[string](v)
	if err != nil {
		t.Fatal(err)
	}
	w.Set("over there")
	if got, err := back.Await(t.Context()); err != nil || got != "over there" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := a.Func("", "text").Call(t.Context(), r.Value()); !errors.Is(err, errGivenAway) {
		t.Errorf("passed twice: %v", err)
	}
	if _, err := FutureOf[int32](val.OfFuture(&Future{back.promise})); err == nil {
		t.Error("a future of a wrong type")
	}
}
