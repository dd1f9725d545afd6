package syntax

import (
	"fmt"
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
)

// MaxDepth bounds how deep types may nest: `list<list<…>>`.
const MaxDepth = 100

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
			p.unexpected("`,`", end.String())
		}
	}
}

// name parses an identifier; what says what would be named.
func (p *parser) name(what string) Name {
	if p.tok.Kind != Ident {
		err := p.unexpectedErr(what)
		p.fail(p.percentHint(err))
	}
	n := Name{strings.TrimPrefix(p.span().Text(), "%"), p.span()}
	if n.Text == "" {
		p.fail(Errorf(n.Span, "`%%` must stand directly before a name"))
	}
	if err := names.CheckLabel(n.Text); err != nil {
		p.fail(labelError(n, err))
	}
	p.advance()
	return n
}

// percentHint adds advice if the current token is a keyword that might be meant as a
// name, which the name of a primitive type only is where something is being defined.
func (p *parser) percentHint(err *Error) *Error {
	if p.tok.Kind.isKeyword() && (!p.tok.Kind.isPrimitive() || p.peekKind() == Colon) {
		err.WithHint("a name that is a keyword is written with a percent sign: `%%%s`", p.span().Text())
	}
	return err
}

func labelError(n Name, err error) *Error {
	le := err.(*names.LabelError)
	e := Errorf(n.Span, "%v", le)
	if s := names.SuggestLabel(n.Text); s != "" {
		e.WithHint("did you mean `%s`?", s)
	}
	return e
}

// packageWord parses a namespace or the name of a package.
func (p *parser) packageWord(what string) Name {
	n := p.name(what)
	if err := names.CheckWords(n.Text); err != nil {
		p.fail(labelError(n, err))
	}
	return n
}

// version parses a semantic version. It reads the text itself, because no sequence of
// tokens is one: in `a@1.0.0-b.{c}` the last dot doesn't belong to the version.
func (p *parser) version() Version {
	if p.tok.Kind != Integer {
		p.unexpected("a version such as `1.2.3`")
	}
	start := p.tok.Start
	end := start + versionLen(p.file.Src[start:])
	at := Span{p.file, start, end}
	v, err := names.ParseVersion(at.Text())
	if err != nil {
		p.fail(Errorf(at, "%v", err))
	}
	for p.tok.Start < end && p.tok.Kind != EOF {
		p.advance()
	}
	p.last = end
	return Version{v, at}
}

// versionLen returns how much of s could be a semantic version.
func versionLen(s string) int {
	n := 0
	eat := func(class func(byte) bool) bool {
		start := n
		for n < len(s) && class(s[n]) {
			n++
		}
		return n > start
	}
	dotted := func(class func(byte) bool) {
		eat(class)
		for n+1 < len(s) && s[n] == '.' && class(s[n+1]) {
			n++
			eat(class)
		}
	}
	dotted(func(c byte) bool { return '0' <= c && c <= '9' })
	for _, sign := range "-+" {
		if n+1 < len(s) && s[n] == byte(sign) && isVersionByte(s[n+1]) {
			n++
			dotted(isVersionByte)
		}
	}
	return n
}

