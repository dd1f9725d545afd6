package wit

import "github.com/gondola-wasm/gondola/wit/syntax"

func stabilityOf(a syntax.Attributes) Stability {
	var s Stability
	if a.Since != nil {
		s.Since = a.Since.Version
	}
	if a.Unstable != nil {
		s.Feature = a.Unstable.Text
	}
	if a.Deprecated != nil {
		s.Deprecated = a.Deprecated.Version
	}
	return s
}

// hides reports whether annotations leave their item out: with the feature's name and
// place if so, else nil. It rejects a `@since` that the package can't have.
//
// Spec: WIT.md#feature-gates.
func (p *packageBuilder) hides(a syntax.Attributes) *hidden {
	if a.Since != nil {
		p.checkSince(a.Since)
	}
	if p.keeps(a) {
		return nil
	}
	return &hidden{a.Unstable.Text, a.Unstable.Span}
}

func (b *builder) keeps(a syntax.Attributes) bool {
	return a.Unstable == nil || b.options.AllFeatures || b.features[a.Unstable.Text]
}

func (p *packageBuilder) checkSince(v *syntax.Version) {
	switch own := p.pkg.Name.Version; {
	case own.IsZero():
		fail(syntax.Errorf(v.Span, "`@since` needs a package with a version, and `%s` has none", p.pkg.Name).
			WithNote(p.pkg.Span, "the package").
			WithHint("declare the package as `%s@%s`", p.pkg.Name, v.Version))
	case v.Compare(own) > 0:
		fail(syntax.Errorf(v.Span, "`@since` names version %s, but the package is only at %s", v.Version, own).WithNote(p.pkg.Span, "the package"))
	}
}

// merge joins the stability of an interface that two worlds list, as `include` does;
// ok is false if they contradict each other.
func (s Stability) merge(from Stability) (merged Stability, ok bool) {
	switch {
	case s == from || from == Stability{}:
		return s, true
	case s == Stability{}:
		return from, true
	}
	return s, false
}
