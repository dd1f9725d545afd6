package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/wit"
)

// MergeWorlds returns the union of worlds as a new world with the name and package
// of first, in a set of packages of its own. Interfaces of the same full name
// are one, with the types and functions that either has, so that worlds from
// different [wit.Resolve]s can be merged. Nothing in the result is shared with
// the worlds.
//
// It fails where one name stands for two things.
func MergeWorlds(first *wit.World, others ...*wit.World) (*wit.Resolve, *wit.World, error) {
	m := newMerger()
	m.target(first.Name, first.Package.Name)
	m.world.Docs, m.world.Stability, m.world.Span = first.Docs, first.Stability, first.Span
	m.world.Package.Docs = first.Package.Docs
	for _, w := range append([]*wit.World{first}, others...) {
		if err := m.add(w); err != nil {
			return nil, nil, err
		}
	}
	return m.finish(m.world.Package), m.world, nil
}

// merger copies worlds and single interfaces into new worlds.
type merger struct {
	world    *wit.World // the one that is being made
	packages map[wit.PackageName]*wit.Package
	named    map[string]*wit.Interface // copies by full name
	whole    map[string]*wit.Interface // originals to be copied before others of the name
	ifaces   map[*wit.Interface]*wit.Interface
	worlds   map[*wit.World]*wit.World
	defs     map[*wit.TypeDef]*wit.TypeDef
	err      error // the first conflict
}

func newMerger() *merger {
	return &merger{
		packages: map[wit.PackageName]*wit.Package{},
		named:    map[string]*wit.Interface{},
		whole:    map[string]*wit.Interface{},
		ifaces:   map[*wit.Interface]*wit.Interface{},
		worlds:   map[*wit.World]*wit.World{},
		defs:     map[*wit.TypeDef]*wit.TypeDef{},
	}
}

// target starts a new world, to which [merger.add] adds from now on.
func (m *merger) target(name string, pkg wit.PackageName) *wit.World {
	m.world = &wit.World{Name: name, Package: m.pkg(&wit.Package{Name: pkg})}
	m.world.Package.Worlds.Set(name, m.world)
	return m.world
}

func (m *merger) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf("worlds can't be merged: "+format, args...)
	}
}

func (m *merger) pkg(p *wit.Package) *wit.Package {
	c, ok := m.packages[p.Name]
	if !ok {
		c = &wit.Package{Name: p.Name, Docs: p.Docs, Span: p.Span}
		m.packages[p.Name] = c
	}
	return c
}

// add copies all of w's imports and exports.
func (m *merger) add(w *wit.World) error {
	m.worlds[w] = m.world
	for key, item := range w.Imports.All() {
		m.item(&m.world.Imports, key, item)
	}
	for key, item := range w.Exports.All() {
		m.item(&m.world.Exports, key, item)
	}
	return m.err
}

type worldItems = wit.Ordered[wit.WorldKey, wit.WorldItem]

func (m *merger) item(to *worldItems, key wit.WorldKey, item wit.WorldItem) {
	if key.Interface != nil {
		key.Interface = m.iface(key.Interface)
	}
	old, exists := to.Lookup(key)
	switch item := item.(type) {
	case *wit.InterfaceItem:
		m.interfaceItem(to, key, item, old)
	case *wit.Function:
		f := m.function(item)
		if exists && !sameFunction(old, f) {
			m.fail("`%s` stands for different things", key)
		}
		to.Set(key, f)
	case *wit.TypeDef:
		if d := m.def(item); exists && old != wit.WorldItem(d) {
			m.fail("`%s` stands for different things", key)
		} else {
			to.Set(key, d)
		}
	}
}

func sameFunction(old wit.WorldItem, f *wit.Function) bool {
	g, ok := old.(*wit.Function)
	return ok && functionText(f) == functionText(g)
}