func isVersionByte(c byte) bool {
	return c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// document parses a whole file.
func (p *parser) document() *Document {
	doc := &Document{File: p.file}
	docs := p.docs
	if p.tok.Kind == KwPackage {
		p.advance()
		decl := p.packageDecl(docs)
		if p.tok.Kind == LeftBrace {
			doc.Items = append(doc.Items, p.nested(decl))
		} else {
			p.semicolon()
			doc.Package = &decl
		}
	}
	for p.tok.Kind != EOF {
		doc.Items = append(doc.Items, p.topItem())
	}
	return doc
}

// packageDecl parses what follows `package`.
func (p *parser) packageDecl(docs Docs) PackageDecl {
	start := p.tok.Start
	decl := PackageDecl{Docs: docs, Namespace: p.packageWord("a namespace, as in `package namespace:name`")}
	p.expect(Colon)
	decl.Name = p.packageWord("the name of a package")
	if p.tok.Kind == Colon || p.tok.Kind == Slash {
		p.fail(Errorf(p.span(), "nested namespaces and packages are behind the gate 🪺, which is not supported").
			WithHint("a package has one namespace and one name: `%s:%s`", decl.Namespace.Text, decl.Name.Text))
	}
	if p.got(At) {
		decl.Version = p.version()
	}
	decl.Span = p.from(start)
	return decl
}

func (p *parser) nested(decl PackageDecl) *NestedPackage {
	n := &NestedPackage{Decl: decl}
	p.expect(LeftBrace)
	for !p.got(RightBrace) {
		if p.tok.Kind == KwPackage {
			p.fail(Errorf(p.span(), "a package can't stand inside a nested package").WithHint("put it at the top level of the file"))
		}
		n.Items = append(n.Items, p.topItem())
	}
	return n
}

func (p *parser) topItem() Item {
	docs := p.docs
	attrs := p.attributes()
	switch p.tok.Kind {
	case KwInterface:
		p.refuseExternalID(attrs, "an interface")
		p.advance()
		name := p.name("the name of an interface")
		return &Interface{docs, attrs, name, p.interfaceItems()}
	case KwWorld:
		p.refuseExternalID(attrs, "a world")
		p.advance()
		return &World{docs, attrs, p.name("the name of a world"), p.worldItems()}
	case KwUse:
		p.refuseExternalID(attrs, "a `use`")
		p.advance()
		return p.topUse(attrs)
	case KwPackage:
		return p.nestedItem(docs, attrs)
	}
	p.unexpected("`interface`", "`world`", "`use`", "`package`")
	return nil
}

func (p *parser) nestedItem(docs Docs, attrs Attributes) Item {
	if !attrs.Span.IsZero() {
		p.fail(Errorf(attrs.Span, "a package can't have annotations"))
	}
	p.advance()
	decl := p.packageDecl(docs)
	if p.tok.Kind == Semicolon {
		p.fail(Errorf(decl.Span, "`package …;` must be the first item of a file").
			WithHint("a further package in the same file is written `package %s { … }`", decl.Span.Text()))
	}
	return p.nested(decl)
}

func (p *parser) topUse(attrs Attributes) Item {
	u := &TopUse{Attributes: attrs, Path: p.path()}
	if p.tok.Kind == Period {
		p.fail(p.unexpectedErr("`as`", "`;`").WithHint("types are brought in by a `use` inside an interface or world"))
	}
	if p.got(KwAs) {
		as := p.name("a name")
		u.As = &as
	}
	p.semicolon()
	return u
}

// path parses `name` or `ns:pkg/name@version`.
func (p *parser) path() Path {
	start := p.tok.Start
	first := p.name("the name of an interface or world")
	if p.tok.Kind != Colon {
		return Path{Name: first, Span: p.from(start)}
	}
	if err := names.CheckWords(first.Text); err != nil {
		p.fail(labelError(first, err))
	}
	p.advance()
	pkg := &PackageDecl{Namespace: first, Name: p.packageWord("the name of a package")}
	pkg.Span = p.from(start)
	if p.tok.Kind == Colon {
		p.fail(Errorf(p.span(), "nested namespaces are behind the gate 🪺, which is not supported"))
	}
	if p.tok.Kind != Slash {
		p.fail(p.unexpectedErr("`/`").WithHint("`%s` is a package; an interface in it is written `%s/name`", pkg.Span.Text(), pkg.Span.Text()))
	}
	p.advance()
	path := Path{Package: pkg, Name: p.name("the name of an interface or world")}
	if p.tok.Kind == Slash {
		p.fail(Errorf(p.span(), "nested packages are behind the gate 🪺, which is not supported"))
	}
	if p.got(At) {
		pkg.Version = p.version()
	}
	path.Span = p.from(start)
	return path
}

// attributes parses what stands before an item.
func (p *parser) attributes() Attributes {
	var a Attributes
	for p.tok.Kind == At {
		start := p.tok.Start
		p.advance()
		what := p.name("`since`, `unstable`, `deprecated` or `external-id`")
		p.attribute(&a, what)
		if a.Span.IsZero() {
			a.Span = p.from(start)
		}
	}
	p.checkGate(a)
	return a
}

func (p *parser) attribute(a *Attributes, what Name) {
	once := func(taken bool) {
		if taken {
			p.fail(Errorf(what.Span, "`@%s` stands here twice", what.Text))
		}
	}
	switch what.Text {
	case "since":
		once(a.Since != nil)
		a.Since = p.versionField()
	case "deprecated":
		once(a.Deprecated != nil)
		a.Deprecated = p.versionField()
	case "unstable":
		once(a.Unstable != nil)
		feature := parenthesized(p, "feature", func() Name { return p.name("the name of a feature") })
		a.Unstable = &feature
	case "external-id":
		once(a.ExternalID != nil)
		a.ExternalID = p.externalID()
	default:
		p.fail(Errorf(what.Span, "unknown annotation `@%s`", what.Text).
			WithHint("known are `@since`, `@unstable`, `@deprecated` and `@external-id`"))
	}
}

// checkGate enforces which gates go together.
//
// Spec: WIT.md#rules-for-feature-gate-usage.
func (p *parser) checkGate(a Attributes) {
	switch {
	case a.Since != nil && a.Unstable != nil:
		p.fail(Errorf(a.Unstable.Span, "an item can't be both `@unstable` and `@since`").WithNote(a.Since.Span, "the other annotation"))
	case a.Deprecated != nil && a.Since == nil && a.Unstable == nil:
		p.fail(Errorf(a.Deprecated.Span, "`@deprecated` needs `@since` or `@unstable` beside it"))
	}
}

func (p *parser) refuseExternalID(a Attributes, on string) {
	if a.ExternalID != nil {
		p.fail(Errorf(a.Span, "%s can't have an `@external-id`", on).
			WithHint("it belongs on imports and exports, and on the types and functions of an interface"))
	}
}

func (p *parser) versionField() *Version {
	v := parenthesized(p, "version", p.version)
	return &v
}

// parenthesized parses `(key = value)`.
func parenthesized[T any](p *parser, key string, value func() T) T {
	p.expect(LeftParen)
	if p.tok.Kind != Ident || p.span().Text() != key {
		p.unexpected(fmt.Sprintf("`%s`", key))
	}
	p.advance()
	p.expect(Equals)
	v := value()
	p.expect(RightParen)
	return v
}

func (p *parser) externalID() *string {
	p.expect(LeftParen)
	lit := p.expect(StringLit)
	p.expect(RightParen)
	s, err := unquote(lit)
	if err != nil {
		p.fail(err)
	}
	return &s
}
