package gondola

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func TestCalls(t *testing.T) {
	bothTours(t, tourHost, testCalls)
}

func testCalls(t *testing.T, in *Instance) {
	for _, c := range []struct {
		name string
		args []val.Value
		want val.Value
	}{
		{"add", []val.Value{val.S32(2), val.S32(40)}, val.S32(42)},
		{"at-once", []val.Value{val.U32(7)}, val.U32(7)},
		{"call-later", []val.Value{val.U32(7)}, val.U32(8)},
		{"call-soon", []val.Value{val.U32(7)}, val.U32(9)},
		{"call-now", []val.Value{val.U32(7)}, val.U32(10)},
		{"greet", []val.Value{val.String("¡hola!")}, val.String("¡hola!")},
		{"call-fail", []val.Value{val.U32(1)}, val.Value{}},
	} {
		got, err := in.Func("", c.name).Call(t.Context(), c.args...)
		if err != nil || got.IsValid() != c.want.IsValid() || c.want.IsValid() && !val.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestCallInto(t *testing.T) {
	in := tour(t, nil)
	ctx := t.Context()
	var sum int32
	if err := in.Func("", "add").CallInto(ctx, &sum, int32(2), int32(3)); err != nil || sum != 5 {
		t.Errorf("got %d, %v", sum, err)
	}
	var text string
	if err := in.Func("", "greet").CallInto(ctx, &text, "hi"); err != nil || text != "hi" {
		t.Errorf("got %q, %v", text, err)
	}
	for want, err := range map[string]error{
		"add: got 1 argument, want 2":        in.Func("", "add").CallInto(ctx, &sum, int32(2)),
		"args[1]: s32 can't be passed as Go": in.Func("", "add").CallInto(ctx, &sum, int32(2), "three"),
		"can't be stored as Go string":       in.Func("", "add").CallInto(ctx, &text, int32(2), int32(3)),
		"does not export nothing":            in.Func("", "nothing").CallInto(ctx, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestWrongCalls(t *testing.T) {
	in := tour(t, nil)
	ctx := t.Context()
	add := in.Func("", "add")
	for _, c := range []struct {
		name string
		err  func() error
		want string
	}{
		{"too few", func() error { _, err := add.Call(ctx, val.S32(1)); return err }, "add takes 2 arguments, got 1"},
		{"wrong type", func() error { _, err := add.Call(ctx, val.S32(1), val.String("x")); return err }, "args[1]"},
		{"no value", func() error { _, err := add.Call(ctx, val.S32(1), val.Value{}); return err }, "args[1]"},
		{"not there", func() error { _, err := in.Func("", "sub").Call(ctx); return err }, "does not export sub; it exports add"},
		{"no instance", func() error { _, err := in.Func("a:b/c", "add").Call(ctx); return err }, "does not export add of a:b/c"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if err := in.Func("", "sub").Err(); err == nil {
		t.Error("a function that is not there has no Err")
	}
	var te *val.TypeError
	if _, err := add.Call(ctx, val.S32(1), val.Bool(true)); !errors.As(err, &te) || te.Path != "args[1]" || te.Want != types.S32 {
		t.Errorf("got %#v", err)
	}
	if got, err := add.Call(ctx, val.S32(1), val.S32(1)); err != nil || got.Int() != 2 {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}

func TestManyCallsInterleave(t *testing.T) {
	const n = 1000
	// Nobody gets an answer before all have asked.
	var barrier sync.WaitGroup
	bothTours(t, func(l *Linker) {
		barrier.Add(n)
		l.Func("", "later", func(_ context.Context, x uint32) (uint32, error) {
			barrier.Done()
			barrier.Wait()
			return x * 2, nil
		})
	}, func(t *testing.T, in *Instance) {
		f := in.Func("", "call-later")
		var calls sync.WaitGroup
		for i := range n {
			calls.Go(func() {
				got, err := f.Call(t.Context(), val.U32(uint32(i)))
				if err != nil || got.Uint() != uint64(2*i) {
					t.Errorf("call %d: %v, %v", i, got, err)
				}
			})
		}
		calls.Wait()
		waitFor(t, in.store, "nothing is left", func() bool {
			return in.store.core.Live() == 0 && in.store.awaited == 0 && in.store.hostCalls == 0
		})
	})
}

// waitFor waits until a condition of a store holds.
func waitFor(t *testing.T, s *store, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		held := make(chan bool)
		s.post(func() { held <- cond() })
		if <-held {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: never", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func TestBackpressureIsFirstComeFirstServed(t *testing.T) {
	order := make(chan uint32, 100)
	in := tour(t, func(l *Linker) {
		l.Func("", "soon", func(_ context.Context, x uint32) (uint32, error) {
			order <- x
			return x, nil
		}, Ready())
	})
	ctx := t.Context()
	door := in.Func("", "door")
	if _, err := door.Call(ctx, val.S32(1)); err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for i := range 10 {
		calls.Go(func() {
			if _, err := in.Func("", "call-soon").Call(ctx, val.U32(uint32(i))); err != nil {
				t.Error(err)
			}
		})
		waitFor(t, in.store, "the call waits", func() bool { return in.store.core.Live() == i+1 })
	}
	if len(order) > 0 {
		t.Error("a call went past the closed door")
	}
	// Functions that are not async do.
	if got, err := in.Func("", "add").Call(ctx, val.S32(1), val.S32(2)); err != nil || got.Int() != 3 {
		t.Errorf("add: %v, %v", got, err)
	}
	if _, err := door.Call(ctx, val.S32(-1)); err != nil {
		t.Fatal(err)
	}
	calls.Wait()
	for i := range uint32(10) {
		if got := <-order; got != i {
			t.Fatalf("call %d was served in turn %d", got, i)
		}
	}
}

func TestContextValuesTravel(t *testing.T) {
	type key struct{}
	ask := func(ctx context.Context, _ uint32) (uint32, error) {
		if _, ok := ctx.Deadline(); ok {
			return 0, errors.New("the caller's deadline travelled too")
		}
		n, _ := ctx.Value(key{}).(uint32)
		return n, nil
	}
	in := tour(t, func(l *Linker) {
		l.Func("", "later", ask)
		l.Func("", "soon", ask, Ready())
		l.Func("", "now", ask)
	})
	for i, f := range []string{"call-later", "call-soon", "call-now"} {
		ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, uint32(i+10)), time.Minute)
		defer cancel()
		got, err := in.Func("", f).Call(ctx, val.U32(0))
		if err != nil || got.Uint() != uint64(i+10) {
			t.Errorf("%s: %v, %v", f, got, err)
		}
	}
}
