package wazero

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/internal/coredump"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/profile"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/wat"
)

// crashing are a module with two memories and globals, and one that imports some of them and
// traps.
func crashing(t *testing.T) []engine.Module {
	t.Helper()
	binary := func(text string) []byte {
		b, err := wat.Binary("m.wat", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	state := binary(`(module $state
		(memory (export "a") 2) (memory (export "b") 1)
		(global (export "g") (mut i32) (i32.const 1))
		(global $own (mut i64) (i64.const 2))
		(global f64 (f64.const 1.5))
		(global (mut externref) (ref.null extern))
		(func (export "set")
			(i32.store8 (i32.const 65537) (i32.const 11))
			(i32.store8 1 (i32.const 3) (i32.const 12))
			(global.set $own (i64.const -5))))`)
	crash := binary(`(module
		(import "state" "set" (func $set)) (import "host" "f" (func $f))
		(import "state" "b" (memory 1)) (import "state" "g" (global $g (mut i32)))
		(func $same (param i32) (i32.store8 (i32.const 4) (i32.const 13)) (if (local.get 0) (then (call $f))) unreachable)
		(func (param i32) (call $set) (global.set $g (i32.const 99)) (call $same (local.get 0)))
		(func (export "run") (param i32) (call 3 (local.get 0))))`)
	return []engine.Module{
		{Name: "first", Bytes: state},
		{Name: "second", Bytes: crash, Imports: []engine.Source{
			{Instance: 0, Name: "set"}, {Instance: engine.FromHost}, {Instance: 0, Name: "b"}, {Instance: 0, Name: "g"}}},
	}
}

// crash runs them with a function of the host.
func crash(t *testing.T, cfg Config, host func(again func()), argument uint64) error {
	t.Helper()
	ctx := context.Background()
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close(ctx)
	modules := crashing(t)
	code, err := e.Compile(ctx, &engine.Program{Modules: modules, Host: []engine.HostType{{Name: "f of a:b/c", Type: corewasm.FuncType{}}}})
	if err != nil {
		t.Fatal(err)
	}
	var last engine.CoreInstance
	f := func([]uint64) {
		host(func() {
			if _, err := call(t, last, "run", 0); err != nil {
				panic(err)
			}
		})
	}
	s := code.NewSpace([]engine.HostFunc{f}, func() {})
	defer s.Close()
	for i := range modules {
		if last, err = s.Instantiate(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	_, err = call(t, last, "run", argument)
	return err
}

// keepDumps lets dumps be looked at after the guest is gone.
func keepDumps(cfg Config) (Config, *[]*coredump.Dump) {
	var dumps []*coredump.Dump
	cfg.CoreDump = func(_ *trap.Trap, d *coredump.Dump) {
		kept := *d
		for i, m := range kept.Memories {
			kept.Memories[i] = slices.Clone(m)
		}
		dumps = append(dumps, &kept)
	}
	return cfg, &dumps
}

func TestCoreDump(t *testing.T) {
	eachEngine(t, func(t *testing.T, cfg Config) {
		cfg, dumps := keepDumps(cfg)
		err := crash(t, cfg, nil, 0)
		if len(*dumps) != 1 {
			t.Fatalf("%d dumps of %v", len(*dumps), err)
		}
		d := (*dumps)[0]
		a, b := make([]byte, 2*pageSize), make([]byte, pageSize)
		a[65537], b[3], b[4] = 11, 12, 13
		want := &coredump.Dump{
			Modules: []string{"first", "second"},
			Instances: []coredump.Instance{
				{Module: 0, Memories: []int{0, 1}, Globals: []int{0, 1, 2, 3}},
				{Module: 1, Memories: []int{1}, Globals: []int{0}},
			},
			Memories: [][]byte{a, b},
			Globals: []coredump.Global{
				{Type: coredump.I32, Bits: 99}, {Type: coredump.I64, Bits: ^uint64(4)}, {Type: coredump.F64, Bits: 0x3ff8_0000_0000_0000}, {Type: coredump.ExternRef},
			},
			Stack: []coredump.Frame{{Instance: 1, Func: 2}, {Instance: 1, Func: 3}, {Instance: 1, Func: 4}},
		}
		if !reflect.DeepEqual(d, want) {
			t.Errorf("instances %v, globals %v, stack %v", d.Instances, d.Globals, d.Stack)
		}
	})
}

// Backtraces are the same with core dumps and without them, and so are profiles.
func TestNamesWithCoreDumps(t *testing.T) {
	dumping, dumps := keepDumps(Config{Profile: profile.New()})
	plain := Config{Profile: profile.New()}
	again := func(again func()) { again() }
	for what, argument := range map[string]uint64{"a trap": 0, "a trap in a call of a host function": 1} {
		*dumps = nil
		got, want := crash(t, dumping, again, argument), crash(t, plain, again, argument)
		tr, ok := errors.AsType[*trap.Trap](got)
		if !ok || len(tr.Frames) < 3 || got.Error() != want.Error() {
			t.Errorf("%s: %v\nwithout dumps %v", what, got, want)
		}
		if len(*dumps) != 1 || len((*dumps)[0].Stack) != 3 {
			t.Errorf("%s: %d dumps", what, len(*dumps))
		}
	}
	names := func(p *profile.Profile) []string {
		var all []string
		for _, s := range p.Samples() {
			for _, f := range s.Stack {
				all = append(all, f.Module+"/"+f.Name)
			}
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	if got, want := names(dumping.Profile), names(plain.Profile); len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("the profile has %v\nwithout dumps %v", got, want)
	}
}

// Who ends itself leaves no dump.
func TestNoCoreDump(t *testing.T) {
	cfg, dumps := keepDumps(Config{})
	err := crash(t, cfg, func(func()) { panic(&engine.ExitError{Code: 3}) }, 1)
	if _, ok := errors.AsType[*engine.ExitError](err); !ok || len(*dumps) != 0 {
		t.Errorf("%d dumps of %v", len(*dumps), err)
	}
}

// A start function that traps leaves one.
func TestCoreDumpOfStart(t *testing.T) {
	cfg, dumps := keepDumps(Config{})
	binary, err := wat.Binary("m.wat", []byte(`(module (memory 1) (func $s unreachable) (start $s))`))
	if err != nil {
		t.Fatal(err)
	}
	code, err := compile(t, cfg, engine.Module{Name: "starts", Bytes: binary})
	if err != nil {
		t.Fatal(err)
	}
	s := code.NewSpace(nil, func() {})
	defer s.Close()
	func() {
		defer func() { err, _ = recover().(error) }()
		_, _ = s.Instantiate(t.Context(), 0)
	}()
	want := &coredump.Dump{
		Modules:   []string{"starts"},
		Instances: []coredump.Instance{{Memories: []int{0}}},
		Memories:  [][]byte{make([]byte, pageSize)},
		Stack:     []coredump.Frame{{}},
	}
	if len(*dumps) != 1 || !reflect.DeepEqual((*dumps)[0], want) {
		t.Errorf("%v: %+v", err, *dumps)
	}
}
