package val

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// WAVEOption changes how a text in WAVE is read.
type WAVEOption func(*waveParser)

// WAVEMaxDepth sets how deep values may be nested in a text, in place of 100, which other
// readers of WAVE have. Each level takes some of the stack while the text is read; a
// depth less than 1 is 1.
func WAVEMaxDepth(depth int) WAVEOption {
	return func(p *waveParser) { p.maxDepth = max(depth, 1) }
}

const defaultMaxDepth = 100

// ParseWAVE reads a value of type t from its text in WAVE, which [Value.String] writes.
// White space and comments may stand around it. name is what errors call the text.
//
// Options and results may leave out some(…) and ok(…) where what is in them is neither
// an option nor a result; records, fields that are none. A map is read like a list of
// tuples, which is no rule of WAVE's. Resources, streams, futures and error contexts
// have no text.
//
// # Errors
//
// What is wrong is said with the line and a caret, and with the type that was expected
// there. Values are nested at most 100 deep in the text, or as deep as [WAVEMaxDepth]
// allows. A text costs time and memory in
// proportion to its length.
//
// Spec: wasm-tools crates/wasm-wave/README.md and wave_ebnf.md.
func ParseWAVE(name, text string, t *types.Type, opts ...WAVEOption) (Value, error) {
	p, err := newWaveParser(name, text, opts)
	if err != nil {
		return Value{}, err
	}
	v, err := p.value(t)
	if err != nil {
		return Value{}, err
	}
	if p.tok.kind != tokEnd {
		return Value{}, p.unexpected("the end of the text")
	}
	return v, nil
}

// waveParser reads values. One token has been read ahead.
type waveParser struct {
	waveLexer
	tok   token
	taken int // where the token before it ends

	depth, maxDepth int

	// flat is the option or result whose payload may stand for it at flatAt.
	flat   *types.Type
	flatAt int
}

func newWaveParser(name, text string, opts []WAVEOption) (*waveParser, error) {
	p := &waveParser{waveLexer: waveLexer{file: &syntax.File{Name: name, Src: text}}, flatAt: -1, maxDepth: defaultMaxDepth}
	for _, o := range opts {
		o(p)
	}
	if !utf8.ValidString(text) {
		i := len(text) - len(strings.TrimPrefix(text, validPrefix(text)))
		return nil, syntax.Errorf(p.span(i, i+1), "the text is not UTF-8")
	}
	p.advance()
	return p, nil
}

// validPrefix is what of s is UTF-8.
func validPrefix(s string) string {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return s[:i]
			}
		}
	}
	return s
}

func (p *waveParser) advance() {
	p.taken = p.tok.end
	p.tok = p.next()
}

// at reports whether a punctuation mark comes next.
func (p *waveParser) at(mark string) bool { return p.tok.kind == tokPunct && p.tok.text == mark }

// got takes a punctuation mark, if it comes next.
func (p *waveParser) got(mark string) bool {
	if !p.at(mark) {
		return false
	}
	p.advance()
	return true
}

// want takes a punctuation mark, which must come next.
func (p *waveParser) want(mark string) error {
	if !p.got(mark) {
		return p.unexpected("`" + mark + "`")
	}
	return nil
}

// keyword is the word that comes next, if it is one of WAVE's own.
func (p *waveParser) keyword() string {
	if p.tok.kind == tokWord && isKeyword(p.tok.text) {
		return p.tok.text
	}
	return ""
}

// isKeyword reports whether a label is one of WAVE's own words, which cases of variants
// and enums are marked with % for.
func isKeyword(label string) bool {
	switch label {
	case "true", "false", "inf", "nan", "some", "none", "ok", "err":
		return true
	}
	return false
}

// unexpected is the error that the next token should not be there.
func (p *waveParser) unexpected(expected ...string) error {
	if p.tok.kind == tokBad {
		return p.fault
	}
	e := syntax.Errorf(p.span(p.tok.start, p.tok.end), "unexpected %s", p.found())
	e.Expected = expected
	return e
}

// found says what comes next.
func (p *waveParser) found() string {
	switch p.tok.kind {
	case tokEnd:
		return "end of the text"
	case tokPunct:
		return "`" + p.tok.text + "`"
	case tokNumber:
		return "number"
	case tokChar:
		return "char"
	case tokString:
		return "string"
	}
	return "`" + clip(p.src()[p.tok.start:p.tok.end]) + "`"
}

// mismatch is the error that the next value is none of type t.
func (p *waveParser) mismatch(t *types.Type) *syntax.Error {
	if p.flatAt == p.tok.start {
		t = p.flat
	}
	if p.tok.kind == tokBad {
		return p.fault
	}
	expected := []string{"`" + clip(t.String()) + "`"}
	if p.tok.kind == tokEnd || p.tok.kind == tokPunct && !strings.Contains("([{", p.tok.text) {
		e := syntax.Errorf(p.span(p.tok.start, p.tok.end), "unexpected %s", p.found())
		e.Expected = expected
		return e
	}
	what := "a " + p.found()
	switch {
	case p.at("["):
		what = "a list"
	case p.at("("):
		what = "a tuple"
	case p.at("{"):
		what = "a record or flags"
	case p.tok.kind == tokWord || p.tok.kind == tokLabel:
		what = p.found()
	}
	e := syntax.Errorf(p.extent(), "got %s", what)
	e.Expected = expected
	return e
}

