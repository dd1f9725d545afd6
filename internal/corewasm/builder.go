package corewasm

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Builder puts a small module together: shims, trampolines, modules that only hold
// a memory or a table. Indices that the Add methods return are those of the finished
// module, so imports of a kind must be added before definitions of that kind; doing
// otherwise is a mistake of the caller and panics. A Builder belongs to one goroutine.
type Builder struct {
	m      Module
	spaces spaces
	types  map[string]uint32
}

// NewBuilder starts an empty module.
func NewBuilder() *Builder { return &Builder{types: map[string]uint32{}} }

// Module gives the module. The Builder must not be used afterwards.
func (b *Builder) Module() *Module {
	b.m.spaces = &b.spaces
	return &b.m
}

// Encode is short for b.Module().Encode().
func (b *Builder) Encode() []byte { return b.Module().Encode() }

// AddType gives the index of a function type; equal types have the same one.
func (b *Builder) AddType(params, results []ValType) uint32 {
	t := FuncType{params, results}
	key := string(t.key())
	if i, ok := b.types[key]; ok {
		return i
	}
	i := uint32(len(b.m.Types))
	b.m.Types = append(b.m.Types, Type{FuncType: t})
	b.types[key] = i
	return i
}

// AddImport adds an import and gives its index in the space of its kind.
func (b *Builder) AddImport(im Import) uint32 {
	if b.defined(im.Kind) > 0 {
		panic(fmt.Sprintf("corewasm: import of a %s after a definition", im.Kind))
	}
	b.m.Imports = append(b.m.Imports, im)
	b.spaces.add(&im)
	return uint32(b.spaces.importedByKind[im.Kind] - 1)
}

func (b *Builder) defined(k ExternKind) int {
	switch k {
	case KindFunc:
		return len(b.m.Functions)
	case KindTable:
		return len(b.m.Tables)
	case KindMemory:
		return len(b.m.Memories)
	case KindGlobal:
		return len(b.m.Globals)
	default:
		return len(b.m.Tags)
	}
}

func (b *Builder) next(k ExternKind) uint32 {
	return uint32(b.spaces.importedByKind[k] + b.defined(k))
}

// ImportFunc imports a function.
func (b *Builder) ImportFunc(module, name string, typ uint32) uint32 {
	return b.AddImport(Import{Module: module, Name: name, Kind: KindFunc, Type: typ})
}

// ImportTable imports a table.
func (b *Builder) ImportTable(module, name string, t TableType) uint32 {
	return b.AddImport(Import{Module: module, Name: name, Kind: KindTable, Table: t})
}

// ImportMemory imports a memory.
func (b *Builder) ImportMemory(module, name string, t MemoryType) uint32 {
	return b.AddImport(Import{Module: module, Name: name, Kind: KindMemory, Memory: t})
}

// ImportGlobal imports a global.
func (b *Builder) ImportGlobal(module, name string, t GlobalType) uint32 {
	return b.AddImport(Import{Module: module, Name: name, Kind: KindGlobal, Global: t})
}

// ImportTag imports an exception tag.
func (b *Builder) ImportTag(module, name string, typ uint32) uint32 {
	return b.AddImport(Import{Module: module, Name: name, Kind: KindTag, Type: typ})
}

// AddFunc defines a function. The final end is added to code.
func (b *Builder) AddFunc(typ uint32, locals []ValType, code *Code) uint32 {
	i := b.DeclareFunc(typ)
	b.SetBody(i, locals, code)
	return i
}

// DeclareFunc reserves a function, so that others can refer to it before
// [Builder.SetBody] gives it a body.
func (b *Builder) DeclareFunc(typ uint32) uint32 {
	i := b.next(KindFunc)
	b.m.Functions = append(b.m.Functions, Function{Type: typ, Offset: -1})
	return i
}

// SetBody gives function i, which was declared, its body.
func (b *Builder) SetBody(i uint32, locals []ValType, code *Code) {
	var groups []LocalGroup
	for _, t := range locals {
		groups = append(groups, LocalGroup{1, t})
	}
	body := append(appendLocals(nil, groups), code.b...)
	b.m.Functions[int(i)-b.spaces.importedByKind[KindFunc]].Body = append(body, byte(OpEnd))
}

// AddTable defines a table.
func (b *Builder) AddTable(t TableType) uint32 {
	b.m.Tables = append(b.m.Tables, Table{TableType: t})
	return b.next(KindTable) - 1
}

// AddMemory defines a memory.
func (b *Builder) AddMemory(t MemoryType) uint32 {
	b.m.Memories = append(b.m.Memories, t)
	return b.next(KindMemory) - 1
}

// AddGlobal defines a global.
func (b *Builder) AddGlobal(t GlobalType, init ConstExpr) uint32 {
	b.m.Globals = append(b.m.Globals, Global{t, init})
	return b.next(KindGlobal) - 1
}

