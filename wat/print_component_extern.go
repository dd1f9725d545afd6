package wat

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
)

func (c *componentPrinter) importDef(d *component.Import) {
	c.open("import")
	c.externName(d.Name)
	c.namedExternType(d.Type)
	c.close()
	c.scope.noteExtern(d.Type)
	c.defined(d.Type.Sort())
}

// exportDecl writes an export of a component or instance type. The comment with its
// index stands in front, where it is easy to find.
func (c *componentPrinter) exportDecl(d *component.ExportDecl) {
	s := d.Type.Sort()
	c.open("export")
	c.comment(c.scope.counts[s])
	c.externName(d.Name)
	c.externType(d.Type)
	c.close()
	c.scope.noteExtern(d.Type)
	c.defined(s)
}

func (c *componentPrinter) export(d *component.Export) {
	s := d.Def.Sort
	c.open("export")
	c.bind(s)
	c.externName(d.Name)
	c.word(c.sortIndex(d.Def))
	if d.Type != nil {
		c.externType(d.Type)
	}
	c.close()
	if s == component.SortType {
		c.scope.noteType(c.scope.typeAt(d.Def.Index))
	}
	c.defined(s)
}

func (c *componentPrinter) externName(n component.ExternName) {
	c.str(n.Name)
	for _, a := range n.Attributes {
		c.form(a.Kind.String(), quote(a.Value))
	}
}

// namedExternType writes the type of an import with the identifier of what it
// defines.
func (c *componentPrinter) namedExternType(t component.ExternType) {
	c.inline(t.Sort().String())
	c.bind(t.Sort())
	c.word(c.externBound(t))
	c.close()
}

func (c *componentPrinter) externType(t component.ExternType) {
	c.form(t.Sort().String(), c.externBound(t))
}

// externBound is what an extern type says behind its sort.
func (c *componentPrinter) externBound(t component.ExternType) string {
	use := func(s component.Sort, i uint32) string { return fmt.Sprintf("(type %s)", c.index(s, i)) }
	switch t := t.(type) {
	case *component.CoreModuleExtern:
		return use(component.SortCoreType, t.Type)
	case *component.FuncExtern:
		return use(component.SortType, t.Type)
	case *component.ComponentExtern:
		return use(component.SortType, t.Type)
	case *component.InstanceExtern:
		return use(component.SortType, t.Type)
	case *component.TypeExtern:
		if t.Eq != nil {
			return fmt.Sprintf("(eq %s)", c.index(component.SortType, *t.Eq))
		}
		return "(sub resource)"
	case *component.ValueExtern:
		if t.Eq != nil {
			return fmt.Sprintf("(eq %s)", c.index(component.SortValue, *t.Eq))
		}
		return c.valType(t.Type)
	}
	return ""
}

func (c *componentPrinter) alias(d *component.Alias) {
	switch t := d.Target.(type) {
	case *component.AliasExport:
		c.open("alias export")
		c.word(c.index(component.SortInstance, t.Instance), quote(t.Name))
	case *component.AliasCoreExport:
		c.open("alias core export")
		c.word(c.index(component.SortCoreInstance, t.Instance), quote(t.Name))
	case *component.AliasOuter:
		c.open("alias outer")
		c.word(c.outer(d.Sort, t.Count, t.Index))
	}
	c.inline(d.Sort.String())
	c.bind(d.Sort)
	c.close()
	c.close()
	if d.Sort == component.SortType {
		c.scope.noteType(c.aliasedType(d.Target))
	}
	c.defined(d.Sort)
}

// aliasedType is what an alias of a type stands for, as far as that has been
// written.
func (c *componentPrinter) aliasedType(t component.AliasTarget) printedType {
	outer, ok := t.(*component.AliasOuter)
	if !ok {
		return printedType{}
	}
	s := c.scope
	for range outer.Count {
		if s = s.outer; s == nil {
			return printedType{}
		}
	}
	return s.typeAt(outer.Index)
}

// outer is the target of an outer alias: the scope by its identifier, if no nearer
// one is called the same, and the index by its own.
func (c *componentPrinter) outer(s component.Sort, count, i uint32) string {
	target := c.scope
	for range count {
		if target = target.outer; target == nil {
			return number(count) + " " + number(i)
		}
	}
	scope := number(count)
	if target.id != "" && c.scope.nearest(target.id) == target {
		scope = idText(target.id)
	}
	return scope + " " + target.index(s, i)
}

// nearest is the scope that an identifier stands for.
func (s *componentPrintScope) nearest(id string) *componentPrintScope {
	for s != nil && s.id != id {
		s = s.outer
	}
	return s
}
