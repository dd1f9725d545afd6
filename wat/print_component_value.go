package wat

import (
	encbin "encoding/binary"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/types"
)

func (c *componentPrinter) value(d *component.Value) {
	s := component.SortValue
	c.open("value")
	c.bind(s)
	c.word(c.valType(d.Type))
	if text, ok := valueText(d.Data, d.Type, c.scope); ok {
		c.word(text)
	} else {
		c.form("binary", quote(string(d.Data)))
	}
	c.close()
	c.defined(s)
}

// printedType is what a type index stands for, as far as it has been written. Its
// own indices are those of a scope.
type printedType struct {
	def component.DefType
	in  *componentPrintScope
}

// noteType remembers what the next type index stands for.
func (s *componentPrintScope) noteType(t printedType) { s.types = append(s.types, t) }

func (s *componentPrintScope) typeAt(i uint32) printedType {
	if int(i) < len(s.types) {
		return s.types[i]
	}
	return printedType{}
}

// noteExtern remembers the type that an import or export defines, if it does.
func (s *componentPrintScope) noteExtern(t component.ExternType) {
	bound, ok := t.(*component.TypeExtern)
	switch {
	case ok && bound.Eq != nil:
		s.noteType(s.typeAt(*bound.Eq))
	case ok:
		s.noteType(printedType{})
	}
}

// valueText is the text of a value that has the encoding b and a type of scope in.
// ok is false where there is none that gives the same bytes again, or none of a size
// in proportion.
//
// Spec: Binary.md, production `val(t)`; Explainer.md#-value-definitions.
func valueText(b []byte, t component.ValType, in *componentPrintScope) (text string, ok bool) {
	r := &valueReader{b: b, room: 64 + 16*len(b)}
	r.value(t, in)
	if r.bad || len(r.b) > 0 {
		return "", false
	}
	return r.text.String(), true
}

// valueReader reads a value and writes its text.
type valueReader struct {
	b     []byte
	text  strings.Builder
	room  int // how much more text there may be
	depth int
	bad   bool
}

func (r *valueReader) write(s string) {
	if r.room -= len(s); r.room < 0 {
		r.bad = true
		return
	}
	r.text.WriteString(s)
}

func (r *valueReader) take(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *valueReader) value(t component.ValType, in *componentPrintScope) {
	if t.Prim != 0 {
		r.primitive(t.Prim)
		return
	}
	def := in.typeAt(t.Index)
	if r.depth++; r.bad || def.def == nil || r.depth > maxNesting {
		r.bad = true
		return
	}
	r.compound(def)
	r.depth--
}

func (r *valueReader) compound(t printedType) {
	switch def := t.def.(type) {
	case component.PrimType:
		r.primitive(types.Kind(def))
	case component.RecordType:
		r.write("(record")
		for _, f := range def {
			r.next(f.Type, t.in)
		}
		r.write(")")
	case component.TupleType:
		r.write("(tuple")
		for _, e := range def {
			r.next(e, t.in)
		}
		r.write(")")
	case component.VariantType:
		if i, ok := r.index(len(def)); ok {
			r.write("(variant " + quote(def[i].Name))
			r.optional(def[i].Type, t.in)
			r.write(")")
		}
	case component.EnumType:
		if i, ok := r.index(len(def)); ok {
			r.write("(enum " + quote(def[i].Name) + ")")
		}
	case component.FlagsType:
		r.flags(def)
	case *component.ListType:
		r.list(def, t.in)
	case *component.OptionType:
		r.choice("none", nil, "some", &def.Elem, t.in)
	case *component.ResultType:
		r.choice("ok", def.Ok, "error", def.Err, t.in)
	default:
		r.bad = true
	}
}

// next reads a value that stands behind something else.
func (r *valueReader) next(t component.ValType, in *componentPrintScope) {
	if !r.bad {
		r.write(" ")
		r.value(t, in)
	}
}

func (r *valueReader) optional(t *component.ValType, in *componentPrintScope) {
	if t != nil {
		r.next(*t, in)
	}
}

