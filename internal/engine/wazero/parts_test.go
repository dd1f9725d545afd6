package wazero

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

const (
	i32 = corewasm.I32
	i64 = corewasm.I64
)

type types = []corewasm.ValType

// compile compiles modules.
func compile(t *testing.T, cfg Config, modules ...engine.Module) (engine.Code, error) {
	t.Helper()
	ctx := context.Background()
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(ctx) })
	return e.Compile(ctx, &engine.Program{Modules: modules})
}

// run compiles and instantiates modules.
func run(t *testing.T, cfg Config, modules ...engine.Module) []engine.CoreInstance {
	t.Helper()
	code, err := compile(t, cfg, modules...)
	if err != nil {
		t.Fatal(err)
	}
	s := code.NewSpace(nil, func() {})
	t.Cleanup(s.Close)
	var instances []engine.CoreInstance
	for i := range modules {
		in, err := s.Instantiate(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		instances = append(instances, in)
	}
	return instances
}

// call calls an export with integers and gives its result, or the error that it threw.
func call(t *testing.T, in engine.CoreInstance, name string, args ...uint64) (result uint64, thrown error) {
	t.Helper()
	f, ok := in.Func(name)
	if !ok {
		t.Fatalf("no function %q", name)
	}
	defer func() {
		if r := recover(); r != nil {
			thrown = r.(error)
		}
	}()
	stack := append(append([]uint64(nil), args...), 0)
	f.Call(stack)
	return stack[0], nil
}

func mustCall(t *testing.T, in engine.CoreInstance, name string, args ...uint64) uint64 {
	t.Helper()
	v, err := call(t, in, name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func mustTrap(t *testing.T, code trap.Code, in engine.CoreInstance, name string, args ...uint64) {
	t.Helper()
	_, err := call(t, in, name, args...)
	var tr *trap.Trap
	if !errors.As(err, &tr) || tr.Code != code {
		t.Errorf("%s: %v, want %v", name, err, trap.New(code))
	}
}

func eachEngine(t *testing.T, f func(t *testing.T, cfg Config)) {
	t.Run("compiler", func(t *testing.T) { f(t, Config{}) })
	t.Run("interpreter", func(t *testing.T) { f(t, Config{Interpret: true}) })
}

func pages(min, max uint64, is64 bool) corewasm.MemoryType {
	return corewasm.MemoryType{Limits: corewasm.Limits{Min: min, Max: max, HasMax: true, Is64: is64}}
}

// on appends a load or store of any memory.
func on(c *corewasm.Code, op string, memory uint32, offset uint64) *corewasm.Code {
	code, _ := corewasm.LookupOpcode(op)
	in := corewasm.Instr{Op: code, Index: memory, Imm: offset}
	return c.Raw(in.Append(nil)...)
}

// threeMemories exports memories a, b and c, of which b has 64-bit addresses, and
// for each of them load, store and grow.
func threeMemories() []byte {
	b := corewasm.NewBuilder()
	for i, name := range []string{"a", "b", "c"} {
		m := pages(1, 4, name == "b")
		at := m.Limits.Address()
		n := b.AddMemory(m)
		b.AddExport(name, corewasm.KindMemory, n)
		offset := corewasm.ConstI32(16)
		if at == i64 {
			offset = corewasm.ConstI64(16)
		}
		b.AddData(corewasm.Data{Memory: n, Offset: offset, Init: []byte{byte('0' + i)}})
		accessors(b, name, n, at)
	}
	return b.Encode()
}

func accessors(b *corewasm.Builder, name string, n uint32, at corewasm.ValType) {
	code := corewasm.NewCode
	b.AddExport("load "+name, corewasm.KindFunc, b.AddFunc(b.AddType(types{at}, types{i32}), nil, on(code().Get(0), "i32.load8_u", n, 0)))
	b.AddExport("store "+name, corewasm.KindFunc, b.AddFunc(b.AddType(types{at, i32}, nil), nil, on(code().Get(0).Get(1), "i32.store8", n, 0)))
	b.AddExport("grow "+name, corewasm.KindFunc, b.AddFunc(b.AddType(types{at}, types{at}), nil, code().Get(0).Idx(corewasm.OpMemoryGrow, n)))
	b.AddExport("size "+name, corewasm.KindFunc, b.AddFunc(b.AddType(nil, types{at}), nil, code().Idx(corewasm.OpMemorySize, n)))
}

// importer imports memories of the first instance under other names, one of them twice,
// has one of its own, and exports all of them again. It copies between them when it starts.
func importer() engine.Module {
	b := corewasm.NewBuilder()
	b.ImportMemory("first", "c", pages(1, 4, false))
	b.ImportMemory("first", "b", pages(1, 4, true))
	b.ImportMemory("first", "c", pages(1, 4, false))
	b.AddMemory(pages(2, 2, false))
	for i, name := range []string{"c1", "b", "c2", "own"} {
		b.AddExport("exported "+name, corewasm.KindMemory, uint32(i))
		accessors(b, name, uint32(i), pages(0, 0, name == "b").Limits.Address())
	}
	// Both are one memory, so that the order matters.
	b.AddData(corewasm.Data{Memory: 0, Offset: corewasm.ConstI32(100), Init: []byte("first")})
	b.AddData(corewasm.Data{Memory: 2, Offset: corewasm.ConstI32(101), Init: []byte("second")})
	b.AddData(corewasm.Data{Memory: 0, Offset: corewasm.ConstI32(102), Init: []byte("third")})
	c := corewasm.NewCode()
	c.I32(200).I64(16).I32(1).Idx(corewasm.OpMemoryCopy, 3, 1)
	c.I32(201).I32(100).I32(8).Idx(corewasm.OpMemoryCopy, 3, 2)
	c.I32(99).I32(100).I32(8).Idx(corewasm.OpMemoryCopy, 2, 0) // overlaps
	b.SetStart(b.AddFunc(b.AddType(nil, nil), nil, c))
	b.AddExport("copy", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i64, i32}, nil), nil,
		corewasm.NewCode().Get(0).Get(1).Get(2).Idx(corewasm.OpMemoryCopy, 0, 1)))
	from := func(name string) engine.Source { return engine.Source{Instance: 0, Name: name} }
	return engine.Module{Name: "importer", Bytes: b.Encode(), Imports: []engine.Source{from("c"), from("b"), from("c")}}
}

