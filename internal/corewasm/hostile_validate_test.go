package corewasm

import (
	"slices"
	"strings"
	"testing"
)

// repeated is n times the code that one appends.
func repeated(n int, one func(c *Code)) *Code {
	c := NewCode()
	for range n {
		one(c)
	}
	return c
}

// wide is a module in which type 1 takes and leaves a thousand operands, type 2 only
// leaves them; function 0 has type 1, function 1 type 2, function 2 the code.
func wide(c *Code) *Module {
	b := NewBuilder()
	v := b.AddType(nil, nil)
	many := slices.Repeat([]ValType{I32}, MaxParams)
	through, out := b.AddType(many, many), b.AddType(nil, many)
	b.DeclareFunc(through)
	b.AddFunc(out, nil, NewCode().Op(OpUnreachable))
	code := NewCode()
	for i := range uint32(MaxParams) {
		code.Get(i)
	}
	b.SetBody(0, nil, code)
	b.AddFunc(v, nil, c)
	return b.Module()
}

// TestCheckingIsBounded: what a few bytes can make the checker do is refused before
// it takes long, and checking what is deep or long takes time that grows with its size.
func TestCheckingIsBounded(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: nothing to find for the race detector")
	}
	const n = 1_000_000
	chain := NewBuilder()
	for i := range MaxSubtypeDepth + 2 {
		typ := Type{Kind: TypeStruct, Open: true}
		if i > 0 {
			typ.Supers = []uint32{uint32(i - 1)}
		}
		chain.m.Types = append(chain.m.Types, typ)
	}
	for _, tt := range []struct {
		name string
		m    *Module
		err  string
	}{
		{"calls that move many operands", wide(seq(NewCode().Call(1), repeated(n, func(c *Code) { c.Call(0) }), NewCode().Op(OpUnreachable))), "too much work"},
		{"calls that heap up operands", wide(repeated(n, func(c *Code) { c.Call(1) })), "operands on the stack"},
		{"labels that take many operands", wide(seq(NewCode().Block(OpBlock, 2).Call(1).I32(0).BrTable(make([]uint32, n)...).End().Op(OpUnreachable))), "too much work"},
		{"blocks that take many operands", wide(seq(NewCode().Call(1), repeated(n, func(c *Code) { c.Block(OpBlock, 1) }))), "too much work"},
		{"blocks in blocks", wide(seq(repeated(n, func(c *Code) { c.Block(OpBlock, BlockVoid) }), repeated(n, func(c *Code) { c.End() }))), ""},
		{"blocks that leave references", wide(repeated(n, func(c *Code) { c.Block(OpBlock, BlockOf(FuncRef)).Op(OpUnreachable).End().Op(OpDrop) })), ""},
		{"a chain of supertypes", chain.Module(), "a chain of more than 63 supertypes"},
		{"many equal types", equalTypes(n / 4), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.m.Validate()
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %v, want %q", err, tt.err)
			}
		})
	}
}

// TestSelectsBeyondALimit: a body that can't be checked when it is rewritten is refused.
func TestSelectsBeyondALimit(t *testing.T) {
	m := wide(seq(repeated(2000, func(c *Code) { c.Call(1) }), NewCode().Op(OpUnreachable, OpSelect, OpDrop)))
	if _, err := Rewrite(m, RewriteOptions{Valid: true}); err == nil || !strings.Contains(err.Error(), "function 2: more than 1048576 operands") {
		t.Errorf("got %v", err)
	}
}

// equalTypes is a module with n pairs of types that refer to each other and to the pair
// before, and a function that takes a value of the last for one of the first.
func equalTypes(n int) *Module {
	b := NewBuilder()
	for i := range n {
		own := RefType(HeapType(2*i), true)
		before := RefType(HeapType(max(2*i-2, 0)), true)
		if i%2 == 0 {
			before = own
		}
		b.m.Types = append(b.m.Types,
			Type{Kind: TypeStruct, Group: 2, Fields: []FieldType{{Type: RefType(HeapType(2*i+1), true)}}},
			Type{Kind: TypeStruct, Group: -1, Fields: []FieldType{{Type: own}, {Type: before}}})
	}
	f := b.AddType([]ValType{RefType(HeapType(2*(n-2)), true)}, []ValType{RefType(0, true)})
	b.AddFunc(f, nil, NewCode().Get(0))
	return b.Module()
}
