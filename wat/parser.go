package wat

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// parser walks over tokens. Its methods end the parse at the first fault, with a
// panic that catch turns into an error.
//
// The parser stands on tok. Annotations never are: those that stand before tok are
// kept aside, see takeAnnotation.
type parser struct {
	file        *syntax.File
	tokens      []token // up to a tokEOF
	pos         int     // index of tok in tokens
	tok         token
	last        int32        // where the token before tok ended
	annotations []annotation // before tok
	depth       int          // of nest
	inQuote     bool         // the text stood in the strings of a `(module quote …)`
	strict      bool         // annotations that mean something must be taken
}

// annotation is a `(@name …)` that stands between two tokens.
type annotation struct {
	name        string
	first, last int // indices of its tokens: the one with the name, the parenthesis at the end
}

// newParser reads the tokens of a file. Like every method it must run under catch.
func newParser(file *syntax.File) *parser {
	tokens, err := lex(file)
	if err != nil {
		panic(bailout{err})
	}
	return parserAt(file, tokens, 0)
}

// parserAt begins with the token at an index.
func parserAt(file *syntax.File, tokens []token, pos int) *parser {
	p := &parser{file: file, tokens: tokens, pos: pos - 1}
	p.advance()
	return p
}

// bailout unwinds the parser.
type bailout struct{ err *syntax.Error }

// catch runs f and returns the fault that ended it, if one did.
func catch(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			bail, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			err = bail.err
		}
	}()
	f()
	return nil
}

// advance goes to the next token.
func (p *parser) advance() {
	if p.strict {
		p.checkTaken()
	}
	p.last = p.tok.end
	p.annotations = nil
	p.pos = min(p.pos+1, len(p.tokens)-1)
	for p.tokens[p.pos].kind == tokAnnotation {
		end := p.matching(p.pos)
		t := p.tokens[p.pos]
		name := p.file.Src[t.start+2 : t.end]
		if name[0] == '"' {
			name = unquote(name)
		}
		p.annotations = append(p.annotations, annotation{name, p.pos, end})
		p.pos = end + 1
	}
	p.tok = p.tokens[p.pos]
}

// checkTaken ends the parse if an annotation that means something stands where it
// means nothing.
func (p *parser) checkTaken() {
	for _, a := range p.annotations {
		switch a.name {
		case "custom", "name", branchHint:
			p.fail(p.spanOf(p.tokens[a.first]), "misplaced @%s annotation", a.name)
		}
	}
}

// seek goes to the token at an index.
func (p *parser) seek(i int) {
	p.annotations = nil
	p.pos = i - 1
	p.advance()
}

// matching is the index of the parenthesis that closes the one at i.
func (p *parser) matching(i int) int {
	depth := 0
	for j := i; ; j++ {
		switch p.tokens[j].kind {
		case tokLeft, tokAnnotation:
			depth++
		case tokRight:
			if depth--; depth == 0 {
				return j
			}
		case tokEOF:
			p.fail(p.spanOf(p.tokens[i]), "this parenthesis is never closed")
		}
	}
}

// takeAnnotation gives a parser for what stands in the first annotation of that
// name before tok, behind the name and up to the parenthesis, which it sees as the
// end of the file. Each annotation is given once.
func (p *parser) takeAnnotation(name string) (in *parser, ok bool) {
	for i, a := range p.annotations {
		if a.name == name {
			p.annotations = append(p.annotations[:i:i], p.annotations[i+1:]...)
			return p.within(a.first+1, a.last), true
		}
	}
	return nil, false
}

// takeAnnotations is takeAnnotation for all of that name.
func (p *parser) takeAnnotations(name string) (in []*parser) {
	var rest []annotation
	for _, a := range p.annotations {
		if a.name == name {
			in = append(in, p.within(a.first+1, a.last))
		} else {
			rest = append(rest, a)
		}
	}
	p.annotations = rest
	return in
}

// within is a parser for the tokens from first up to last, which stands for the
// end of the file.
func (p *parser) within(first, last int) *parser {
	tokens := append([]token(nil), p.tokens[first:last]...)
	at := p.tokens[last].start
	return parserAt(p.file, append(tokens, token{tokEOF, at, at}), 0)
}

func (p *parser) spanOf(t token) syntax.Span {
	return syntax.Span{File: p.file, Start: int(t.start), End: int(t.end)}
}

// span is where tok stands.
func (p *parser) span() syntax.Span { return p.spanOf(p.tok) }

// from is what lies between a place and the end of the token before tok.
func (p *parser) from(start int32) syntax.Span {
	return syntax.Span{File: p.file, Start: int(start), End: int(p.last)}
}

// text is tok as it is written.
func (p *parser) text() string { return p.file.Src[p.tok.start:p.tok.end] }

// fail ends the parse.
func (p *parser) fail(at syntax.Span, format string, args ...any) {
	p.failWith(syntax.Errorf(at, format, args...))
}

// failWith ends the parse with an error that has notes or hints.
func (p *parser) failWith(err *syntax.Error) { panic(bailout{err}) }

// unexpected ends the parse because of tok, and says what could stand in its place.
func (p *parser) unexpected(expected ...string) {
	err := syntax.Errorf(p.span(), "unexpected token %s", p.found())
	if p.at(tokEOF) && int(p.tok.start) == len(p.file.Src) {
		err = syntax.Errorf(p.span(), "the text ends too early")
	}
	err.Expected = expected
	p.failWith(err)
}

