package corewasm

import (
	"errors"
	"fmt"
	"unicode/utf8"
	"unsafe"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// reader reads a window of a module's bytes. After the first error it stays at its
// end and gives zeros, so that callers may check err once per item; loops over
// counts stop because every count is checked against the bytes left.
type reader struct {
	b     []byte // the window
	pos   int
	base  int    // offset of b[0] in the module; -1 if unknown
	where string // for errors
	err   error
}

func (r *reader) left() int   { return len(r.b) - r.pos }
func (r *reader) more() bool  { return r.pos < len(r.b) }
func (r *reader) offset() int { return r.at(r.pos) }

func (r *reader) at(pos int) int {
	if r.base < 0 {
		return -1
	}
	return r.base + pos
}

func (r *reader) fail(pos int, format string, args ...any) {
	r.stop(&Error{r.at(pos), r.where, fmt.Sprintf(format, args...)})
}

func (r *reader) unsupported(pos int, feature, format string, args ...any) {
	r.stop(&UnsupportedError{&Error{r.at(pos), r.where, fmt.Sprintf(format, args...)}, feature})
}

func (r *reader) stop(err error) {
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.b)
}

func (r *reader) failLEB(err error) {
	var e *leb128.Error
	if errors.As(err, &e) {
		r.fail(e.Offset, "%s in a %d-bit integer", e.Problem, e.Bits)
	}
}

func (r *reader) u32() uint32 {
	v, next, err := leb128.U32(r.b, r.pos)
	if err != nil {
		r.failLEB(err)
		return 0
	}
	r.pos = next
	return v
}

func (r *reader) s32() int32 {
	v, next, err := leb128.S32(r.b, r.pos)
	if err != nil {
		r.failLEB(err)
		return 0
	}
	r.pos = next
	return v
}

func (r *reader) s33() int64 {
	v, next, err := leb128.S33(r.b, r.pos)
	if err != nil {
		r.failLEB(err)
		return 0
	}
	r.pos = next
	return v
}

func (r *reader) s64() int64 {
	v, next, err := leb128.S64(r.b, r.pos)
	if err != nil {
		r.failLEB(err)
		return 0
	}
	r.pos = next
	return v
}

func (r *reader) byte() byte {
	if !r.more() {
		r.fail(r.pos, "unexpected end")
		return 0
	}
	r.pos++
	return r.b[r.pos-1]
}

func (r *reader) bytes(n int) []byte {
	if n < 0 || n > r.left() {
		r.fail(r.pos, "unexpected end: %d bytes expected, %d left", n, r.left())
		return nil
	}
	r.pos += n
	return r.b[r.pos-n : r.pos : r.pos]
}

// count reads the length of a vector whose elements have at least minSize bytes
// each, and refuses what can't fit or is above limit.
func (r *reader) count(what string, limit, minSize int) int {
	pos := r.pos
	n := r.u32()
	switch {
	case uint64(n) > uint64(limit):
		r.fail(pos, "%d %s, at most %d are supported", n, what, limit)
	case uint64(n)*uint64(minSize) > uint64(r.left()):
		r.fail(pos, "unexpected end: %d %s announced, %d bytes left", n, what, r.left())
	default:
		return int(n)
	}
	return 0
}

