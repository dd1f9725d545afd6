package corewasm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"
)

// instantiateWith assembles a module whose imports come from another one.
func instantiateWith(t *testing.T, compiler bool, bin []byte, provider *Builder) (*ensemble, error) {
	t.Helper()
	r := newRuntime(t, compiler)
	mod, err := r.InstantiateWithConfig(context.Background(), provider.Encode(), moduleName("provider"))
	if err != nil {
		t.Fatal(err)
	}
	o := fuelled(100)
	return assembleIn(t, r, bin, &o, func(*Import) api.Module { return mod })
}

// elementModule has a table of four, into which an element segment puts two functions at
// the value of the imported global "base", where the start function calls one.
func elementModule(table64 bool) []byte {
	b := NewBuilder()
	t := TableType{Elem: FuncRef, Limits: Limits{Min: 4, Is64: table64}}
	base := b.ImportGlobal("provider", "base", GlobalType{Type: t.Limits.Address()})
	result := b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(0))
	b.AddExport("result", KindGlobal, result)
	typ := b.AddType(nil, []ValType{I32})
	f := b.AddFunc(typ, nil, NewCode().I32(42))
	b.AddTable(t)
	b.AddElement(Element{Offset: ConstGlobal(base), Type: FuncRef, Funcs: []uint32{f, f}})
	b.SetStart(b.AddFunc(b.AddType(nil, nil), nil, NewCode().Idx(OpGlobalGet, base).Idx(OpCallIndirect, typ, 0).Idx(OpGlobalSet, result)))
	return b.Encode()
}

// TestElementsAtVariableOffsets: the engine ignores element segments that are out of
// bounds. They must trap, and those that are not must be there before the start
// function runs.
func TestElementsAtVariableOffsets(t *testing.T) {
	for _, table64 := range []bool{false, true} {
		for _, c := range []struct {
			base int64
			trap bool
		}{{0, false}, {2, false}, {3, true}, {-1, true}, {1 << 32, table64}} {
			t.Run(fmt.Sprint(table64, c.base), func(t *testing.T) {
				eachEngine(t, func(t *testing.T, compiler bool) {
					p := NewBuilder()
					init, typ := ConstI32(int32(c.base)), I32
					if table64 {
						init, typ = ConstI64(c.base), I64
					}
					p.AddExport("base", KindGlobal, p.AddGlobal(GlobalType{Type: typ}, init))
					e, err := instantiateWith(t, compiler, elementModule(table64), p)
					if c.trap {
						if err == nil || !strings.Contains(err.Error(), "invalid table access") {
							t.Errorf("instantiated: %v", err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if got := e.ExportedGlobal("result").Get(); got != 42 {
						t.Errorf("the start function got %d", got)
					}
				})
			})
		}
	}
}

// TestNullElementsOutOfBounds: segments of anything but functions are nothing but nulls,
// and trap as well.
func TestNullElementsOutOfBounds(t *testing.T) {
	for _, typ := range []ValType{ExternRef, ExnRef} {
		for offset, trap := range map[int32]bool{1: false, 2: true, 100: true} {
			b := NewBuilder()
			b.AddTable(TableType{Elem: typ, Limits: Limits{Min: 2}})
			b.AddElement(Element{Offset: ConstI32(offset), Type: typ, Exprs: []ConstExpr{ConstNull(typ.Heap())}})
			eachEngine(t, func(t *testing.T, compiler bool) {
				_, err := instantiateWith(t, compiler, b.Encode(), NewBuilder())
				if trap != (err != nil && strings.Contains(err.Error(), "invalid table access")) {
					t.Errorf("%s at %d: %v", typ, offset, err)
				}
			})
		}
	}
}

// TestTypedTables: calls through them are refused by name.
func TestTypedTables(t *testing.T) {
	b := NewBuilder()
	typ := b.AddType(nil, nil)
	b.AddTable(TableType{Elem: RefType(HeapType(typ), true), Limits: Limits{Min: 2}})
	b.AddFunc(typ, nil, NewCode().I32(0).Idx(OpCallIndirect, typ, 0))
	_, err := Rewrite(b.Module(), fuelled(1))
	var u *UnsupportedError
	if !errors.As(err, &u) || u.Feature != featureTypedTables || !strings.Contains(err.Error(), "call_indirect through a table of (ref null 0)") {
		t.Errorf("got %v", err)
	}
}

// TestEmptyElementsOutOfBounds: even a segment with nothing in it has to be in bounds.
func TestEmptyElementsOutOfBounds(t *testing.T) {
	for offset, trap := range map[int32]bool{2: false, 3: true} {
		b := NewBuilder()
		b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 2}})
		b.AddElement(Element{Offset: ConstI32(offset), Type: FuncRef, Funcs: []uint32{}})
		_, err := instantiateWith(t, true, b.Encode(), NewBuilder())
		if trap != (err != nil && strings.Contains(err.Error(), "invalid table access")) {
			t.Errorf("at %d: %v", offset, err)
		}
	}
}

