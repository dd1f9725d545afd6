package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// function parses a function from its type on.
//
// Spec: WebAssembly core 3.0, section 6.6.6 (functions).
func (t *moduleText) function(index uint32) {
	b := &t.body
	b.begin()
	u := t.typeUse(func(param binding) { b.locals.define(t.parser, param) })
	f := corewasm.Function{Type: t.resolve(&u), Offset: -1}
	known := t.countParams(f.Type)
	b.dst = b.localDecls(b.dst)
	b.instrs()
	b.dst = append(b.dst, byte(corewasm.OpEnd))
	f.Body = append([]byte(nil), b.dst...)
	t.m.Functions = append(t.m.Functions, f)
	t.usesData = t.usesData || b.usesData
	t.addHints(index, b.hints)
	t.names.function(index, b, known)
}

// countParams makes the parameters that the function's type has, but that are not
// spelled out, take up their indices. It reports false for a type that is none.
func (t *moduleText) countParams(typ uint32) (known bool) {
	locals := &t.body.locals
	if int(typ) >= len(t.m.Types) || t.m.Types[typ].Kind != corewasm.TypeFunc {
		return locals.count > 0
	}
	locals.count = uint32(len(t.m.Types[typ].Params))
	return true
}

// localDecls parses the locals and appends their declarations.
func (b *bodyText) localDecls(dst []byte) []byte {
	t := b.t
	types := b.localTypes[:0]
	for t.gotOpen("local") {
		types = t.parser.named(t.types, types, func(local binding) { b.locals.define(t.parser, local) })
	}
	b.localTypes = types
	var groups []corewasm.LocalGroup
	for _, typ := range types {
		if n := len(groups); n > 0 && groups[n-1].Type == typ {
			groups[n-1].Count++
		} else {
			groups = append(groups, corewasm.LocalGroup{Count: 1, Type: typ})
		}
	}
	dst = leb128.AppendU32(dst, uint32(len(groups)))
	for _, g := range groups {
		dst = g.Type.Append(leb128.AppendU32(dst, g.Count))
	}
	return dst
}

// constExpr parses the instructions of a constant expression, up to the closing
// parenthesis.
func (t *moduleText) constExpr() corewasm.ConstExpr {
	b := &t.body
	b.begin()
	b.instrs()
	return b.constExpr()
}

// foldedExpr parses a constant expression that is one folded instruction.
func (t *moduleText) foldedExpr(expected string) corewasm.ConstExpr {
	if !t.at(tokLeft) {
		t.unexpected(expected, "a folded instruction")
	}
	b := &t.body
	b.begin()
	b.folded()
	return b.constExpr()
}

func (b *bodyText) constExpr() corewasm.ConstExpr {
	x := append(make(corewasm.ConstExpr, 0, len(b.dst)+1), b.dst...)
	return append(x, byte(corewasm.OpEnd))
}
