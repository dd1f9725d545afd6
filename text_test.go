package gondola

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
)

// compileText compiles a component that is given as text.
func compileText(t *testing.T, rt *Runtime, text string) *Component {
	t.Helper()
	c, err := rt.Compile(t.Context(), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// callText calls a function without arguments that returns a u32.
func callText(t *testing.T, in *Instance, name string) uint64 {
	t.Helper()
	v, err := in.Func("", name).Call(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return v.Uint()
}

const sevenText = `(component
	(core module $m (func (export "f") (result i32) i32.const 7))
	(core instance $i (instantiate $m))
	(func (export "seven") (result u32) (canon lift (core func $i "f")))
	(export "m" (core module $m)))`

func TestCompileText(t *testing.T) {
	rt := testRuntime(t)
	in, err := rt.NewLinker().Instantiate(t.Context(), compileText(t, rt, sevenText))
	if err != nil {
		t.Fatal(err)
	}
	if got := callText(t, in, "seven"); got != 7 {
		t.Errorf("got %d", got)
	}
	_, err = rt.Compile(t.Context(), []byte("(component\n  (frobnicate))"))
	if err == nil || !strings.HasPrefix(err.Error(), "component.wat:2:") {
		t.Errorf("got %v", err)
	}
}

// importerText instantiates a core module and a component that the host gives.
const importerText = `(component
	(import "maths" (instance $maths
		(export "one" (core module
			(export "f" (func (result i32)))))
		(export "seven" (component
			(export "seven" (func (result u32)))))))
	(alias export $maths "one" (core module $one))
	(alias export $maths "seven" (component $seven))
	(core instance $i (instantiate $one))
	(instance $s (instantiate $seven))
	(func (export "one") (result u32) (canon lift (core func $i "f")))
	(export "seven" (func $s "seven"))
	(export "again" (core module $one)))`

const oneText = `(module (func (export "f") (result i32) i32.const 1) (func (export "more")))`

func TestImportedModulesAndComponents(t *testing.T) {
	rt := testRuntime(t)
	c := compileText(t, rt, importerText)
	var names []string
	for _, e := range c.Exports() {
		names = append(names, e.String())
	}
	if !slices.Equal(names, []string{"seven", "one"}) || len(c.Imports()) != 0 {
		t.Errorf("exports %v, imports %v", names, c.Imports())
	}
	linker := rt.NewLinker()
	_, err := linker.Instantiate(t.Context(), c)
	if le, ok := errors.AsType[*LinkError](err); !ok || len(le.Missing) != 2 || !strings.Contains(err.Error(), "maths one: core module") {
		t.Fatalf("got %v", err)
	}
	for _, bad := range []error{linker.CoreModule("maths", "one", []byte("(module (func (result i32)))")), linker.Component("maths", "seven", []byte("(module)"))} {
		if bad == nil {
			t.Error("what is invalid is taken")
		}
	}
	if err := errors.Join(linker.CoreModule("maths", "one", []byte("(module)")), linker.Component("maths", "seven", []byte(sevenText))); err != nil {
		t.Fatal(err)
	}
	_, err = linker.Instantiate(t.Context(), c)
	if le, ok := errors.AsType[*LinkError](err); !ok || len(le.Missing) != 0 || len(le.Misfits) != 1 || !strings.HasPrefix(err.Error(), "maths one: ") {
		t.Fatalf("got %v", err)
	}
	if err := linker.CoreModule("maths", "one", []byte(oneText)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		in, err := linker.Instantiate(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		if one, seven := callText(t, in, "one"), callText(t, in, "seven"); one != 1 || seven != 7 {
			t.Errorf("got %d, %d", one, seven)
		}
		if ms := in.CoreModules(); len(ms) != 1 || ms[0].Name != "again" || string(ms[0].Wasm[:4]) != "\x00asm" {
			t.Errorf("exported modules: %v", ms)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestModuleImportsInAnotherOrder passes a core module on that has its imports in
// another order than the type by which it is imported, and fewer of them.
func TestModuleImportsInAnotherOrder(t *testing.T) {
	rt := testRuntime(t)
	linker := rt.NewLinker()
	if err := linker.CoreModule("", "m", []byte(`(module
		(import "" "two" (func $two (result i32))) (import "" "ten" (func $ten (result i32)))
		(func (export "f") (result i32) (i32.sub (call $ten) (call $two))))`)); err != nil {
		t.Fatal(err)
	}
	in, err := linker.Instantiate(t.Context(), compileText(t, rt, `(component
		(core type $t (module
			(import "" "unused" (func (result i32))) (import "" "ten" (func (result i32))) (import "" "two" (func (result i32)))
			(export "f" (func (result i32)))))
		(import "m" (core module $m (type $t)))
		(component $c
			(core type $t (module
				(import "" "ten" (func (result i32))) (import "" "unused" (func (result i32))) (import "" "two" (func (result i32)))
				(export "f" (func (result i32)))))
			(import "m" (core module $m (type $t)))
			(core module $n
				(func (export "two") (result i32) i32.const 2) (func (export "ten") (result i32) i32.const 10)
				(func (export "unused") (result i32) unreachable))
			(core instance $n (instantiate $n))
			(core instance $i (instantiate $m (with "" (instance $n))))
			(func (export "f") (result u32) (canon lift (core func $i "f"))))
		(instance $i (instantiate $c (with "m" (core module $m))))
		(export "f" (func $i "f")))`))
	if err != nil {
		t.Fatal(err)
	}
	if got := callText(t, in, "f"); got != 8 {
		t.Errorf("got %d", got)
	}
}

func TestSameResourceUnderTwoNames(t *testing.T) {
	rt := testRuntime(t)
	c := compileText(t, rt, `(component
		(import "host" (instance
			(export "a" (type $a (sub resource)))
			(export "b" (type (eq $a)))))
		(import "nothing" (instance)))`)
	type first struct{}
	type second struct{}
	linker := rt.NewLinker()
	linker.Resource("host", "a", func(*first) {})
	fits := func() error {
		in, err := linker.Instantiate(t.Context(), c)
		if err == nil {
			err = in.Close(t.Context())
		}
		return err
	}
	if err := fits(); err != nil {
		t.Errorf("a name for the same type must not be given: %v", err)
	}
	linker.Resource("host", "b", func(*first) {})
	if err := fits(); err != nil {
		t.Error(err)
	}
	linker.Resource("host", "b", func(*second) {})
	if err := fits(); err == nil || !strings.Contains(err.Error(), "b of host must be the resource a, which is *gondola.first and not *gondola.second") {
		t.Errorf("got %v", err)
	}
	linker.Resource("host", "b", func(*first) {})
	linker.Func("", "nothing", func() {})
	if err := fits(); err == nil || !strings.Contains(err.Error(), "nothing is imported as an instance") {
		t.Errorf("got %v", err)
	}
}

// orderText starts three tasks that yield and then append their digit to a number,
// so that it tells in which order they went on. digits waits until all have.
const orderText = `(component
	(component $c
		(core module $m
			(import "" "noted" (func $noted))
			(import "" "return-digits" (func $return-digits (param i32)))
			(import "" "yield" (func $yield (result i32)))
			(global $digits (mut i32) (i32.const 0))
			(func (export "note") (param $digit i32)
				(drop (call $yield))
				(global.set $digits (i32.add (i32.mul (global.get $digits) (i32.const 10)) (local.get $digit)))
				(call $noted))
			(func (export "digits")
				(loop $wait
					(drop (call $yield))
					(br_if $wait (i32.lt_u (global.get $digits) (i32.const 100))))
				(call $return-digits (global.get $digits))))
		(canon task.return (core func $noted))
		(canon task.return (result u32) (core func $return-digits))
		(canon thread.yield (core func $yield))
		(core instance $i (instantiate $m (with "" (instance
			(export "noted" (func $noted)) (export "return-digits" (func $return-digits)) (export "yield" (func $yield))))))
		(func (export "note") async (param "digit" u32) (canon lift (core func $i "note") async))
		(func (export "digits") async (result u32) (canon lift (core func $i "digits") async)))
	(component $d
		(import "note" (func $note async (param "digit" u32)))
		(core module $m
			(import "" "note" (func $note (param i32) (result i32)))
			(func (export "run")
				(drop (call $note (i32.const 1))) (drop (call $note (i32.const 2))) (drop (call $note (i32.const 3)))))
		(canon lower (func $note) async (core func $note))
		(core instance $i (instantiate $m (with "" (instance (export "note" (func $note))))))
		(func (export "run") (canon lift (core func $i "run"))))
	(instance $c (instantiate $c))
	(instance $d (instantiate $d (with "note" (func $c "note"))))
	(export "run" (func $d "run"))
	(export "digits" (func $c "digits")))`

func digitsWith(t *testing.T, rt *Runtime, c *Component, opts ...InstanceOption) uint64 {
	t.Helper()
	in, err := rt.NewLinker().Instantiate(t.Context(), c, append(opts, Stepwise())...)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(t.Context())
	if _, err := in.Func("", "run").Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	return callText(t, in, "digits")
}

func TestOrder(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures))
	c := compileText(t, rt, orderText)
	if got := digitsWith(t, rt, c); got != 123 {
		t.Errorf("in order: got %d", got)
	}
	seen := map[uint64]bool{}
	for seed := range uint64(50) {
		got := digitsWith(t, rt, c, WithSeed(seed))
		if again := digitsWith(t, rt, c, WithSeed(seed)); again != got {
			t.Errorf("seed %d: first %d, then %d", seed, got, again)
		}
		seen[got] = true
	}
	if len(seen) != 6 {
		t.Errorf("50 seeds make these orders: %v", slices.Sorted(maps.Keys(seen)))
	}
	asked := 0
	got := digitsWith(t, rt, c, WithOrder(func(_ Choice, ways int) int { asked++; return ways - 1 }))
	if asked == 0 || !seen[got] {
		t.Errorf("WithOrder was asked %d times and made %d", asked, got)
	}
}
