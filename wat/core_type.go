package wat

import (
	"math/bits"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// indexOf consumes an index or an identifier of one index space.
type indexOf func(p *parser) uint32

// valTypes are the value types that are one word.
var valTypes = map[string]corewasm.ValType{
	"i32": corewasm.I32, "i64": corewasm.I64, "f32": corewasm.F32, "f64": corewasm.F64, "v128": corewasm.V128,
	"funcref": corewasm.FuncRef, "externref": corewasm.ExternRef, "exnref": corewasm.ExnRef, "anyref": corewasm.AnyRef, "eqref": corewasm.EqRef,
	"i31ref": corewasm.I31Ref, "structref": corewasm.StructRef, "arrayref": corewasm.ArrayRef, "contref": nullRef(corewasm.HeapCont),
	"nullref": nullRef(corewasm.HeapNone), "nullfuncref": nullRef(corewasm.HeapNoFunc), "nullexternref": nullRef(corewasm.HeapNoExtern),
	"nullexnref": nullRef(corewasm.HeapNoExn), "nullcontref": nullRef(corewasm.HeapNoCont),
}

func nullRef(h corewasm.HeapType) corewasm.ValType { return corewasm.RefType(h, true) }

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
	return p.refForm(types, "a value type")
}

// coreRefType parses a reference type.
func (p *parser) coreRefType(types indexOf) corewasm.ValType {
	if p.at(tokKeyword) {
		if t, ok := valTypes[p.text()]; ok && t.IsRef() {
			p.advance()
			return t
		}
	}
	return p.refForm(types, "a reference type")
}

// refForm parses `(ref null? ht)` or `(shared anyref)`. what could stand there
// otherwise.
func (p *parser) refForm(types indexOf, what string) (t corewasm.ValType) {
	switch {
	case p.gotOpen("ref"):
		nullable := p.gotKeyword("null")
		t = corewasm.RefType(p.coreHeapType(types), nullable)
	case p.gotOpen("shared"):
		at := p.span()
		if t = valTypes[p.keyword("a reference type")]; !t.IsRef() {
			p.fail(at, "unexpected token `%s`, expected a reference type", at.Text())
		}
		t = nullRef(t.Heap().Shared())
	default:
		p.unexpected(what)
	}
	p.close()
	return t
}

// atRefType reports whether a reference type comes.
func (p *parser) atRefType() bool {
	if p.at(tokKeyword) {
		return valTypes[p.text()].IsRef()
	}
	return p.atOpen("ref") || p.atOpen("shared")
}

// coreHeapType parses a heap type.
func (p *parser) coreHeapType(types indexOf) corewasm.HeapType {
	switch {
	case p.atIndex():
		return corewasm.HeapType(types(p))
	case p.gotOpen("shared"):
		h := p.abstractHeapType().Shared()
		p.close()
		return h
	}
	return p.abstractHeapType()
}

func (p *parser) abstractHeapType() corewasm.HeapType {
	if p.at(tokKeyword) {
		if h, ok := corewasm.LookupHeapType(p.text()); ok {
			p.advance()
			return h
		}
	}
	p.unexpected("a heap type")
	return 0
}

// coreFieldType parses the type of a field or of an array's elements.
func (p *parser) coreFieldType(types indexOf) (f corewasm.FieldType) {
	if f.Mutable = p.gotOpen("mut"); f.Mutable {
		f.Type = p.storageType(types)
		p.close()
		return f
	}
	f.Type = p.storageType(types)
	return f
}

func (p *parser) storageType(types indexOf) corewasm.ValType {
	switch {
	case p.gotKeyword("i8"):
		return corewasm.I8
	case p.gotKeyword("i16"):
		return corewasm.I16
	}
	return p.coreValType(types)
}

// coreGlobalType parses the type of a global.
func (p *parser) coreGlobalType(types indexOf) (g corewasm.GlobalType) {
	switch {
	case p.gotOpen("shared"): // the global, not its type
		g.Shared = true
		g.Mutable = p.gotKeyword("mut")
	case p.gotOpen("mut"):
		g.Mutable = true
	default:
		g.Type = p.coreValType(types)
		return g
	}
	g.Type = p.coreValType(types)
	p.close()
	return g
}

// coreLimits parses limits, with the address type in front of them.
func (p *parser) coreLimits() (l corewasm.Limits) {
	l.Is64 = p.addressType()
	l.Min = p.uint(64)
	if l.HasMax = p.at(tokInteger); l.HasMax {
		l.Max = p.uint(64)
	}
	return l
}

// addressType parses `i32` or `i64`, which may be missing.
func (p *parser) addressType() (is64 bool) {
	if p.gotKeyword("i64") {
		return true
	}
	p.gotKeyword("i32")
	return false
}

// coreTableType parses the type of a table.
func (p *parser) coreTableType(types indexOf) (t corewasm.TableType) {
	t.Shared = p.gotKeyword("shared")
	t.Limits = p.coreLimits()
	t.Elem = p.coreRefType(types)
	return t
}

// coreMemoryType parses the type of a memory.
func (p *parser) coreMemoryType() (t corewasm.MemoryType) {
	t.Limits = p.coreLimits()
	t.Shared = p.gotKeyword("shared")
	t.PageSize = p.pageSize()
	return t
}

// pageSize parses `(pagesize n)`, or gives 0 where there is none.
func (p *parser) pageSize() uint32 {
	if !p.gotOpen("pagesize") {
		return 0
	}
	at := p.span()
	n := p.u32()
	if bits.OnesCount32(n) != 1 {
		p.fail(at, "invalid custom page size: %d is no power of two", n)
	}
	p.close()
	return n
}

// coreFuncType parses parameters and results up to something else.
func (p *parser) coreFuncType(types indexOf) corewasm.FuncType {
	return p.signature(types, func(binding) {})
}

// signature is coreFuncType, with a function that gets to know how each parameter
// is called. Where it is nil, parameters may not have names.
func (p *parser) signature(types indexOf, param func(binding)) (t corewasm.FuncType) {
	for p.gotOpen("param") {
		t.Params = p.named(types, t.Params, param)
	}
	for p.gotOpen("result") {
		for !p.got(tokRight) {
			t.Results = append(t.Results, p.coreValType(types))
		}
	}
	if p.atOpen("param") {
		p.failWith(syntax.Errorf(p.span(), "result before parameter").WithHint("parameters come first: `(param …) (result …)`"))
	}
	return t
}

// named parses what stands behind `(param` or `(local`: one type that may have a
// name, or any number without.
func (p *parser) named(types indexOf, ts []corewasm.ValType, each func(binding)) []corewasm.ValType {
	b := binding{}
	if each != nil {
		b = p.binding()
	}
	if b.named {
		each(b)
		ts = append(ts, p.coreValType(types))
		p.close()
		return ts
	}
	for !p.got(tokRight) {
		if each != nil {
			each(b)
		}
		ts = append(ts, p.coreValType(types))
	}
	return ts
}
