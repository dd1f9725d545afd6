package componentize

import (
	"cmp"
	"slices"

	"github.com/gondola-wasm/gondola/wit"
)

// finish brings everything into the order that wit promises and returns the set of
// packages.
func (m *merger) finish(root *wit.Package) *wit.Resolve {
	for _, p := range m.packages {
		for w := range p.Worlds.Values() {
			completeWorld(w)
		}
	}
	return resolveOf(m.packages, root)
}

// completeWorld orders the items of w, and adds imports of the interfaces
// whose types others use.
func completeWorld(w *wit.World) {
	var exports, imports itemOrder
	exports.items = &w.Exports
	for key, item := range w.Exports.All() {
		exports.visit(key, item)
	}
	imports.items, imports.add = &w.Imports, true
	for key, item := range w.Imports.All() {
		imports.visit(key, item)
	}
	for _, i := range exports.unmet {
		imports.need(i)
	}
	w.Imports = joinItems(imports.interfaces, imports.types, imports.functions, imports.methods)
	w.Exports = joinItems(exports.functions, exports.methods, exports.interfaces)
}

type itemEntry struct {
	key  wit.WorldKey
	item wit.WorldItem
}

// itemOrder sorts the items of a world by kind, and interfaces behind those whose
// types they use.
type itemOrder struct {
	items                                 *worldItems
	add                                   bool // interfaces that are not among the items
	done                                  map[wit.WorldKey]bool
	unmet                                 []*wit.Interface // those that were not added
	interfaces, types, functions, methods []itemEntry
}

func (o *itemOrder) visit(key wit.WorldKey, item wit.WorldItem) {
	if o.done[key] {
		return
	}
	if o.done == nil {
		o.done = map[wit.WorldKey]bool{}
	}
	o.done[key] = true
	e := itemEntry{key, item}
	switch item := item.(type) {
	case *wit.InterfaceItem:
		for _, dep := range item.Interface.Uses() {
			o.need(dep)
		}
		o.interfaces = append(o.interfaces, e)
	case *wit.TypeDef:
		if used := item.Used(); used != nil {
			o.need(used.Owner.(*wit.Interface))
		}
		o.types = append(o.types, e)
	case *wit.Function:
		if item.Kind == wit.Freestanding {
			o.functions = append(o.functions, e)
		} else {
			o.methods = append(o.methods, e)
		}
	}
}

// need visits an interface whose types another item uses.
func (o *itemOrder) need(i *wit.Interface) {
	key := wit.InterfaceKey(i)
	if item, ok := o.items.Lookup(key); ok {
		o.visit(key, item)
	} else if o.add {
		o.visit(key, &wit.InterfaceItem{Interface: i})
	} else if !slices.Contains(o.unmet, i) {
		o.unmet = append(o.unmet, i)
		for _, dep := range i.Uses() {
			o.need(dep)
		}
	}
}

func joinItems(lists ...[]itemEntry) (items worldItems) {
	for _, l := range lists {
		for _, e := range l {
			items.Set(e.key, e.item)
		}
	}
	return items
}

// resolveOf orders packages by their dependencies, then by name.
func resolveOf(packages map[wit.PackageName]*wit.Package, root *wit.Package) *wit.Resolve {
	all := make([]*wit.Package, 0, len(packages))
	for _, p := range packages {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *wit.Package) int { return cmp.Compare(a.Name.String(), b.Name.String()) })
	r := &wit.Resolve{Root: root}
	done := map[*wit.Package]bool{}
	var visit func(p *wit.Package)
	visit = func(p *wit.Package) {
		if done[p] {
			return
		}
		done[p] = true
		for _, dep := range packageDependencies(p) {
			visit(dep)
		}
		r.Packages = append(r.Packages, p)
	}
	for _, p := range all {
		visit(p)
	}
	return r
}

// packageDependencies are the packages that the interfaces and worlds of p refer to, by
// name.
func packageDependencies(p *wit.Package) []*wit.Package {
	set := map[*wit.Package]bool{}
	for i := range p.Interfaces.Values() {
		for _, dep := range i.Uses() {
			set[dep.Package] = true
		}
	}
	for w := range p.Worlds.Values() {
		for _, items := range []*worldItems{&w.Imports, &w.Exports} {
			for item := range items.Values() {
				if i, ok := item.(*wit.InterfaceItem); ok {
					set[i.Interface.Package] = true
				}
			}
		}
	}
	var deps []*wit.Package
	for dep := range set {
		deps = append(deps, dep)
	}
	slices.SortFunc(deps, func(a, b *wit.Package) int { return cmp.Compare(a.Name.String(), b.Name.String()) })
	return deps
}
