package wazero

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/profile"
	"github.com/gondola-wasm/gondola/wat"
)

// profiledModules are a module with two loops, and one that calls it and a function of the
// host.
func profiledModules(t *testing.T) []engine.Module {
	t.Helper()
	binary := func(text string) []byte {
		b, err := wat.Binary("m.wat", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	lib := binary(`(module $lib
		(func $nine (export "nine") (local i32)
			(local.set 0 (i32.const 900_000))
			(loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
		(func (export "one") (local i32)
			(local.set 0 (i32.const 100_000))
			(loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`)
	main := binary(`(module
		(import "lib" "nine" (func $nine)) (import "lib" "one" (func $one)) (import "host" "f" (func $f))
		(func $work (export "work") (call $nine) (call $one))
		(func (call $f))
		(func (export "run") (local i32)
			(local.set 0 (i32.const 2))
			(loop $l
				(call $work)
				(br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
			(call 4)))`)
	return []engine.Module{
		{Name: "library", Bytes: lib},
		{Name: "main", Bytes: main, Imports: []engine.Source{{Instance: 0, Name: "nine"}, {Instance: 0, Name: "one"}, {Instance: engine.FromHost}}},
	}
}

// profiled runs the modules with a function of the host, which may call back.
func profiled(t *testing.T, cfg Config, f func(main engine.CoreInstance)) map[string]profile.Values {
	t.Helper()
	ctx := context.Background()
	cfg.Profile = profile.New()
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	modules := profiledModules(t)
	code, err := e.Compile(ctx, &engine.Program{Modules: modules, Host: []engine.HostType{{Name: "f of a:b/c", Type: corewasm.FuncType{}}}})
	if err != nil {
		t.Fatal(err)
	}
	var main engine.CoreInstance
	s := code.NewSpace([]engine.HostFunc{func([]uint64) { f(main) }}, func() {})
	defer s.Close()
	for i := range modules {
		if main, err = s.Instantiate(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	call(t, main, "run")
	samples := map[string]profile.Values{}
	for _, s := range cfg.Profile.Samples() {
		var names []string
		for _, f := range s.Stack {
			names = append(names, f.Module+"/"+f.Name)
		}
		samples[strings.Join(names, " ")] = s.Values
	}
	return samples
}

const (
	inNine = "library/nine main/work main/run"
	inOne  = "library/one main/work main/run"
	inHost = "host/f of a:b/c main/func[4] main/run"
)

// Steps are the same, whatever runs the code and how fast.
func TestProfiledSteps(t *testing.T) {
	var first map[string]profile.Values
	eachEngine(t, func(t *testing.T, cfg Config) {
		for range 2 {
			got := profiled(t, cfg, func(engine.CoreInstance) {})
			nine, one := got[inNine], got[inOne]
			// Small loops are unrolled: an iteration is a quarter of a step.
			if nine.Steps < 430_000 || nine.Steps > 470_000 || one.Steps < 30_000 || one.Steps > 70_000 {
				t.Errorf("nine has %d steps, one has %d, of %v", nine.Steps, one.Steps, got)
			}
			if nine.Guest <= one.Guest {
				t.Errorf("nine took %v, one took %v", nine.Guest, one.Guest)
			}
			if first == nil {
				first = got
			}
			for stack, v := range got {
				if v.Steps != first[stack].Steps {
					t.Errorf("%s has %d steps, before it had %d", stack, v.Steps, first[stack].Steps)
				}
			}
		}
	})
}

// The time of a function of the host is its own, but for that of the guest that it calls.
func TestProfiledHost(t *testing.T) {
	eachEngine(t, func(t *testing.T, cfg Config) {
		const slept = 50 * time.Millisecond
		got := profiled(t, cfg, func(main engine.CoreInstance) {
			time.Sleep(slept / 2)
			call(t, main, "work")
			time.Sleep(slept / 2)
		})
		if h := got[inHost]; h.Host < slept || h.Steps != 0 || h.Guest != 0 {
			t.Errorf("the host function has %+v, it slept for %v; all: %v", h, slept, got)
		}
		nested := got["library/nine main/work"]
		if nested.Steps < 200_000 || nested.Host != 0 {
			t.Errorf("what the host function called has %+v", nested)
		}
		for stack, v := range got {
			if stack != inHost && v.Host > 0 {
				t.Errorf("%s has %v of the host's", stack, v.Host)
			}
		}
	})
}

// A function of the host that unwinds the guest has its time, too.
func TestProfiledPanic(t *testing.T) {
	eachEngine(t, func(t *testing.T, cfg Config) {
		got := profiled(t, cfg, func(engine.CoreInstance) {
			time.Sleep(10 * time.Millisecond)
			panic(&engine.ExitError{Code: 3})
		})
		if h := got[inHost]; h.Host < 10*time.Millisecond {
			t.Errorf("the host function has %+v", h)
		}
	})
}

// Calls that were begun by each other may end in any order, where they are parked.
func TestClockOfParkedCalls(t *testing.T) {
	c := newClock(&profiler{profile: profile.New()})
	c.stack = []profile.Frame{c.profiler.profile.Frame("m", "f")}
	c.callee = someDefinition(t)
	outerA := c.enter()
	a := c.begin() // parks
	outerB := c.enter()
	if outerB.call != a {
		t.Fatalf("B is called from %+v", outerB)
	}
	b := c.begin() // parks
	c.end(a)       // A goes on
	c.leave(outerA)
	if c.account.kind != accountNobody {
		t.Errorf("after A, the time is on account %+v", c.account)
	}
	c.end(b) // B goes on
	c.leave(outerB)
	if c.account.kind != accountNobody {
		t.Errorf("after B, which A's host function had called, the time is on account %+v", c.account)
	}
}

// Code that is kept serves with a profile and without one.
func TestProfileLeavesKeptCodeAlone(t *testing.T) {
	dir := t.TempDir()
	files := func() (n int) {
		err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				n++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if m := profiledModules(t)[:1]; len(run(t, Config{CacheDir: dir}, m...)) != 1 {
		t.Fatal("no instance")
	}
	before := files()
	e, err := New(t.Context(), Config{CacheDir: dir, Profile: profile.New()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(t.Context())
	code, err := e.Compile(t.Context(), &engine.Program{Modules: profiledModules(t)[:1]})
	if err != nil {
		t.Fatal(err)
	}
	defer code.Close(t.Context())
	if after := files(); before == 0 || after != before {
		t.Errorf("the cache had %d files, now it has %d", before, after)
	}
}

// someDefinition is the definition of a function.
func someDefinition(t *testing.T) api.FunctionDefinition {
	t.Helper()
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() { r.Close(context.Background()) })
	m, err := r.NewHostModuleBuilder("m").NewFunctionBuilder().WithGoFunction(api.GoFunc(wait), nil, nil).Export("f").Compile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m.ExportedFunctions()["f"]
}
