package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// indexOf consumes an index or an identifier of one index space.
type indexOf func(p *parser) uint32

// coreValType parses a value type.
//
// Spec: WebAssembly core 3.0, section 6.4 (types).
func (p *parser) coreValType(types indexOf) corewasm.ValType {
	if p.at(tokKeyword) {
		if t, ok := valTypes[p.text()]; ok {
			p.advance()
			return t
		}
	}
	if p.gotOpen("ref") {
		t := p.refTail(types)
		p.close()
		return t
	}
	p.unexpected("a value type")
	return 0
}

var valTypes = map[string]corewasm.ValType{
	"i32": corewasm.I32, "i64": corewasm.I64, "f32": corewasm.F32, "f64": corewasm.F64, "v128": corewasm.V128,
	"funcref": corewasm.FuncRef, "externref": corewasm.ExternRef, "exnref": corewasm.ExnRef,
}

// refTail parses what stands behind `(ref`.
func (p *parser) refTail(types indexOf) corewasm.ValType {
	nullable := p.gotKeyword("null")
	return corewasm.RefType(p.coreHeapType(types), nullable)
}

// coreHeapType parses a heap type.
func (p *parser) coreHeapType(types indexOf) corewasm.HeapType {
	return corewasm.HeapType(types(p))
}

// coreRefType parses a reference type.
func (p *parser) coreRefType(types indexOf) corewasm.ValType {
	at := p.span()
	t := p.coreValType(types)
	if !t.IsRef() {
		p.fail(at, "%s is no reference type", t)
	}
	return t
}

// coreGlobalType parses the type of a global.
func (p *parser) coreGlobalType(types indexOf) corewasm.GlobalType {
	if !p.gotOpen("mut") {
		return corewasm.GlobalType{Type: p.coreValType(types)}
	}
	t := corewasm.GlobalType{Type: p.coreValType(types), Mutable: true}
	p.close()
	return t
}

// coreTableType parses the type of a table.
func (p *parser) coreTableType(types indexOf) corewasm.TableType {
	p.unexpected("a table type")
	return corewasm.TableType{}
}

// coreMemoryType parses the type of a memory.
func (p *parser) coreMemoryType() corewasm.MemoryType {
	p.unexpected("a memory type")
	return corewasm.MemoryType{}
}

// coreFuncType parses parameters and results up to something else.
func (p *parser) coreFuncType(types indexOf) corewasm.FuncType {
	var t corewasm.FuncType
	for p.gotOpen("param") {
		if !p.id().isZero() {
			t.Params = append(t.Params, p.coreValType(types))
			p.close()
			continue
		}
		for !p.got(tokRight) {
			t.Params = append(t.Params, p.coreValType(types))
		}
	}
	for p.gotOpen("result") {
		for !p.got(tokRight) {
			t.Results = append(t.Results, p.coreValType(types))
		}
	}
	return t
}

// coreTypeDef parses the definition of a type: `(func …)`, `(struct …)`, `(array …)`,
// `(cont …)`, or one of them in `(sub …)` or `(shared …)`.
func (p *parser) coreTypeDef(types indexOf) corewasm.Type {
	p.expectOpen("func")
	t := corewasm.Type{FuncType: p.coreFuncType(types)}
	p.close()
	return t
}

// coreRecIDs looks ahead at the identifiers of the types in `(rec (type $id? …)*)`,
// behind whose `rec` the parser stands.
func (p *parser) coreRecIDs() []ident { return nil }

// coreRec parses the types of a recursion group, up to its closing parenthesis.
func (p *parser) coreRec(types indexOf) []corewasm.Type { return nil }
