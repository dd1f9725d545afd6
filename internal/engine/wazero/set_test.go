package wazero

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
)

// keeper is a module with everything that can be put back: a memory with data, which can
// grow, globals, a table, and a start function that counts.
func keeper() *corewasm.Builder {
	b := corewasm.NewBuilder()
	b.ImportFunc("host", "f", b.AddType(nil, nil))
	b.AddExport("m", corewasm.KindMemory, b.AddMemory(pages(1, 8, false)))
	accessors(b, "m", 0, i32)
	b.AddData(corewasm.Data{Offset: corewasm.ConstI32(16), Init: []byte("first")})
	b.AddData(corewasm.Data{Offset: corewasm.ConstI32(40_000), Init: []byte("second")})
	code := corewasm.NewCode
	for _, g := range []struct {
		name string
		t    corewasm.ValType
		init corewasm.ConstExpr
	}{{"i32", i32, corewasm.ConstI32(7)}, {"i64", i64, corewasm.ConstI64(-9)}} {
		n := b.AddGlobal(corewasm.GlobalType{Type: g.t, Mutable: true}, g.init)
		b.AddExport("get "+g.name, corewasm.KindFunc, b.AddFunc(b.AddType(nil, types{g.t}), nil, code().Idx(corewasm.OpGlobalGet, n)))
		b.AddExport("set "+g.name, corewasm.KindFunc, b.AddFunc(b.AddType(types{g.t}, nil), nil, code().Get(0).Idx(corewasm.OpGlobalSet, n)))
	}
	b.AddTable(corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 4}})
	none := b.AddType(nil, nil)
	b.AddExport("trap", corewasm.KindFunc, b.AddFunc(none, nil, code().Op(corewasm.OpUnreachable)))
	b.AddExport("host", corewasm.KindFunc, b.AddFunc(none, nil, code().Call(0)))
	count := b.AddFunc(none, nil, code().I32(100).I32(100).Mem(corewasm.OpI32Load, 2, 0).I32(1).Op(corewasm.OpI32Add).Mem(corewasm.OpI32Store, 2, 0))
	b.AddElement(corewasm.Element{Offset: corewasm.ConstI32(1), Type: corewasm.FuncRef, Funcs: []uint32{count}})
	b.AddExport("indirect", corewasm.KindFunc, b.AddFunc(none, nil, code().I32(1).Idx(corewasm.OpCallIndirect, none, 0)))
	b.SetStart(count)
	return b
}

func keeperModule(b *corewasm.Builder) engine.Module {
	return engine.Module{Name: "keeper", Bytes: b.Encode(), Imports: []engine.Source{{Instance: engine.FromHost}}}
}

