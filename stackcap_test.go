package gondola

import (
	"context"
	"errors"
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// A guest whose calls are nested too deep traps before its stack takes much.
func TestStackCap(t *testing.T) {
	const deep = `(component
		(import "look" (func $look))
		(core func $look (canon lower (func $look)))
		(core module $m
			(import "" "look" (func $look))
			(func $f (param i32) (result i32)
				(if (i32.eqz (local.get 0)) (then (call $look) (return (i32.const 0))))
				(i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
			(export "f" (func $f)))
		(core instance $i (instantiate $m (with "" (instance (export "look" (func $look))))))
		(func (export "f") (param "n" u32) (result u32) (canon lift (core func $i "f"))))`
	for _, test := range []struct {
		calls uint32
		traps bool
		opts  []Option
	}{
		{500, false, []Option{WithMaxStack(1)}},        // small ones don't count
		{9000, true, []Option{WithMaxStack(64 << 10)}}, // no tick has come by then, but the host is called
		{9000, false, []Option{WithMaxStack(4 << 20)}},
		{100_000, true, []Option{WithMaxStack(1 << 20)}},
		{100_000, false, nil},
	} {
		rt := testRuntime(t, test.opts...)
		l := rt.NewLinker()
		looked := 0
		l.Func("", "look", func(context.Context) { looked++ })
		in, err := l.Instantiate(t.Context(), compileText(t, rt, deep))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // the stack is not kept
			var got uint32
			err = in.Func("", "f").CallInto(t.Context(), &got, test.calls)
			if err != nil || got != test.calls {
				break
			}
		}
		tr, ok := errors.AsType[*Trap](err)
		if test.traps && (!ok || tr.Code != trap.StackExhausted) || !test.traps && (err != nil || looked != 3) {
			t.Errorf("%d calls deep, traps %v: got %v, looked %d times", test.calls, test.traps, err, looked)
		}
		if err := in.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
