package corewasm

import "math"

// Module is a core module as plain data. After [Decode], byte slices and strings
// share the decoded bytes: they must not be modified, and they keep them alive.
//
// Indices are those of the binary format: in every space imports come first, in
// the order in which they are imported. A Module may be read by several goroutines
// at once as long as nobody writes to it.
type Module struct {
	Types []Type
	// EmptyGroups are recursion groups without types: how many types stand in front of
	// each, in increasing order.
	EmptyGroups []uint32
	Imports     []Import
	Functions   []Function // defined ones
	Tables      []Table
	Memories    []MemoryType
	Tags        []Tag
	Globals     []Global
	Exports     []Export
	Start       *uint32 // function index
	Elements    []Element
	DataCount   *uint32 // must be present where a body refers to a data segment
	Data        []Data
	Customs     []Custom

	spaces *spaces
	source []byte // what it was decoded from, or nil
}

// Type is an entry of the type index space: a function type, unless Kind says
// otherwise. The zero values of the other fields are those of a plain type, which is
// final and has no supertype.
type Type struct {
	FuncType // of a function
	Kind     TypeKind
	Fields   []FieldType // of a struct; the only one of an array
	Cont     HeapType    // of a continuation: the function type

	Shared bool
	Open   bool     // `sub` without `final`: other types may name it as their supertype
	Supers []uint32 // its declared supertypes; valid modules have at most one

	// Group is 0 for a type that stands alone. In a recursion group the first type
	// has the number of members, the others -1.
	Group int
}

// TypeKind is the kind of a composite type.
type TypeKind byte

// Kinds of composite types.
const (
	TypeFunc TypeKind = iota
	TypeStruct
	TypeArray
	TypeCont // stack switching
)

// String gives the text format's keyword.
func (k TypeKind) String() string {
	return [...]string{"func", "struct", "array", "cont"}[k]
}

// FieldType is the type of a struct's field or of an array's elements. Besides value
// types it may be [I8] or [I16].
type FieldType struct {
	Type    ValType
	Mutable bool
}

// ExternKind says what an import or export is. Its values are those of the
// binary format.
type ExternKind byte

// Kinds of imports and exports.
const (
	KindFunc   ExternKind = 0
	KindTable  ExternKind = 1
	KindMemory ExternKind = 2
	KindGlobal ExternKind = 3
	KindTag    ExternKind = 4
)

// String gives the text format's keyword.
func (k ExternKind) String() string {
	return [...]string{"func", "table", "memory", "global", "tag"}[k]
}

// Import is an import with its description; the field that Kind names is set.
type Import struct {
	Module, Name string
	Kind         ExternKind
	Type         uint32 // type index of a function or tag
	Table        TableType
	Memory       MemoryType
	Global       GlobalType
}

// Function is a function that the module defines.
type Function struct {
	Type   uint32 // type index
	Body   []byte // local declarations and instructions, without the size in front
	Offset int    // of Body in the decoded bytes; -1 if it was not decoded
}

// Limits bound the size of a table (entries) or memory (pages).
type Limits struct {
	Min    uint64
	Max    uint64 // if HasMax
	HasMax bool
	Is64   bool // addresses are i64
}

// Address is the type of addresses: i32 or i64.
func (l Limits) Address() ValType {
	if l.Is64 {
		return I64
	}
	return I32
}

// TableType is the type of a table.
type TableType struct {
	Elem   ValType
	Limits Limits
	Shared bool
}

// Table is a table that the module defines.
type Table struct {
	TableType
	Init ConstExpr // nil: null references
}

// MemoryType is the type of a memory. Shared memories always have a maximum.
type MemoryType struct {
	Limits   Limits
	Shared   bool
	PageSize uint32 // in bytes, a power of two; 0 means the usual 64 KiB, without saying so
}

// PageBytes is the size of a page in bytes.
func (t *MemoryType) PageBytes() uint64 {
	if t.PageSize == 0 {
		return 1 << 16
	}
	return uint64(t.PageSize)
}

// MaxPages is the largest size that a memory with t's addresses and pages can have.
func (t *MemoryType) MaxPages() uint64 {
	most := uint64(math.MaxUint32)
	if t.Limits.Is64 {
		most = math.MaxUint64
	}
	if page := t.PageBytes(); page > 1 {
		return most/page + 1
	}
	return most
}

// GlobalType is the type of a global.
type GlobalType struct {
	Type    ValType
	Mutable bool
	Shared  bool
}

// Global is a global that the module defines.
type Global struct {
	GlobalType
	Init ConstExpr
}

// Tag is an exception tag that the module defines.
type Tag struct {
	Type uint32 // type index
}

// Export is an export.
type Export struct {
	Name  string
	Kind  ExternKind
	Index uint32
}

// SegmentMode says when a segment is used.
type SegmentMode byte

// Modes of element and data segments.
const (
	Active SegmentMode = iota
	Passive
	Declarative // elements only
)

// Element is an element segment. Its entries are functions (Funcs) or, if Exprs
// is not nil, expressions.
type Element struct {
	Mode   SegmentMode
	Table  uint32    // if active
	Offset ConstExpr // if active
	Type   ValType
	Funcs  []uint32
	Exprs  []ConstExpr
	// TableGiven: the binary form names the table although a shorter form would do.
	TableGiven bool
}