// extent is the place of the next value, as far as it can be told without its type.
func (p *waveParser) extent() syntax.Span {
	l, t := p.waveLexer, p.tok
	end := t.end
	open := 0
	for {
		switch {
		case t.kind == tokPunct && strings.Contains("([{", t.text):
			open++
		case t.kind == tokPunct && strings.Contains(")]}", t.text):
			open--
		case t.kind == tokEnd, t.kind == tokBad:
			return p.span(p.tok.start, p.tok.end)
		}
		end = t.end
		named := t.kind == tokWord || t.kind == tokLabel
		t = l.next()
		// A payload follows a label; a comma outside of brackets ends the value.
		if open <= 0 && !(named && t.kind == tokPunct && t.text == "(") {
			return p.span(p.tok.start, end)
		}
	}
}

// value reads a value of type t.
func (p *waveParser) value(t *types.Type) (Value, error) {
	if p.depth == p.maxDepth {
		return Value{}, syntax.Errorf(p.span(p.tok.start, p.tok.end), "values are nested more than %d deep", p.maxDepth)
	}
	p.depth++
	v, err := p.unnested(t)
	p.depth--
	return v, err
}

func (p *waveParser) unnested(t *types.Type) (Value, error) {
	switch t.Kind() {
	case types.KindBool:
		return p.bool(t)
	case types.KindU8, types.KindU16, types.KindU32, types.KindU64, types.KindS8, types.KindS16, types.KindS32, types.KindS64:
		return p.integer(t)
	case types.KindF32, types.KindF64:
		return p.float(t)
	case types.KindChar:
		return p.charValue(t)
	case types.KindString:
		return p.stringValue(t)
	case types.KindList:
		return p.list(t)
	case types.KindMap:
		return p.entries(t)
	case types.KindRecord:
		return p.record(t)
	case types.KindTuple:
		return p.tuple(t)
	case types.KindVariant, types.KindEnum:
		return p.variant(t)
	case types.KindOption:
		return p.option(t)
	case types.KindResult:
		return p.result(t)
	case types.KindFlags:
		return p.flags(t)
	}
	return Value{}, syntax.Errorf(p.extent(), "a value of type `%s` can't be written in WAVE", clip(t.String()))
}

func (p *waveParser) bool(t *types.Type) (Value, error) {
	word := p.keyword()
	if word != "true" && word != "false" {
		return Value{}, p.mismatch(t)
	}
	p.advance()
	return Bool(word == "true"), nil
}

func (p *waveParser) integer(t *types.Type) (Value, error) {
	if p.tok.kind != tokNumber {
		return Value{}, p.mismatch(t)
	}
	text := p.tok.text
	bits := bitsOf(t.Kind())
	var num uint64
	var err error
	signed := t.Kind() >= types.KindS8
	if signed {
		var n int64
		n, err = strconv.ParseInt(text, 10, bits)
		num = uint64(n)
	} else {
		num, err = strconv.ParseUint(text, 10, bits)
	}
	switch {
	case err == nil:
		p.advance()
		return OfBits(t.Kind(), num), nil
	case strings.ContainsAny(text, ".eEi"):
		return Value{}, p.misfit(t).WithHint("an integer has no fraction and no exponent")
	}
	return Value{}, p.misfit(t).WithHint("%s", rangeOf(t))
}

// misfit is the error that the next number is none of type t.
func (p *waveParser) misfit(t *types.Type) *syntax.Error {
	e := p.mismatch(t)
	e.Msg = "got `" + clip(p.tok.text) + "`"
	return e
}

// bitsOf is the width of a number.
func bitsOf(k types.Kind) int {
	switch k {
	case types.KindU8, types.KindS8:
		return 8
	case types.KindU16, types.KindS16:
		return 16
	case types.KindU32, types.KindS32, types.KindF32:
		return 32
	}
	return 64
}

// rangeOf says which integers a type has.
func rangeOf(t *types.Type) string {
	bits := bitsOf(t.Kind())
	if t.Kind() >= types.KindS8 {
		return fmt.Sprintf("%s goes from %d to %d", t, math.MinInt64>>(64-bits), math.MaxInt64>>(64-bits))
	}
	return fmt.Sprintf("%s goes from 0 to %d", t, uint64(math.MaxUint64)>>(64-bits))
}

// float reads a number. One that is too large is infinity, as in other readers.
func (p *waveParser) float(t *types.Type) (Value, error) {
	bits := bitsOf(t.Kind())
	text := p.tok.text
	switch word := p.keyword(); {
	case p.tok.kind != tokNumber && word != "nan" && word != "inf":
		return Value{}, p.mismatch(t)
	case word == "nan" && bits == 32:
		p.advance()
		return OfBits(t.Kind(), canonicalNaN32), nil
	case word == "nan":
		p.advance()
		return OfBits(t.Kind(), canonicalNaN64), nil
	}
	f, _ := strconv.ParseFloat(text, bits)
	p.advance()
	if bits == 32 {
		return F32(float32(f)), nil
	}
	return F64(f), nil
}

// Spec: definitions.py CANONICAL_FLOAT32_NAN and CANONICAL_FLOAT64_NAN.
const (
	canonicalNaN32 = 0x7fc00000
	canonicalNaN64 = 0x7ff8000000000000
)

func (p *waveParser) charValue(t *types.Type) (Value, error) {
	if p.tok.kind != tokChar {
		return Value{}, p.mismatch(t)
	}
	r, _ := utf8.DecodeRuneInString(p.tok.text)
	p.advance()
	return Char(r), nil
}

func (p *waveParser) stringValue(t *types.Type) (Value, error) {
	if p.tok.kind != tokString {
		return Value{}, p.mismatch(t)
	}
	s := p.tok.text
	p.advance()
	return String(s), nil
}