// TestDataOfImportedMemories: segments of memories that turn out to be one are applied in
// order, and those that are out of bounds trap.
func TestDataOfImportedMemories(t *testing.T) {
	module := func(last int32) []byte {
		b := NewBuilder()
		for range 3 {
			b.ImportMemory("provider", "memory", memory(1, 1, false))
		}
		for i, s := range []string{"first", "second", "third"} {
			b.AddData(Data{Memory: uint32(i), Offset: ConstI32(int32(i)), Init: []byte(s)})
		}
		b.AddData(Data{Memory: 1, Offset: ConstI32(last), Init: []byte("last")})
		return b.Encode()
	}
	eachEngine(t, func(t *testing.T, compiler bool) {
		p := NewBuilder()
		p.AddExport("memory", KindMemory, p.AddMemory(memory(1, 1, false)))
		e, err := instantiateWith(t, compiler, module(pageSize-4), p)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := e.Memory().Read(0, 8); string(b) != "fsthird\x00" {
			t.Errorf("memory: %q", b)
		}
		_, err = instantiateWith(t, compiler, module(pageSize-3), p)
		if err == nil || !strings.Contains(err.Error(), "out of bounds memory access") {
			t.Errorf("out of bounds: %v", err)
		}
	})
}

// TestTables64 has the operations on tables with 64-bit addresses that the random
// modules leave out.
func TestTables64(t *testing.T) {
	b := NewBuilder()
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 2, Max: 8, HasMax: true, Is64: true}})
	unary := b.AddType([]ValType{I64}, []ValType{I64})
	size := func(c *Code) *Code { return c.Idx(OpTableSize, 0) }
	f := b.DeclareFunc(unary)
	b.SetBody(f, nil, NewCode().Get(0))
	b.AddElement(Element{Mode: Declarative, Type: FuncRef, Funcs: []uint32{f}})
	b.AddExport("grow", KindFunc, b.AddFunc(unary, nil, NewCode().Idx(OpRefFunc, f).Get(0).Idx(OpTableGrow, 0)))
	b.AddExport("size", KindFunc, b.AddFunc(unary, nil, size(NewCode())))
	b.AddExport("fill", KindFunc, b.AddFunc(unary, nil, size(NewCode().Get(0).Idx(OpRefFunc, f).I64(2).Idx(OpTableFill, 0))))
	b.AddExport("call", KindFunc, b.AddFunc(unary, nil, NewCode().I64(7).Get(0).Idx(OpCallIndirect, unary, 0)))
	b.AddExport("tail", KindFunc, b.AddFunc(unary, nil, NewCode().I64(8).Get(0).Idx(OpReturnCallIndirect, unary, 0)))
	const trapped = "error: wasm error: invalid table access"
	eachEngine(t, func(t *testing.T, compiler bool) {
		e := mustAssemble(t, compiler, b.Encode())
		for _, c := range []struct {
			fn   string
			arg  uint64
			want string
		}{
			{"size", 0, "[2]"}, {"call", 0, trapped}, {"fill", 0, "[2]"}, {"call", 1, "[7]"}, {"tail", 1, "[8]"}, {"fill", 1, trapped},
			{"grow", 2, "[2]"}, {"size", 0, "[4]"}, {"call", 3, "[7]"}, {"fill", 2, "[4]"}, {"fill", 1 << 32, trapped}, {"call", 1 << 32, trapped},
			{"call", 1<<64 - 1, trapped}, {"grow", 1 << 32, fmt.Sprint([]uint64{1<<64 - 1})}, {"grow", 5, fmt.Sprint([]uint64{1<<64 - 1})}, {"size", 0, "[4]"},
		} {
			if got := e.call(c.fn, c.arg); got != c.want {
				t.Errorf("%s(%d) = %s, want %s", c.fn, c.arg, got, c.want)
			}
		}
	})
}
