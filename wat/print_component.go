package wat

import (
	"fmt"
	"strconv"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
)

// component writes a component as a form.
func (pr *printer) component(b []byte) error {
	m, err := binary.Decode(b)
	if err != nil {
		return err
	}
	c := &componentPrinter{printer: pr}
	c.open("component")
	c.root(m)
	c.close()
	return c.err
}

// componentPrinter writes definitions, all of them with their types and aliases
// apart, as the binary format has them.
type componentPrinter struct {
	*printer
	scope *componentPrintScope
	err   error // the first one, of a core module or type
}

// fail keeps an error for the end.
func (c *componentPrinter) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// componentPrintScope is a component or type that is being written: what its index spaces
// hold so far, and what that is called.
type componentPrintScope struct {
	outer  *componentPrintScope
	id     string // its name if that is an identifier, or ""
	counts [component.NumSorts]uint32
	types  []printedType        // what the type index space holds
	names  *componentPrintNames // of a component
}

func (c *componentPrinter) root(m *component.Component) {
	names := readComponentNames(m)
	id := ""
	if canBeID(names.own) {
		id = names.own
		c.word(idText(id))
	} else {
		c.annotateName(names.own)
	}
	c.definitions(m, names, id)
}

// annotateName writes a name that can't be an identifier.
func (c *componentPrinter) annotateName(name string) {
	if name != "" {
		c.word(nameAnnotation(name))
	}
}

// inScope writes what is nested in the current scope.
func (c *componentPrinter) inScope(s *componentPrintScope, write func()) {
	s.outer, c.scope = c.scope, s
	write()
	c.scope = s.outer
}

func (c *componentPrinter) definitions(m *component.Component, names *componentPrintNames, id string) {
	names.written.own = names.own
	c.inScope(&componentPrintScope{id: id, names: names}, func() {
		for d := range m.Definitions() {
			c.definition(d)
		}
	})
}

func (c *componentPrinter) definition(d component.Definition) {
	switch d := d.(type) {
	case *component.Custom:
		c.custom(d)
	case *component.CoreModule:
		c.coreModuleDef(d)
	case *component.CoreInstance:
		c.coreInstance(d)
	case *component.CoreType:
		c.coreType("core ", d)
	case *component.Component:
		c.nested(d)
	case *component.Instance:
		c.instance(d)
	case *component.Alias:
		c.alias(d)
	case *component.Type:
		c.typ(d)
	case *component.Canon:
		c.canon(d)
	case *component.Start:
		c.start(d)
	case *component.Import:
		c.importDef(d)
	case *component.Export:
		c.export(d)
	case *component.Value:
		c.value(d)
	}
}

// custom writes a custom section, unless the parser makes it out of identifiers.
func (c *componentPrinter) custom(d *component.Custom) {
	if c.scope.names.implied(d) {
		return
	}
	c.open("@custom")
	c.str(d.Name)
	c.str(string(d.Data))
	c.close()
}

// bind writes the identifier of the definition that comes, which is returned, or an
// annotation with its name, and a comment with its index.
func (c *componentPrinter) bind(s component.Sort) (id string) { return c.bindNth(s, 0) }

// bindNth is bind for one of several definitions that come together.
func (c *componentPrinter) bindNth(s component.Sort, n uint32) (id string) {
	names, i := c.scope.names, c.scope.counts[s]+n
	if id = names.id(s, i); id != "" {
		c.word(idText(id))
		names.wrote(s, i, id)
	}
	c.comment(i)
	if name := names.name(s, i); id == "" && name != "" {
		c.annotateName(name)
		names.wrote(s, i, name)
	}
	return id
}

func (c *componentPrinter) comment(i uint32) { c.word("(;" + number(i) + ";)") }

func number(i uint32) string { return strconv.FormatUint(uint64(i), 10) }

// defined counts what has been written.
func (c *componentPrinter) defined(s component.Sort) { c.scope.counts[s]++ }

// index is how the text refers to a definition: by its identifier, or its index
// where it has none or isn't defined yet.
func (c *componentPrinter) index(s component.Sort, i uint32) string { return c.scope.index(s, i) }

func (s *componentPrintScope) index(sort component.Sort, i uint32) string {
	if i < s.counts[sort] {
		if id := s.names.id(sort, i); id != "" {
			return idText(id)
		}
	}
	return number(i)
}

// ref is a reference that says its sort: `(core func $f)`.
func (c *componentPrinter) ref(s component.Sort, i uint32) string {
	return fmt.Sprintf("(%s %s)", s, c.index(s, i))
}

func (c *componentPrinter) sortIndex(si component.SortIndex) string { return c.ref(si.Sort, si.Index) }

func (c *componentPrinter) coreModuleDef(d *component.CoreModule) {
	s := component.SortCoreModule
	c.open("core module")
	own, _ := coreModuleName(d.Bytes)
	id := c.bindOwn(s, own)
	if err := c.coreModule(d.Bytes, id); err != nil {
		c.fail(fmt.Errorf("core module %d at offset %#x: %w", c.scope.counts[s], int(d.At), err))
	}
	c.close()
	c.defined(s)
}

// nested writes a component in a component.
func (c *componentPrinter) nested(d *component.Component) {
	s := component.SortComponent
	c.open("component")
	names := readComponentNames(d)
	id := c.bindOwn(s, names.own)
	if id == "" {
		c.annotateName(names.own)
	}
	c.definitions(d, names, id)
	c.close()
	c.defined(s)
}

// bindOwn is bind for a module or component, which calls itself own. It has an
// identifier only if what is around it calls it so as well.
func (c *componentPrinter) bindOwn(s component.Sort, own string) (id string) {
	names, i := c.scope.names, c.scope.counts[s]
	if id = names.id(s, i); id != own {
		delete(names.ids[s], i)
		id = ""
	}
	if id != "" {
		c.word(idText(id))
		names.wrote(s, i, id)
	}
	c.comment(i)
	return id
}
