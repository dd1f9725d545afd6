package syntax

import "strings"

// MaxDepth bounds how deep types may nest: `list<list<…>>`.
const MaxDepth = 100

// MaxName bounds the length of an identifier, of a package's name, and of a version, in
// bytes. An interface is referred to by its whole name, so that a long one
// multiplies.
const MaxName = 1024

// Parse parses a file. The gates allow syntax that is otherwise an error. The error
// is about the first fault in the text.
//
// Spec: WIT.md#top-level-items.
func Parse(file *File, gates Gates) (doc *Document, err *Error) {
	tokens, err := Lex(file)
	if err != nil {
		return nil, err
	}
	p := &parser{file: file, tokens: tokens, gates: gates, pos: -1}
	p.advance()
	defer func() {
		if r := recover(); r != nil {
			bail, ok := r.(bailout)
			if !ok {
				panic(r)
			}
			doc, err = nil, bail.err
		}
	}()
	return p.document(), nil
}

// bailout unwinds the parser at the first error.
type bailout struct{ err *Error }

func (p *parser) fail(err *Error) { panic(bailout{err}) }

type parser struct {
	file   *File
	tokens []Token
	gates  Gates
	pos    int // index of tok in tokens
	tok    Token
	last   int  // where the token before tok ended
	depth  int  // of types
	docs   Docs // the documentation comments before tok
}

// advance moves to the next token that is no comment, and collects documentation.
func (p *parser) advance() {
	p.last = p.tok.End
	first := p.pos + 1
	for p.pos++; p.tokens[p.pos].Kind == Comment; p.pos++ {
	}
	p.tok = p.tokens[p.pos]
	p.docs = collectDocs(p.file, p.tokens[first:p.pos])
}

func (p *parser) peekKind() Kind {
	for _, t := range p.tokens[min(p.pos+1, len(p.tokens)-1):] {
		if t.Kind != Comment {
			return t.Kind
		}
	}
	return EOF
}

func (p *parser) span() Span { return Span{p.file, p.tok.Start, p.tok.End} }

func (p *parser) from(start int) Span { return Span{p.file, start, p.last} }

// found describes the current token for messages.
func (p *parser) found() string {
	switch {
	case p.tok.Kind.isKeyword():
		return "keyword " + p.tok.Kind.String()
	case p.tok.Kind == Ident || p.tok.Kind == Integer:
		return "`" + p.span().Text() + "`"
	case p.tok.Kind == StringLit:
		return "string"
	}
	return p.tok.Kind.String()
}

// unexpected reports the current token and what could stand in its place.
func (p *parser) unexpected(expected ...string) {
	p.fail(p.unexpectedErr(expected...))
}

func (p *parser) unexpectedErr(expected ...string) *Error {
	err := Errorf(p.span(), "unexpected %s", p.found())
	if p.tok.Kind == EOF {
		err = Errorf(p.span(), "the file ends too early")
	}
	err.Expected = expected
	if p.tok.Kind == Semicolon && strings.HasSuffix(p.file.Src[:p.last], "}") {
		err.WithHint("no `;` follows a `}`")
	}
	return err
}

func (p *parser) got(k Kind) bool {
	if p.tok.Kind != k {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(k Kind) Span {
	if p.tok.Kind != k {
		p.unexpected(k.String())
	}
	at := p.span()
	p.advance()
	return at
}

// semicolon expects `;`. What is missing at the end of a line is reported there,
// not at whatever comes next.
func (p *parser) semicolon() {
	if p.got(Semicolon) {
		return
	}
	if strings.Contains(p.file.Src[p.last:p.tok.Start], "\n") || p.tok.Kind == EOF {
		p.fail(Errorf(Span{p.file, p.last, p.last}, "missing `;`"))
	}
	p.unexpected("`;`")
}

// list parses items separated by commas up to the end token, which it consumes. A
// comma may follow the last one.
func (p *parser) list(end Kind, item func()) {
	for !p.got(end) {
		item()
		if p.got(Comma) {
			continue
		}
		if p.tok.Kind != end {
			err := p.unexpectedErr("`,`", end.String())
			if p.tok.Kind == Semicolon && end == RightBrace {
				err.WithHint("commas separate what stands in these braces")
			}
			p.fail(err)
		}
	}
}
