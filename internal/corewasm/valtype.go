package corewasm

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// ValType is a value type. The low byte is its code in the binary format; a
// reference whose heap type needs to be spelled out keeps the heap type above it.
// Nullable references to abstract heap types always have their short form, so that
// types can be compared with ==.
type ValType uint64

// Value types that are a single byte in the binary format.
const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f
	AnyRef    ValType = 0x6e
	EqRef     ValType = 0x6d
	I31Ref    ValType = 0x6c
	StructRef ValType = 0x6b
	ArrayRef  ValType = 0x6a
	ExnRef    ValType = 0x69
)

// Packed types, which only fields have.
const (
	I8  ValType = 0x78
	I16 ValType = 0x77
)

const (
	codeRef     = 0x64 // (ref ht)
	codeRefNull = 0x63 // (ref null ht)
)

// HeapType is what a reference points to: a type index if it is not negative, else
// one of the abstract types.
type HeapType int64

// Abstract heap types.
const (
	HeapNoCont   HeapType = -0x0b
	HeapNoExn    HeapType = -0x0c
	HeapNoFunc   HeapType = -0x0d
	HeapNoExtern HeapType = -0x0e
	HeapNone     HeapType = -0x0f
	HeapFunc     HeapType = -0x10
	HeapExtern   HeapType = -0x11
	HeapAny      HeapType = -0x12
	HeapEq       HeapType = -0x13
	HeapI31      HeapType = -0x14
	HeapStruct   HeapType = -0x15
	HeapArray    HeapType = -0x16
	HeapExn      HeapType = -0x17
	HeapCont     HeapType = -0x18
)

// heapShared is the distance between an abstract heap type and its shared form,
// which the binary format spells as a prefix.
const (
	heapShared = 0x100
	codeShared = 0x65
)

// Shared is the shared form of an abstract heap type.
func (h HeapType) Shared() HeapType { return h - heapShared }

// Unshared takes off what Shared adds.
func (h HeapType) Unshared() HeapType {
	if h.IsShared() {
		return h + heapShared
	}
	return h
}

// IsShared reports whether h is the shared form of an abstract heap type.
func (h HeapType) IsShared() bool { return h < -heapShared }

// heapNames has the spelling of abstract heap types and of nullable references to
// them, from HeapCont upwards.
var heapNames = [...][2]string{
	{"cont", "contref"}, {"exn", "exnref"}, {"array", "arrayref"}, {"struct", "structref"}, {"i31", "i31ref"}, {"eq", "eqref"},
	{"any", "anyref"}, {"extern", "externref"}, {"func", "funcref"}, {"none", "nullref"}, {"noextern", "nullexternref"},
	{"nofunc", "nullfuncref"}, {"noexn", "nullexnref"}, {"nocont", "nullcontref"},
}

func (h HeapType) abstract() bool { return h >= HeapCont && h <= HeapNoCont }

// LookupHeapType finds an abstract heap type by its name in the text format.
func LookupHeapType(name string) (HeapType, bool) {
	for i := range heapNames {
		if heapNames[i][0] == name {
			return HeapCont + HeapType(i), true
		}
	}
	return 0, false
}

// RefType is the type of references to ht.
func RefType(ht HeapType, nullable bool) ValType {
	above := ValType(ht) & (1<<heapBits - 1) << 8
	if !nullable {
		return codeRef | above
	}
	if ht.abstract() {
		return ValType(ht & 0x7f)
	}
	return codeRefNull | above
}

// heapBits is the width of a heap type in a ValType: 33 bits and one to spare.
const heapBits = 34

func (t ValType) code() byte { return byte(t) }

// IsRef tells references from numbers and vectors.
func (t ValType) IsRef() bool {
	c := t.code()
	return c == codeRef || c == codeRefNull || shortHeap(c).abstract()
}

// shortHeap is the heap type that the code of a short form stands for.
func shortHeap(code byte) HeapType { return HeapType(int8(code<<1) >> 1) }

// Nullable reports whether t is a reference that has null among its values.
func (t ValType) Nullable() bool { return t.IsRef() && t.code() != codeRef }

// Heap is the heap type of a reference. For other types it is meaningless.
func (t ValType) Heap() HeapType {
	if c := t.code(); c != codeRef && c != codeRefNull {
		return shortHeap(c)
	}
	return HeapType(int64(t) << (64 - 8 - heapBits) >> (64 - heapBits))
}

// String gives the text format's spelling.
func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case I8:
		return "i8"
	case I16:
		return "i16"
	}
	if h := shortHeap(t.code()); h.abstract() {
		return heapNames[h-HeapCont][1]
	}
	if t.Nullable() {
		return "(ref null " + t.Heap().String() + ")"
	}
	return "(ref " + t.Heap().String() + ")"
}

// String gives the text format's spelling.
func (h HeapType) String() string {
	switch {
	case h == heapBottom:
		return "bot"
	case h.IsShared():
		return "(shared " + h.Unshared().String() + ")"
	case h.abstract():
		return heapNames[h-HeapCont][0]
	}
	return fmt.Sprint(int64(h))
}

// Append appends the binary form of h.
func (h HeapType) Append(dst []byte) []byte {
	if h.IsShared() {
		dst = append(dst, codeShared)
	}
	return leb128.AppendS64(dst, int64(h.Unshared()))
}

// Append appends the binary form of t.
func (t ValType) Append(dst []byte) []byte {
	c := t.code()
	if c != codeRef && c != codeRefNull {
		return append(dst, c)
	}
	h := t.Heap()
	if c == codeRefNull && h.IsShared() { // which has a short form
		return h.Append(dst)
	}
	return h.Append(append(dst, c))
}

// FuncType is a function's parameters and results.
type FuncType struct {
	Params, Results []ValType
}

// String gives the text format's spelling, for example "(param i32) (result i64)".
func (f FuncType) String() string {
	var parts []string
	if len(f.Params) > 0 {
		parts = append(parts, "(param "+joinTypes(f.Params)+")")
	}
	if len(f.Results) > 0 {
		parts = append(parts, "(result "+joinTypes(f.Results)+")")
	}
	return strings.Join(parts, " ")
}

func joinTypes(ts []ValType) string {
	var b strings.Builder
	for i, t := range ts {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(t.String())
	}
	return b.String()
}

// Equal compares two types structurally.
func (f FuncType) Equal(g FuncType) bool { return string(f.key()) == string(g.key()) }

// key is the binary form, which is canonical.
func (f FuncType) key() []byte { return appendFuncType(nil, f) }

// BlockType is the type of a block, loop, if or try_table: a value type or nothing
// as result, or the index of a function type.
type BlockType int64

// BlockVoid is the type of a block that takes and leaves nothing.
const BlockVoid BlockType = -1

// BlockOf is the type of a block with one result. Indices are plain conversions:
// BlockType(i).
func BlockOf(t ValType) BlockType { return -2 - BlockType(t) }

// Index is the index of a function type, if b is one.
func (b BlockType) Index() (uint32, bool) { return uint32(b), b >= 0 }

// Result is the only result, if b is neither void nor an index.
func (b BlockType) Result() (ValType, bool) { return ValType(-2 - b), b < -1 }

// Append appends the binary form of b.
func (b BlockType) Append(dst []byte) []byte {
	if t, ok := b.Result(); ok {
		return t.Append(dst)
	}
	if b == BlockVoid {
		return append(dst, 0x40)
	}
	return leb128.AppendS64(dst, int64(b))
}
