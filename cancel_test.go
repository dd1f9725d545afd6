package gondola

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// slowHost is a function that stays until it is told to end, and how its context
// ended.
type slowHost struct {
	called chan struct{}
	ended  chan error
	// finish is how it ends.
	finish func(ctx context.Context, x uint32) (uint32, error)
}

func newSlowHost(finish func(context.Context, uint32) (uint32, error)) *slowHost {
	return &slowHost{make(chan struct{}, 100), make(chan error, 100), finish}
}

func (h *slowHost) give(l *Linker) {
	l.Func("", "later", func(ctx context.Context, x uint32) (uint32, error) {
		h.called <- struct{}{}
		defer func() { h.ended <- ctx.Err() }()
		return h.finish(ctx, x)
	})
}

func untilCancelled(ctx context.Context, _ uint32) (uint32, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func TestCancelledCall(t *testing.T) {
	for name, finish := range map[string]func(context.Context, uint32) (uint32, error){
		"as its context":         untilCancelled,
		"as its context's cause": func(ctx context.Context, _ uint32) (uint32, error) { <-ctx.Done(); return 0, context.Cause(ctx) },
	} {
		h := newSlowHost(finish)
		in := tourOf(t, cancelFirst, h.give)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-h.called
			cancel()
		}()
		if got, err := in.Func("", "call-later").Call(ctx, val.U32(1)); err != context.Canceled {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
		if err := <-h.ended; err != context.Canceled {
			t.Errorf("%s: the host function's context ended as %v", name, err)
		}
		if got, err := in.Func("", "call-now").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 4 {
			t.Errorf("%s: afterwards %v, %v", name, got, err)
		}
	}
}

func TestCancelledCallThatReturnsAllTheSame(t *testing.T) {
	h := newSlowHost(func(ctx context.Context, x uint32) (uint32, error) {
		<-ctx.Done()
		return x * 10, nil
	})
	in := tourOf(t, cancelFirst, h.give)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-h.called
		cancel()
	}()
	if got, err := in.Func("", "call-later").Call(ctx, val.U32(4)); err != nil || got.Uint() != 40 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCancelledBeforeStart(t *testing.T) {
	bothTours(t, nil, func(t *testing.T, in *Instance) {
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := in.Func("", "at-once").Call(ended, val.U32(1)); err != context.Canceled {
			t.Errorf("with an ended context: %v", err)
		}
		// At the door.
		if _, err := in.Func("", "door").Call(t.Context(), val.S32(1)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := in.Func("", "at-once").Call(ctx, val.U32(1)); err != context.DeadlineExceeded {
			t.Errorf("at the door: %v", err)
		}
		if _, err := in.Func("", "door").Call(t.Context(), val.S32(-1)); err != nil {
			t.Fatal(err)
		}
		if got, err := in.Func("", "at-once").Call(t.Context(), val.U32(5)); err != nil || got.Uint() != 5 {
			t.Errorf("afterwards: %v, %v", got, err)
		}
	})
}

func TestCallThatDoesNotEndInTime(t *testing.T) {
	release := make(chan struct{})
	h := newSlowHost(func(_ context.Context, x uint32) (uint32, error) {
		<-release
		return x, nil
	})
	in := tourOf(t, cancelFirst, h.give, WithGracePeriod(30*time.Millisecond))
	ctx := newEnding()
	begin := make(chan time.Time, 1)
	go func() {
		<-h.called
		begin <- time.Now()
		ctx.end()
	}()
	_, err := in.Func("", "call-later").Call(ctx, val.U32(1))
	if took := time.Since(<-begin); err != context.DeadlineExceeded || took < 30*time.Millisecond {
		t.Errorf("%v after %v", err, took)
	}
	// The task goes on by itself, and others lose nothing.
	if got, err := in.Func("", "call-now").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 4 {
		t.Errorf("meanwhile: %v, %v", got, err)
	}
	close(release)
	waitFor(t, in.store, "the task ends", func() bool { return in.store.core.Live() == 0 })
}

func TestCancellationRacesCompletion(t *testing.T) {
	bothTours(t, func(l *Linker) {
		tourHost(l)
		l.Func("", "later", func(ctx context.Context, x uint32) (uint32, error) {
			time.Sleep(time.Duration(x) * time.Microsecond)
			if err := ctx.Err(); err != nil && x%2 == 0 {
				return 0, err
			}
			return x, nil
		})
	}, func(t *testing.T, in *Instance) {
		var wg sync.WaitGroup
		for i := range 400 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Microsecond)
				defer cancel()
				got, err := in.Func("", "call-later").Call(ctx, val.U32(uint32(400-i)))
				if err != nil && err != context.DeadlineExceeded || err == nil && got.Uint() != uint64(400-i) {
					t.Errorf("call %d: %v, %v", i, got, err)
				}
			})
		}
		wg.Wait()
		waitFor(t, in.store, "nothing is left", func() bool { return in.store.core.Live() == 0 })
	})
}

// A function that blocks keeps its instance, but not those who wait for it.
func TestOthersLeaveWhileABlockingFunctionBlocks(t *testing.T) {
	called, release := make(chan struct{}), make(chan struct{})
	in := tour(t, func(l *Linker) {
		l.Func("", "now", func(context.Context, uint32) (uint32, error) {
			close(called)
			<-release
			return 7, nil
		}, Blocking())
	}, WithGracePeriod(20*time.Millisecond))
	first := make(chan error)
	go func() {
		got, err := in.Func("", "call-now").Call(context.Background(), val.U32(1))
		if err == nil && got.Uint() != 7 {
			err = errors.New("a wrong result")
		}
		first <- err
	}()
	<-called
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := in.Func("", "add").Call(ctx, val.S32(1), val.S32(1)); err != context.DeadlineExceeded {
		t.Errorf("the other caller: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first caller: %v", err)
	}
	if got, err := in.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1)); err != nil || got.Int() != 2 {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

func TestCloseEndsABlockingFunction(t *testing.T) {
	called := make(chan struct{})
	in := tour(t, func(l *Linker) {
		l.Func("", "now", func(ctx context.Context, _ uint32) (uint32, error) {
			close(called)
			<-ctx.Done()
			return 0, ctx.Err()
		}, Blocking())
	})
	result := make(chan error)
	go func() {
		_, err := in.Func("", "call-now").Call(context.Background(), val.U32(1))
		result <- err
	}()
	<-called
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-result; err != ErrClosed {
		t.Errorf("the call: %v", err)
	}
}
