package syntax

func (p *parser) interfaceItems() []InterfaceItem {
	var items []InterfaceItem
	p.expect(LeftBrace)
	for !p.got(RightBrace) {
		items = append(items, p.interfaceItem())
	}
	return items
}

// interfaceItem parses an item of an interface.
//
// Spec: WIT.md#item-interface.
func (p *parser) interfaceItem() InterfaceItem {
	docs := p.docs
	attrs := p.attributes()
	switch p.tok.Kind {
	case Ident:
		f := &Func{Docs: docs, Attributes: attrs, Name: p.name("the name of a function")}
		p.expect(Colon)
		p.funcType(f)
		p.semicolon()
		return f
	case KwUse:
		return p.use(attrs)
	}
	if def := p.typeDef(docs, attrs); def != nil {
		return def
	}
	p.itemExpected("`use`", "the definition of a type", "a function `name: func(…)`", "`}`")
	return nil
}

// itemExpected reports a token that begins no item; `option: func()` is a common slip.
func (p *parser) itemExpected(expected ...string) {
	err := p.unexpectedErr(expected...)
	switch {
	case p.peekKind() == Colon:
		p.percentHint(err)
	case p.tok.Kind == KwConstructor:
		err.WithHint("a constructor belongs into a resource: `resource name { … }`")
	case p.tok.Kind == KwImport || p.tok.Kind == KwExport || p.tok.Kind == KwInclude:
		err.WithHint("imports and exports belong into a world: `world name { … }`")
	}
	p.fail(err)
}

// funcType parses `async func(…) -> t` into f.
func (p *parser) funcType(f *Func) {
	f.Async = p.got(KwAsync)
	if f.Async && p.tok.Kind == KwStatic {
		p.fail(p.unexpectedErr("`func`").WithHint("the order is `static async func`"))
	}
	if p.tok.Kind == KwStatic {
		p.fail(p.unexpectedErr("`func`", "`async func`").WithHint("only resources have static functions"))
	}
	if p.tok.Kind != KwFunc && !f.Async {
		p.unexpected("`func`", "`async func`")
	}
	p.expect(KwFunc)
	f.Params = p.params()
	f.Result = p.result()
}

func (p *parser) params() []Param {
	var params []Param
	p.expect(LeftParen)
	p.list(RightParen, func() { params = append(params, p.param("the name of a parameter")) })
	return params
}

func (p *parser) param(what string) Param {
	f := Param{Docs: p.docs}
	if p.tok.Kind.isPrimitive() && p.peekKind() != Colon {
		p.fail(p.unexpectedErr(what).WithHint("a name comes before the type: `name: %s`", p.span().Text()))
	}
	f.Name = p.name(what)
	if !p.got(Colon) {
		p.unexpected("`:` and a type")
	}
	f.Type = p.typ()
	return f
}

func (p *parser) result() *Type {
	if !p.got(Arrow) {
		return nil
	}
	if p.tok.Kind == LeftParen {
		p.fail(p.unexpectedErr("a type").WithHint("a function has one result or none: leave `->` out, or use a tuple or record"))
	}
	return p.typ()
}

// typeDef parses the definition of a type, or returns nil if there is none.
//
// Spec: WIT.md#items-type.
func (p *parser) typeDef(docs Docs, attrs Attributes) *TypeDef {
	def := &TypeDef{Docs: docs, Attributes: attrs}
	switch p.tok.Kind {
	case KwType:
		def.Kind = AliasDef
	case KwRecord:
		def.Kind = RecordDef
	case KwFlags:
		def.Kind = FlagsDef
	case KwEnum:
		def.Kind = EnumDef
	case KwVariant:
		def.Kind = VariantDef
	case KwResource:
		def.Kind = ResourceDef
	default:
		return nil
	}
	p.advance()
	def.Name = p.name("the name of a type")
	p.typeBody(def)
	return def
}

func (p *parser) typeBody(def *TypeDef) {
	switch def.Kind {
	case AliasDef:
		p.expect(Equals)
		def.Alias = p.typ()
		p.semicolon()
	case RecordDef:
		p.expect(LeftBrace)
		p.list(RightBrace, func() { def.Fields = append(def.Fields, p.param("the name of a field")) })
	case FlagsDef:
		p.cases(def, "the name of a flag")
	case EnumDef, VariantDef:
		p.cases(def, "the name of a case")
		if len(def.Cases) == 0 {
			p.fail(Errorf(def.Name.Span, "the %s `%s` has no cases, it needs at least one", def.Kind, def.Name.Text))
		}
	case ResourceDef:
		p.resourceBody(def)
	}
}

func (p *parser) cases(def *TypeDef, what string) {
	p.expect(LeftBrace)
	p.list(RightBrace, func() {
		c := Case{Docs: p.docs}
		c.Name = p.name(what)
		if def.Kind == VariantDef && p.got(LeftParen) {
			c.Type = p.typ()
			p.expect(RightParen)
		}
		def.Cases = append(def.Cases, c)
	})
}

// resourceBody parses `;` or `{ … }`.
//
// Spec: WIT.md#item-resource.
func (p *parser) resourceBody(def *TypeDef) {
	if p.tok.Kind != LeftBrace {
		if p.tok.Kind != Semicolon {
			p.unexpected("`;`", "`{`")
		}
		p.advance()
		return
	}
	p.advance()
	for !p.got(RightBrace) {
		def.Funcs = append(def.Funcs, p.resourceFunc())
	}
}

func (p *parser) resourceFunc() *Func {
	f := &Func{Docs: p.docs}
	f.Attributes = p.attributes()
	switch p.tok.Kind {
	case KwConstructor:
		f.Kind = ConstructorFunc
		f.Name = Name{"constructor", p.span()}
		p.advance()
		f.Params = p.params()
		f.Result = p.result()
	case Ident:
		f.Name = p.name("the name of a function")
		p.expect(Colon)
		if p.got(KwStatic) {
			f.Kind = StaticFunc
		}
		p.funcType(f)
	case KwAsync:
		p.fail(p.unexpectedErr("`constructor`", "the name of a function").WithHint("a constructor can't be async; use a static async function"))
	default:
		p.itemExpected("`constructor`", "the name of a function", "`}`")
	}
	p.semicolon()
	return f
}
