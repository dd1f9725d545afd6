package wat

import (
	"slices"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// importDef parses what stands behind `(import`.
//
// Spec: Explainer.md#import-and-export-definitions, production `import`.
func (c *componentParser) importDef() {
	name := c.externName()
	s, l, typ := c.namedExternType()
	t := typ()
	c.noteType(t)
	c.define(s, &component.Import{Name: name, Type: t}, l)
}

// exportDecl parses what stands behind the `(export` of a component or instance
// type.
//
// Spec: Explainer.md#type-definitions, production `exportdecl`.
func (c *componentParser) exportDecl() {
	name := c.externName()
	s, l, typ := c.namedExternType()
	t := typ()
	c.noteType(t)
	c.define(s, &component.ExportDecl{Name: name, Type: t}, l)
}

// exportDef parses what stands behind `(export`.
//
// Spec: Explainer.md#import-and-export-definitions, production `export`.
func (c *componentParser) exportDef() {
	l := c.label()
	d := &component.Export{Name: c.externName()}
	r := c.externRef()
	if c.at(tokLeft) {
		d.Type = c.ascribedType()
	}
	d.Def = c.sortIndex(r)
	if r.sort == component.SortType {
		c.scope.types = append(c.scope.types, c.typeAt(d.Def.Index))
	}
	c.define(r.sort, d, l)
}

// ascribedType parses an extern type without identifier.
func (c *componentParser) ascribedType() component.ExternType {
	c.advance()
	typ := c.externType(c.externSort())
	c.close()
	return typ()
}

// namedExternType parses an extern type that may have an identifier, with its
// parentheses.
//
// Spec: Explainer.md#type-definitions, `bind-id(<externtype>)`.
func (c *componentParser) namedExternType() (s component.Sort, l defName, typ func() component.ExternType) {
	if c.at(tokString) {
		c.failWith(syntax.Errorf(c.span(), "imports and exports of components have one name").
			WithHint("where core modules have two names, components import an instance, which has exports"))
	}
	if !c.got(tokLeft) {
		c.unexpected("what is imported or exported, such as `(func)`")
	}
	s = c.externSort()
	if s != component.SortValue || c.next().kind != tokRight { // (value $t) is a value of type $t
		l = c.label()
	}
	typ = c.externType(s)
	c.close()
	return s, l, typ
}

// externSort parses a sort that imports and exports may have.
func (c *componentParser) externSort() component.Sort {
	at := c.span()
	s := c.sort()
	if s.IsCore() && s != component.SortCoreModule {
		c.failWith(syntax.Errorf(at, "%s can be neither imported nor exported", s.Article()).WithHint("of core definitions, only modules can"))
	}
	return s
}

// externType parses an extern type behind its sort and identifier. Types that are
// written inline are defined; what is returned resolves references.
//
// Spec: Explainer.md#type-definitions, production `externtype`.
func (c *componentParser) externType(s component.Sort) func() component.ExternType {
	switch s {
	case component.SortType:
		return c.typeBound()
	case component.SortValue:
		return c.valueBound()
	}
	use := c.typeUse(s)
	return func() component.ExternType {
		i := c.resolve(use)
		switch s {
		case component.SortCoreModule:
			return &component.CoreModuleExtern{Type: i}
		case component.SortFunc:
			return &component.FuncExtern{Type: i}
		case component.SortComponent:
			return &component.ComponentExtern{Type: i}
		default:
			return &component.InstanceExtern{Type: i}
		}
	}
}

// typeUse parses `(type $t)`, or a type that is written inline and defines it.
func (c *componentParser) typeUse(s component.Sort) ref {
	if s == component.SortCoreModule {
		return c.moduleTypeUse()
	}
	if c.atTypeUse() {
		return c.sortRef(component.SortType)
	}
	var def component.DefType
	switch s {
	case component.SortFunc:
		def = c.funcType()
	case component.SortComponent:
		def = c.componentType("")
	default:
		def = c.instanceType("")
	}
	return defined(component.SortType, c.defineType(def, defName{}))
}

// atTypeUse tells `(type $t)` and `(type $i "t")` from the definition of a type.
func (c *componentParser) atTypeUse() bool {
	q := *c.parser
	return q.gotOpen("type") && (q.got(tokID) || q.got(tokInteger)) && (q.at(tokRight) || q.at(tokString))
}

func (c *componentParser) typeBound() func() component.ExternType {
	switch {
	case c.gotOpen("sub"):
		c.expectKeyword("resource")
		c.close()
		return func() component.ExternType { return &component.TypeExtern{} }
	case c.gotOpen("eq"):
		t := c.valType()
		c.close()
		return func() component.ExternType {
			if t.known.Prim != 0 {
				t.known = component.TypeIndex(c.defineType(component.PrimType(t.known.Prim), defName{}))
			}
			i := c.val(t).Index
			return &component.TypeExtern{Eq: &i}
		}
	}
	c.unexpected("`(eq …)`", "`(sub resource)`")
	return nil
}

func (c *componentParser) valueBound() func() component.ExternType {
	if c.gotOpen("eq") {
		r := c.ref(component.SortValue)
		c.close()
		return func() component.ExternType {
			i := c.resolve(r)
			return &component.ValueExtern{Eq: &i}
		}
	}
	t := c.valType()
	return func() component.ExternType { return &component.ValueExtern{Type: c.val(t)} }
}

// noteType remembers what a type stands for that is imported, or declared as an
// export.
func (c *componentParser) noteType(t component.ExternType) {
	bound, ok := t.(*component.TypeExtern)
	if !ok {
		return
	}
	var def typeDef
	if bound.Eq != nil {
		def = c.typeAt(*bound.Eq)
	}
	c.scope.types = append(c.scope.types, def)
}

// attributeKinds finds an attribute's kind by its keyword.
var attributeKinds = func() map[string]*component.AttributeKind {
	m := map[string]*component.AttributeKind{}
	for k := component.AttrImplements; k <= component.AttrExternalID; k++ {
		m[k.String()] = &k
	}
	return m
}()

// externName parses a name and its attributes.
//
// Spec: Explainer.md#import-and-export-definitions, production `attribute`.
func (c *componentParser) externName() component.ExternName {
	var n component.ExternName
	if c.gotOpen("interface") { // texts of before 2024
		n.Name = c.name()
		c.close()
	} else {
		n.Name = c.quoted("a name")
	}
	for {
		word := c.peekOpen()
		kind := attributeKinds[word]
		if kind == nil {
			return n
		}
		if slices.ContainsFunc(n.Attributes, func(a component.Attribute) bool { return a.Kind == *kind }) {
			c.fail(c.span(), "duplicate `%s` attribute", word)
		}
		c.gotOpen(word)
		n.Attributes = append(n.Attributes, component.Attribute{Kind: *kind, Value: c.name()})
		c.close()
	}
}
