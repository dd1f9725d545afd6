package syntax

import (
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
)

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
//
// Spec: WIT.md#package-declaration.
func (p *parser) packageDecl(docs Docs) PackageDecl {
	start := p.tok.Start
	decl := p.packageWords(p.packageWord("a namespace, as in `package namespace:name`"))
	decl.Docs = docs
	decl.Name = joinNames("/", append([]Name{decl.Name}, p.names(Slash, decl, "the name of a package")...))
	if p.got(At) {
		decl.Version = p.version()
	}
	decl.Span = p.from(start)
	p.checkLength(decl.Span, decl.length())
	return *decl
}

// length is that of the whole name, without what may stand between its parts.
func (d *PackageDecl) length() int {
	return len(d.Namespace.Text) + len(d.Name.Text) + len(d.Version.String())
}

// packageWords parses the rest of `namespace:package`, of which first is there
// already. Behind 🪺 there may be several namespaces.
func (p *parser) packageWords(first Name) *PackageDecl {
	p.expect(Colon)
	words := []Name{first, p.packageWord("the name of a package")}
	for p.tok.Kind == Colon {
		p.needNested(words[0], words[1])
		p.advance()
		words = append(words, p.packageWord("the name of a package"))
	}
	last := len(words) - 1
	return &PackageDecl{Namespace: joinNames(":", words[:last]), Name: words[last], Span: p.from(first.Span.Start)}
}

// names parses names with a separator before each, as nested packages have them.
func (p *parser) names(separator Kind, decl *PackageDecl, what string) []Name {
	var list []Name
	for p.tok.Kind == separator {
		p.needNested(decl.Namespace, decl.Name)
		p.advance()
		list = append(list, p.name(what))
	}
	return list
}

// needNested rejects a nested name where that isn't allowed.
func (p *parser) needNested(namespace, name Name) {
	if !p.gates.Has(GateNestedNames) {
		p.fail(gateError(p.span(), GateNestedNames, "nested namespaces and packages").
			WithHint("without it a package has one namespace and one name: `%s:%s`", namespace.Text, name.Text))
	}
}

// joinNames makes one name of some that follow each other.
func joinNames(separator string, list []Name) Name {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = n.Text
	}
	at := list[0].Span
	at.End = list[len(list)-1].Span.End
	return Name{strings.Join(words, separator), at}
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
//
// Spec: WIT.md#item-toplevel-use, production `use-path`.
func (p *parser) path() Path {
	start := p.tok.Start
	first := p.name("the name of an interface or world")
	if p.tok.Kind != Colon {
		return Path{Name: first, Span: p.from(start)}
	}
	if err := names.CheckWords(first.Text); err != nil {
		p.fail(labelError(first, err))
	}
	pkg := p.packageWords(first)
	if p.tok.Kind != Slash {
		p.fail(p.unexpectedErr("`/`").WithHint("`%s` is a package; an interface in it is written `%s/name`", pkg.Span.Text(), pkg.Span.Text()))
	}
	p.advance()
	what := "the name of an interface or world"
	projections := append([]Name{pkg.Name, p.name(what)}, p.names(Slash, pkg, what)...)
	last := len(projections) - 1
	pkg.Name = joinNames("/", projections[:last])
	pkg.Span.End = pkg.Name.Span.End
	path := Path{Package: pkg, Name: projections[last]}
	if p.got(At) {
		pkg.Version = p.version()
	}
	path.Span = p.from(start)
	p.checkLength(path.Span, pkg.length()+len(path.Name.Text))
	return path
}
