package wit

import (
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// elaborate completes a world and orders it: what is needed only for its types is
// imported too, dependencies come first.
//
// Spec: WIT.md#transitive-imports-and-worlds.
func (b *worldBuilder) elaborate() {
	e := &elaboration{worldBuilder: b, required: map[*Interface]WorldKey{}}
	for _, k := range sortedKeys(&b.world.Imports) {
		e.addImport(k, b.world.Imports.Get(k))
	}
	for key, item := range b.world.Exports.All() {
		if _, ok := item.(*InterfaceItem); !ok {
			e.exports.Set(key, item)
		}
	}
	for key, item := range b.world.Exports.All() {
		if item, ok := item.(*InterfaceItem); ok {
			e.addExport(key, item)
		}
	}
	b.world.Imports = reorder(&e.imports)
	b.world.Exports = e.exports
}

// importClass is the place of an import in the order that [World] promises.
func importClass(item WorldItem) int {
	switch item := item.(type) {
	case *InterfaceItem:
		return 0
	case *TypeDef:
		if item.Used() != nil {
			return 1
		}
		return 2
	case *Function:
		if item.Resource == nil {
			return 3
		}
	}
	return 4
}

func sortedKeys(imports *Ordered[WorldKey, WorldItem]) []WorldKey {
	keys := slices.Collect(imports.Keys())
	slices.SortStableFunc(keys, func(a, b WorldKey) int {
		return importClass(imports.Get(a)) - importClass(imports.Get(b))
	})
	return keys
}

func reorder(imports *Ordered[WorldKey, WorldItem]) Ordered[WorldKey, WorldItem] {
	var sorted Ordered[WorldKey, WorldItem]
	for _, k := range sortedKeys(imports) {
		sorted.Set(k, imports.Get(k))
	}
	return sorted
}

// elaboration collects the final imports and exports of a world.
type elaboration struct {
	*worldBuilder
	imports, exports Ordered[WorldKey, WorldItem]

	// required holds interfaces that an export needs as imports, so that they
	// can't be exported as well, with the export.
	required map[*Interface]WorldKey
}

func (e *elaboration) addImport(key WorldKey, item WorldItem) {
	switch item := item.(type) {
	case *InterfaceItem:
		e.importInterface(key, item)
		return
	case *TypeDef:
		if used := item.Used(); used != nil {
			dep := used.Owner.(*Interface)
			e.importInterface(InterfaceKey(dep), &InterfaceItem{Interface: dep, Stability: item.Stability})
		}
	}
	e.imports.Set(key, item)
}

// importInterface adds an interface after those that it uses.
func (e *elaboration) importInterface(key WorldKey, item *InterfaceItem) {
	if e.imports.Has(key) {
		return
	}
	for _, dep := range e.usedBy(item.Interface) {
		e.importInterface(InterfaceKey(dep), &InterfaceItem{Interface: dep, Stability: item.Stability})
	}
	e.addNew(key, item)
}

func (e *elaboration) addNew(key WorldKey, item WorldItem) {
	if !e.world.Imports.Has(key) {
		e.countItem(e.world.Span)
	}
	e.imports.Set(key, item)
}

// usedBy returns the interfaces whose types i uses, each once.
func (b *builder) usedBy(i *Interface) []*Interface {
	if deps, known := b.uses[i]; known {
		return deps
	}
	deps := i.Uses()
	b.uses[i] = deps
	return deps
}

// Uses returns the interfaces whose types i brings in with `use`, each once, in the
// order of the types.
func (i *Interface) Uses() []*Interface {
	var deps []*Interface
	seen := map[Owner]bool{}
	for def := range i.Types.Values() {
		if used := def.Used(); used != nil && !seen[used.Owner] {
			seen[used.Owner] = true
			deps = append(deps, used.Owner.(*Interface))
		}
	}
	return deps
}

// addExport adds an exported interface after the exported ones that it uses. What it
// uses and the world doesn't export becomes an import, and with it all that this one
// uses, which then must not be exported.
func (e *elaboration) addExport(key WorldKey, item *InterfaceItem) {
	if e.exports.Has(key) {
		return
	}
	for _, dep := range e.usedBy(item.Interface) {
		depKey := InterfaceKey(dep)
		if exported, ok := e.world.Exports.Get(depKey).(*InterfaceItem); ok {
			e.addExport(depKey, exported)
			continue
		}
		e.requireImport(key, depKey, item.Stability)
	}
	if user, ok := e.required[key.Interface]; ok && key.Interface != nil {
		e.failTwoCopies(user, key.Interface)
	}
	e.exports.Set(key, item)
}

// requireImport adds an interface that the export needs as an import.
func (e *elaboration) requireImport(export, key WorldKey, stability Stability) {
	if _, done := e.required[key.Interface]; done {
		return
	}
	if e.exports.Has(key) {
		e.failTwoCopies(export, key.Interface)
	}
	for _, dep := range e.usedBy(key.Interface) {
		e.requireImport(export, InterfaceKey(dep), stability)
	}
	e.required[key.Interface] = export
	if !e.imports.Has(key) {
		e.addNew(key, &InterfaceItem{Interface: key.Interface, Stability: stability})
	}
}

// failTwoCopies reports an interface that a world exports although one of its exports
// needs it as an import: its types would exist twice.
func (e *elaboration) failTwoCopies(export WorldKey, i *Interface) {
	at := e.world.Span
	if item, ok := e.world.Exports.Get(export).(*InterfaceItem); ok && !item.Span.IsZero() {
		at = item.Span
	}
	id := i.IDString()
	err := syntax.Errorf(at, "the export `%s` needs the types of `%s` both as an import and as an export", export, id)
	if other, ok := e.world.Exports.Get(InterfaceKey(i)).(*InterfaceItem); ok {
		err.WithNote(other.Span, "`%s` is exported here", id)
	}
	if between := e.between(e.world.Exports.Get(export).(*InterfaceItem).Interface, i); between != nil {
		err.WithHint("`%s` is not exported, so it is imported, and it uses `%s`: export `%s` as well", between.IDString(), id, between.IDString())
	}
	fail(err)
}

// between finds an interface that the world doesn't export, that from uses directly or
// through others like it, and that uses to.
func (e *elaboration) between(from, to *Interface) *Interface {
	seen := map[*Interface]bool{}
	queue := []*Interface{from}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, dep := range e.usedBy(i) {
			if dep == to && i != from {
				return i
			}
			if !seen[dep] && !e.world.Exports.Has(InterfaceKey(dep)) {
				seen[dep] = true
				queue = append(queue, dep)
			}
		}
	}
	return nil
}