// found describes tok for messages.
func (p *parser) found() string {
	const longest = 60
	switch t := p.text(); {
	case p.at(tokEOF) && strings.HasPrefix(p.file.Src[p.tok.start:], ")"): // of within
		return "`)`"
	case p.at(tokEOF):
		return p.tok.kind.String()
	case p.tok.kind == tokLeft && p.next().kind == tokKeyword:
		n := p.next()
		return "`(" + p.file.Src[n.start:n.end] + "`"
	case len(t) > longest:
		return p.tok.kind.String()
	default:
		return "`" + t + "`"
	}
}

// next is the token behind tok, annotations left out.
func (p *parser) next() token {
	i := min(p.pos+1, len(p.tokens)-1)
	for p.tokens[i].kind == tokAnnotation {
		i = p.matching(i) + 1
	}
	return p.tokens[i]
}

func (p *parser) at(k kind) bool { return p.tok.kind == k }

func (p *parser) atKeyword(word string) bool { return p.at(tokKeyword) && p.text() == word }

// peekOpen is the keyword behind the parenthesis that tok is, or "".
func (p *parser) peekOpen() string {
	if !p.at(tokLeft) {
		return ""
	}
	n := p.next()
	if n.kind != tokKeyword {
		return ""
	}
	return p.file.Src[n.start:n.end]
}

// atOpen reports whether a form begins with this keyword: `(func`.
func (p *parser) atOpen(word string) bool { return p.peekOpen() == word }

func (p *parser) got(k kind) bool {
	if !p.at(k) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) gotKeyword(word string) bool {
	if !p.atKeyword(word) {
		return false
	}
	p.advance()
	return true
}

// gotOpen consumes `(word`, if that is what comes.
func (p *parser) gotOpen(word string) bool {
	if !p.atOpen(word) {
		return false
	}
	p.advance()
	p.advance()
	return true
}

func (p *parser) expect(k kind) {
	if !p.got(k) {
		p.unexpected(k.String())
	}
}

func (p *parser) expectKeyword(word string) {
	if !p.gotKeyword(word) {
		p.unexpected("`" + word + "`")
	}
}

func (p *parser) expectOpen(word string) {
	if !p.gotOpen(word) {
		p.unexpected("`(" + word + "`")
	}
}

// close consumes the `)` of a form. what are the things that could have come
// instead.
func (p *parser) close(what ...string) {
	if !p.got(tokRight) {
		p.unexpected(append(what, "`)`")...)
	}
}

// keyword consumes a keyword and gives its text.
func (p *parser) keyword(expected ...string) string {
	if !p.at(tokKeyword) {
		p.unexpected(expected...)
	}
	word := p.text()
	p.advance()
	return word
}

// skip passes over a token, or over a whole form where tok opens one.
func (p *parser) skip() {
	if p.at(tokLeft) {
		p.pos = p.matching(p.pos)
		p.tok = p.tokens[p.pos]
	}
	p.advance()
}

// ident is an identifier in the text: `$x`. The zero ident is none.
type ident struct {
	name string // without the $, escapes decoded
	at   syntax.Span
}

func (id ident) isZero() bool { return id.name == "" }

// id consumes an identifier, if one comes.
func (p *parser) id() ident {
	if !p.at(tokID) {
		return ident{}
	}
	id := ident{p.text()[1:], p.span()}
	if id.name[0] == '"' {
		if id.name = unquote(id.name); id.name == "" || !utf8.ValidString(id.name) {
			p.fail(id.at, "malformed UTF-8 encoding in an identifier")
		}
	}
	p.advance()
	return id
}

// str consumes a string and gives its bytes.
func (p *parser) str() string {
	if !p.at(tokString) {
		p.unexpected(tokString.String())
	}
	s := unquote(p.text())
	p.advance()
	return s
}

// strs consumes strings as long as they come and joins them.
func (p *parser) strs() []byte {
	var b []byte
	for p.at(tokString) {
		b = append(b, unquote(p.text())...)
		p.advance()
	}
	return b
}

// name consumes a string that must be UTF-8.
func (p *parser) name() string {
	at := p.span()
	s := p.str()
	if !utf8.ValidString(s) {
		p.fail(at, "malformed UTF-8 encoding")
	}
	return s
}

// uint consumes an integer without sign of so many bits.
func (p *parser) uint(bits int) uint64 {
	if !p.at(tokInteger) {
		p.unexpected("a number")
	}
	v, ok := parseUint(p.text(), bits)
	if !ok {
		p.fail(p.span(), "i%d constant out of range: %s is no unsigned integer of %d bits", bits, p.text(), bits)
	}
	p.advance()
	return v
}

func (p *parser) u32() uint32 { return uint32(p.uint(32)) }

// int consumes an integer of so many bits, signed or not. The result has these
// bits, without sign extension.
func (p *parser) int(bits int) uint64 {
	if !p.at(tokInteger) {
		p.unexpected("an integer")
	}
	v, ok := parseInt(p.text(), bits)
	if !ok {
		p.fail(p.span(), "i%d constant out of range: %s is no integer of %d bits", bits, p.text(), bits)
	}
	p.advance()
	return v
}

// float consumes a number and gives its bits.
func (p *parser) float(f floatFormat) uint64 {
	if !p.at(tokInteger) && !p.at(tokFloat) {
		p.unexpected("a number")
	}
	v, ok := f.parse(p.text())
	if !ok {
		p.fail(p.span(), "f%d constant out of range: %s", f.bits, p.text())
	}
	p.advance()
	return v
}

// maxNesting bounds how deep forms that are parsed by recursion may nest.
const maxNesting = 1000

// nest runs f one level deeper.
func (p *parser) nest(f func()) {
	if p.depth == maxNesting {
		p.fail(p.span(), "nesting too deep: %d levels at most", maxNesting)
	}
	p.depth++
	f()
	p.depth--
}

// plural is "1 thing" or "n things".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
