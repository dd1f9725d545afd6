package gondola

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

func TestCallBackFromAHostFunction(t *testing.T) {
	var in *Instance
	back := func(ctx context.Context, x uint32) (uint32, error) {
		var sum int32
		err := in.Func("", "add").CallInto(ctx, &sum, int32(x), int32(100))
		return uint32(sum), err
	}
	give := func(l *Linker) {
		l.Func("", "later", back)
		l.Func("", "soon", back, Ready())
		l.Func("", "now", back)
	}
	in = tour(t, give)
	if got, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 101 {
		t.Errorf("an async function: %v, %v", got, err)
	}
	for _, f := range []string{"call-soon", "call-now"} {
		in = tour(t, give)
		_, err := in.Func("", f).Call(t.Context(), val.U32(1))
		if err == nil || !strings.Contains(err.Error(), "add was called from a host function that holds its instance") {
			t.Errorf("%s: %v", f, err)
		}
	}
	in = tour(t, func(l *Linker) { l.Func("", "now", back, Blocking()) })
	if _, err := in.Func("", "call-now").Call(t.Context(), val.U32(1)); err == nil {
		t.Error("a blocking function called back")
	}
}

// A call back that takes a way round through another instance is found too.
func TestCallBackThroughAnotherInstance(t *testing.T) {
	var a, b *Instance
	through := func(inst **Instance, name string) func(context.Context, uint32) (uint32, error) {
		return func(ctx context.Context, x uint32) (uint32, error) {
			var r uint32
			err := (*inst).Func("", name).CallInto(ctx, &r, x)
			return r, err
		}
	}
	a = tour(t, func(l *Linker) {
		l.Func("", "now", through(&b, "call-later"))
	})
	b = tour(t, func(l *Linker) { l.Func("", "later", through(&a, "at-once")) })
	_, err := a.Func("", "call-now").Call(t.Context(), val.U32(1))
	if err == nil || !strings.Contains(err.Error(), "at-once was called from a host function that holds its instance") {
		t.Errorf("got %v", err)
	}
}

// The context of a function that has returned says nothing any more.
func TestContextOfAFunctionThatHasReturned(t *testing.T) {
	var in *Instance
	after := make(chan context.Context, 1)
	in = tour(t, func(l *Linker) {
		l.Func("", "now", func(ctx context.Context, x uint32) (uint32, error) {
			after <- ctx
			return x, nil
		})
	})
	if _, err := in.Func("", "call-now").Call(t.Context(), val.U32(1)); err != nil {
		t.Fatal(err)
	}
	if got, err := in.Func("", "add").Call(<-after, val.S32(1), val.S32(2)); err != nil || got.Int() != 3 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestHostContext(t *testing.T) {
	type key struct{}
	h := newSlowHost(func(ctx context.Context, _ uint32) (uint32, error) {
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		<-child.Done()
		if child.Value(key{}) != "here" {
			return 0, errors.New("the caller's value is not there")
		}
		return 0, context.Cause(child)
	})
	in := tour(t, h.give)
	result := make(chan error)
	go func() {
		caller, cancel := context.WithCancelCause(context.WithValue(context.Background(), key{}, "here"))
		defer cancel(io.ErrUnexpectedEOF)
		_, err := in.Func("", "call-later").Call(caller, val.U32(1))
		result <- err
	}()
	<-h.called
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-result; err != ErrClosed {
		t.Errorf("the call: %v", err)
	}
	if err := <-h.ended; err != context.Canceled {
		t.Errorf("the context ended as %v", err)
	}
}

func TestHostErrors(t *testing.T) {
	boom := errors.New("boom")
	for name, fail := range map[string]struct {
		f    func(context.Context, uint32) (uint32, error)
		want func(error) bool
	}{
		"error": {
			func(context.Context, uint32) (uint32, error) { return 0, boom },
			func(err error) bool { return errors.Is(err, boom) },
		},
		"its own context error": {
			func(context.Context, uint32) (uint32, error) { return 0, context.Canceled },
			func(err error) bool { return errors.Is(err, context.Canceled) },
		},
		"panic": {
			func(context.Context, uint32) (uint32, error) { panic(boom) },
			func(err error) bool {
				p, ok := errors.AsType[*PanicError](err)
				return ok && p.Value == boom && errors.Is(err, boom) && strings.Contains(string(p.Stack), "TestHostErrors")
			},
		},
		"runtime error": {
			func(_ context.Context, x uint32) (uint32, error) { return []uint32{}[x], nil },
			func(err error) bool { _, ok := errors.AsType[runtime.Error](err); return ok },
		},
		"Goexit": {
			func(context.Context, uint32) (uint32, error) { runtime.Goexit(); return 0, nil },
			func(err error) bool { return strings.Contains(err.Error(), "ended its goroutine (runtime.Goexit)") },
		},
	} {
		give := func(l *Linker) {
			l.Func("", "later", fail.f)
			l.Func("", "soon", fail.f, Ready())
			l.Func("", "now", fail.f)
		}
		blocking := func(l *Linker) { l.Func("", "now", fail.f, Blocking()) }
		for kind, c := range map[string]struct {
			core, f string
			give    func(*Linker)
		}{
			"async":                   {leaveAtOnce, "call-later", give},
			"async, on coroutines":    {cancelFirst, "call-later", give},
			"ready":                   {leaveAtOnce, "call-soon", give},
			"ready, on coroutines":    {cancelFirst, "call-soon", give},
			"plain":                   {leaveAtOnce, "call-now", give},
			"plain, on coroutines":    {cancelFirst, "call-now", give},
			"blocking":                {leaveAtOnce, "call-now", blocking},
			"blocking, on coroutines": {cancelFirst, "call-now", blocking},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				testHostFails(t, c.core, c.f, c.give, fail.want)
			})
		}
	}
}