// AddTag defines an exception tag.
func (b *Builder) AddTag(typ uint32) uint32 {
	b.m.Tags = append(b.m.Tags, Tag{typ})
	return b.next(KindTag) - 1
}

// AddExport exports something.
func (b *Builder) AddExport(name string, k ExternKind, index uint32) {
	b.m.Exports = append(b.m.Exports, Export{name, k, index})
}

// AddElement adds an element segment and gives its index.
func (b *Builder) AddElement(e Element) uint32 {
	b.m.Elements = append(b.m.Elements, e)
	return uint32(len(b.m.Elements) - 1)
}

// AddData adds a data segment and gives its index.
func (b *Builder) AddData(d Data) uint32 {
	b.m.Data = append(b.m.Data, d)
	return uint32(len(b.m.Data) - 1)
}

// SetDataCount adds the data count section, which functions need that name data
// segments. It counts the segments added so far.
func (b *Builder) SetDataCount() {
	n := uint32(len(b.m.Data))
	b.m.DataCount = &n
}

// SetStart makes function i the start function.
func (b *Builder) SetStart(i uint32) { b.m.Start = &i }

// AddCustom adds a custom section.
func (b *Builder) AddCustom(name string, data []byte) {
	b.m.Customs = append(b.m.Customs, Custom{Name: name, Data: data})
}

// ReExport imports what im describes and exports it under name.
func (b *Builder) ReExport(im Import, name string) uint32 {
	i := b.AddImport(im)
	b.AddExport(name, im.Kind, i)
	return i
}

// Code assembles instructions. Methods append one instruction each and return the
// Code, for chaining; nothing is checked.
type Code struct{ b []byte }

// NewCode starts an empty sequence.
func NewCode() *Code { return &Code{} }

// Bytes is what was assembled so far.
func (c *Code) Bytes() []byte { return c.b }

// Op appends instructions without immediates.
func (c *Code) Op(ops ...Opcode) *Code {
	for _, op := range ops {
		c.b = appendOpcode(c.b, op)
	}
	return c
}

func appendOpcode(dst []byte, op Opcode) []byte {
	if op < 0x100 {
		return append(dst, byte(op))
	}
	return leb128.AppendU32(append(dst, byte(op>>16)), uint32(op&0xffff))
}

// Idx appends an instruction whose immediates are indices, labels or plain counts,
// in the order of the binary format.
func (c *Code) Idx(op Opcode, indices ...uint32) *Code {
	c.Op(op)
	for _, i := range indices {
		c.b = leb128.AppendU32(c.b, i)
	}
	return c
}

// Named appends instructions without immediates by their names in the text
// format. An unknown name panics.
func (c *Code) Named(names ...string) *Code {
	for _, n := range names {
		op, ok := LookupOpcode(n)
		if !ok {
			panic("corewasm: no instruction " + n)
		}
		c.Op(op)
	}
	return c
}

// Get appends local.get.
func (c *Code) Get(local uint32) *Code { return c.Idx(OpLocalGet, local) }

// Set appends local.set.
func (c *Code) Set(local uint32) *Code { return c.Idx(OpLocalSet, local) }

// Tee appends local.tee.
func (c *Code) Tee(local uint32) *Code { return c.Idx(OpLocalTee, local) }

// Call appends call.
func (c *Code) Call(f uint32) *Code { return c.Idx(OpCall, f) }

// I32 appends i32.const.
func (c *Code) I32(v int32) *Code {
	c.b = leb128.AppendS32(append(c.b, byte(OpI32Const)), v)
	return c
}

// I64 appends i64.const.
func (c *Code) I64(v int64) *Code {
	c.b = leb128.AppendS64(append(c.b, byte(OpI64Const)), v)
	return c
}

// Mem appends a load or store of memory 0.
func (c *Code) Mem(op Opcode, align, offset uint32) *Code { return c.Idx(op, align, offset) }

// Block appends block, loop or if.
func (c *Code) Block(op Opcode, t BlockType) *Code {
	c.b = t.Append(append(c.b, byte(op)))
	return c
}

// TryTable appends try_table.
func (c *Code) TryTable(t BlockType, catches ...Catch) *Code {
	c.b = appendTryTable(c.b, t, catches)
	return c
}

func appendTryTable(dst []byte, t BlockType, catches []Catch) []byte {
	return appendCatches(t.Append(append(dst, byte(OpTryTable))), catches)
}

// BrTable appends br_table; the default label comes last.
func (c *Code) BrTable(labels ...uint32) *Code {
	c.b = appendLabels(append(c.b, byte(OpBrTable)), labels)
	return c
}

// End appends end.
func (c *Code) End() *Code { return c.Op(OpEnd) }

// Instr appends an instruction of any kind.
func (c *Code) Instr(in *Instr) *Code {
	c.b = in.Append(c.b)
	return c
}

// Raw appends bytes.
func (c *Code) Raw(b ...byte) *Code {
	c.b = append(c.b, b...)
	return c
}
