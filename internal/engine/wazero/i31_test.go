package wazero

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// i31Ref is (ref i31), and i31RefNull may be null.
var i31Ref, i31RefNull = corewasm.RefType(corewasm.HeapI31, false), corewasm.I31Ref

func op(t *testing.T, name string) corewasm.Opcode {
	o, ok := corewasm.LookupOpcode(name)
	if !ok {
		t.Fatalf("no instruction %q", name)
	}
	return o
}

// TestTablesOfI31: numbers of 31 bits in tables, globals, locals, parameters and blocks, in
// two instances that share a table.
func TestTablesOfI31(t *testing.T) {
	code := corewasm.NewCode
	make, getS, getU := op(t, "ref.i31"), op(t, "i31.get_s"), op(t, "i31.get_u")

	a := corewasm.NewBuilder()
	tbl := corewasm.TableType{Elem: i31Ref, Limits: corewasm.Limits{Min: 2, Max: 5, HasMax: true}}
	a.AddExport("t", corewasm.KindTable, a.AddTable(tbl))
	m := a.Module()
	m.Tables[0].Init = append(append(corewasm.ConstExpr(nil), corewasm.ConstI32(-5)[:2]...), 0xfb, 0x1c, byte(corewasm.OpEnd))

	b := corewasm.NewBuilder()
	b.ImportTable("a", "t", tbl)
	g := b.AddGlobal(corewasm.GlobalType{Type: i31RefNull, Mutable: true}, corewasm.ConstNull(corewasm.HeapI31))
	// pass takes and gives references, by way of a local and a block.
	pass := b.AddFunc(b.AddType(types{i31Ref}, types{i31RefNull}), types{i31Ref}, code().
		Get(0).Set(1).Block(corewasm.OpBlock, corewasm.BlockOf(i31RefNull)).Get(1).End())
	b.AddExport("get-s", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32}, types{i32}), nil, code().Get(0).Idx(corewasm.OpTableGet, 0).Call(pass).Op(getS)))
	b.AddExport("get-u", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32}, types{i32}), nil, code().Get(0).Idx(corewasm.OpTableGet, 0).Op(getU)))
	b.AddExport("set", corewasm.KindFunc, b.AddFunc(b.AddType(types{i32, i32}, nil), nil, code().
		Get(0).Get(1).Op(make).Idx(corewasm.OpTableSet, 0).Get(1).Op(make).Idx(corewasm.OpGlobalSet, g)))
	b.AddExport("global", corewasm.KindFunc, b.AddFunc(b.AddType(nil, types{i32}), nil, code().Idx(corewasm.OpGlobalGet, g).Op(getS)))
	b.AddExport("null", corewasm.KindFunc, b.AddFunc(b.AddType(nil, types{i32}), nil,
		code().Idx(corewasm.OpRefNull).Raw(corewasm.HeapI31.Append(nil)...).Op(getU)))

	eachEngine(t, func(t *testing.T, cfg Config) {
		in := run(t, cfg, engine.Module{Name: "a", Bytes: m.Encode()}, engine.Module{Name: "b", Bytes: b.Encode(), Imports: []engine.Source{{Instance: 0, Name: "t"}}})[1]
		check := func(name string, want uint32, args ...uint64) {
			t.Helper()
			if got := mustCall(t, in, name, args...); uint32(got) != want {
				t.Errorf("%s%v = %#x, want %#x", name, args, got, want)
			}
		}
		minus := func(n uint32) uint32 { return -n }
		check("get-s", minus(5), 1)
		check("get-u", 1<<31-5, 0)
		mustTrap(t, trap.NullReference, in, "global")
		mustCall(t, in, "set", 1, 0xffff_ffff)
		check("get-s", minus(1), 1)
		check("get-u", 1<<31-1, 1)
		check("global", minus(1))
		mustCall(t, in, "set", 1, 0x4000_0000)
		check("get-s", 0xc000_0000, 1)
		check("get-u", 0x4000_0000, 1)
		mustCall(t, in, "set", 0, 0x8000_0000)
		check("get-s", 0, 0)
		mustTrap(t, trap.TableOutOfBounds, in, "get-u", 2)
		mustTrap(t, trap.NullReference, in, "null")
	})
}

// TestOtherGarbageCollectionIsRefused by name, beside numbers of 31 bits and without them.
func TestOtherGarbageCollectionIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		elem corewasm.ValType
		init corewasm.ConstExpr
	}{
		"eqref":            {corewasm.EqRef, nil},
		"a global's value": {i31Ref, append(append(corewasm.ConstExpr(nil), corewasm.ConstI32(5)[:2]...), 0xfb, 0x1c, byte(corewasm.OpEnd))},
	} {
		t.Run(name, func(t *testing.T) {
			b := corewasm.NewBuilder()
			if c.init == nil {
				b.AddTable(corewasm.TableType{Elem: c.elem})
				b.AddTable(corewasm.TableType{Elem: i31RefNull})
			} else {
				b.AddGlobal(corewasm.GlobalType{Type: c.elem}, c.init)
			}
			_, err := compile(t, Config{}, engine.Module{Name: "m", Bytes: b.Encode()})
			if err == nil || !strings.Contains(err.Error(), "garbage-collect") {
				t.Errorf("compiled: %v", err)
			}
		})
	}
}
