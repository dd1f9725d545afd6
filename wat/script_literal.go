package wat

import (
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Literal is a value as a script writes it, or a pattern that a value is compared
// with. Kind says which of the fields count.
type Literal struct {
	At syntax.Span

	// Kind is the type of the value: bool, a number type of core wasm or of
	// components, char, str, list, tuple, record, variant, enum, flags, option,
	// result, map, or v128. Of core wasm besides: ref.null, ref.extern and the other
	// words that begin with "ref.", and either.
	Kind string

	Bits uint64     // bool, numbers, char, ref.extern, ref.host
	NaN  NaNPattern // f32, f64
	Any  bool       // ref.extern, ref.func, ref.null: nothing stands behind it

	// Text is what str says; the case of an enum, variant, option or result; the
	// name of a record's field; the shape of a v128; the heap type of ref.null.
	Text string

	// Elems are the elements of a list or tuple, keys and values of a map in turn,
	// the fields of a record, the payload of a variant, option or result, the lanes
	// of a v128, the alternatives of either. The fields of a record have their name
	// in Field.
	Elems []*Literal
	Field string

	Labels []string // of flags
}

// NaNPattern says whether a float is any of a class of NaNs.
//
// Spec: WebAssembly core 3.0, section 4.3.3 (NaN propagation).
type NaNPattern uint8

// The patterns.
const (
	NaNNone       NaNPattern = iota // the bits
	NaNCanonical                    // nan:canonical: either sign
	NaNArithmetic                   // nan:arithmetic: any payload that is quiet
)

// integerBits are the sizes of the integer types of core wasm and components, of
// which core wasm and the lanes of vectors take both signs.
var integerBits = map[string]int{
	"i8": 8, "i16": 16, "i32": 32, "i64": 64,
	"u8": 8, "u16": 16, "u32": 32, "u64": 64,
	"s8": 8, "s16": 16, "s32": 32, "s64": 64,
}

// literalKind is what [Literal.Kind] says of a word.
func literalKind(word string) string {
	switch head, tail := cutWord(word); {
	case tail == "const", head == "option", head == "result":
		return head
	}
	return word
}

func cutWord(word string) (head, tail string) {
	for i := range len(word) {
		if word[i] == '.' {
			return word[:i], word[i+1:]
		}
	}
	return word, ""
}

// literal parses `(u32.const 1)` and its like.
func (p *parser) literal() *Literal {
	if !isLiteral(p.peekOpen()) {
		p.unexpected("a value, such as `(u32.const`")
	}
	start := p.tok.start
	p.advance()
	l := p.bareLiteral()
	p.close()
	l.At = p.from(start)
	return l
}

// bareLiteral parses what stands between the parentheses of a literal.
func (p *parser) bareLiteral() *Literal {
	start, word := p.tok.start, p.text()
	if !p.at(tokKeyword) || !isLiteral(word) {
		p.unexpected("a value, such as `u32.const`")
	}
	p.advance()
	l := &Literal{Kind: literalKind(word)}
	p.nest(func() { p.literalBody(word, l) })
	l.At = p.from(start)
	return l
}

func isLiteral(word string) bool {
	if head, tail := cutWord(word); tail == "const" && isNumberType(head) {
		return true
	}
	switch word {
	case "bool.const", "char.const", "str.const", "enum.const", "list.const", "tuple.const", "map.const", "record.const",
		"variant.const", "flags.const", "option.none", "option.some", "result.ok", "result.err", "v128.const", "either",
		"ref.null", "ref.extern", "ref.host", "ref.func", "ref.any", "ref.eq", "ref.array", "ref.struct", "ref.exn",
		"ref.i31", "ref.i31_shared":
		return true
	}
	return false
}

// literalBody parses what follows the word of a literal.
func (p *parser) literalBody(word string, l *Literal) {
	switch word {
	case "bool.const":
		p.boolLiteral(l)
	case "char.const":
		p.charLiteral(l)
	case "str.const", "enum.const":
		l.Text = p.name()
	case "list.const", "tuple.const", "either":
		p.elemLiterals(l)
	case "map.const":
		p.mapLiteral(l)
	case "record.const":
		p.recordLiteral(l)
	case "variant.const":
		l.Text = p.name()
		p.payload(l)
	case "flags.const":
		p.flagsLiteral(l)
	case "option.none":
		l.Text = "none"
	case "option.some":
		l.Text = "some"
		l.Elems = []*Literal{p.literal()}
	case "result.ok":
		l.Text = "ok"
		p.payload(l)
	case "result.err":
		l.Text = "error"
		p.payload(l)
	case "v128.const":
		p.v128Literal(l)
	case "ref.null":
		p.nullLiteral(l)
	case "ref.extern", "ref.host":
		p.hostLiteral(l)
	case "ref.func":
		p.funcLiteral(l)
	default:
		if isNumberType(l.Kind) {
			p.numberLiteral(l)
		}
	}
}

func isNumberType(kind string) bool { return kind == "f32" || kind == "f64" || integerBits[kind] != 0 }

// numberLiteral consumes a number, or a pattern for floats.
func (p *parser) numberLiteral(l *Literal) {
	switch {
	case l.Kind == "f32":
		p.floatLiteral(l, formatF32)
	case l.Kind == "f64":
		p.floatLiteral(l, formatF64)
	case l.Kind[0] == 'u':
		l.Bits = p.uint(integerBits[l.Kind])
	case l.Kind[0] == 's':
		l.Bits = p.signed(integerBits[l.Kind])
	default:
		l.Bits = p.int(integerBits[l.Kind])
	}
}

func (p *parser) floatLiteral(l *Literal, f floatFormat) {
	switch {
	case p.gotKeyword("nan:canonical"):
		l.NaN = NaNCanonical
	case p.gotKeyword("nan:arithmetic"):
		l.NaN = NaNArithmetic
	default:
		l.Bits = p.float(f)
	}
}

// signed consumes an integer with sign, in two's complement of 64 bits. Scripts
// write negative ones in the unsigned way, too.
func (p *parser) signed(bits int) uint64 {
	v := p.int(bits)
	return uint64(int64(v<<(64-bits)) >> (64 - bits))
}

func (p *parser) boolLiteral(l *Literal) {
	switch {
	case p.gotKeyword("true"):
		l.Bits = 1
	case !p.gotKeyword("false"):
		p.unexpected("`true`", "`false`")
	}
}

func (p *parser) charLiteral(l *Literal) {
	at := p.span()
	s := p.name()
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || n != len(s) {
		p.fail(at, "a char is a string of one character")
	}
	l.Bits = uint64(r)
}

func (p *parser) elemLiterals(l *Literal) {
	for p.at(tokLeft) {
		l.Elems = append(l.Elems, p.literal())
	}
}

func (p *parser) mapLiteral(l *Literal) {
	for p.gotOpen("entry") {
		l.Elems = append(l.Elems, p.literal(), p.literal())
		p.close()
	}
}

// recordLiteral parses fields, whose values have no parentheses of their own.
func (p *parser) recordLiteral(l *Literal) {
	for p.gotOpen("field") {
		name := p.name()
		f := p.bareLiteral()
		f.Field = name
		l.Elems = append(l.Elems, f)
		p.close()
	}
}

func (p *parser) flagsLiteral(l *Literal) {
	for p.at(tokString) {
		l.Labels = append(l.Labels, p.name())
	}
}

func (p *parser) payload(l *Literal) {
	if p.at(tokLeft) {
		l.Elems = []*Literal{p.literal()}
	}
}

// v128Lanes has the number of lanes of each shape, and their type.
var v128Lanes = map[string]struct {
	n    int
	kind string
}{"i8x16": {16, "i8"}, "i16x8": {8, "i16"}, "i32x4": {4, "i32"}, "i64x2": {2, "i64"}, "f32x4": {4, "f32"}, "f64x2": {2, "f64"}}

func (p *parser) v128Literal(l *Literal) {
	lanes, ok := v128Lanes[p.text()]
	if !ok {
		p.unexpected("the shape of a vector, such as `i32x4`")
	}
	l.Text = p.text()
	p.advance()
	for range lanes.n {
		lane := &Literal{Kind: lanes.kind}
		p.numberLiteral(lane)
		l.Elems = append(l.Elems, lane)
	}
}

// nullLiteral takes the heap type as it is written.
func (p *parser) nullLiteral(l *Literal) {
	if l.Any = p.at(tokRight); l.Any {
		return
	}
	start := p.tok.start
	p.skip()
	l.Text = p.from(start).Text()
}

func (p *parser) hostLiteral(l *Literal) {
	if l.Any = p.at(tokRight); !l.Any {
		l.Bits = p.uint(32)
	}
}

// funcLiteral takes a function's index for granted: nobody outside can tell.
func (p *parser) funcLiteral(l *Literal) {
	if l.Any = p.at(tokRight); !l.Any {
		p.skip()
	}
}