// Data is a data segment.
type Data struct {
	Mode   SegmentMode
	Memory uint32    // if active
	Offset ConstExpr // if active
	Init   []byte
}

// Custom is a custom section. Those with the same Before keep their order.
type Custom struct {
	Name string
	Data []byte
	// Before is the section that it stands in front of, or, if the module has no such
	// section, of the next one that it has. [SectionCustom], the zero value, stands for
	// the end of the module.
	Before SectionID
}

// spaces caches what index spaces look like; see Module.index.
type spaces struct {
	funcs          []uint32 // type index of every imported function
	tables         []TableType
	memories       []MemoryType
	globals        []GlobalType
	tags           []uint32
	importedByKind [5]int
	nImports       int
}

// index gives the imported part of each index space. Decode and Builder keep it; a
// Module that was put together by hand, or that has got more imports since, pays
// for it at every question, so that questions never write.
func (m *Module) index() *spaces {
	if m.spaces != nil && m.spaces.nImports == len(m.Imports) {
		return m.spaces
	}
	return newSpaces(m.Imports)
}

func newSpaces(imports []Import) *spaces {
	s := &spaces{}
	for i := range imports {
		s.add(&imports[i])
	}
	return s
}

func (s *spaces) add(im *Import) {
	s.nImports++
	s.importedByKind[im.Kind]++
	switch im.Kind {
	case KindFunc:
		s.funcs = append(s.funcs, im.Type)
	case KindTable:
		s.tables = append(s.tables, im.Table)
	case KindMemory:
		s.memories = append(s.memories, im.Memory)
	case KindGlobal:
		s.globals = append(s.globals, im.Global)
	case KindTag:
		s.tags = append(s.tags, im.Type)
	}
}

// NumImported is the number of imports of a kind, which is the first index that
// the module defines itself.
func (m *Module) NumImported(k ExternKind) int { return m.index().importedByKind[k] }

// Count is the size of the index space of a kind.
func (m *Module) Count(k ExternKind) int {
	n := m.NumImported(k)
	switch k {
	case KindFunc:
		return n + len(m.Functions)
	case KindTable:
		return n + len(m.Tables)
	case KindMemory:
		return n + len(m.Memories)
	case KindGlobal:
		return n + len(m.Globals)
	default:
		return n + len(m.Tags)
	}
}

// FuncTypeIndex is the type index of function i, if there is such a function.
func (m *Module) FuncTypeIndex(i uint32) (uint32, bool) {
	s := m.index()
	if int(i) < len(s.funcs) {
		return s.funcs[i], true
	}
	if d := int(i) - len(s.funcs); d < len(m.Functions) {
		return m.Functions[d].Type, true
	}
	return 0, false
}

// FuncType is the type of function i, if there is such a function.
func (m *Module) FuncType(i uint32) (FuncType, bool) {
	t, ok := m.FuncTypeIndex(i)
	if !ok {
		return FuncType{}, false
	}
	return m.funcTypeAt(t)
}

// funcTypeAt is type i, if it is a function type.
func (m *Module) funcTypeAt(i uint32) (FuncType, bool) {
	if int64(i) >= int64(len(m.Types)) || m.Types[i].Kind != TypeFunc {
		return FuncType{}, false
	}
	return m.Types[i].FuncType, true
}

// TableType is the type of table i, if there is such a table.
func (m *Module) TableType(i uint32) (TableType, bool) {
	s := m.index()
	if int(i) < len(s.tables) {
		return s.tables[i], true
	}
	if d := int(i) - len(s.tables); d < len(m.Tables) {
		return m.Tables[d].TableType, true
	}
	return TableType{}, false
}

// MemoryType is the type of memory i, if there is such a memory.
func (m *Module) MemoryType(i uint32) (MemoryType, bool) {
	s := m.index()
	if int(i) < len(s.memories) {
		return s.memories[i], true
	}
	if d := int(i) - len(s.memories); d < len(m.Memories) {
		return m.Memories[d], true
	}
	return MemoryType{}, false
}

// GlobalType is the type of global i, if there is such a global.
func (m *Module) GlobalType(i uint32) (GlobalType, bool) {
	s := m.index()
	if int(i) < len(s.globals) {
		return s.globals[i], true
	}
	if d := int(i) - len(s.globals); d < len(m.Globals) {
		return m.Globals[d].GlobalType, true
	}
	return GlobalType{}, false
}

// TagType is the function type of tag i, if there is such a tag.
func (m *Module) TagType(i uint32) (FuncType, bool) {
	t, ok := m.TagTypeIndex(i)
	if !ok {
		return FuncType{}, false
	}
	return m.funcTypeAt(t)
}

// TagTypeIndex is the type index of tag i, if there is such a tag.
func (m *Module) TagTypeIndex(i uint32) (uint32, bool) {
	s := m.index()
	if int(i) < len(s.tags) {
		return s.tags[i], true
	}
	if d := int(i) - len(s.tags); d < len(m.Tags) {
		return m.Tags[d].Type, true
	}
	return 0, false
}

// Export finds an export by name.
func (m *Module) Export(name string) (Export, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}

// Custom finds the first custom section of a name.
func (m *Module) Custom(name string) ([]byte, bool) {
	for _, c := range m.Customs {
		if c.Name == name {
			return c.Data, true
		}
	}
	return nil, false
}
