package corewasm

import (
	"strings"
	"testing"
)

// sumOf is an expression.
func sumOf(a, b ConstExpr) ConstExpr {
	out := append(ConstExpr(nil), a[:len(a)-1]...)
	out = append(out, b[:len(b)-1]...)
	return append(out, byte(OpI32Add), byte(OpEnd))
}

// TestConstantsReadGlobals: the engine evaluates no constant expression that reads a global
// which the module defines.
func TestConstantsReadGlobals(t *testing.T) {
	b := NewBuilder()
	imported := b.ImportGlobal("provider", "g", GlobalType{Type: I32})
	global := func(init ConstExpr, typ ValType) ConstExpr {
		return ConstGlobal(b.AddGlobal(GlobalType{Type: typ}, init))
	}
	eight := global(ConstI32(8), I32)
	more := global(sumOf(eight, ConstGlobal(imported)), I32) // 12
	twice := global(sumOf(more, more), I32)                  // 24
	b.AddExport("twice", KindGlobal, 3)
	b.AddMemory(memory(1, 1, false))
	b.AddExport("memory", KindMemory, 0)
	for i, at := range []ConstExpr{eight, more, twice} {
		b.AddData(Data{Offset: at, Init: []byte{byte('a' + i)}})
	}
	typ := b.AddType(nil, []ValType{I32})
	f := b.AddFunc(typ, nil, NewCode().I32(42))
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 30}})
	b.AddElement(Element{Offset: twice, Type: FuncRef, Exprs: []ConstExpr{global(ConstFunc(f), FuncRef)}})
	b.AddExport("call", KindFunc, b.AddFunc(typ, nil, NewCode().I32(24).Idx(OpCallIndirect, typ, 0)))
	bin := b.Encode()

	p := NewBuilder()
	p.AddExport("g", KindGlobal, p.AddGlobal(GlobalType{Type: I32}, ConstI32(4)))
	eachEngine(t, func(t *testing.T, compiler bool) {
		e, err := instantiateWith(t, compiler, bin, p)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.ExportedGlobal("twice").Get(); got != 24 {
			t.Errorf("global: %d", got)
		}
		if got, _ := e.Memory().Read(8, 17); string(got) != "a\x00\x00\x00b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00c" {
			t.Errorf("data: %q", got)
		}
		if got := e.call("call"); got != "[42]" {
			t.Errorf("element: %s", got)
		}
	})
}

// TestConstantsThatDouble: sums of sums are computed where that can be, and refused
// where they would become long.
func TestConstantsThatDouble(t *testing.T) {
	chain := func(imported bool) *Module {
		b := NewBuilder()
		last := ConstI32(1)
		if imported {
			last = ConstGlobal(b.ImportGlobal("m", "g", GlobalType{Type: I32}))
		}
		for range 100 {
			last = ConstGlobal(b.AddGlobal(GlobalType{Type: I32}, sumOf(last, last)))
		}
		return b.Module()
	}
	low, err := Lower(chain(false), LowerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	globals := low.Parts[0].Module.Globals
	if v, ok := fold(globals[30].Init).I32(); !ok || v != -1<<31 {
		t.Errorf("global 30: %x", globals[30].Init)
	}
	if _, err := Lower(chain(true), LowerOptions{}); err == nil || !strings.Contains(err.Error(), "become too long") {
		t.Errorf("with an import: %v", err)
	}
}

// TestTypesThatReferToThemselves: the engine takes them in groups only.
func TestTypesThatReferToThemselves(t *testing.T) {
	b := NewBuilder()
	b.m.Types = append(b.m.Types, Type{FuncType: FuncType{Params: []ValType{RefType(0, true)}, Results: []ValType{I32}}})
	f := b.DeclareFunc(0)
	b.SetBody(f, nil, NewCode().Get(0).Op(OpRefIsNull).Block(OpIf, BlockOf(I32)).I32(1).Op(OpElse).Idx(OpRefNull, 0).Get(0).Idx(OpCallRef, 0).I32(1).Op(OpI32Add).End())
	b.AddElement(Element{Mode: Declarative, Type: FuncRef, Funcs: []uint32{f}})
	b.AddExport("call", KindFunc, b.AddFunc(b.AddType(nil, []ValType{I32}), nil, NewCode().Idx(OpRefFunc, f).Call(f)))
	eachEngine(t, func(t *testing.T, compiler bool) {
		o := fuelled(10)
		if got := outcome(mustInstantiate(t, compiler, b.Encode(), &o), "call"); got != "[2]" {
			t.Errorf("got %s", got)
		}
	})
}
