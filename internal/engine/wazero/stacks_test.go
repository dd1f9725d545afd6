package wazero

import (
	"context"
	"errors"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/wat"
)

// deepSpace has a function "f" whose calls nest as deep as its argument says, and call the
// host at the bottom.
func deepSpace(t *testing.T, cfg Config, host func(in engine.CoreInstance)) (engine.Space, engine.CoreInstance) {
	t.Helper()
	wasm, err := wat.Binary("m.wat", []byte(`(module
		(import "" "host" (func $host))
		(func $f (export "f") (param i32) (result i32)
			(if (i32.eqz (local.get 0)) (then (call $host) (return (i32.const 0))))
			(i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1))))))`))
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	code, err := e.Compile(t.Context(), &engine.Program{
		Modules: []engine.Module{{Name: "m", Bytes: wasm, Imports: []engine.Source{{Instance: engine.FromHost}}}},
		Host:    []engine.HostType{{Name: "host", Type: corewasm.FuncType{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var in engine.CoreInstance
	s := code.NewSpace([]engine.HostFunc{func([]uint64) { host(in) }}, func() {})
	t.Cleanup(s.Close)
	if in, err = s.Instantiate(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	return s, in
}

// What counts is all stacks that are there at a time.
func TestStacksTogether(t *testing.T) {
	for _, test := range []struct {
		cap, stacks int
		traps       bool
	}{
		{100 << 20, 10, false},
		{8 << 20, 3, false},
		{8 << 20, 10, true},
	} {
		left := 0
		s, in := deepSpace(t, Config{MaxStack: test.cap}, func(in engine.CoreInstance) {
			if left--; left > 0 {
				f, _ := in.Func("f")
				f.Call([]uint64{20_000})
			}
		})
		stacks := &s.(*space).stacks
		for range 5 { // those that have ended don't count
			left = test.stacks
			_, err := call(t, in, "f", 20_000)
			tr, ok := errors.AsType[*trap.Trap](err)
			if ok != test.traps || ok && tr.Code != trap.StackExhausted {
				t.Errorf("%d stacks, %d bytes: %v", test.stacks, test.cap, err)
			}
			if stacks.used != 0 {
				t.Errorf("%d bytes count of stacks that have ended", stacks.used)
			}
		}
		for _, c := range in.(*instance).funcs["f"].idle {
			if n := len(*c.ctx.stack); n > keptStack {
				t.Errorf("a stack of %d bytes is kept", n)
			}
		}
	}
}

// Each stack counts as it grows, and only while its call is under way.
func TestStacksThatTakeTurns(t *testing.T) {
	s := &space{stacks: stacks{most: 1 << 20}}
	calls := make([]*callContext, 3)
	for i := range calls {
		calls[i] = &callContext{stack: new([]byte)}
		calls[i].begin(s)
	}
	look := func(i, size int) {
		*calls[i].stack = make([]byte, size)
		calls[i].look()
	}
	for _, step := range []struct{ call, size, used int }{
		{2, 10 << 10, 0},
		{0, 100 << 10, 100 << 10},
		{1, 200 << 10, 300 << 10},
		{0, 100 << 10, 300 << 10},
		{2, 300 << 10, 600 << 10},
		{0, 150 << 10, 650 << 10},
	} {
		if look(step.call, step.size); s.stacks.used != step.used {
			t.Errorf("after %+v: %d bytes count", step, s.stacks.used)
		}
	}
	if keep := calls[1].end(); !keep || s.stacks.used != 450<<10 {
		t.Errorf("kept %v, %d bytes count", keep, s.stacks.used)
	}
	defer func() {
		if tr, ok := recover().(*trap.Trap); !ok || tr.Code != trap.StackExhausted {
			t.Errorf("got %v", tr)
		}
		if keep := calls[2].end(); keep || s.stacks.used != 150<<10 {
			t.Errorf("kept %v, %d bytes count", keep, s.stacks.used)
		}
	}()
	look(2, 1<<20+1)
}
