package val

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/types"
)

// String is the value in WAVE, the text format of component values:
//
//	{name: "x", tags: ["a", "b"], size: some((3, 4))}
//
// [ParseWAVE] reads it, given the type. What Unicode takes for printable stands for
// itself in chars and strings, everything else is escaped. Handles have no text and
// print as <own>, <stream> and the like; maps print as lists of tuples.
func (v Value) String() string {
	var w waveWriter
	w.value(v)
	return w.String()
}

type waveWriter struct{ strings.Builder }

func (w *waveWriter) value(v Value) {
	switch v.kind {
	case types.KindBool:
		w.WriteString(strconv.FormatBool(v.Bool()))
	case types.KindU8, types.KindU16, types.KindU32, types.KindU64:
		w.WriteString(strconv.FormatUint(v.num, 10))
	case types.KindS8, types.KindS16, types.KindS32, types.KindS64:
		w.WriteString(strconv.FormatInt(int64(v.num), 10))
	case types.KindF32:
		w.float(v.Float(), 32)
	case types.KindF64:
		w.float(v.Float(), 64)
	case types.KindChar:
		w.WriteByte('\'')
		w.char(v.Char())
		w.WriteByte('\'')
	case types.KindString:
		w.str(v.Str())
	case types.KindList:
		w.elems('[', v.Elems(), ']')
	case types.KindTuple:
		w.elems('(', v.Elems(), ')')
	case types.KindRecord:
		w.record(v)
	case types.KindMap:
		w.entries(v)
	case types.KindFlags:
		w.flags(v)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		w.variant(v)
	default:
		w.WriteString("<" + v.kind.String() + ">")
	}
}

func (w *waveWriter) float(f float64, bits int) {
	switch {
	case math.IsNaN(f):
		w.WriteString("nan")
	case math.IsInf(f, 1):
		w.WriteString("inf")
	case math.IsInf(f, -1):
		w.WriteString("-inf")
	default:
		w.WriteString(strconv.FormatFloat(f, 'f', -1, bits))
	}
}

func (w *waveWriter) str(s string) {
	w.WriteByte('"')
	for _, r := range s {
		w.char(r)
	}
	w.WriteByte('"')
}

// char writes r as it stands between quotes of either kind.
func (w *waveWriter) char(r rune) {
	switch {
	case r == '\'' || r == '"' || r == '\\':
		w.WriteByte('\\')
		w.WriteRune(r)
	case r == '\t':
		w.WriteString(`\t`)
	case r == '\n':
		w.WriteString(`\n`)
	case r == '\r':
		w.WriteString(`\r`)
	case !strconv.IsPrint(r):
		fmt.Fprintf(w, `\u{%x}`, r)
	default:
		w.WriteRune(r)
	}
}

func (w *waveWriter) separate(i int) {
	if i > 0 {
		w.WriteString(", ")
	}
}

func (w *waveWriter) elems(open byte, elems []Value, end byte) {
	w.WriteByte(open)
	for i, e := range elems {
		w.separate(i)
		w.value(e)
	}
	w.WriteByte(end)
}

// record leaves out fields that are none, which WAVE lets a reader fill in; a
// record of nothing else is written {:} so that it is not taken for flags.
func (w *waveWriter) record(v Value) {
	w.WriteByte('{')
	n := 0
	for _, f := range v.Fields() {
		if f.Value.kind == types.KindOption && f.Value.num == 0 {
			continue
		}
		w.separate(n)
		w.WriteString(f.Name)
		w.WriteString(": ")
		w.value(f.Value)
		n++
	}
	if n == 0 {
		w.WriteByte(':')
	}
	w.WriteByte('}')
}

func (w *waveWriter) entries(v Value) {
	w.WriteByte('[')
	for i, e := range v.Entries() {
		w.separate(i)
		w.elems('(', []Value{e.Key, e.Value}, ')')
	}
	w.WriteByte(']')
}

func (w *waveWriter) flags(v Value) {
	w.WriteByte('{')
	for i, l := range v.Labels() {
		w.separate(i)
		w.WriteString(l)
	}
	w.WriteByte('}')
}

func (w *waveWriter) variant(v Value) {
	name, payload := v.Case()
	switch {
	case v.kind == types.KindResult && name == "error":
		w.WriteString("err")
	case v.kind == types.KindOption, v.kind == types.KindResult:
		w.WriteString(name)
	default:
		w.label(name)
	}
	if payload.IsValid() {
		w.elems('(', []Value{payload}, ')')
	}
}

// label writes the name of a case, marked where it would be read as one of WAVE's words.
func (w *waveWriter) label(name string) {
	if isKeyword(name) {
		w.WriteByte('%')
	}
	w.WriteString(name)
}
