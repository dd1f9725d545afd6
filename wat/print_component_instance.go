package wat

import "github.com/gondola-wasm/gondola/component"

func (c *componentPrinter) coreInstance(d *component.CoreInstance) {
	s := component.SortCoreInstance
	c.open("core instance")
	c.bind(s)
	switch e := d.Expr.(type) {
	case *component.CoreInstantiate:
		c.inline("instantiate")
		c.word(c.index(component.SortCoreModule, e.Module))
		for _, a := range e.Args {
			c.open("with")
			c.str(a.Name)
			c.form("instance", c.index(s, a.Instance))
			c.close()
		}
		c.close()
	case component.CoreInlineExports:
		for _, x := range e {
			c.open("export")
			c.str(x.Name)
			c.form(coreWord(x.Def.Sort), c.index(x.Def.Sort, x.Def.Index))
			c.close()
		}
	}
	c.close()
	c.defined(s)
}

// coreWord is a core sort without `core`.
func coreWord(s component.Sort) string { return s.String()[len("core "):] }

func (c *componentPrinter) instance(d *component.Instance) {
	s := component.SortInstance
	c.open("instance")
	c.bind(s)
	switch e := d.Expr.(type) {
	case *component.Instantiate:
		c.inline("instantiate")
		c.word(c.index(component.SortComponent, e.Component))
		for _, a := range e.Args {
			c.open("with")
			c.str(a.Name)
			c.word(c.sortIndex(a.Def))
			c.close()
		}
		c.close()
	case component.InlineExports:
		for _, x := range e {
			c.open("export")
			c.externName(x.Name)
			c.word(c.sortIndex(x.Def))
			c.close()
		}
	}
	c.close()
	c.defined(s)
}
