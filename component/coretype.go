package component

import (
	"strconv"
	"strings"
)

// CoreType defines a core type.
//
// Spec: Binary.md#type-definitions, production `core:type`.
type CoreType struct {
	At  Offset
	Def CoreDefType
}

// Section implements [Definition].
func (*CoreType) Section() SectionID { return SectionCoreType }

// Defines implements [Definition].
func (*CoreType) Defines() (Sort, bool) { return SortCoreType, true }

// Indices is the number of core types that t defines: one, unless it is a
// recursive group.
func (t *CoreType) Indices() uint32 {
	if other, ok := t.Def.(*CoreOtherType); ok {
		return other.Types
	}
	return 1
}

// CoreDefType is *[CoreFuncType], [CoreModuleType] or *[CoreOtherType].
type CoreDefType interface{ isCoreDefType() }

// CoreFuncType is a core function type.
type CoreFuncType struct {
	Params  []CoreValType
	Results []CoreValType
}

// CoreOtherType is a core type that this package keeps as bytes: those that
// WebAssembly 3.0's garbage collection added (structs, arrays, recursive groups,
// subtypes).
type CoreOtherType struct {
	Keyword string // `struct`, `array`, `rec` or `sub`
	Types   uint32 // how many types it defines: one, or those of the `rec`
	Bytes   []byte // the whole encoding, shared with the decoder's input
}

// CoreModuleType is the type of a core module: *[CoreType], *[CoreAlias],
// *[CoreImport] and *[CoreExportDecl] in order.
type CoreModuleType []CoreDeclarator

func (*CoreFuncType) isCoreDefType()  {}
func (*CoreOtherType) isCoreDefType() {}
func (CoreModuleType) isCoreDefType() {}

// CoreDeclarator is a part of a core module type.
//
// Spec: Binary.md#type-definitions, production `core:moduledecl`.
type CoreDeclarator interface{ isCoreDeclarator() }

// CoreAlias adds a core type of an enclosing scope to a module type's own.
type CoreAlias struct {
	At    Offset
	Count uint32
	Index uint32
}

// CoreImport declares an import of a module type.
type CoreImport struct {
	At           Offset
	Module, Name string
	Type         CoreExternType
}

// CoreExportDecl declares an export of a module type.
type CoreExportDecl struct {
	At   Offset
	Name string
	Type CoreExternType
}

func (*CoreType) isCoreDeclarator()       {}
func (*CoreAlias) isCoreDeclarator()      {}
func (*CoreImport) isCoreDeclarator()     {}
func (*CoreExportDecl) isCoreDeclarator() {}

// CoreExternType is the type of a core import or export. Sort says which of the
// other fields counts.
type CoreExternType struct {
	Sort   Sort   // SortCoreFunc, …Table, …Memory, …Global or …Tag
	Type   uint32 // a function's or a tag's type
	Table  CoreTableType
	Memory CoreLimits
	Global CoreGlobalType
}

// CoreTableType is the type of a core table.
type CoreTableType struct {
	Elem   CoreValType
	Limits CoreLimits
}

// CoreGlobalType is the type of a core global.
type CoreGlobalType struct {
	Type    CoreValType
	Mutable bool
	Shared  bool
}

// CoreLimits bound a table, in elements, or a memory, in pages.
type CoreLimits struct {
	Min, Max uint64
	HasMax   bool
	Shared   bool
	Is64     bool    // its addresses are i64
	PageSize *uint32 // the page size's binary logarithm, or nil for 64 KiB
}

// CoreValType is a core value type. It is comparable.
type CoreValType struct {
	Code CoreTypeCode
	Heap CoreHeapType // where Code is CoreRef or CoreRefNull
}

// CoreTypeCode is a core value type's first byte in the binary format.
type CoreTypeCode uint8

// The codes of core value types. The short forms of reference types, such as
// `funcref`, are kept as CoreRefNull with Heap.Short set.
const (
	CoreI32     CoreTypeCode = 0x7f
	CoreI64     CoreTypeCode = 0x7e
	CoreF32     CoreTypeCode = 0x7d
	CoreF64     CoreTypeCode = 0x7c
	CoreV128    CoreTypeCode = 0x7b
	CoreRef     CoreTypeCode = 0x64
	CoreRefNull CoreTypeCode = 0x63
)

// The core value types that need no more than a code, and the two reference
// types of WebAssembly 2.0.
var (
	I32       = CoreValType{Code: CoreI32}
	I64       = CoreValType{Code: CoreI64}
	F32       = CoreValType{Code: CoreF32}
	F64       = CoreValType{Code: CoreF64}
	V128      = CoreValType{Code: CoreV128}
	FuncRef   = CoreValType{CoreRefNull, CoreHeapType{Abstract: 0x70, Short: true}}
	ExternRef = CoreValType{CoreRefNull, CoreHeapType{Abstract: 0x6f, Short: true}}
)

// CoreHeapType is what a reference refers to: an abstract heap type or the type
// at an index.
type CoreHeapType struct {
	Abstract uint8  // the code of an abstract heap type, or 0 where Index counts
	Index    uint32 // of a core type
	Shared   bool   // of an abstract heap type: its shared form
	Short    bool   // the reference type was written as its heap type's code alone
}

var heapNames = map[uint8]string{
	0x70: "func", 0x6f: "extern", 0x6e: "any", 0x6d: "eq", 0x6c: "i31", 0x6b: "struct", 0x6a: "array", 0x69: "exn", 0x68: "cont",
	0x71: "none", 0x72: "noextern", 0x73: "nofunc", 0x74: "noexn", 0x75: "nocont",
}

// IsAbstractHeap reports whether code is that of an abstract heap type.
func IsAbstractHeap(code uint8) bool { _, ok := heapNames[code]; return ok }

// String spells the type as the text format does.
func (t CoreValType) String() string {
	switch t.Code {
	case CoreI32:
		return "i32"
	case CoreI64:
		return "i64"
	case CoreF32:
		return "f32"
	case CoreF64:
		return "f64"
	case CoreV128:
		return "v128"
	case CoreRef:
		return "(ref " + t.Heap.String() + ")"
	case CoreRefNull:
		if (t.Heap.Abstract == 0x70 || t.Heap.Abstract == 0x6f) && !t.Heap.Shared {
			return t.Heap.String() + "ref"
		}
		return "(ref null " + t.Heap.String() + ")"
	}
	return "invalid"
}

// String spells the heap type as the text format does.
func (h CoreHeapType) String() string {
	if h.Abstract == 0 {
		return strconv.FormatUint(uint64(h.Index), 10)
	}
	if h.Shared {
		return "(shared " + heapNames[h.Abstract] + ")"
	}
	return heapNames[h.Abstract]
}

// String spells the type as the text format does: `(func (param i32) (result i32))`.
func (f *CoreFuncType) String() string {
	return "(func" + valTypes(" (param", f.Params) + valTypes(" (result", f.Results) + ")"
}

func valTypes(open string, ts []CoreValType) string {
	if len(ts) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(open)
	for _, t := range ts {
		b.WriteString(" " + t.String())
	}
	return b.String() + ")"
}