// TestMemoriesAcrossInstances links modules through memories that the engine keeps in parts
// of its own.
func TestMemoriesAcrossInstances(t *testing.T) {
	// last knows the memories by the names that the second one exports.
	b := corewasm.NewBuilder()
	b.ImportMemory("second", "c", pages(1, 4, false))
	b.ImportMemory("second", "own", pages(1, 2, false))
	accessors(b, "c", 0, i32)
	accessors(b, "own", 1, i32)
	b.AddExport("again", corewasm.KindMemory, 1)
	last := engine.Module{Name: "last", Bytes: b.Encode(), Imports: []engine.Source{{Instance: 1, Name: "exported c2"}, {Instance: 1, Name: "exported own"}}}

	eachEngine(t, func(t *testing.T, cfg Config) {
		in := run(t, cfg, engine.Module{Name: "first", Bytes: threeMemories()}, importer(), last)
		for i, name := range []string{"a", "b", "c"} {
			if got := mustCall(t, in[0], "load "+name, 16); got != uint64('0'+i) {
				t.Errorf("data of %s: %d", name, got)
			}
		}
		mem := func(i int, name string) []byte {
			m, ok := in[i].Memory(name)
			if !ok {
				t.Fatalf("no memory %q", name)
			}
			return m.Bytes()
		}
		if got := string(mem(1, "exported own")[200:209]); got != "1fsthird\x00" {
			t.Errorf("own memory: %q", got)
		}
		if got := string(mem(0, "c")[99:108]); got != "fsthird\x00\x00" {
			t.Errorf("memory c: %q", got)
		}

		mustCall(t, in[2], "store own", 70_000, 77)
		if got := mustCall(t, in[1], "load own", 70_000); got != 77 {
			t.Errorf("what the last one stored: %d", got)
		}
		if got := mem(2, "again")[70_000]; got != 77 {
			t.Errorf("through the memory: %d", got)
		}
		mustTrap(t, trap.MemoryOutOfBounds, in[1], "load c1", 70_000)
		mustTrap(t, trap.MemoryOutOfBounds, in[0], "load b", 1<<32)
		if got := mustCall(t, in[2], "grow c", 1); uint32(got) != 1 {
			t.Errorf("grow: %d", got)
		}
		mustCall(t, in[1], "store c1", 70_000, 5)
		for i, name := range map[int]string{0: "c", 1: "c2", 2: "c"} {
			if got := mustCall(t, in[i], "load "+name, 70_000); got != 5 {
				t.Errorf("instance %d after growing: %d", i, got)
			}
			if got := mustCall(t, in[i], "size "+name); uint32(got) != 2 {
				t.Errorf("instance %d has %d pages", i, got)
			}
		}
		if got := mustCall(t, in[0], "grow b", 1<<40); got != 1<<64-1 {
			t.Errorf("grow beyond everything: %#x", got)
		}
		mustTrap(t, trap.MemoryOutOfBounds, in[1], "copy", 1<<16, 1<<16, 1)
		if _, ok := in[1].Memory("c"); ok {
			t.Error("a memory that isn't exported")
		}
	})
}

