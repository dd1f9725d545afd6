package syntax

import (
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
)

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
	p.checkLength(n.Span, len(n.Text))
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
	p.checkLength(at, end-start)
	v, err := names.ParseVersion(at.Text())
	if err != nil {
		p.fail(Errorf(at, "%v", err))
	}
	for p.tok.Start < end && p.tok.Kind != EOF {
		if p.tok.End > end { // such as `1.0.0-a_b`
			p.fail(Errorf(Span{p.file, end, p.tok.End}, "`%s` can't be part of a version", p.file.Src[end:p.tok.End]))
		}
		p.advance()
	}
	p.last = end
	return Version{v, at}
}

// checkLength rejects a name or version that is too long.
func (p *parser) checkLength(at Span, n int) {
	if n > MaxName {
		p.fail(Errorf(Span{p.file, at.Start, at.Start + 1}, "this name has %d bytes, more than the %d that a name may have", n, MaxName))
	}
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