func (m *merger) interfaceItem(to *worldItems, key wit.WorldKey, item *wit.InterfaceItem, old wit.WorldItem) {
	c := *item
	if before, ok := old.(*wit.InterfaceItem); ok {
		if before.Interface.Name != item.Interface.Name {
			m.fail("`%s` stands for different interfaces", key)
			return
		}
		m.ifaces[item.Interface] = before.Interface
		m.fill(before.Interface, item.Interface)
		return
	} else if old != nil {
		m.fail("`%s` stands for different things", key)
		return
	}
	c.Interface = m.iface(item.Interface)
	to.Set(key, &c)
}

// iface returns the copy of i, and makes or completes it where i is new.
func (m *merger) iface(i *wit.Interface) *wit.Interface {
	if c, ok := m.ifaces[i]; ok {
		return c
	}
	id := i.IDString()
	if whole := m.whole[id]; id != "" && whole != nil && whole != i {
		m.iface(whole)
	}
	c, ok := m.named[id]
	if !ok || id == "" {
		c = &wit.Interface{Name: i.Name, Package: m.pkg(i.Package), Docs: i.Docs, Stability: i.Stability, Span: i.Span}
	}
	if id != "" {
		m.named[id] = c
		c.Package.Interfaces.Set(c.Name, c)
	} else if m.world != nil {
		c.Package = m.world.Package
	}
	m.ifaces[i] = c
	m.fill(c, i)
	return c
}

// fill adds to c what i has and c lacks.
func (m *merger) fill(c, i *wit.Interface) {
	for d := range i.Types.Values() {
		m.def(d)
	}
	for name, f := range i.Functions.All() {
		g := m.function(f)
		if old, ok := c.Functions.Lookup(name); !ok {
			c.Functions.Set(name, g)
		} else if functionText(old) != functionText(g) {
			m.fail("function `%s` of interface `%s` is `%s` in one and `%s` in the other", name, i.IDString(), functionText(old), functionText(g))
		}
	}
}

func (m *merger) function(f *wit.Function) *wit.Function {
	c := *f
	if f.Resource != nil {
		c.Resource = m.def(f.Resource)
	}
	c.Params = make([]wit.Param, len(f.Params))
	for i, p := range f.Params {
		c.Params[i] = wit.Param{Name: p.Name, Type: m.typ(p.Type), Span: p.Span}
	}
	c.Result = m.typ(f.Result)
	return &c
}

func (m *merger) typ(t wit.Type) wit.Type {
	if d, ok := t.(*wit.TypeDef); ok {
		return m.def(d)
	}
	return t
}

// def returns the copy of d, and makes it where d is new.
func (m *merger) def(d *wit.TypeDef) *wit.TypeDef {
	if c, ok := m.defs[d]; ok {
		return c
	}
	if i, ok := d.Owner.(*wit.Interface); ok {
		m.iface(i) // which may come by here
		if c, ok := m.defs[d]; ok {
			return c
		}
	}
	c := *d
	c.Kind = withParts(d.Kind, m.typ, m.def)
	return m.place(d, &c)
}

// place gives c, the copy of d, its owner, or finds that the owner has it already.
func (m *merger) place(d, c *wit.TypeDef) *wit.TypeDef {
	var old *wit.TypeDef
	switch o := d.Owner.(type) {
	case *wit.Interface:
		to := m.ifaces[o]
		c.Owner = to
		if old = to.Types.Get(d.Name); old == nil {
			to.Types.Set(d.Name, c)
		}
	case *wit.World:
		c.Owner = m.worlds[o]
		old, _ = m.world.Imports.Get(wit.NameKey(d.Name)).(*wit.TypeDef)
	}
	if old == nil {
		m.defs[d] = c
		return c
	}
	if a, b := definitionText(old), definitionText(c); a != b {
		m.fail("type `%s` is `%s` in one and `%s` in the other", d.Name, a, b)
	}
	m.defs[d] = old
	return old
}
