package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// aliasTarget is what stands behind `alias`, not resolved yet.
type aliasTarget struct {
	kind   string // export, core export, outer
	at     syntax.Span
	source ref    // the instance; outer: the scope
	name   string // of the export
	index  ref    // outer: what it is called there
}

// aliasDef parses what stands behind `(alias`.
//
// Spec: Explainer.md#alias-definitions.
func (c *componentParser) aliasDef() {
	target := c.aliasTarget()
	c.expect(tokLeft)
	s := c.sort()
	l := c.label()
	c.close()
	c.aliasOf(s, l, target)
}

func (c *componentParser) aliasTarget() aliasTarget {
	t := aliasTarget{at: c.span(), kind: c.keyword("`export`", "`core export`", "`outer`")}
	switch t.kind {
	case "export":
		t.source = c.index(component.SortInstance)
		t.name = c.name()
	case "core":
		t.kind = "core export"
		c.expectKeyword("export")
		t.source = c.index(component.SortCoreInstance)
		t.name = c.name()
	case "outer":
		t.source = c.index(component.SortComponent)
		t.index = c.index(component.SortType)
	default:
		c.fail(t.at, "an alias is an `export`, a `core export` or `outer`, not `%s`", t.kind)
	}
	return t
}

// aliasOf adds an alias of a sort.
func (c *componentParser) aliasOf(s component.Sort, l defName, t aliasTarget) uint32 {
	switch t.kind {
	case "export":
		return c.defineAlias(s, l, &component.AliasExport{Instance: c.lookup(t.source), Name: t.name})
	case "core export":
		return c.defineAlias(s, l, &component.AliasCoreExport{Instance: c.lookup(t.source), Name: t.name})
	}
	if !s.IsOuter() {
		c.failWith(syntax.Errorf(t.at, "an outer alias can't refer to %s", s.Article()).
			WithHint("it can to a type, a component, a core type or a core module"))
	}
	t.index.sort = s
	return c.defineAlias(s, l, c.outerTarget(t))
}

// outerTarget resolves the target of an outer alias. Numbers are taken as they are,
// right or wrong.
func (c *componentParser) outerTarget(t aliasTarget) *component.AliasOuter {
	if t.source.id.isZero() && t.index.id.isZero() {
		return &component.AliasOuter{Count: t.source.index, Index: t.index.index}
	}
	count, from := t.source.index, c.scope
	if id := t.source.id; !id.isZero() {
		count = c.outerCount(id)
	}
	for range count {
		if from = from.outer; from == nil {
			c.fail(t.source.at, "there are no %d scopes around this one", count)
		}
	}
	a := &component.AliasOuter{Count: count, Index: t.index.index}
	if id := t.index.id; !id.isZero() {
		b, ok := from.ids[symbol{t.index.sort, id.name}]
		if !ok {
			c.scope = from // in which it is not known
			c.unknown(t.index)
		}
		a.Index = b.index
	}
	return a
}

// outerCount is the number of scopes between the current one and the one that an
// identifier names.
func (c *componentParser) outerCount(id ident) uint32 {
	var known []string
	count := uint32(0)
	for s := c.scope; s != nil; s = s.outer {
		if s.id == id.name {
			return count
		}
		if s.id != "" {
			known = append(known, "$"+s.id)
		}
		count++
	}
	c.failWith(syntax.Errorf(id.at, "no enclosing component or type is called `%s`", id.at.Text()).
		WithHint("%s", syntax.Suggest("$"+id.name, known)))
	return 0
}

// defineAlias adds an alias to the current scope.
func (c *componentParser) defineAlias(s component.Sort, l defName, t component.AliasTarget) uint32 {
	outer, isOuter := t.(*component.AliasOuter)
	if s == component.SortType {
		var def typeDef
		if isOuter {
			def = c.outerType(outer)
		}
		c.scope.types = append(c.scope.types, def)
	}
	if isOuter && c.scope.what == inModuleType {
		return c.define(s, &component.CoreAlias{Count: outer.Count, Index: outer.Index}, l)
	}
	return c.define(s, &component.Alias{Sort: s, Target: t}, l)
}
