package gondola

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/val"
)

// counterText is a component with state, in functions of several kinds.
const counterText = `(component
	(core module $m
		(import "" "return" (func $return (param i32)))
		(memory (export "mem") 1)
		(data (i32.const 32) "counted")
		(global $n (mut i32) (i32.const 0))
		(func (export "add") (param i32) (result i32)
			(global.set $n (i32.add (global.get $n) (local.get 0)))
			(global.get $n))
		(func (export "later") (param i32) (call $return (i32.add (global.get $n) (local.get 0))))
		(func (export "text") (result i32)
			(i32.store (i32.const 16) (i32.const 32))
			(i32.store (i32.const 20) (i32.const 7))
			(i32.const 16))
		(func (export "boom") unreachable)
		(func (export "spin") (loop (br 0))))
	(canon task.return (result u32) (core func $return))
	(core instance $i (instantiate $m (with "" (instance (export "return" (func $return))))))
	(func $text (result string) (canon lift (core func $i "text") (memory (core memory $i "mem"))))
	(instance $texts (export "text" (func $text)))
	(export "texts" (instance $texts))
	(type $r (resource (rep i32)))
	(export $r' "r" (type $r))
	(core func $new (canon resource.new $r))
	(func (export "make") (param "rep" u32) (result (own $r')) (canon lift (core func $new)))
	(func (export "boom") (canon lift (core func $i "boom")))
	(func (export "spin") (canon lift (core func $i "spin")))
	(func (export "later") async (param "n" u32) (result u32) (canon lift (core func $i "later") async))
	(func (export "add") (param "n" u32) (result u32) (canon lift (core func $i "add"))))`

// userText uses a counter. It exports again what it imports.
const userText = `(component
	(import "counter" (instance $counter
		(export "add" (func (param "n" u32) (result u32)))
		(export "later" (func async (param "n" u32) (result u32)))
		(export "boom" (func))
		(export "spin" (func))
		(export "texts" (instance (export "text" (func (result string)))))))
	(alias export $counter "add" (func $add))
	(alias export $counter "later" (func $later))
	(alias export $counter "boom" (func $boom))
	(alias export $counter "spin" (func $spin))
	(alias export $counter "texts" (instance $texts))
	(core func $add' (canon lower (func $add)))
	(core func $later' (canon lower (func $later)))
	(core func $boom' (canon lower (func $boom)))
	(core func $spin' (canon lower (func $spin)))
	(core module $m
		(import "" "add" (func $add (param i32) (result i32)))
		(import "" "later" (func $later (param i32) (result i32)))
		(import "" "boom" (func $boom))
		(import "" "spin" (func $spin))
		(func (export "twice") (param i32) (result i32)
			(drop (call $add (local.get 0)))
			(call $add (local.get 0)))
		(func (export "later") (param i32) (result i32) (call $later (local.get 0)))
		(func (export "boom") (call $boom))
		(func (export "spin") (call $spin)))
	(core instance $i (instantiate $m (with "" (instance
		(export "add" (func $add')) (export "later" (func $later')) (export "boom" (func $boom')) (export "spin" (func $spin'))))))
	(func (export "twice") (param "n" u32) (result u32) (canon lift (core func $i "twice")))
	(func (export "later") async (param "n" u32) (result u32) (canon lift (core func $i "later")))
	(func (export "boom") (canon lift (core func $i "boom")))
	(func (export "spin") async (canon lift (core func $i "spin")))
	(export "text" (func $texts "text")))`

// counterAndUser makes an instance of each.
func counterAndUser(t *testing.T, rt *Runtime) (counter, user *Instance) {
	t.Helper()
	counter, err := rt.NewLinker().Instantiate(t.Context(), compileText(t, rt, counterText))
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	linker.Instance("counter", counter)
	user, err = linker.Instantiate(t.Context(), compileText(t, rt, userText))
	if err != nil {
		t.Fatal(err)
	}
	return counter, user
}

func TestInstanceOfAnotherStore(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	counter, user := counterAndUser(t, rt)
	call := func(in *Instance, name string, n uint32) uint64 {
		t.Helper()
		v, err := in.Func("", name).Call(t.Context(), val.U32(n))
		if err != nil {
			t.Fatal(err)
		}
		return v.Uint()
	}
	if got := call(user, "twice", 5); got != 10 {
		t.Errorf("got %d", got)
	}
	if got := call(counter, "add", 1); got != 11 {
		t.Errorf("the counter has its own state: got %d", got)
	}
	if got := call(user, "later", 100); got != 111 {
		t.Errorf("got %d", got)
	}
	if v, err := user.Func("", "text").Call(t.Context()); err != nil || v.Str() != "counted" {
		t.Errorf("got %v, %v", v, err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := user.Func("", "twice").Call(t.Context(), val.U32(1)); err != nil {
				t.Error(err)
			}
			if _, err := counter.Func("", "add").Call(t.Context(), val.U32(1)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := call(counter, "add", 0); got != 11+60 {
		t.Errorf("got %d", got)
	}
}

func TestTrapOfAnotherStore(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	counter, user := counterAndUser(t, rt)
	_, err := user.Func("", "boom").Call(t.Context())
	if trap, ok := errors.AsType[*Trap](err); !ok || trap.Message() != "wasm `unreachable` instruction executed" {
		t.Errorf("got %v", err)
	}
	if _, err := counter.Func("", "add").Call(t.Context(), val.U32(1)); err == nil {
		t.Error("the instance that trapped goes on")
	}
}

func TestOtherStoreIsClosed(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	counter, user := counterAndUser(t, rt)
	if err := counter.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := user.Func("", "twice").Call(t.Context(), val.U32(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestCallOfAnotherStoreEndsWithItsContext(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	_, user := counterAndUser(t, rt)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := user.Func("", "spin").Call(ctx); err == nil {
		t.Error("a loop ended")
	}
	if err := user.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestInstanceThatDoesNotFit(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	counter, _ := counterAndUser(t, rt)
	linker := rt.NewLinker()
	linker.Instance("counter", counter)
	for _, tt := range []struct{ imports, want string }{
		{`(export "add" (func (param "n" u64) (result u32)))`, "add of counter: expected func(n: u64) -> u32, found func(n: u32) -> u32"},
		{`(export "add" (func (param "m" u32) (result u32)))`, "expected func(m: u32)"},
		{`(export "add" (func async (param "n" u32) (result u32)))`, "expected async func"},
		{`(export "add" (func (result u32)))`, "expected func() -> u32"},
		{`(export "r" (type $r (sub resource))) (export "make" (func (param "rep" u32) (result (own $r))))`, "counter make: func(rep: u32)"},
	} {
		_, err := linker.Instantiate(t.Context(), compileText(t, rt, `(component (import "counter" (instance `+tt.imports+`)))`))
		if _, ok := errors.AsType[*LinkError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.imports, err)
		}
	}
}
