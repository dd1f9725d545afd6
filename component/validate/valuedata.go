package validate

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/types"
)

// checkValue checks that the bytes of a value definition are a value of type t, and
// nothing more.
//
// Spec: Binary.md#-value-definitions, production `val(t)`.
func checkValue(d *component.Value, t *types.Type) {
	r := &valueReader{b: d.Data, at: d.DataAt}
	r.value(t)
	if n := len(r.b) - r.pos; n > 0 {
		fail(r.offset(), "the value of type %s ends here, but %d more bytes belong to its definition", t, n)
	}
}

// valueReader reads a value, of which it keeps nothing. Its nesting is that of a
// type, which is bounded.
type valueReader struct {
	b   []byte
	pos int
	at  component.Offset // of b
}

func (r *valueReader) offset() component.Offset { return r.at + component.Offset(r.pos) }

// take reads n bytes of a value of type t.
func (r *valueReader) take(n int, t *types.Type) []byte {
	if n > len(r.b)-r.pos {
		fail(r.offset(), "unexpected end of the value where a %s was expected", t.Kind())
	}
	r.pos += n
	return r.b[r.pos-n : r.pos]
}

func (r *valueReader) value(t *types.Type) {
	switch t.Kind() {
	case types.KindBool:
		r.choice(t, 2)
	case types.KindU8, types.KindS8:
		r.take(1, t)
	case types.KindU16, types.KindU32, types.KindU64:
		r.unsigned(t)
	case types.KindS16, types.KindS32, types.KindS64:
		r.signed(t)
	case types.KindF32, types.KindF64:
		r.float(t)
	case types.KindChar:
		r.char(t)
	case types.KindString:
		r.str(t)
	default:
		r.compound(t)
	}
}

func (r *valueReader) compound(t *types.Type) {
	switch t.Kind() {
	case types.KindRecord, types.KindTuple:
		for _, f := range t.Fields() {
			r.value(f.Type)
		}
	case types.KindVariant, types.KindEnum:
		r.payload(t, r.index(t, len(t.Cases())))
	case types.KindOption, types.KindResult:
		r.payload(t, r.choice(t, 2))
	case types.KindFlags:
		r.take((len(t.Labels())+7)/8, t)
	case types.KindList:
		r.list(t)
	default:
		fail(r.offset(), "a value definition cannot have the type %s: there are no constants of it", t)
	}
}

// list reads a list without a fixed length. Each element takes a byte at least.
func (r *valueReader) list(t *types.Type) {
	if _, fixed := t.Len(); fixed {
		fail(r.offset(), "a value definition cannot have the type %s: there are no constants of lists of fixed length", t)
	}
	n := r.unsigned(types.U32)
	if n > uint64(len(r.b)-r.pos) {
		fail(r.offset(), "there cannot be %d elements in the %d bytes that are left of the value", n, len(r.b)-r.pos)
	}
	for range n {
		r.value(t.Elem())
	}
}

func (r *valueReader) payload(t *types.Type, i int) {
	if c := t.Cases()[i]; c.Type != nil {
		r.value(c.Type)
	}
}

// choice reads a byte below n.
func (r *valueReader) choice(t *types.Type, n byte) int {
	at := r.offset()
	c := r.take(1, t)[0]
	if c >= n {
		fail(at, "%#02x is no value of type %s", c, t.Kind())
	}
	return int(c)
}

// index reads the index of one of n cases.
func (r *valueReader) index(t *types.Type, n int) int {
	at := r.offset()
	i := r.unsigned(types.U32)
	if i >= uint64(n) {
		fail(at, "there is no case %d: the %s has %d", i, t.Kind(), n)
	}
	return int(i)
}

var integerBits = map[types.Kind]uint{
	types.KindU16: 16, types.KindU32: 32, types.KindU64: 64,
	types.KindS16: 16, types.KindS32: 32, types.KindS64: 64,
}

func (r *valueReader) unsigned(t *types.Type) uint64 {
	at, bits := r.offset(), integerBits[t.Kind()]
	v, next, err := leb128.U64(r.b, r.pos)
	r.integer(at, t, next, bits, err)
	if bits < 64 && v>>bits != 0 {
		fail(at, "%d is out of the range of %s", v, t)
	}
	return v
}

func (r *valueReader) signed(t *types.Type) {
	at, bits := r.offset(), integerBits[t.Kind()]
	v, next, err := leb128.S64(r.b, r.pos)
	r.integer(at, t, next, bits, err)
	if v != v<<(64-bits)>>(64-bits) {
		fail(at, "%d is out of the range of %s", v, t)
	}
}

func (r *valueReader) integer(at component.Offset, t *types.Type, next int, bits uint, err error) {
	if err != nil {
		fail(at, "malformed integer where a %s was expected: %v", t, err)
	}
	if most := int(bits+6) / 7; next-r.pos > most {
		fail(at, "integer representation too long: a %s takes at most %d bytes", t, most)
	}
	r.pos = next
}

// float reads a float, which has only one NaN.
func (r *valueReader) float(t *types.Type) {
	at := r.offset()
	nan := false
	if t.Kind() == types.KindF32 {
		bits := binary.LittleEndian.Uint32(r.take(4, t))
		nan = math.IsNaN(float64(math.Float32frombits(bits))) && bits != 0x7fc00000
	} else {
		bits := binary.LittleEndian.Uint64(r.take(8, t))
		nan = math.IsNaN(math.Float64frombits(bits)) && bits != 0x7ff8000000000000
	}
	if nan {
		fail(at, "a NaN must have its canonical form")
	}
}

func (r *valueReader) char(t *types.Type) {
	c, n := utf8.DecodeRune(r.b[r.pos:])
	if c == utf8.RuneError && n <= 1 {
		fail(r.offset(), "a char must be one Unicode scalar value in UTF-8")
	}
	r.take(n, t)
}

func (r *valueReader) str(t *types.Type) {
	n := r.unsigned(types.U32)
	at := r.offset()
	if n > uint64(len(r.b)-r.pos) {
		fail(at, "a string is %d bytes long, but %d are left of the value", n, len(r.b)-r.pos)
	}
	if !utf8.Valid(r.take(int(n), t)) {
		fail(at, "a string is not valid UTF-8")
	}
}
