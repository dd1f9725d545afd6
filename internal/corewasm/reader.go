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

func (r *reader) u64() uint64 {
	v, next, err := leb128.U64(r.b, r.pos)
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

// peek is the next byte, or 0 at the end.
func (r *reader) peek() byte {
	if !r.more() {
		return 0
	}
	return r.b[r.pos]
}

// indices reads a vector of indices.
func (r *reader) indices(what string, limit int) []uint32 {
	n := r.count(what, limit, 1)
	if n == 0 {
		return nil
	}
	is := make([]uint32, n)
	for i := range is {
		is[i] = r.u32()
	}
	return is
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
	switch c := r.peek(); {
	case c == codeShared:
		r.pos++
		if h := shortHeap(r.byte()); h.abstract() && r.err == nil {
			return h.Shared()
		}
	case shortHeap(c).abstract() && c < 0x80:
		r.pos++
		return shortHeap(c)
	default:
		if h := HeapType(r.s33()); h >= 0 {
			return h
		}
	}
	r.fail(pos, "malformed heap type")
	return 0
}

func (r *reader) valType() ValType {
	pos := r.pos
	c := r.byte()
	switch t := ValType(c); t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef:
		return t
	case codeRef, codeRefNull:
		return RefType(r.heapType(), c == codeRefNull)
	case codeShared:
		r.pos = pos
		return RefType(r.heapType(), true)
	}
	if c < 0x80 && shortHeap(c).abstract() {
		return ValType(c)
	}
	r.fail(pos, "malformed value type %#x", c)
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

// Bits of the flags in front of limits.
const (
	limitsMax = 1 << iota
	limitsShared
	limits64
	limitsPageSize // memories only
)

// limits reads what tables and memories share, and gives the flags.
func (r *reader) limits(known byte) (l Limits, flags byte) {
	pos := r.pos
	flags = r.byte()
	if flags&^known != 0 {
		r.fail(pos, "malformed limits flags %#x", flags)
	}
	l.Is64 = flags&limits64 != 0
	l.Min = r.u64()
	if l.HasMax = flags&limitsMax != 0; l.HasMax {
		l.Max = r.u64()
	}
	return l, flags
}

func (r *reader) memoryType() (t MemoryType) {
	var flags byte
	t.Limits, flags = r.limits(limitsMax | limitsShared | limits64 | limitsPageSize)
	t.Shared = flags&limitsShared != 0
	if flags&limitsPageSize == 0 {
		return t
	}
	pos := r.pos
	switch exp := r.u32(); {
	case exp < 32:
		t.PageSize = 1 << exp
	default:
		r.fail(pos, "invalid custom page size: 2 to the power of %d", exp)
	}
	return t
}

func (r *reader) tableType() TableType {
	t := TableType{Elem: r.refType()}
	var flags byte
	t.Limits, flags = r.limits(limitsMax | limitsShared | limits64)
	t.Shared = flags&limitsShared != 0
	return t
}

// Bits of the flags of a global type.
const (
	globalMutable = 1 << iota
	globalShared
)

func (r *reader) globalType() GlobalType {
	t := r.valType()
	pos := r.pos
	flags := r.byte()
	if r.err == nil && flags > globalMutable|globalShared {
		r.fail(pos, "malformed mutability %#x", flags)
	}
	return GlobalType{t, flags&globalMutable != 0, flags&globalShared != 0}
}
