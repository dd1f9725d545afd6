package corewasm

import (
	"errors"
	"strings"
	"testing"
)

// deepBody is a module whose only function has the body that is given.
func deepBody(locals []ValType, c *Code) []byte {
	b := NewBuilder()
	v := b.AddType(nil, nil)
	b.AddTag(v)
	b.AddFunc(v, locals, c)
	return b.Encode()
}

// TestHostileShapesTakeLinearTime has modules on which anything quadratic in the
// depth or length of a body would take minutes.
func TestHostileShapesTakeLinearTime(t *testing.T) {
	const n = 300_000
	repeat := func(times int, f func(c *Code)) *Code {
		c := NewCode()
		for range times {
			f(c)
		}
		return c
	}
	blocks := func(op Opcode) *Code { return repeat(n, func(c *Code) { c.Block(op, BlockVoid) }) }
	ends := repeat(n, func(c *Code) { c.End() })
	many := make([]ValType, 10_000)
	for i := range many {
		many[i] = I32
	}
	ands := NewCode()
	for i := range many {
		ands.I32(1).I32(2).Op(OpI32And).Set(uint32(i))
	}
	for _, tt := range []struct {
		name string
		bin  []byte
	}{
		{"branches out of deep blocks", deepBody(nil, seq(blocks(OpBlock), repeat(n, func(c *Code) { c.I32(0).Idx(OpBrIf, n) }), ends))},
		{"branches out of deep loops", deepBody(nil, seq(blocks(OpLoop), repeat(n, func(c *Code) { c.I32(0).Idx(OpBrIf, n/2) }), ends))},
		{"assignments in deep try_tables", deepBody([]ValType{I32}, seq(repeat(n, func(c *Code) { c.TryTable(BlockVoid) }),
			repeat(n, func(c *Code) { c.I32(0).Set(0) }), ends))},
		{"many locals that hold an and", deepBody(many, seq(ands, repeat(n, func(c *Code) { c.Get(7).Op(OpDrop) })))},
		{"a chain of calls", chain(n)},
		{"export names like ours", exportChain(2000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Decode(tt.bin)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Rewrite(m, fuelled(1)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// chain is a module of n functions, each of which calls the next.
func chain(n int) []byte {
	b := NewBuilder()
	v := b.AddType(nil, nil)
	for i := range n {
		b.AddFunc(v, nil, NewCode().Call(uint32(min(i+1, n-1))))
	}
	return b.Encode()
}

func exportChain(n int) []byte {
	b := NewBuilder()
	b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(0))
	for i := range n {
		b.AddExport("gondola:"+strings.Repeat("'", i)+"global0", KindGlobal, 0)
	}
	return b.Encode()
}

func TestPushingDownIsBounded(t *testing.T) {
	c := NewCode()
	clauses := make([]Catch, 1000)
	for i := range clauses {
		clauses[i] = Catch{CatchTag, 0, 0}
	}
	for range 100 {
		c.TryTable(BlockVoid, clauses...)
	}
	c.I32(0).Set(0)
	for range 1000 {
		c.Call(0)
	}
	for range 100 {
		c.End()
	}
	m, err := Decode(deepBody([]ValType{I32}, c))
	if err != nil {
		t.Fatal(err)
	}
	var e *Error
	if _, err := Rewrite(m, fuelled(1)); !errors.As(err, &e) || !strings.Contains(err.Error(), "too many calls in nested try_tables") {
		t.Errorf("got %v", err)
	}
}

func TestCustomSectionsAreBounded(t *testing.T) {
	b := NewBuilder()
	for range MaxCustoms + 1 {
		b.AddCustom("", nil)
	}
	if _, err := Decode(b.Encode()); err == nil || !strings.Contains(err.Error(), "more than 100000 custom sections") {
		t.Errorf("got %v", err)
	}
}

func TestElementsOfAllSegmentsAreBounded(t *testing.T) {
	b := NewBuilder()
	for range 3 {
		b.AddElement(Element{Mode: Passive, Type: FuncRef, Funcs: make([]uint32, MaxElements/3)})
	}
	bin := b.Encode()
	if _, err := Decode(bin); err != nil {
		t.Error(err)
	}
	b.AddElement(Element{Mode: Passive, Type: FuncRef, Funcs: make([]uint32, MaxElements/3)})
	if _, err := Decode(b.Encode()); err == nil || !strings.Contains(err.Error(), "elements, at most") {
		t.Errorf("got %v", err)
	}
}

func TestLocalsOfAllFunctionsAreBounded(t *testing.T) {
	b := NewBuilder()
	f := b.DeclareFunc(b.AddType(nil, nil))
	body := append(appendLocals(nil, []LocalGroup{{MaxLocals, I64}}), byte(OpEnd))
	m := b.Module()
	m.Functions[f].Body = body
	for len(m.Functions)*MaxLocals <= MaxAllLocals {
		m.Functions = append(m.Functions, m.Functions[0])
	}
	if err := m.Validate(); err == nil || !strings.Contains(err.Error(), "in all functions together") {
		t.Errorf("got %v", err)
	}
}

// i31Module has numbers of 31 bits wherever they can be.
func i31Module() []byte {
	b := NewBuilder()
	ref := RefType(HeapI31, false)
	b.AddTable(TableType{Elem: ref, Limits: Limits{Min: 2}})
	g := b.AddGlobal(GlobalType{Type: I31Ref, Mutable: true}, ConstNull(HeapI31))
	b.AddFunc(b.AddType([]ValType{ref}, []ValType{I32}), []ValType{I31Ref}, NewCode().
		Get(0).Set(1).I32(0).I32(5).Op(opRefI31).Idx(OpTableSet, 0).
		Block(OpBlock, BlockOf(I31Ref)).Get(1).End().Idx(OpGlobalSet, g).
		Idx(OpGlobalGet, g).Op(opI31GetS).Get(0).Op(opI31GetU, OpI32Add))
	m := b.Module()
	m.Tables[0].Init = append(append(ConstExpr(nil), ConstI32(3)[:2]...), 0xfb, 0x1c, byte(OpEnd))
	return m.Encode()
}

func FuzzRewrite(f *testing.F) {
	f.Add(kitchenSink().Encode())
	f.Add(sumModule())
	for _, c := range fusedCases() {
		f.Add(c.module())
	}
	for _, bin := range loweredModules() {
		f.Add(bin)
	}
	f.Add(accessModule([]MemoryType{memory(1, 1, false), memory(1, 1, true)}))
	f.Add(newGenerator(3, false, false).module())
	f.Add(i31Module())
	for _, c := range ehCases() {
		b := newEH()
		b.AddExport("f", KindFunc, b.AddFunc(b.ii, []ValType{I32, I32, ExnRef}, c.make(b)))
		f.Add(b.Encode())
	}
	f.Fuzz(func(t *testing.T, bin []byte) {
		m, err := Decode(bin)
		if err != nil {
			return
		}
		low, err := Lower(m, LowerOptions{})
		if err != nil {
			return
		}
		for i, p := range low.Parts {
			if err := p.Module.Validate(); err != nil {
				t.Fatalf("part %d: %v", i, err)
			}
			rw, err := Rewrite(p.Module, fuelled(1))
			if err != nil {
				return
			}
			out, err := Decode(rw.Wasm)
			if err != nil {
				t.Fatal(err)
			}
			if err := out.Validate(); err != nil {
				t.Fatalf("part %d, rewritten: %v", i, err)
			}
		}
	})
}