func compileKeeper(t *testing.T, cfg Config, modules ...engine.Module) *code {
	t.Helper()
	ctx := context.Background()
	e, err := New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Compile(ctx, &engine.Program{Modules: modules, Host: []engine.HostType{{Name: "f"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close(ctx) })
	return c.(*code)
}

// enter makes all instances of a new space and gives the last one.
func enter(t *testing.T, c *code, host func()) (*space, *instance) {
	t.Helper()
	s := c.NewSpace([]engine.HostFunc{func([]uint64) { host() }}, func() {}).(*space)
	t.Cleanup(s.Close)
	var in engine.CoreInstance
	for i := range c.modules {
		var err error
		if in, err = s.Instantiate(context.Background(), i); err != nil {
			t.Fatal(err)
		}
	}
	return s, in.(*instance)
}

// isNew reports what differs from an instance that nobody has used.
func isNew(t *testing.T, s *space, in *instance) error {
	t.Helper()
	want := make([]byte, pageSize)
	copy(want[16:], "first")
	copy(want[40_000:], "second")
	want[100] = 1 // the start function has run once
	m, _ := in.Memory("m")
	got := m.Bytes()
	if !bytes.Equal(got, want) {
		return fmt.Errorf("the memory of %d bytes is not what it was", len(got))
	}
	if room := s.set.memory.made[0].bytes; len(bytes.Trim(room[len(room):cap(room)], "\x00")) > 0 {
		return fmt.Errorf("the room that the memory grows into holds something")
	}
	if a, b := mustCall(t, in, "get i32"), int64(mustCall(t, in, "get i64")); a != 7 || b != -9 {
		return fmt.Errorf("globals are %d and %d", a, b)
	}
	if left := s.set.memory.left; left != s.code.maxMemory-pageSize {
		return fmt.Errorf("the budget is %d bytes", left)
	}
	return nil
}

// spoil changes all that it can.
func spoil(t *testing.T, in *instance, grow uint64) {
	t.Helper()
	mustCall(t, in, "grow m", grow)
	m, _ := in.Memory("m")
	secret := bytes.Repeat([]byte("secret"), len(m.Bytes())/6+1)
	copy(m.Bytes(), secret)
	mustCall(t, in, "set i32", 1<<31)
	mustCall(t, in, "set i64", 1<<63)
	mustCall(t, in, "indirect")
}

// often calls f until it reports that a set was used again, which a pool may forget.
func often(t *testing.T, f func() (again bool)) {
	t.Helper()
	for range 100 {
		if f() {
			return
		}
	}
	t.Error("nothing was used again")
}

func TestNothingIsLeftInASet(t *testing.T) {
	eachEngine(t, func(t *testing.T, cfg Config) {
		c := compileKeeper(t, cfg, keeperModule(keeper()))
		if !c.again {
			t.Fatal("the program can't be used again")
		}
		for _, grow := range []uint64{0, 1, 6} {
			often(t, func() bool {
				s, in := enter(t, c, nil)
				if err := isNew(t, s, in); err != nil {
					t.Fatalf("after growing by %d: %v", grow, err)
				}
				again := s.again
				spoil(t, in, grow)
				set := s.set
				s.Close()
				if b := set.memory.made[0].bytes; bytes.Contains(b[:cap(b)], []byte("secret")) {
					t.Fatal("a closed space left something in its memory")
				}
				return again
			})
		}
	})
}

// A memory that has all it can have can't be made smaller.
func TestFullMemoryIsNotKept(t *testing.T) {
	c := compileKeeper(t, Config{}, keeperModule(keeper()))
	for range 5 {
		s, in := enter(t, c, nil)
		if err := isNew(t, s, in); err != nil || s.again {
			t.Fatal(s.again, err)
		}
		spoil(t, in, 7)
		s.Close()
	}
}

// A set in which something went wrong serves nobody any more.
func TestUpsetSetIsNotKept(t *testing.T) {
	failure := errors.New("failure")
	for what, upset := range map[string]func(c *code){
		"a trap": func(c *code) {
			_, in := enter(t, c, nil)
			if _, err := call(t, in, "trap"); err == nil {
				t.Error("no trap")
			}
			in.space.Close()
		},
		"an error of the host": func(c *code) {
			_, in := enter(t, c, func() { panic(failure) })
			if _, err := call(t, in, "host"); err != failure {
				t.Error(err)
			}
			in.space.Close()
		},
		"a goroutine that has ended": func(c *code) {
			_, in := enter(t, c, func() { runtime.Goexit() })
			done := make(chan bool)
			go func() {
				defer close(done)
				_, _ = call(t, in, "host")
			}()
			<-done
			in.space.Close()
		},
		"a space that is not complete": func(c *code) {
			s := c.NewSpace(nil, func() {})
			s.Close()
		},
	} {
		t.Run(what, func(t *testing.T) {
			c := compileKeeper(t, Config{}, keeperModule(keeper()))
			for range 5 {
				upset(c)
				s, in := enter(t, c, nil)
				if err := isNew(t, s, in); err != nil || s.again {
					t.Fatal(s.again, err)
				}
				s.set.close() // and not kept
				s.leave()
			}
		})
	}
}

// What can't be put back from outside keeps a program from being used again.
func TestUnrepeatable(t *testing.T) {
	code := corewasm.NewCode
	add := func(c *corewasm.Code) func(b *corewasm.Builder) {
		return func(b *corewasm.Builder) { b.AddFunc(b.AddType(nil, nil), nil, c) }
	}
	null := code().Op(corewasm.OpRefNull).Raw(corewasm.HeapFunc.Append(nil)...).Bytes()
	memory := func(b *corewasm.Builder) { b.AddMemory(pages(1, 2, false)) }
	functions := corewasm.TableType{Elem: corewasm.FuncRef, Limits: corewasm.Limits{Min: 4}}
	for what, change := range map[string]func(b *corewasm.Builder){
		"table.set":  add(code().I32(0).Raw(null...).Idx(corewasm.OpTableSet, 0)),
		"table.grow": add(code().Raw(null...).I32(0).Idx(corewasm.OpTableGrow, 0).Op(corewasm.OpDrop)),
		"table.fill": add(code().I32(0).Raw(null...).I32(0).Idx(corewasm.OpTableFill, 0)),
		"table.copy": add(code().I32(0).I32(0).I32(0).Idx(corewasm.OpTableCopy, 0, 0)),
		"table.init": add(code().I32(0).I32(0).I32(0).Idx(corewasm.OpTableInit, 0, 0)),
		"elem.drop":  add(code().Idx(corewasm.OpElemDrop, 0)),
		"ref.func":   add(code().Idx(corewasm.OpRefFunc, 1).Op(corewasm.OpDrop)),
		"data.drop": func(b *corewasm.Builder) {
			b.SetDataCount()
			add(code().Idx(corewasm.OpDataDrop, b.AddData(corewasm.Data{Mode: corewasm.Passive, Init: []byte("x")})))(b)
			b.SetDataCount()
		},
		"a global of a vector": func(b *corewasm.Builder) {
			b.AddGlobal(corewasm.GlobalType{Type: corewasm.V128, Mutable: true}, append(code().Raw(0xfd, 12).Bytes(), append(make([]byte, 16), 0x0b)...))
		},
		"a global of a reference": func(b *corewasm.Builder) {
			b.AddGlobal(corewasm.GlobalType{Type: corewasm.FuncRef, Mutable: true}, corewasm.ConstNull(corewasm.HeapFunc))
		},
		"data behind what is certain": func(b *corewasm.Builder) {
			b.AddData(corewasm.Data{Offset: corewasm.ConstI32(pageSize - 1), Init: []byte("too long")})
		},
		"a second memory": func(b *corewasm.Builder) {
			memory(b)
			b.AddData(corewasm.Data{Memory: 1, Init: []byte("x"), Offset: corewasm.ConstI32(1 << 20)})
		},
	} {
		t.Run(what, func(t *testing.T) {
			b := keeper()
			change(b)
			if c := compileKeeper(t, Config{}, keeperModule(b)); c.again {
				t.Error("the program is used again")
			}
		})
	}
	// A start function that is there before the table it uses is filled would find it filled
	// the next time.
	for _, starts := range []bool{false, true} {
		t.Run(fmt.Sprint("a table filled later, start ", starts), func(t *testing.T) {
			first, second := corewasm.NewBuilder(), corewasm.NewBuilder()
			first.AddExport("t", corewasm.KindTable, first.AddTable(functions))
			if starts {
				first.SetStart(first.AddFunc(first.AddType(nil, nil), nil, code()))
			}
			second.ImportTable("first", "t", functions)
			f := second.AddFunc(second.AddType(nil, nil), nil, code())
			second.AddElement(corewasm.Element{Offset: corewasm.ConstI32(1), Type: corewasm.FuncRef, Funcs: []uint32{f}})
			second.SetStart(f) // which changes nothing
			c := compileKeeper(t, Config{}, engine.Module{Name: "first", Bytes: first.Encode()},
				engine.Module{Name: "second", Bytes: second.Encode(), Imports: []engine.Source{{Instance: 0, Name: "t"}}})
			if c.again == starts {
				t.Errorf("the program is used again: %v", c.again)
			}
		})
	}
}

// Who still has something of a closed space reaches nothing of the next one.
func TestClosedSpaceIsCutOff(t *testing.T) {
	c := compileKeeper(t, Config{}, keeperModule(keeper()))
	_, in := enter(t, c, nil)
	used, _ := in.Func("get i32")
	unused, _ := in.Func("get i64")
	m, _ := in.Memory("m")
	used.Call(make([]uint64, 1))
	in.space.Close()
	enter(t, c, nil)
	for _, f := range []interface{ Call([]uint64) }{used, unused} {
		func() {
			defer func() {
				if r := recover(); r != errClosed {
					t.Error(r)
				}
			}()
			f.Call(make([]uint64, 1))
		}()
	}
	if b := m.Bytes(); b != nil {
		t.Errorf("%d bytes", len(b))
	}
	in.space.Close() // does nothing
}

// Sets that nobody needs any more are closed.
func TestForgottenSetsAreClosed(t *testing.T) {
	c := compileKeeper(t, Config{}, keeperModule(keeper()))
	open := func() (*space, api.Module) {
		s := c.NewSpace(nil, func() {}).(*space)
		if _, err := s.Instantiate(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		return s, s.set.cores[0].parts[0]
	}
	used, mod := open()
	defer used.Close()
	other, forgotten := open()
	other.Close()
	for end := time.Now().Add(time.Minute); !forgotten.IsClosed() && time.Now().Before(end); time.Sleep(time.Millisecond) {
		runtime.GC()
	}
	if !forgotten.IsClosed() {
		t.Error("what nobody needs is not closed")
	}
	if mod.IsClosed() {
		t.Error("what is in use is closed")
	}
}

// TestRandomUse compares what spaces do that use sets again with what they do that don't.
func TestRandomUse(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	eachEngine(t, func(t *testing.T, cfg Config) {
		kept, single := compileKeeper(t, cfg, keeperModule(keeper())), compileKeeper(t, cfg, keeperModule(keeper()))
		single.again = false
		again := 0
		for range 200 {
			s, in := enter(t, kept, nil)
			alone, other := enter(t, single, nil)
			if s.again {
				again++
			}
			for range rng.IntN(30) {
				name := []string{"load m", "store m", "grow m", "size m", "get i32", "set i32", "get i64", "set i64", "indirect"}[rng.IntN(9)]
				at := uint64(rng.IntN(9 * pageSize))
				if name == "grow m" {
					at = uint64(rng.IntN(3))
				}
				args := []uint64{at, uint64(rng.IntN(256))}
				got, err := call(t, in, name, args...)
				want, wantErr := call(t, other, name, args...)
				if got != want || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Fatalf("%s%v = %d, %v, want %d, %v", name, args, got, err, want, wantErr)
				}
			}
			m, _ := in.Memory("m")
			n, _ := other.Memory("m")
			if !bytes.Equal(m.Bytes(), n.Bytes()) {
				t.Fatal("memories differ")
			}
			s.Close()
			alone.Close()
		}
		if again == 0 {
			t.Error("nothing was used again")
		}
	})
}

// TestImage puts new sets and used ones to what another one was.
func TestImage(t *testing.T) {
	eachEngine(t, func(t *testing.T, cfg Config) {
		c := compileKeeper(t, cfg, keeperModule(keeper()))
		first, in := enter(t, c, nil)
		mustCall(t, in, "grow m", 2)
		mustCall(t, in, "set i64", 77)
		mustCall(t, in, "store m", 3*pageSize-1, 5)
		m, _ := in.Memory("m")
		want := bytes.Clone(m.Bytes())
		img := first.Save()
		if img == nil {
			t.Fatal("no image")
		}
		spoil(t, in, 1)
		first.Close()
		begin := func() (*space, *instance) {
			s := c.NewSpace(nil, func() {}).(*space)
			s.Skip(img)
			in, err := s.Instantiate(context.Background(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return s, in.(*instance)
		}
		used, unused := 0, 0
		for used < 3 || unused < 3 {
			var held *space
			if used >= 3 {
				held = c.NewSpace(nil, func() {}).(*space) // what there is to be used again
			}
			s, in := begin()
			if s.again {
				used++
			} else {
				unused++
			}
			m, _ := in.Memory("m")
			if !bytes.Equal(m.Bytes(), want) {
				t.Fatalf("the memory is not what it was, in a set that was used: %v", s.again)
			}
			if a, b := mustCall(t, in, "get i32"), mustCall(t, in, "get i64"); a != 7 || b != 77 {
				t.Errorf("globals are %d and %d", a, b)
			}
			if left := s.set.memory.left; left != c.maxMemory-3*pageSize {
				t.Errorf("the budget is %d bytes", left)
			}
			spoil(t, in, 3)
			s.Close()
			if held != nil {
				held.Close()
			}
		}

		// Without it, and when it is forgotten, everything is as at first.
		for range 3 {
			s, in := enter(t, c, nil)
			if err := isNew(t, s, in); err != nil {
				t.Error(err)
			}
			s.Close()
			c.Forget()
		}
		s, in := enter(t, c, nil)
		mustCall(t, in, "grow m", 7)
		if s.Save() != nil {
			t.Error("an image of a memory that can't be made smaller")
		}
	})
}