// choice reads a byte that chooses between two words, and their payloads.
func (r *valueReader) choice(first string, t0 *component.ValType, second string, t1 *component.ValType, in *componentPrintScope) {
	word, t := first, t0
	switch r.take(1)[0] {
	case 0:
	case 1:
		word, t = second, t1
	default:
		r.bad = true
	}
	if t == nil {
		r.write(word)
		return
	}
	r.write("(" + word)
	r.next(*t, in)
	r.write(")")
}

func (r *valueReader) list(t *component.ListType, in *componentPrintScope) {
	n := r.unsigned(32)
	if t.Length != nil || n > uint64(len(r.b)) {
		r.bad = true
		return
	}
	r.write("(list")
	for ; n > 0 && !r.bad; n-- {
		r.next(t.Elem, in)
	}
	r.write(")")
}

func (r *valueReader) flags(t component.FlagsType) {
	if len(t) > maxFlags {
		r.bad = true
		return
	}
	bits := r.take((len(t) + 7) / 8)
	r.write("(flags")
	for i := range 8 * len(bits) {
		switch set := bits[i/8]>>(i%8)&1 != 0; {
		case set && i >= len(t):
			r.bad = true
		case set:
			r.write(" " + quote(t[i].Name))
		}
	}
	r.write(")")
}

// index reads the index of one of n cases.
func (r *valueReader) index(n int) (i uint64, ok bool) {
	i = r.unsigned(32)
	if i >= uint64(n) {
		r.bad = true
	}
	return i, !r.bad
}

// unsigned reads an integer in its shortest form.
func (r *valueReader) unsigned(bits int) uint64 {
	v, next, err := leb128.U64(r.b, 0)
	if err != nil || len(leb128.AppendU64(nil, v)) != next || bits < 64 && v>>bits != 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[next:]
	return v
}

func (r *valueReader) signed(bits int) int64 {
	v, next, err := leb128.S64(r.b, 0)
	if err != nil || len(leb128.AppendS64(nil, v)) != next || v != v<<(64-bits)>>(64-bits) {
		r.bad = true
		return 0
	}
	r.b = r.b[next:]
	return v
}

func (r *valueReader) primitive(k types.Kind) {
	switch k {
	case types.KindBool:
		r.choice("false", nil, "true", nil, nil)
	case types.KindU8:
		r.write(strconv.Itoa(int(r.take(1)[0])))
	case types.KindS8:
		r.write(strconv.Itoa(int(int8(r.take(1)[0]))))
	case types.KindU16, types.KindU32, types.KindU64:
		r.write(strconv.FormatUint(r.unsigned(integerKinds[k].bits), 10))
	case types.KindS16, types.KindS32, types.KindS64:
		r.write(strconv.FormatInt(r.signed(integerKinds[k].bits), 10))
	case types.KindF32:
		bits := encbin.LittleEndian.Uint32(r.take(4))
		r.float(formatF32, uint64(bits), float64(math.Float32frombits(bits)))
	case types.KindF64:
		bits := encbin.LittleEndian.Uint64(r.take(8))
		r.float(formatF64, bits, math.Float64frombits(bits))
	case types.KindChar:
		r.char()
	case types.KindString:
		n := r.unsigned(32)
		if n > uint64(len(r.b)) || !utf8.Valid(r.b[:n]) {
			r.bad = true
			return
		}
		r.write(quote(string(r.take(int(n)))))
	default:
		r.bad = true
	}
}

// float writes a float: the shortest decimal number that is rounded to it. There is
// only one NaN.
func (r *valueReader) float(f floatFormat, bits uint64, v float64) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		r.write(strconv.FormatFloat(v, 'g', -1, f.bits))
		return
	}
	text := f.format(bits)
	if math.IsNaN(v) && text != "nan" {
		r.bad = true
	}
	r.write(text)
}

func (r *valueReader) char() {
	c, n := utf8.DecodeRune(r.b)
	if c == utf8.RuneError && n <= 1 {
		r.bad = true
		return
	}
	s := quote(string(r.take(n)))
	switch s = s[1 : len(s)-1]; s {
	case `\"`:
		s = `"`
	case `'`:
		s = `\'`
	}
	r.write("'" + s + "'")
}
