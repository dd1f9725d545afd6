package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// componentType parses what stands behind `(component` in a type, up to the closing
// parenthesis. id is what outer aliases may call it.
//
// Spec: Explainer.md#type-definitions, production `componenttype`.
func (c *componentParser) componentType(id string) component.DefType {
	return component.ComponentType(c.declarators(inComponentType, id))
}

// instanceType parses what stands behind `(instance` in a type, up to the closing
// parenthesis.
//
// Spec: Explainer.md#type-definitions, production `instancetype`.
func (c *componentParser) instanceType(id string) component.DefType {
	return component.InstanceType(c.declarators(inInstanceType, id))
}

func (c *componentParser) declarators(what, id string) (list []component.Declarator) {
	s := &componentScope{what: what, id: id, add: func(d any) { list = append(list, d.(component.Declarator)) }}
	c.inScope(s, func() {
		for !c.at(tokRight) {
			c.declarator()
		}
	})
	return list
}

// declarator parses a part of a component or instance type.
//
// Spec: Explainer.md#type-definitions, productions `componentdecl` and
// `instancedecl`.
func (c *componentParser) declarator() {
	at := c.span()
	c.begin()
	switch {
	case c.gotOpen("core"):
		switch {
		case c.gotKeyword("type"):
			c.coreTypeDefinition()
		case c.gotKeyword("rec"):
			c.coreRecDefinition()
		default:
			c.unexpected("`type`", "`rec`")
		}
	case c.gotOpen("type"):
		l := c.label()
		if !c.inverted(component.SortType, l, nil) {
			c.defineType(c.defType(l.id.name), l)
		}
	case c.gotOpen("alias"):
		c.aliasDef()
	case c.gotOpen("import"):
		c.checkImport(at)
		c.importDef()
	case c.gotOpen("export"):
		c.exportDecl()
	case c.scope.what == inInstanceType:
		c.unexpected("`(type`", "`(export`", "`(alias`", "`(core type`", "`)`")
	default:
		c.unexpected("`(type`", "`(import`", "`(export`", "`(alias`", "`(core type`", "`)`")
	}
	c.close()
}

// checkImport refuses an import in an instance type.
func (c *componentParser) checkImport(at syntax.Span) {
	if c.scope.what == inInstanceType {
		c.failWith(syntax.Errorf(at, "an instance type has no imports").WithHint("a component type has"))
	}
}
