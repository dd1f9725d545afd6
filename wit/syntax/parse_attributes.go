package syntax

import "fmt"

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
