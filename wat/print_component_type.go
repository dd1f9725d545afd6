package wat

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

func (c *componentPrinter) typ(d *component.Type) {
	s := component.SortType
	c.open("type")
	id := c.bind(s)
	c.defType(d.Def, id)
	c.close()
	c.scope.noteType(printedType{d.Def, c.scope})
	c.defined(s)
}

// defType writes the right-hand side of a type definition.
func (c *componentPrinter) defType(def component.DefType, id string) {
	switch t := def.(type) {
	case component.ComponentType:
		c.declarators("component", t, id)
	case component.InstanceType:
		c.declarators("instance", t, id)
	case *component.FuncType:
		c.funcType(t)
	case *component.ResourceType:
		c.resourceType(t)
	default:
		c.defValType(def)
	}
}

func (c *componentPrinter) declarators(word string, list []component.Declarator, id string) {
	c.open(word)
	c.inScope(&componentPrintScope{id: id}, func() {
		for _, d := range list {
			switch d := d.(type) {
			case *component.CoreType:
				c.coreType("core ", d)
			case *component.Type:
				c.typ(d)
			case *component.Alias:
				c.alias(d)
			case *component.Import:
				c.importDef(d)
			case *component.ExportDecl:
				c.exportDecl(d)
			}
		}
	})
	c.close()
}

func (c *componentPrinter) funcType(t *component.FuncType) {
	c.inline("func")
	if t.Async {
		c.word("async")
	}
	for _, p := range t.Params {
		c.form("param", quote(p.Name), c.valType(p.Type))
	}
	if t.Result != nil {
		c.form("result", c.valType(*t.Result))
	}
	c.close()
}

func (c *componentPrinter) resourceType(t *component.ResourceType) {
	c.inline("resource")
	c.form("rep", t.Rep.String())
	if t.Dtor != nil {
		c.form("dtor", c.index(component.SortCoreFunc, *t.Dtor))
	}
	c.close()
}

// valType is the text of a value type.
func (c *componentPrinter) valType(t component.ValType) string {
	if t.Prim != 0 {
		return t.Prim.String()
	}
	return c.index(component.SortType, t.Index)
}

func (c *componentPrinter) optionalValType(t *component.ValType) {
	if t != nil {
		c.word(c.valType(*t))
	}
}

func (c *componentPrinter) defValType(def component.DefType) {
	switch t := def.(type) {
	case component.PrimType:
		c.word(types.Kind(t).String())
		return
	case component.RecordType:
		c.inline("record")
		for _, f := range t {
			c.form("field", quote(f.Name), c.valType(f.Type))
		}
	case component.VariantType:
		c.inline("variant")
		for _, v := range t {
			c.inline("case")
			c.str(v.Name)
			c.optionalValType(v.Type)
			c.close()
		}
	case *component.ListType:
		c.inline("list")
		c.word(c.valType(t.Elem))
		if t.Length != nil {
			c.word(number(*t.Length))
		}
	case *component.MapType:
		c.inline("map")
		c.word(c.valType(t.Key), c.valType(t.Value))
	case component.TupleType:
		c.inline("tuple")
		for _, e := range t {
			c.word(c.valType(e))
		}
	case component.FlagsType:
		c.inline("flags")
		c.labels(t)
	case component.EnumType:
		c.inline("enum")
		c.labels(t)
	case *component.OptionType:
		c.inline("option")
		c.word(c.valType(t.Elem))
	case *component.ResultType:
		c.inline("result")
		c.optionalValType(t.Ok)
		if t.Err != nil {
			c.form("error", c.valType(*t.Err))
		}
	case component.OwnType:
		c.inline("own")
		c.word(c.index(component.SortType, uint32(t)))
	case component.BorrowType:
		c.inline("borrow")
		c.word(c.index(component.SortType, uint32(t)))
	case *component.StreamType:
		c.inline("stream")
		c.optionalValType(t.Elem)
	case *component.FutureType:
		c.inline("future")
		c.optionalValType(t.Elem)
	}
	c.close()
}

func (c *componentPrinter) labels(list []component.Label) {
	for _, l := range list {
		c.str(l.Name)
	}
}
