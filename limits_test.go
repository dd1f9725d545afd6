package gondola

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

const greedyWIT = `
export grow: func(pages: u32) -> s32;
export fill: func(n: u32);
`

const greedyCore = `
import $root [waitable-set-new] -> i32 = set-new
memory 1
export grow i32 -> i32
  local.get 0 memory.grow
export fill i32 ->
  loop
    call set-new drop
    local.get 0 i32.const 1 i32.sub local.tee 0
    br_if 0
  end
`

func TestMemoryCap(t *testing.T) {
	in := instantiateGuest(t, greedyWIT, greedyCore, nil, WithMaxMemory(10*64<<10))
	for _, c := range []struct{ pages, want int32 }{{4, 1}, {6, -1}, {5, 5}, {1, -1}} {
		var got int32
		if err := in.Func("", "grow").CallInto(t.Context(), &got, uint32(c.pages)); err != nil || got != c.want {
			t.Errorf("growing by %d: %d, %v, want %d", c.pages, got, err, c.want)
		}
	}
}

func TestFuel(t *testing.T) {
	const spin = `(component
		(core module $m (func (export "spin") (param $n i32)
			(loop $more (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
		(core instance $i (instantiate $m))
		(func (export "spin") (param "n" u32) (canon lift (core func $i "spin"))))`
	rt := NewRuntime(t.Context(), WithFuel(1_000_000))
	defer rt.Close(t.Context())
	in, err := rt.NewLinker().Instantiate(t.Context(), compileText(t, rt, spin))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	f := in.Func("", "spin")
	for range 9 {
		if err := f.CallInto(t.Context(), nil, uint32(100_000)); err != nil {
			t.Fatal(err)
		}
	}
	// Small innermost loops check once in several iterations.
	err = f.CallInto(t.Context(), nil, uint32(10_000_000))
	if e, ok := errors.AsType[*Trap](err); !ok || e.Code != trap.OutOfFuel {
		t.Errorf("got %v", err)
	}
}

func TestMemoryThatBeginsOverTheCap(t *testing.T) {
	rt := testRuntime(t, WithMaxMemory(64<<10))
	c, err := rt.Compile(t.Context(), mustBuild(t, greedyWIT, strings.Replace(greedyCore, "memory 1", "memory 2", 1)))
	if err == nil {
		_, err = rt.NewLinker().Instantiate(t.Context(), c)
	}
	if err == nil || !strings.Contains(err.Error(), "memor") {
		t.Errorf("got %v", err)
	}
}

func mustBuild(t *testing.T, items, core string) []byte {
	t.Helper()
	wasm, err := buildGuest(items, core)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

func TestHandleCap(t *testing.T) {
	in := instantiateGuest(t, greedyWIT, greedyCore, nil, WithMaxHandles(100))
	if _, err := in.Func("", "fill").Call(t.Context(), val.U32(100)); err != nil {
		t.Fatal(err)
	}
	_, err := in.Func("", "fill").Call(t.Context(), val.U32(1))
	if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "the limit is 100 handles") {
		t.Errorf("got %v", err)
	}
}