// name reads a UTF-8 string that shares the module's bytes.
func (r *reader) name() string {
	pos := r.pos
	n := r.u32()
	if uint64(n) > uint64(r.left()) {
		r.fail(pos, "unexpected end: a name of %d bytes announced, %d left", n, r.left())
		return ""
	}
	b := r.bytes(int(n))
	if !utf8.Valid(b) {
		r.fail(pos, "malformed UTF-8 encoding in a name")
		return ""
	}
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (r *reader) heapType() HeapType {
	pos := r.pos
	h := HeapType(r.s33())
	if h >= 0 || h == HeapFunc || h == HeapExtern || h == HeapExn || r.err != nil {
		return h
	}
	if n, ok := gcHeapTypes[h]; ok {
		r.unsupported(pos, featureGC, "heap type %s: garbage-collected types are not supported", n)
	} else {
		r.fail(pos, "malformed heap type %#x", r.b[pos])
	}
	return 0
}

const (
	featureGC       = "garbage collection"
	featureLegacyEH = "legacy exception handling"
	featureMemory64 = "memory64"
)

var gcHeapTypes = map[HeapType]string{
	-0x0d: "nofunc", -0x0e: "noextern", -0x0f: "none", -0x0c: "noexn",
	-0x12: "any", -0x13: "eq", -0x14: "i31", -0x15: "struct", -0x16: "array",
}

func (r *reader) valType() ValType {
	pos := r.pos
	c := r.byte()
	switch t := ValType(c); t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef, ExnRef:
		return t
	case codeRef, codeRefNull:
		return RefType(r.heapType(), c == codeRefNull)
	}
	if r.err != nil {
		return 0
	}
	if n, ok := gcHeapTypes[HeapType(int8(c<<1)>>1)]; ok && c < 0x80 {
		r.unsupported(pos, featureGC, "value type %sref: garbage-collected types are not supported", n)
	} else {
		r.fail(pos, "malformed value type %#x", c)
	}
	return 0
}

func (r *reader) refType() ValType {
	pos := r.pos
	t := r.valType()
	if r.err == nil && !t.IsRef() {
		r.fail(pos, "malformed reference type: %s is none", t)
	}
	return t
}

func (r *reader) valTypes(what string, limit int) []ValType {
	n := r.count(what, limit, 1)
	if n == 0 {
		return nil
	}
	ts := make([]ValType, n)
	for i := range ts {
		ts[i] = r.valType()
	}
	return ts
}

func (r *reader) blockType() BlockType {
	if !r.more() {
		r.fail(r.pos, "unexpected end")
		return BlockVoid
	}
	switch c := r.b[r.pos]; {
	case c == 0x40:
		r.pos++
		return BlockVoid
	case c >= 0x40 && c < 0x80:
		return BlockOf(r.valType())
	}
	pos := r.pos
	i := r.s33()
	if i < 0 {
		r.fail(pos, "malformed block type")
		return BlockVoid
	}
	return BlockType(i)
}

// limits reads what tables and memories share. Flags beyond shared are
// recognised so that the error can name the feature.
func (r *reader) limits(what string) (l Limits, shared bool) {
	pos := r.pos
	flags := r.byte()
	switch {
	case flags&0x04 != 0 && flags < 0x10:
		r.unsupported(pos, featureMemory64, "64-bit %s are not supported", what)
	case flags&0x08 != 0 && flags < 0x10:
		r.unsupported(pos, "custom page sizes", "%s with custom page sizes are not supported", what)
	case flags > 3:
		r.fail(pos, "malformed limits flags %#x", flags)
	}
	l.Min = r.u32()
	if l.HasMax = flags&1 != 0; l.HasMax {
		l.Max = r.u32()
	}
	if r.err == nil && l.HasMax && l.Max < l.Min {
		r.fail(pos, "size minimum must not be greater than maximum: %d > %d", l.Min, l.Max)
	}
	return l, flags&2 != 0
}

func (r *reader) memoryType() MemoryType {
	pos := r.pos
	l, shared := r.limits("memories")
	switch {
	case r.err != nil:
	case l.Min > MaxMemoryPages || l.HasMax && l.Max > MaxMemoryPages:
		r.fail(pos, "memory size must be at most %d pages (4 GiB)", MaxMemoryPages)
	case shared && !l.HasMax:
		r.fail(pos, "shared memory must have maximum")
	}
	return MemoryType{l, shared}
}

func (r *reader) tableType() TableType {
	t := TableType{Elem: r.refType()}
	pos := r.pos
	var shared bool
	t.Limits, shared = r.limits("tables")
	switch {
	case r.err != nil:
	case shared:
		r.fail(pos, "tables can't be shared")
	case t.Limits.Min > MaxTableSize:
		r.fail(pos, "table of %d entries, at most %d are supported", t.Limits.Min, MaxTableSize)
	}
	return t
}

func (r *reader) globalType() GlobalType {
	t := r.valType()
	pos := r.pos
	mut := r.byte()
	if r.err == nil && mut > 1 {
		r.fail(pos, "malformed mutability %#x", mut)
	}
	return GlobalType{t, mut == 1}
}