// TestTrapInAccessNamesIt: the backtrace says which memory it was.
func TestTrapInAccessNamesIt(t *testing.T) {
	in := run(t, Config{}, engine.Module{Name: "m", Bytes: threeMemories()})
	_, err := call(t, in[0], "load c", 1<<20)
	var tr *trap.Trap
	if !errors.As(err, &tr) || len(tr.Frames) != 2 || tr.Frames[0].Func != "i32.load8_u of memory 2" {
		t.Errorf("%+v", err.(*trap.Trap).Frames)
	}
}

// TestMemoriesShareTheBudget: what one guest may take counts for all its memories.
func TestMemoriesShareTheBudget(t *testing.T) {
	b := corewasm.NewBuilder()
	for i := range 3 {
		accessors(b, fmt.Sprint(b.AddMemory(pages(4, 100, i == 1))), uint32(i), pages(0, 0, i == 1).Limits.Address())
	}
	in := run(t, Config{MaxMemory: 20 * pageSize}, engine.Module{Name: "m", Bytes: b.Encode()})
	if got := mustCall(t, in[0], "grow 1", 8); got != 4 {
		t.Errorf("grow: %d", got)
	}
	if got := mustCall(t, in[0], "grow 2", 1); uint32(got) != 1<<32-1 {
		t.Errorf("grow beyond the budget: %d", got)
	}
	code, err := compile(t, Config{MaxMemory: 10 * pageSize}, engine.Module{Name: "m", Bytes: b.Encode()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = code.NewSpace(nil, func() {}).Instantiate(context.Background(), 0)
	if err == nil || !strings.Contains(err.Error(), "its memory begins with 4 pages of 64 KiB; the cap on memory leaves the guest 2") {
		t.Errorf("instantiated: %v", err)
	}
}

// TestHugeMemory64 is refused when it is instantiated, not before, and costs nothing.
func TestHugeMemory64(t *testing.T) {
	b := corewasm.NewBuilder()
	b.AddMemory(pages(1<<47, 1<<48, true))
	code, err := compile(t, Config{}, engine.Module{Name: "m", Bytes: b.Encode()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = code.NewSpace(nil, func() {}).Instantiate(context.Background(), 0)
	if err == nil || !strings.Contains(err.Error(), "its memory begins with") {
		t.Errorf("instantiated: %v", err)
	}
}

// TestTooManyMemories: what a few bytes could ask for is refused.
func TestTooManyMemories(t *testing.T) {
	b := corewasm.NewBuilder()
	for i := range 100 {
		n := b.AddMemory(pages(0, 1, false))
		b.AddExport(fmt.Sprint(i), corewasm.KindMemory, n)
	}
	var modules []engine.Module
	for range 11 {
		modules = append(modules, engine.Module{Name: "m", Bytes: b.Encode()})
	}
	if _, err := compile(t, Config{}, modules...); err == nil || !strings.Contains(err.Error(), "that makes 1100 memories; there may be 1000") {
		t.Errorf("compiled: %v", err)
	}
}

// TestHugeTables: sizes that add up to nothing are still too many.
func TestHugeTables(t *testing.T) {
	b := corewasm.NewBuilder()
	for range 2 {
		b.AddTable(corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 1 << 63, Is64: true}})
	}
	if _, err := compile(t, Config{}, engine.Module{Name: "m", Bytes: b.Encode()}); err == nil || !strings.Contains(err.Error(), "begin with more than 10000000 entries") {
		t.Errorf("compiled: %v", err)
	}
}

// TestCopyTicks: a copy between memories is interruptible, and right, however long.
func TestCopyTicks(t *testing.T) {
	const size = 80 * pageSize
	b := corewasm.NewBuilder()
	b.ImportMemory("m", "m", pages(80, 80, false))
	b.ImportMemory("m", "m", pages(80, 80, false))
	b.AddExport("copy", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i32, i32}, nil), nil,
		corewasm.NewCode().Get(0).Get(1).Get(2).Idx(corewasm.OpMemoryCopy, 0, 1)))
	owner := corewasm.NewBuilder()
	owner.AddExport("m", corewasm.KindMemory, owner.AddMemory(pages(80, 80, false)))
	from := engine.Source{Instance: 0, Name: "m"}
	code, err := compile(t, Config{}, engine.Module{Name: "owner", Bytes: owner.Encode()},
		engine.Module{Name: "m", Bytes: b.Encode(), Imports: []engine.Source{from, from}})
	if err != nil {
		t.Fatal(err)
	}
	ticks := 0
	s := code.NewSpace(nil, func() { ticks++ })
	defer s.Close()
	first, err := s.Instantiate(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Instantiate(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := first.Memory("m")
	fill := func() []byte {
		for i := 0; i < size; i += 4 {
			binary.LittleEndian.PutUint32(m.Bytes()[i:], uint32(i))
		}
		return append([]byte(nil), m.Bytes()...)
	}
	for _, c := range []struct{ to, from, n int }{{100, 0, size - 100}, {0, 100, size - 100}, {size, size, 0}} {
		want := fill()
		copy(want[c.to:c.to+c.n], want[c.from:c.from+c.n])
		ticks = 0
		mustCall(t, in, "copy", uint64(c.to), uint64(c.from), uint64(c.n))
		if string(m.Bytes()) != string(want) {
			t.Errorf("%+v: another result than in one piece", c)
		}
		if c.n > 0 && ticks < 4 {
			t.Errorf("%+v: %d ticks", c, ticks)
		}
	}
	mustTrap(t, trap.MemoryOutOfBounds, in, "copy", size-4, 0, 5)
}

// TestFillTicks: filling a memory that is a part of its own, or that has 64-bit addresses,
// is interruptible as filling the only one is.
func TestFillTicks(t *testing.T) {
	for _, wide := range []bool{false, true} {
		for n := range uint32(2) {
			b := corewasm.NewBuilder()
			for range n + 1 {
				b.AddMemory(pages(80, 80, wide))
			}
			at := pages(0, 0, wide).Limits.Address()
			b.AddExport("fill", corewasm.KindFunc, b.AddFunc(b.AddType(types{at, i32, at}, nil), nil,
				corewasm.NewCode().Get(0).Get(1).Get(2).Idx(corewasm.OpMemoryFill, n)))
			accessors(b, "it", n, at)
			if n > 0 { // its code uses the other one more
				for i := range 5 {
					accessors(b, fmt.Sprint("other", i), 0, at)
				}
			}
			code, err := compile(t, Config{}, engine.Module{Name: "m", Bytes: b.Encode()})
			if err != nil {
				t.Fatal(err)
			}
			ticks := 0
			s := code.NewSpace(nil, func() { ticks++ })
			defer s.Close()
			in, err := s.Instantiate(context.Background(), 0)
			if err != nil {
				t.Fatal(err)
			}
			mustCall(t, in, "fill", 3, 7, 80*pageSize-3)
			if got := mustCall(t, in, "load it", 80*pageSize-1); ticks < 4 || got != 7 {
				t.Errorf("memory %d, wide %v: %d ticks, filled with %d", n, wide, ticks, got)
			}
			mustTrap(t, trap.MemoryOutOfBounds, in, "fill", 4, 8, 80*pageSize-3)
			if got := mustCall(t, in, "load it", 4); got != 7 {
				t.Errorf("memory %d, wide %v: a fill out of bounds wrote something", n, wide)
			}
		}
	}
}

// TestSharedMemoryIsAPlainOne: code for threads runs, and waiting ends with the timeout.
func TestSharedMemoryIsAPlainOne(t *testing.T) {
	b := corewasm.NewBuilder()
	m := pages(1, 2, false)
	m.Shared = true
	b.AddExport("m", corewasm.KindMemory, b.AddMemory(m))
	atomic := func(c *corewasm.Code, op string, align uint32) *corewasm.Code {
		code, _ := corewasm.LookupOpcode(op)
		in := corewasm.Instr{Op: code, Align: align}
		return c.Raw(in.Append(nil)...)
	}
	code := corewasm.NewCode
	b.AddExport("add", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i32}, types{i32}), nil, atomic(code().Get(0).Get(1), "i32.atomic.rmw.add", 2)))
	b.AddExport("wait", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i32, i64}, types{i32}), nil, atomic(code().Get(0).Get(1).Get(2), "memory.atomic.wait32", 2)))
	b.AddExport("notify", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i32}, types{i32}), nil, atomic(code().Get(0).Get(1), "memory.atomic.notify", 2)))
	b.AddExport("grow", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32}, types{i32}), nil, code().Get(0).Idx(corewasm.OpMemoryGrow, 0)))
	bin := b.Encode()
	eachEngine(t, func(t *testing.T, cfg Config) {
		in := run(t, cfg, engine.Module{Name: "m", Bytes: bin})[0]
		for _, c := range []struct {
			name string
			args []uint64
			want uint64
		}{
			{"add", []uint64{8, 5}, 0},
			{"add", []uint64{8, 5}, 5},
			{"wait", []uint64{8, 0, 1 << 63}, 1},
			{"wait", []uint64{8, 10, 1000}, 2},
			{"notify", []uint64{8, 1}, 0},
			{"grow", []uint64{1}, 1},
			{"add", []uint64{pageSize, 1}, 0},
		} {
			if got := mustCall(t, in, c.name, c.args...); uint32(got) != uint32(c.want) {
				t.Errorf("%s%v = %d, want %d", c.name, c.args, got, c.want)
			}
		}
		mustTrap(t, trap.UnalignedAtomic, in, "add", 2, 0)
		mustTrap(t, trap.MemoryOutOfBounds, in, "wait", 1<<20, 0, 0)
		mustTrap(t, trap.UnalignedAtomic, in, "wait", 1<<20+2, 0, 0)
	})
}

// TestWaitForeverCanBeEnded by the tick.
func TestWaitForeverCanBeEnded(t *testing.T) {
	b := corewasm.NewBuilder()
	m := pages(1, 2, false)
	m.Shared = true
	b.AddMemory(m)
	op, _ := corewasm.LookupOpcode("memory.atomic.wait64")
	in := corewasm.Instr{Op: op, Align: 3}
	b.AddExport("wait", corewasm.KindFunc, b.AddFunc(b.AddType(nil, types{i32}), nil, corewasm.NewCode().I32(0).I64(0).I64(-1).Raw(in.Append(nil)...)))
	code, err := compile(t, Config{}, engine.Module{Name: "m", Bytes: b.Encode()})
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	ticks := 0
	s := code.NewSpace(nil, func() {
		if ticks++; ticks > 3 {
			panic(stop)
		}
	})
	defer s.Close()
	instance, err := s.Instantiate(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, instance, "wait"); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}