// What a guest says is a string of so many bytes costs the host no more than the
// limit, in arguments of host functions and in results.
func TestValueCap(t *testing.T) {
	for _, n := range []uint32{1000, 1001} {
		in := instantiateGuest(t, `
import take: func(s: string);
export give: func(n: u32);
export have: func(n: u32) -> string;
`, `
import $root take i32 i32 -> = take
memory 1
export give i32 ->
  i32.const 0 local.get 0 call take
export have i32 -> i32
  i32.const 2048 local.get 0 i32.store 4
  i32.const 2048
`, func(l *Linker) { l.Func("", "take", func(context.Context, string) {}) }, WithMaxValueSize(1000))
		_, err := in.Func("", "give").Call(t.Context(), val.U32(n))
		if n == 1000 && err == nil {
			_, err = in.Func("", "have").Call(t.Context(), val.U32(n))
		}
		if trap, ok := errors.AsType[*Trap](err); n > 1000 && (!ok || !strings.Contains(trap.Error(), "1000")) || n == 1000 && err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestHostCallCap(t *testing.T) {
	h := newSlowHost(untilCancelled)
	in := tourOf(t, cancelFirst, h.give, WithMaxHostCalls(5))
	var wg sync.WaitGroup
	results := make(chan error, 6)
	for range 5 {
		wg.Go(func() {
			_, err := in.Func("", "call-later").Call(t.Context(), val.U32(1))
			results <- err
		})
	}
	for range 5 {
		<-h.called
	}
	_, err := in.Func("", "call-later").Call(t.Context(), val.U32(1))
	if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "too many calls of the host are under way: the limit is 5") {
		t.Errorf("got %v", err)
	}
	wg.Wait()
	for range 5 {
		if err := <-results; err == nil {
			t.Error("a call survived its instance")
		}
	}
}

func TestTaskCap(t *testing.T) {
	h := newSlowHost(untilCancelled)
	in := tourOf(t, cancelFirst, h.give, WithMaxTasks(5))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, err := in.Func("", "call-later").Call(ctx, val.U32(1)); err != context.Canceled {
				t.Error(err)
			}
		})
	}
	for range 5 {
		<-h.called
	}
	if _, err := in.Func("", "call-later").Call(ctx, val.U32(1)); !errors.Is(err, ErrTooManyTasks) {
		t.Errorf("the sixth: %v", err)
	}
	cancel()
	wg.Wait()
	if _, err := in.Func("", "add").Call(t.Context(), val.S32(1), val.S32(1)); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestDeadlockIsDetected(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, pumpWIT, pumpCore)
	l := rt.NewLinker()
	start := func() *Instance {
		in, err := l.Instantiate(t.Context(), c, DetectDeadlock())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(context.Background()) })
		return in
	}
	isDeadlock := func(err error, waits string) bool {
		trap, ok := errors.AsType[*Trap](err)
		return ok && strings.Contains(trap.Error(), "deadlock detected: event loop cannot make further progress") &&
			strings.Contains(trap.Error(), waits)
	}
	in := start()
	if _, err := in.Func("", "wait-for-nothing").Call(t.Context()); !isDeadlock(err, "wait-for-nothing of component waits for an event in a waitable set") {
		t.Errorf("got %v", err)
	}
	// Where the host holds the other end, it may wake the guest.
	in = start()
	w, r := through[byte](t, in, "bytes")
	result := make(chan error, 1)
	go func() {
		_, err := in.Func("", "wait-for-nothing").Call(context.Background())
		result <- err
	}()
	waitFor(t, in.store, "both wait", func() bool { return in.store.awaited == 1 })
	buf := make([]byte, 1)
	go w.Write([]byte("x"))
	if _, err := r.Read(buf); err != nil || buf[0] != 'x' {
		t.Errorf("got %q, %v", buf, err)
	}
	select {
	case err := <-result:
		t.Fatalf("too early: %v", err)
	default:
	}
	w.Close() // and the pump's task ends
	if err := <-result; !isDeadlock(err, "wait-for-nothing of component") {
		t.Errorf("got %v", err)
	}
}

func TestNoDeadlockWhileTheHostIsAtWork(t *testing.T) {
	rt := testRuntime(t)
	for _, core := range []string{leaveAtOnce, cancelFirst} {
		c := compileGuest(t, rt, tourWIT, core)
		l := rt.NewLinker()
		tourHost(l)
		var calls atomic.Int32
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			calls.Add(1)
			return x, nil
		})
		in, err := l.Instantiate(t.Context(), c, DetectDeadlock())
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			if _, err := in.Func("", "call-later").Call(t.Context(), val.U32(1)); err != nil {
				t.Fatal(err)
			}
		}
		// A call at a closed door waits for another.
		if _, err := in.Func("", "door").Call(t.Context(), val.S32(1)); err != nil {
			t.Fatal(err)
		}
		_, err = in.Func("", "at-once").Call(t.Context(), val.U32(1))
		if trap, ok := errors.AsType[*Trap](err); !ok || !strings.Contains(trap.Error(), "at-once of component waits for backpressure to end") {
			t.Errorf("got %v", err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// What a closed instance had in its memory is nowhere to be seen in the next one.
func TestMemoryOfAClosedInstance(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, `
export dirty: func(start: u32);
export look: func(start: u32) -> u64;
`, `
memory 3
data 70000 "as it was"
export dirty i32 ->  ;; fills one page more, too
  i32.const 1 memory.grow drop
  loop
    local.get 0 i64.const -1 i64.store 0
    local.get 0 i32.const 8 i32.add local.tee 0
    i32.const 262144 i32.lt_u br_if 0
  end
export look i32 -> i64 / i64  ;; how many words are not zero
  i32.const 1 memory.grow drop
  loop
    local.get 0 i64.load 0 i64.eqz i32.eqz i64.extend_i32_u local.get 1 i64.add local.set 1
    local.get 0 i32.const 8 i32.add local.tee 0
    i32.const 262144 i32.lt_u br_if 0
  end
  local.get 1
`)
	l := rt.NewLinker()
	for range 10 {
		in, err := l.Instantiate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := in.Func("", "look").Call(t.Context(), val.U32(0)); err != nil || n.Uint() != 2 {
			t.Errorf("%v words are not zero, %v", n, err)
		}
		if _, err := in.Func("", "dirty").Call(t.Context(), val.U32(0)); err != nil {
			t.Fatal(err)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
