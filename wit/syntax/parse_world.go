package syntax

func (p *parser) worldItems() []WorldItem {
	var items []WorldItem
	p.expect(LeftBrace)
	for !p.got(RightBrace) {
		items = append(items, p.worldItem())
	}
	return items
}

// worldItem parses an item of a world.
//
// Spec: WIT.md#item-world.
func (p *parser) worldItem() WorldItem {
	docs := p.docs
	attrs := p.attributes()
	switch p.tok.Kind {
	case KwImport:
		return p.extern(docs, attrs, Import)
	case KwExport:
		return p.extern(docs, attrs, Export)
	case KwUse:
		return p.use(attrs)
	case KwInclude:
		return p.include(attrs)
	}
	if def := p.typeDef(docs, attrs); def != nil {
		return def
	}
	err := p.unexpectedErr("`import`", "`export`", "`include`", "`use`", "the definition of a type")
	if p.peekKind() == Colon {
		err.WithHint("write `import` or `export` before it")
	}
	p.fail(err)
	return nil
}

// extern parses an import or export.
func (p *parser) extern(docs Docs, attrs Attributes, dir Direction) *Extern {
	p.advance()
	e := &Extern{Docs: docs, Attributes: attrs, Direction: dir}
	if p.tok.Kind != Ident || p.peekKind() != Colon || p.atPackagePath() {
		path := p.path()
		e.Path = &path
		if p.tok.Kind == KwAs {
			p.fail(p.unexpectedErr("`;`").WithHint("under a name of its own an interface is %sed with `%s name: %s;`", dir, dir, path.Span.Text()))
		}
		p.semicolon()
		return e
	}
	label := p.name("a name")
	e.Label = &label
	p.expect(Colon)
	switch p.tok.Kind {
	case KwFunc, KwAsync:
		e.Func = &Func{Docs: docs, Attributes: attrs, Name: label}
		p.funcType(e.Func)
		p.semicolon()
	case KwInterface:
		at := p.span()
		p.advance()
		e.Inline = &Inline{p.interfaceItems(), at}
	case Ident:
		e.Path = p.labelledPath(label)
	default:
		p.unexpected("`func`", "`async func`", "`interface`", "the name of an interface")
	}
	return e
}

// atPackagePath reports whether the current identifier begins `ns:pkg`, written
// without space around the colon, in which case it is no label.
//
// Spec: WIT.md#item-world, the note on `a:b`.
func (p *parser) atPackagePath() bool {
	return isPackageColon(p.tok, p.tokens[p.pos+1], p.tokens[min(p.pos+2, len(p.tokens)-1)])
}

// isPackageColon reports whether a colon stands in `ns:pkg` without space on either side.
func isPackageColon(before, colon, after Token) bool {
	return colon.Kind == Colon && before.End == colon.Start && colon.End == after.Start && after.Kind == Ident
}

func (p *parser) labelledPath(label Name) *Path {
	path := p.path()
	if p.tok.Kind == Slash && path.Package == nil {
		p.fail(p.unexpectedErr("`;`").
			WithHint("the interface of a package is written without a space: `%s:%s/…`", label.Text, path.Name.Text))
	}
	p.semicolon()
	return &path
}

// use parses `use path.{a, b as c};`.
//
// Spec: WIT.md#item-use.
func (p *parser) use(attrs Attributes) *Use {
	p.refuseExternalID(attrs, "a `use`")
	p.advance()
	u := &Use{Attributes: attrs, Path: p.path()}
	if p.tok.Kind == Semicolon || p.tok.Kind == KwAs {
		p.fail(p.unexpectedErr("`.`").WithHint("inside an interface or world, `use` lists types: `use %s.{…};`", u.Path.Span.Text()))
	}
	p.expect(Period)
	p.expect(LeftBrace)
	p.list(RightBrace, func() {
		n := UseName{Name: p.name("the name of a type")}
		if p.got(KwAs) {
			as := p.name("a name")
			n.As = &as
		}
		u.Names = append(u.Names, n)
	})
	p.semicolon()
	return u
}

// include parses `include path;` and `include path with { a as b }`. The grammar has
// no `;` after the brace, an example in the specification has one: both are taken.
//
// Spec: WIT.md#item-include.
func (p *parser) include(attrs Attributes) *Include {
	p.refuseExternalID(attrs, "an `include`")
	p.advance()
	inc := &Include{Attributes: attrs, Path: p.path()}
	if !p.got(KwWith) {
		p.semicolon()
		return inc
	}
	p.expect(LeftBrace)
	p.list(RightBrace, func() {
		n := IncludeName{Name: p.name("a plain name")}
		if p.tok.Kind != KwAs {
			p.unexpected("`as`")
		}
		p.advance()
		n.As = p.name("a plain name")
		inc.With = append(inc.With, n)
	})
	p.got(Semicolon)
	return inc
}
