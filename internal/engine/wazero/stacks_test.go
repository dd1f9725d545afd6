package wazero

import (
	"context"
	"errors"
	"testing"
	"unsafe"

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
			if len(stacks.calls) != 0 || stacks.used != 0 {
				t.Errorf("%d bytes of %d stacks count that have ended", stacks.used, len(stacks.calls))
			}
		}
		for _, fn := range in.(*instance).funcs["f"].idle {
			if n := len(*stackOf(fn)); n > keptStack {
				t.Errorf("a stack of %d bytes is kept", n)
			}
		}
	}
}

// A stack is found whichever of the calls runs, and counts as it grows.
func TestStacksThatTakeTurns(t *testing.T) {
	s := stacks{most: 1 << 20}
	memories := make([][]byte, 3)
	for i := range memories {
		memories[i] = make([]byte, 10<<10)
		s.calls = append(s.calls, callStack{memory: &memories[i]})
	}
	on := func(i int) []uint64 { return unsafe.Slice((*uint64)(unsafe.Pointer(&memories[i][1024])), 4) }
	for _, step := range []struct{ stack, size, used int }{
		{2, 10 << 10, 0},
		{0, 100 << 10, 100 << 10},
		{1, 200 << 10, 300 << 10},
		{0, 100 << 10, 300 << 10},
		{2, 300 << 10, 600 << 10},
		{0, 150 << 10, 650 << 10},
	} {
		if len(memories[step.stack]) != step.size {
			memories[step.stack] = make([]byte, step.size)
		}
		s.look(on(step.stack))
		if s.used != step.used {
			t.Errorf("after %+v: %d bytes count", step, s.used)
		}
	}
	s.look(make([]uint64, 1)) // which is on none of them
	if s.end(&memories[1]); s.used != 450<<10 || len(s.calls) != 2 {
		t.Errorf("%d bytes of %d stacks count", s.used, len(s.calls))
	}
	memories[2] = make([]byte, 1<<20)
	defer func() {
		if tr, ok := recover().(*trap.Trap); !ok || tr.Code != trap.StackExhausted {
			t.Errorf("got %v", tr)
		}
		if keep := s.end(&memories[2]); !keep || s.used != 150<<10 {
			t.Errorf("kept %v, %d bytes count", keep, s.used)
		}
	}()
	s.look(on(2))
}
