package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// The methods of this file parse a field of a module behind its keyword, up to its
// closing parenthesis.
//
// Spec: WebAssembly core 3.0, section 6.6 (modules).

func (t *moduleText) importField() {
	module, name := t.importNames()
	s := t.externKind()
	t.binding()
	t.importItem(s, module, name)
	t.close()
}

// importItem parses the type of an import, and adds it.
func (t *moduleText) importItem(s space, module, name string) {
	index := t.next[s]
	t.next[s]++
	im := corewasm.Import{Module: module, Name: name, Kind: corewasm.ExternKind(s)}
	switch s {
	case spaceFunc:
		locals := &t.body.locals
		locals.reset()
		u := t.typeUse(func(param binding) { locals.define(t.parser, param) })
		im.Type = t.resolve(&u)
		t.names.locals.add(index, locals.names)
	case spaceTag:
		u := t.typeUse(func(binding) {})
		im.Type = t.resolve(&u)
	case spaceTable:
		im.Table = t.coreTableType(t.types)
	case spaceMemory:
		im.Memory = t.coreMemoryType()
	case spaceGlobal:
		im.Global = t.coreGlobalType(t.types)
	}
	t.m.Imports = append(t.m.Imports, im)
}

// itemField parses the definition of a function, table, memory, global or tag, or an
// import that is written like one.
func (t *moduleText) itemField(s space) {
	t.binding()
	t.inlineExports(s)
	if t.gotOpen("import") {
		module, name := t.importNames()
		t.close("a string")
		t.importItem(s, module, name)
		return
	}
	index := t.next[s]
	t.next[s]++
	switch s {
	case spaceFunc:
		t.function(index)
	case spaceTable:
		t.table(index)
	case spaceMemory:
		t.memory(index)
	case spaceGlobal:
		g := corewasm.Global{GlobalType: t.coreGlobalType(t.types)}
		g.Init = t.constExpr()
		t.m.Globals = append(t.m.Globals, g)
	case spaceTag:
		u := t.typeUse(func(binding) {})
		t.m.Tags = append(t.m.Tags, corewasm.Tag{Type: t.resolve(&u)})
	}
}

// inlineExports parses the `(export "…")` of the next item.
func (t *moduleText) inlineExports(s space) {
	for t.gotOpen("export") {
		e := corewasm.Export{Name: t.name(), Kind: corewasm.ExternKind(s), Index: t.next[s]}
		t.m.Exports = append(t.m.Exports, e)
		t.close("a string")
	}
}

func (t *moduleText) exportField() {
	name := t.name()
	s := t.externKind()
	e := corewasm.Export{Name: name, Kind: corewasm.ExternKind(s), Index: t.spaces[s].index(t.parser)}
	t.m.Exports = append(t.m.Exports, e)
	t.close()
}

func (t *moduleText) startField() {
	at := t.span()
	f := t.spaces[spaceFunc].index(t.parser)
	if t.m.Start != nil {
		t.failWith(syntax.Errorf(at, "multiple start sections: a module has one start function at most").
			WithNote(t.start, "the first one stands here"))
	}
	t.m.Start, t.start = &f, at
}

func (t *moduleText) memory(index uint32) {
	if !t.atInlineData() {
		t.m.Memories = append(t.m.Memories, t.coreMemoryType())
		return
	}
	var typ corewasm.MemoryType
	typ.Limits.Is64 = t.addressType()
	typ.PageSize = t.pageSize()
	t.expectOpen("data")
	data := t.dataStrings()
	t.close()
	pages := (uint64(len(data)) + typ.PageBytes() - 1) / typ.PageBytes()
	typ.Limits.Min, typ.Limits.Max, typ.Limits.HasMax = pages, pages, true
	t.m.Memories = append(t.m.Memories, typ)
	t.addData(corewasm.Data{Memory: index, Offset: zeroOf(typ.Limits), Init: data})
}

// zeroOf is the address 0 as an expression.
func zeroOf(l corewasm.Limits) corewasm.ConstExpr {
	if l.Is64 {
		return corewasm.ConstI64(0)
	}
	return corewasm.ConstI32(0)
}

func (t *moduleText) table(index uint32) {
	if t.atInlineElems() {
		t.inlineTable(index)
		return
	}
	table := corewasm.Table{TableType: t.coreTableType(t.types)}
	if !t.at(tokRight) {
		table.Init = t.constExpr()
	}
	t.m.Tables = append(t.m.Tables, table)
}

// inlineTable parses a table that is given by its contents.
func (t *moduleText) inlineTable(index uint32) {
	var typ corewasm.TableType
	if typ.Shared = t.gotKeyword("shared"); !typ.Shared {
		typ.Limits.Is64 = t.addressType()
	}
	typ.Elem = t.coreRefType(t.types)
	t.expectOpen("elem")
	e := corewasm.Element{Table: index, Offset: zeroOf(typ.Limits), Type: typ.Elem, TableGiven: true}
	t.inlineElems(&e)
	t.close()
	n := uint64(len(e.Funcs) + len(e.Exprs))
	typ.Limits.Min, typ.Limits.Max, typ.Limits.HasMax = n, n, true
	t.m.Tables = append(t.m.Tables, corewasm.Table{TableType: typ})
	t.addElem(e)
}
