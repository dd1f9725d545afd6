package gondola

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// Guests whose functions have the same names and other types.
var twins = [...]struct{ items, core string }{
	{`import now: func(x: u32) -> u32; export f: func(x: u32) -> u32;`, `
import $root now i32 -> i32 = now
export f i32 -> i32
  local.get 0 call now`},
	{`import now: func(x: u64) -> u64; export f: func(x: u64) -> u64;`, `
import $root now i64 -> i64 = now
export f i64 -> i64
  local.get 0 call now`},
	{`record pair { a: u32, b: u64 } import now: func(x: pair) -> u64; export f: func(x: pair) -> u64;`, `
import $root now i32 i64 -> i64 = now
export f i32 i64 -> i64
  local.get 0 local.get 1 call now`},
}

var twinArgs = [...]val.Value{
	val.U32(7), val.U64(7),
	val.Record(val.Field{Name: "a", Value: val.U32(3)}, val.Field{Name: "b", Value: val.U64(4)}),
}

// giveTwin gives what the i-th twin imports.
func giveTwin(l *Linker, i int) {
	type pair struct {
		A uint32
		B uint64
	}
	switch i {
	case 0:
		l.Func("", "now", func(_ context.Context, x uint32) uint32 { return x })
	case 1:
		l.Func("", "now", func(_ context.Context, x uint64) uint64 { return x })
	case 2:
		l.Func("", "now", func(_ context.Context, x pair) uint64 { return uint64(x.A) + x.B })
	}
}

// Runtimes and linkers know nothing of one another, whatever they share underneath:
// types, pools of stacks and of memories.
func TestRuntimesInParallel(t *testing.T) {
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for round := range 3 {
				rt := NewRuntime(t.Context())
				for k := range twins {
					i := (n + round + k) % len(twins)
					if err := callTwin(t.Context(), rt, i); err != nil {
						t.Error(err)
					}
				}
				if err := rt.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func callTwin(ctx context.Context, rt *Runtime, i int) error {
	wasm, err := buildGuest(twins[i].items, twins[i].core)
	if err != nil {
		return err
	}
	c, err := rt.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	l := rt.NewLinker()
	giveTwin(l, i)
	in, err := l.Instantiate(ctx, c)
	if err != nil {
		return err
	}
	for range 50 {
		got, err := in.Func("", "f").Call(ctx, twinArgs[i])
		if err != nil || got.Uint() != 7 {
			return fmt.Errorf("twin %d: %v, %w", i, got, err)
		}
	}
	return in.Close(ctx)
}

// What one runtime compiled is nothing that another one's linker takes.
func TestComponentOfAnotherRuntime(t *testing.T) {
	c := compileGuest(t, testRuntime(t), twins[0].items, twins[0].core)
	l := testRuntime(t).NewLinker()
	giveTwin(l, 0)
	if _, err := l.Instantiate(t.Context(), c); err != errOtherRuntime {
		t.Errorf("got %v", err)
	}
}

// Calls are cancelled wherever they happen to be, and instances closed in the
// middle of them: nothing panics, and no goroutine is left.
func TestCancelledAnywhere(t *testing.T) {
	rt := testRuntime(t)
	c := compileGuest(t, rt, tourWIT, cancelFirst)
	before := goroutines()
	for round := range 20 {
		l := rt.NewLinker()
		tourHost(l)
		l.Func("", "later", func(ctx context.Context, x uint32) (uint32, error) {
			select {
			case <-time.After(time.Duration(x) * time.Microsecond):
				return x, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		})
		in, err := l.Instantiate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for i := range uint32(50) {
			calls.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i*7%50)*10*time.Microsecond)
				defer cancel()
				// How it ends is other tests' business.
				_, _ = in.Func("", "call-later").Call(ctx, val.U32(i*11%500))
			})
		}
		if round%2 == 0 {
			calls.Wait()
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
		calls.Wait()
	}
	for deadline := time.Now().Add(time.Minute); len(goroutines()) > len(before); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, and now:\n%s", len(before), strings.Join(goroutines(), "\n\n"))
		}
	}
}

// goroutines has the stack of each goroutine, but of those that internal/coro
// keeps for reuse.
func goroutines() []string {
	buf := make([]byte, 1<<20)
	all := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool { return strings.Contains(stack, "[coroutine") })
}