// testHostFails calls f, whose host function fails, while another call waits.
func testHostFails(t *testing.T, core, f string, give func(*Linker), want func(error) bool) {
	in := tourOf(t, core, give)
	if _, err := in.Func("", "door").Call(t.Context(), val.S32(1)); err != nil {
		t.Fatal(err)
	}
	other := make(chan error, 1)
	go func() {
		_, err := in.Func("", "at-once").Call(context.Background(), val.U32(1))
		other <- err
	}()
	waitFor(t, in.store, "the other call waits", func() bool { return in.store.core.Live() == 1 })
	if f != "call-now" { // which does not wait at the door
		if _, err := in.Func("", "door").Call(t.Context(), val.S32(-1)); err != nil {
			t.Fatal(err)
		}
		if err := <-other; err != nil {
			t.Errorf("the other call: %v", err)
		}
		other <- &Trap{}
	}
	result := make(chan error, 1)
	go func() { // Goexit ends this goroutine where it drives
		defer close(result)
		_, err := in.Func("", f).Call(context.Background(), val.U32(1))
		result <- err
	}()
	check := func(who string, err error) {
		trap, ok := errors.AsType[*Trap](err)
		if !ok || !want(err) {
			t.Errorf("%s: %v", who, err)
		} else if who == "the call" && !strings.Contains(trap.Error(), "host function failed") {
			t.Errorf("%s: %v", who, trap)
		}
	}
	if err, returned := <-result; returned {
		check("the call", err)
	} else if core == cancelFirst || f == "call-later" {
		t.Error("the caller was unwound")
	}
	if err := <-other; f == "call-now" {
		check("the other call", err)
	}
	_, err := in.Func("", "add").Call(context.Background(), val.S32(1), val.S32(1))
	check("a later call", err)
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := in.Func("", "add").Call(context.Background(), val.S32(1), val.S32(1)); err != ErrClosed && !errors.As(err, new(*Trap)) {
		t.Errorf("after Close: %v", err)
	}
}

// One who is locked to a thread may call instances of either sort.
func TestCallFromALockedThread(t *testing.T) {
	bothTours(t, func(l *Linker) {
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			time.Sleep(time.Millisecond)
			return x + 1, nil
		})
	}, func(t *testing.T, in *Instance) {
		done := make(chan bool)
		for i := range 4 {
			go func() {
				defer func() { done <- true }()
				if i%2 == 0 {
					runtime.LockOSThread()
				}
				for range 50 {
					if got, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 2 {
						t.Errorf("got %v, %v", got, err)
					}
				}
			}()
		}
		for range 4 {
			<-done
		}
	})
}

const stackWIT = `
import later: async func(x: u32) -> u32;
export call-later: async func(x: u32) -> u32;
export at-once: async func(x: u32) -> u32;
export add: func(a: s32, b: s32) -> s32;
`

// Its task waits on its stack.
const stackCore = `
import $root later i32 -> i32 = later
import [export]$root [task-return]call-later i32 -> = return-later
import [export]$root [task-return]at-once i32 -> = return-at-once
export [async-lift]call-later i32 -> i32
  local.get 0 call later call return-later
  i32.const 0
export [callback][async-lift]call-later i32 i32 i32 -> i32
  unreachable
export [async-lift]at-once i32 -> i32
  local.get 0 call return-at-once
  i32.const 0
export [callback][async-lift]at-once i32 i32 i32 -> i32
  unreachable
export add i32 i32 -> i32
  local.get 0 local.get 1 i32.add
`

func TestCallBackIntoAGuestThatWaitsOnItsStack(t *testing.T) {
	var in *Instance
	in = instantiateGuest(t, stackWIT, stackCore, func(l *Linker) {
		l.Func("", "later", func(ctx context.Context, x uint32) (uint32, error) {
			var sum int32
			if err := in.Func("", "add").CallInto(ctx, &sum, int32(x), int32(1)); err != nil {
				return 0, err
			}
			_, err := in.Func("", "at-once").Call(ctx, val.U32(1))
			if err != errShut {
				return 0, errors.Join(errors.New("the call back was let in"), err)
			}
			return uint32(sum), nil
		})
	})
	for range 3 {
		if got, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 2 {
			t.Errorf("got %v, %v", got, err)
		}
	}
}
