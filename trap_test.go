package gondola

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

func TestTrapPoisonsTheInstance(t *testing.T) {
	waiting := newSlowHost(untilCancelled)
	rt := testRuntime(t)
	c := compileGuest(t, rt, tourWIT, leaveAtOnce)
	l := rt.NewLinker()
	tourHost(l)
	waiting.give(l)
	in, bystander := instantiate(t, l, c), instantiate(t, l, c)

	parked := make(chan error)
	go func() {
		_, err := in.Func("", "call-later").Call(context.Background(), val.U32(1))
		parked <- err
	}()
	<-waiting.called

	_, err := in.Func("", "crash").Call(t.Context())
	trap, ok := errors.AsType[*Trap](err)
	if !ok || trap.Message() != "wasm `unreachable` instruction executed" || trap.Func != "crash" {
		t.Fatalf("got %#v", err)
	}
	for i, want := range []string{"deeper", "crash"} {
		if i >= len(trap.Frames) || trap.Frames[i].Func != want {
			t.Fatalf("backtrace %v, want deeper, crash", trap.Frames)
		}
	}
	if text := err.Error(); !strings.Contains(text, "\n    in function crash of component instance") || !strings.Contains(text, "\n    at deeper\n    at crash") {
		t.Errorf("the text is\n%s", text)
	}
	if err := <-parked; !errors.Is(err, error(trap)) && !errors.As(err, new(*Trap)) {
		t.Errorf("the call that waited: %v", err)
	}
	if err := <-waiting.ended; err != context.Canceled {
		t.Errorf("the host function's context ended as %v", err)
	}
	_, err = in.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1))
	if later, ok := errors.AsType[*Trap](err); !ok || later.Message() != "cannot enter component instance" || later.Cause != trap || !strings.Contains(err.Error(), "because it has trapped before: wasm trap: ") {
		t.Errorf("a later call: %v", err)
	}
	if got, err := bystander.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1)); err != nil || got.Int() != 2 {
		t.Errorf("another instance: %v, %v", got, err)
	}
}

// ending is a context whose deadline passes when the test says so.
type ending struct {
	context.Context
	done chan struct{}
}

func newEnding() *ending { return &ending{context.Background(), make(chan struct{})} }

func (e *ending) end() { close(e.done) }

// Done implements [context.Context].
func (e *ending) Done() <-chan struct{} { return e.done }

// Err implements [context.Context].
func (e *ending) Err() error {
	select {
	case <-e.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// goSpin makes a call of a function that keeps its instance, which has nothing else to
// do, and returns when it does.
func goSpin(in *Instance, call func() error) (result <-chan error) {
	for in.store.state.Load() != storeFree {
		time.Sleep(time.Millisecond)
	}
	done := make(chan error, 1)
	go func() { done <- call() }()
	for in.store.state.Load() == storeFree && len(done) == 0 {
		time.Sleep(time.Millisecond)
	}
	return done
}

// whileSpinning runs f and collects garbage while guest code spins: it hangs where that
// can't be interrupted.
func whileSpinning(f func()) {
	f()
	for range 3 {
		runtime.GC()
	}
}

func TestSpinningGuestEndsWithItsContext(t *testing.T) {
	h := newSlowHost(untilCancelled)
	for name, core := range map[string]string{"on callers": leaveAtOnce, "on coroutines": cancelFirst} {
		// Half of the grace period is what the trap may take, the other half what
		// this machine may be late.
		rt := testRuntime(t, WithGracePeriod(500*time.Millisecond))
		c := compileGuest(t, rt, tourWIT, core)
		l := rt.NewLinker()
		tourHost(l)
		for _, f := range []string{"spin", "spin-async", "spin-when-cancelled"} {
			in, other := instantiate(t, l, c), instantiate(t, l, c)
			if f == "spin-when-cancelled" {
				l := rt.NewLinker()
				tourHost(l)
				h.give(l)
				in = instantiate(t, l, c)
			}
			ctx := newEnding()
			var args []val.Value
			if f == "spin-when-cancelled" {
				args = []val.Value{val.U32(1)}
			}
			call := func() error {
				_, err := in.Func("", f).Call(ctx, args...)
				return err
			}
			var result <-chan error
			if f == "spin-when-cancelled" {
				done := make(chan error, 1)
				go func() { done <- call() }()
				<-h.called
				ctx.end()
				result = done
			} else {
				result = goSpin(in, call)
			}
			whileSpinning(func() {
				if got, err := other.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1)); err != nil || got.Int() != 2 {
					t.Errorf("%s: meanwhile in another instance: %v, %v", f, got, err)
				}
			})
			if f != "spin-when-cancelled" {
				ctx.end()
			}
			err := <-result
			if err == context.DeadlineExceeded {
				// This machine was late and the caller went first. The trap follows.
				_, again := in.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1))
				if _, ok := errors.AsType[*Trap](again); !ok {
					t.Errorf("%s, %s: %v, then %v", f, name, err, again)
				}
				continue
			}
			trap, ok := errors.AsType[*Trap](err)
			if !ok || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(trap.Error(), "interrupt: the caller's context ended") || !strings.Contains(trap.Error(), "at forever") {
				t.Errorf("%s, %s: %v", f, name, err)
			}
		}
	}
}

