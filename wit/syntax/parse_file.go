package syntax

import "github.com/gondola-wasm/gondola/internal/names"

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
	err := p.unexpectedErr("`interface`", "`world`", "`use`", "`package`")
	switch p.tok.Kind {
	case KwType, KwRecord, KwFlags, KwEnum, KwVariant, KwResource:
		err.WithHint("types belong into an interface or world: `interface name { … }`")
	case Ident:
		err.WithHint("functions belong into an interface: `interface name { … }`")
	case KwImport, KwExport, KwInclude:
		err.WithHint("imports and exports belong into a world: `world name { … }`")
	}
	p.fail(err)
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
