package wat

import (
	"encoding/binary"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

func (t *moduleText) addElem(e corewasm.Element) {
	t.next[spaceElem]++
	if e.Table != 0 || e.Type != corewasm.FuncRef {
		e.TableGiven = false // it has to be named anyway
	}
	t.m.Elements = append(t.m.Elements, e)
}

func (t *moduleText) addData(d corewasm.Data) {
	t.next[spaceData]++
	t.m.Data = append(t.m.Data, d)
}

// dataField parses a data segment.
//
// Spec: WebAssembly core 3.0, section 6.6.12 (data segments).
func (t *moduleText) dataField() {
	t.binding()
	var d corewasm.Data
	switch {
	case t.at(tokString) || t.at(tokRight) || t.atNumbers():
		d.Mode = corewasm.Passive
	case t.at(tokInteger): // as it was before memories had names
		d.Memory = t.u32()
		d.Offset = t.offset()
	default:
		if t.gotOpen("memory") {
			d.Memory = t.spaces[spaceMemory].index(t.parser)
			t.close()
		}
		d.Offset = t.offset()
	}
	d.Init = t.dataStrings()
	t.addData(d)
}

// offset parses where an active segment goes: `(offset …)` or a folded instruction.
func (t *moduleText) offset() corewasm.ConstExpr { return t.wrapped("offset") }

// wrapped parses an expression in a form with that keyword, for which a folded
// instruction can stand as well.
func (t *moduleText) wrapped(word string) corewasm.ConstExpr {
	if !t.gotOpen(word) {
		return t.foldedExpr("`(" + word + "`")
	}
	x := t.constExpr()
	t.close()
	return x
}

// atNumbers reports whether `(i32 …)` and the like come, the contents of a segment.
func (t *moduleText) atNumbers() bool {
	word := t.peekOpen()
	return word == "v128" || numberWidth(word) > 0
}

// numberWidth is the size in bits of what a keyword in a data segment announces.
func numberWidth(word string) int {
	switch word {
	case "i8":
		return 8
	case "i16":
		return 16
	case "i32", "f32":
		return 32
	case "i64", "f64":
		return 64
	}
	return 0
}

// dataStrings parses the contents of a segment: strings, and lists of numbers as in
// `(i16 1 -2)`.
func (t *moduleText) dataStrings() []byte {
	b := []byte{}
	for {
		switch {
		case t.at(tokString):
			b = append(b, t.str()...)
		case t.atNumbers():
			t.advance()
			b = t.numbers(b, t.keyword())
			t.close("a number")
		default:
			return b
		}
	}
}

func (t *moduleText) numbers(dst []byte, word string) []byte {
	for !t.at(tokRight) {
		if word == "v128" {
			dst = append(dst, t.v128()...)
		} else {
			dst = t.number(dst, word)
		}
	}
	return dst
}

// number parses a number and appends its bytes; word is `i8`, `f32` and so on.
func (p *parser) number(dst []byte, word string) []byte {
	width := numberWidth(word)
	var v uint64
	switch {
	case word == "f32":
		v = p.float(formatF32)
	case word == "f64":
		v = p.float(formatF64)
	default:
		v = p.int(width)
	}
	return append(dst, binary.LittleEndian.AppendUint64(nil, v)[:width/8]...)
}

// elemField parses an element segment.
//
// Spec: WebAssembly core 3.0, section 6.6.11 (element segments).
func (t *moduleText) elemField() {
	t.binding()
	e := corewasm.Element{Type: corewasm.FuncRef}
	tableLeftOut := false
	switch {
	case t.gotKeyword("declare"):
		e.Mode = corewasm.Declarative
	case t.atKeyword("func") || t.atRefType():
		e.Mode = corewasm.Passive
	case t.at(tokInteger): // as it was before tables had names
		e.Table, tableLeftOut = t.u32(), true
		e.TableGiven = true
		e.Offset = t.offset()
	case t.gotOpen("table"):
		e.Table = t.spaces[spaceTable].index(t.parser)
		e.TableGiven = true
		t.close()
		e.Offset = t.offset()
	default:
		tableLeftOut = true
		e.Offset = t.offset()
	}
	t.elems(&e, tableLeftOut)
	t.addElem(e)
}

// elems parses the elements with what says their type. Only where the table was left
// out may that be left out too.
func (t *moduleText) elems(e *corewasm.Element, untyped bool) {
	switch {
	case t.gotKeyword("func"):
		t.elemFuncs(e)
	case t.atRefType():
		e.Type = t.coreRefType(t.types)
		t.elemExprs(e)
	case untyped:
		t.elemFuncs(e)
	default:
		t.unexpected("`func`", "a reference type")
	}
}

func (t *moduleText) elemFuncs(e *corewasm.Element) {
	e.Funcs = []uint32{}
	for t.atIndex() {
		e.Funcs = append(e.Funcs, t.spaces[spaceFunc].index(t.parser))
	}
}

func (t *moduleText) elemExprs(e *corewasm.Element) {
	e.Exprs = []corewasm.ConstExpr{}
	for t.at(tokLeft) {
		e.Exprs = append(e.Exprs, t.wrapped("item"))
	}
}

// inlineElems parses the elements in a table, which are functions or expressions.
// Functions of another type than funcref become expressions, for which alone the binary
// format has a type.
func (t *moduleText) inlineElems(e *corewasm.Element) {
	switch {
	case t.at(tokLeft):
		t.elemExprs(e)
	case e.Type == corewasm.FuncRef:
		t.elemFuncs(e)
	default:
		e.Exprs = []corewasm.ConstExpr{}
		for t.atIndex() {
			e.Exprs = append(e.Exprs, corewasm.ConstFunc(t.spaces[spaceFunc].index(t.parser)))
		}
	}
}