func TestCloseStopsASpinningGuest(t *testing.T) {
	bothTours(t, nil, func(t *testing.T, in *Instance) {
		var calls sync.WaitGroup
		call := func(f string, args ...val.Value) error {
			_, err := in.Func("", f).Call(context.Background(), args...)
			return err
		}
		spin := goSpin(in, func() error { return call("spin") })
		for range 2 {
			calls.Go(func() {
				if err := call("at-once", val.U32(1)); err != ErrClosed {
					t.Errorf("at-once: %v", err)
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		whileSpinning(func() {})
		var closers sync.WaitGroup
		for range 3 {
			closers.Go(func() {
				if err := in.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		closers.Wait()
		calls.Wait()
		if err := <-spin; err != ErrClosed {
			t.Errorf("spin: %v", err)
		}
		if _, err := in.Func("", "at-once").Call(t.Context(), val.U32(1)); err != ErrClosed {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// A task that yields forever does not keep its caller, nor others.
func TestYieldingGuestKeepsNobody(t *testing.T) {
	bothTours(t, nil, func(t *testing.T, in *Instance) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := in.Func("", "yield-forever").Call(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		if got, err := in.Func("", "call-now").Call(t.Context(), val.U32(1)); err != nil || got.Uint() != 4 {
			t.Errorf("others: %v, %v", got, err)
		}
	})
}

func TestCloseUnwindsParkedCalls(t *testing.T) {
	h := newSlowHost(untilCancelled)
	bothTours(t, h.give, func(t *testing.T, in *Instance) {
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() {
				if _, err := in.Func("", "call-later").Call(context.Background(), val.U32(1)); err != ErrClosed {
					t.Errorf("got %v", err)
				}
			})
		}
		for range 10 {
			<-h.called
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
		calls.Wait()
		for range 10 {
			if err := <-h.ended; err != context.Canceled {
				t.Errorf("a host function's context ended as %v", err)
			}
		}
	})
}

func TestCloseFromAHostFunction(t *testing.T) {
	var in *Instance
	closing := func(ctx context.Context, _ uint32) (uint32, error) { return 1, in.Close(ctx) }
	give := func(l *Linker) {
		l.Func("", "later", closing)
		l.Func("", "soon", closing, Ready())
		l.Func("", "now", closing)
	}
	for _, f := range []string{"call-later", "call-soon", "call-now"} {
		in = tour(t, give)
		if _, err := in.Func("", f).Call(t.Context(), val.U32(1)); err != nil && err != ErrClosed {
			t.Errorf("%s: %v", f, err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Errorf("%s: closing again: %v", f, err)
		}
		if _, err := in.Func("", f).Call(t.Context(), val.U32(1)); err != ErrClosed {
			t.Errorf("%s: afterwards: %v", f, err)
		}
	}
}

func TestRuntimeClosesItsInstances(t *testing.T) {
	h := newSlowHost(untilCancelled)
	rt := NewRuntime(t.Context())
	c := compileGuest(t, rt, tourWIT, cancelFirst)
	l := rt.NewLinker()
	tourHost(l)
	h.give(l)
	in, err := l.Instantiate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error)
	go func() {
		_, err := in.Func("", "call-later").Call(context.Background(), val.U32(1))
		result <- err
	}()
	<-h.called
	if err := rt.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-result; err != ErrClosed {
		t.Errorf("got %v", err)
	}
	if _, err := l.Instantiate(t.Context(), c); err == nil {
		t.Error("a closed runtime instantiates")
	}
}

const startWIT = `
import now: func();
export f: func();
`

const startCore = `
import $root now -> = now
func begin ->
  call now
  loop
    br 0
  end
export f ->
  nop
start begin
`

func TestInstantiationEndsWithItsContext(t *testing.T) {
	type key struct{}
	for _, kind := range [][]FuncOption{nil, {Blocking()}} {
		rt := testRuntime(t)
		c := compileGuest(t, rt, startWIT, startCore)
		l := rt.NewLinker()
		l.Func("", "now", func(ctx context.Context) error {
			if ctx.Value(key{}) != "here" {
				return errors.New("the value is not there")
			}
			if kind != nil {
				<-ctx.Done()
				return nil
			}
			return nil
		}, kind...)
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "here"), 30*time.Millisecond)
		defer cancel()
		if _, err := l.Instantiate(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if len(rt.instances) > 0 {
			t.Error("the instance was not given up")
		}
	}
}

const hoggingWIT = `
import now: func() -> string;
import later: async func() -> string;
export take: func(s: string);
export ask: func();
export ask-later: async func();
export take-stream: async func(s: stream<string>) -> u32;
`

// Its realloc never returns.
const hoggingCore = `
import $root now i32 -> = now
import $root [async-lower]later i32 -> i32 = later
import $root [waitable-set-new] -> i32 = set-new
import $root [waitable-join] i32 i32 -> = join
import [export]$root [task-return]ask-later -> = return-later
import [export]$root [task-return]take-stream i32 -> = return-stream
import [export]$root [async-lower][stream-read-0]take-stream i32 i32 i32 -> i32 = read
memory 1
export cabi_realloc i32 i32 i32 i32 -> i32
  loop
    br 0
  end
  unreachable
export take i32 i32 ->
  nop
export ask ->
  i32.const 16 call now
export [async-lift]ask-later -> i32 / i32
  call set-new local.set 0
  i32.const 16 call later i32.const 4 i32.shr_u local.get 0 call join
  local.get 0 i32.const 4 i32.shl i32.const 2 i32.or
export [callback][async-lift]ask-later i32 i32 i32 -> i32
  unreachable
export [async-lift]take-stream i32 -> i32
  local.get 0 i32.const 16 i32.const 1 call read drop
  i32.const 0 call return-stream
  i32.const 0
export [callback][async-lift]take-stream i32 i32 i32 -> i32
  unreachable
`

// Whatever guest code runs, it does on behalf of somebody whose context ends.
func TestHoggingRealloc(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, in *Instance) error{
		"an argument": func(ctx context.Context, in *Instance) error {
			_, err := in.Func("", "take").Call(ctx, val.String("x"))
			return err
		},
		"a plain function's result": func(ctx context.Context, in *Instance) error {
			_, err := in.Func("", "ask").Call(ctx)
			return err
		},
		"an async function's result": func(ctx context.Context, in *Instance) error {
			_, err := in.Func("", "ask-later").Call(ctx)
			return err
		},
		"an element of a stream": func(ctx context.Context, in *Instance) error {
			w, r := NewStream[string]()
			if _, err := in.Func("", "take-stream").Call(context.Background(), r.Value()); err != nil {
				return err
			}
			_, err := w.WriteContext(ctx, []string{"x"})
			return err
		},
	} {
		in := instantiateGuest(t, hoggingWIT, hoggingCore, func(l *Linker) {
			l.Func("", "now", func(context.Context) string { return "x" })
			l.Func("", "later", func(context.Context) string { return "x" })
		}, WithGracePeriod(time.Second))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := call(ctx, in)
		if err == context.DeadlineExceeded {
			// This machine was late and the caller went first. The trap follows.
			_, again := in.Func("", "ask").Call(t.Context())
			if trap, ok := errors.AsType[*Trap](again); ok && trap.Cause != nil {
				err = trap.Cause
			}
		}
		if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "interrupt: the caller's context ended") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const lingerWIT = `
import later: async func();
import returned: func();
export linger: async func(n: u32);
export add: func(a: s32, b: s32) -> s32;
`

// It returns first and then counts down, from 0 for ever.
const lingerCore = `
import $root returned -> = returned
import [export]$root [task-return]linger -> = return-linger
LATER
export add i32 i32 -> i32
  local.get 0 local.get 1 i32.add
export [async-lift]linger i32 -> i32
  call return-linger
  call returned
  local.get 0 i32.eqz
  if
    loop
      br 0
    end
  end
  loop
    local.get 0 i32.const 1 i32.sub local.tee 0
    br_if 0
  end
  i32.const 0
export [callback][async-lift]linger i32 i32 i32 -> i32
  unreachable
`

// The end of the context of a call that has returned says nothing about what its
// task does then, unless that keeps the caller.
func TestTaskThatLingers(t *testing.T) {
	for later, owned := range map[string]bool{"": false, "import $root later -> = later": true} {
		ctx := newEnding()
		in := instantiateGuest(t, lingerWIT, strings.Replace(lingerCore, "LATER", later, 1), func(l *Linker) {
			l.Func("", "later", func(context.Context) {})
			l.Func("", "returned", func(context.Context) { time.AfterFunc(50*time.Millisecond, ctx.end) })
		}, WithGracePeriod(0))
		if in.store.owned != owned {
			t.Fatalf("owned is %v", in.store.owned)
		}
		count := uint32(0) // the caller would be kept for ever
		if owned {
			count = 300_000_000
		}
		if _, err := in.Func("", "linger").Call(ctx, val.U32(count)); err != nil {
			t.Error(err)
		}
		got, err := in.Func("", "add").Call(t.Context(), val.S32(1), val.S32(2))
		switch {
		case owned && (err != nil || got.Int() != 3):
			t.Errorf("got %v, %v", got, err)
		case !owned && !errors.As(err, new(*Trap)):
			t.Errorf("who was kept left the guest running: %v", err)
		}
	}
}
