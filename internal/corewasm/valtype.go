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
	ExnRef    ValType = 0x69
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
	HeapFunc   HeapType = -0x10
	HeapExtern HeapType = -0x11
	HeapExn    HeapType = -0x17
)

// RefType is the type of references to ht.
func RefType(ht HeapType, nullable bool) ValType {
	above := ValType(ht) & (1<<heapBits - 1) << 8
	if !nullable {
		return codeRef | above
	}
	if ht < 0 {
		return ValType(ht & 0x7f)
	}
	return codeRefNull | above
}

// heapBits is the width of a heap type in a ValType: 33 bits and one to spare.
const heapBits = 34

func (t ValType) code() byte { return byte(t) }

// IsRef tells references from numbers and vectors.
func (t ValType) IsRef() bool {
	switch t.code() {
	case codeRef, codeRefNull, byte(FuncRef), byte(ExternRef), byte(ExnRef):
		return true
	}
	return false
}

// Nullable reports whether t is a reference that has null among its values.
func (t ValType) Nullable() bool { return t.IsRef() && t.code() != codeRef }

// Heap is the heap type of a reference. For other types it is meaningless.
func (t ValType) Heap() HeapType {
	if c := t.code(); c != codeRef && c != codeRefNull {
		return HeapType(int8(c<<1) >> 1)
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
	case FuncRef, ExternRef, ExnRef:
		return t.Heap().String() + "ref"
	}
	if t.Nullable() {
		return "(ref null " + t.Heap().String() + ")"
	}
	return "(ref " + t.Heap().String() + ")"
}

// String gives the text format's spelling.
func (h HeapType) String() string {
	switch h {
	case HeapFunc:
		return "func"
	case HeapExtern:
		return "extern"
	case HeapExn:
		return "exn"
	}
	return fmt.Sprint(int64(h))
}

// Append appends the binary form of t.
func (t ValType) Append(dst []byte) []byte {
	dst = append(dst, t.code())
	if c := t.code(); c == codeRef || c == codeRefNull {
		dst = leb128.AppendS64(dst, int64(t.Heap()))
	}
	return dst
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
