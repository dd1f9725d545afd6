package componentize

import (
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit"
)

// encodeExports lifts and exports all functions of the world.
func (e *encoder) encodeExports() {
	rest := e.p.exports
	for key, item := range e.p.world.Exports.All() {
		switch item := item.(type) {
		case *wit.Function:
			f := e.lift(rest[0])
			rest = rest[1:]
			e.b.Add(&component.Export{Name: externName(key.String(), item.ExternalID), Def: component.SortIndex{Sort: component.SortFunc, Index: f}})
		case *wit.InterfaceItem:
			n := item.Interface.Functions.Len()
			e.exportInterface(key, item, rest[:n])
			rest = rest[n:]
		}
	}
}

// lift adds the component function of an exported core function.
func (e *encoder) lift(x *coreExport) uint32 {
	t := e.typesAt(x.at).function(x.fn)
	core := func(name string) uint32 { return e.aliasCore(e.main, component.SortCoreFunc, name) }
	c := &component.Canon{Op: component.CanonLift, Func: core(x.core), Type: t}
	c.Options = e.options(x.needs, e.p.exportRealloc)
	if x.kind != liftSync {
		c.Options = append(c.Options, component.CanonOption{Kind: component.OptionAsync})
	}
	if x.postReturn != "" {
		c.Options = append(c.Options, component.CanonOption{Kind: component.OptionPostReturn, Index: core(x.postReturn)})
	}
	if x.callback != "" {
		c.Options = append(c.Options, component.CanonOption{Kind: component.OptionCallback, Index: core(x.callback)})
	}
	return e.b.Add(c)
}

// maxNested bounds what all exported interfaces together name again in their components:
// each does so with all types that it uses, directly or not.
const maxNested = 1 << 18

// exportInterface exports an instance. Its functions and types get their names in a
// component of its own, which imports the bare functions and types and exports
// them again: in the root component the names would be exports of the root.
func (e *encoder) exportInterface(key wit.WorldKey, item *wit.InterfaceItem, funcs []*coreExport) {
	var args []component.InstantiateArg
	for _, x := range funcs {
		args = append(args, component.InstantiateArg{Name: nestedFuncName(x.fn), Def: component.SortIndex{Sort: component.SortFunc, Index: e.lift(x)}})
	}
	nested, types := nestedComponent(item.Interface)
	if e.nested += len(types) + 2*item.Interface.Functions.Len(); e.nested > maxNested {
		refuse("the interfaces that the world `%s` exports use too many types of each other", e.p.world.IDString())
	}
	for _, t := range types {
		i := e.exportTypes(key, item.Interface).def(t.def)
		args = append(args, component.InstantiateArg{Name: t.name, Def: component.SortIndex{Sort: component.SortType, Index: i}})
	}
	c := e.b.Add(nested)
	i := e.b.Add(&component.Instance{Expr: &component.Instantiate{Component: c, Args: args}})
	i = e.b.Add(&component.Export{Name: interfaceName(key, item, e.canonical), Def: component.SortIndex{Sort: component.SortInstance, Index: i}})
	if key.Interface == nil {
		return
	}
	e.exported[item.Interface] = i
	for d := range item.Interface.Types.Values() { // from now on they are the instance's
		delete(e.exports.defs, d)
		for _, x := range e.labelled {
			delete(x.defs, d)
		}
	}
}

// nestedFuncName is a plain name that no other function of the interface gets.
func nestedFuncName(f *wit.Function) string {
	if f.Kind == wit.Freestanding {
		return "import-func-" + f.Name
	}
	return "import-" + strings.NewReplacer("[", "", "]", "-", ".", "-").Replace(f.Name)
}

// nestedComponent is the component that gives an interface's functions and types
// their names, and the types that it imports.
func nestedComponent(i *wit.Interface) (*component.Component, []nestedType) {
	s := &nestedSpace{b: &component.Builder{}, taken: map[string]int{}}
	enc := &typeEncoder{s, newTypeIndexes()}
	for _, d := range foreignTypes(i) {
		enc.def(d)
	}
	foreign := enc.copyDefs()
	own := map[*wit.TypeDef]uint32{}
	for d := range i.Types.Values() {
		if _, ok := d.Kind.(*wit.Resource); ok {
			own[d] = enc.def(d)
		}
	}
	for f := range i.Functions.Values() {
		t := enc.function(f)
		s.b.Add(&component.Import{Name: component.Named(nestedFuncName(f)), Type: &component.FuncExtern{Type: t}})
	}
	s.exporting = true
	enc.typeIndexes = foreign
	for d := range i.Types.Values() {
		if r, ok := own[d]; ok {
			enc.defs[d] = s.name(d, r)
		} else {
			enc.def(d)
		}
	}
	n := uint32(0)
	for f := range i.Functions.Values() {
		t := enc.function(f)
		s.b.Add(&component.Export{Name: externName(f.Name, f.ExternalID), Def: component.SortIndex{Sort: component.SortFunc, Index: n}, Type: &component.FuncExtern{Type: t}})
		n++
	}
	return s.b.Component(), s.args
}

func (x *typeIndexes) copyDefs() *typeIndexes {
	c := newTypeIndexes()
	for d, i := range x.defs {
		c.defs[d] = i
	}
	for k, i := range x.plain {
		c.plain[k] = i
	}
	return c
}

// foreignTypes are the types of others that i refers to, directly or not, each after
// those that it refers to itself.
func foreignTypes(i *wit.Interface) []*wit.TypeDef {
	var all []*wit.TypeDef
	seen := map[wit.Type]bool{nil: true}
	var visit func(t wit.Type)
	visit = func(t wit.Type) {
		d, ok := t.(*wit.TypeDef)
		if !ok || seen[d] {
			return
		}
		seen[d] = true
		for _, part := range parts(d.Kind) {
			visit(part)
		}
		if d.Name != "" && d.Owner != wit.Owner(i) {
			all = append(all, d)
		}
	}
	for d := range i.Types.Values() {
		visit(d)
	}
	return all
}

// exportedResources are the resources that the world's exported interfaces define.
func exportedResources(w *wit.World) []*wit.TypeDef {
	var all []*wit.TypeDef
	for item := range w.Exports.Values() {
		if item, ok := item.(*wit.InterfaceItem); ok {
			all = append(all, resourcesOf(item.Interface)...)
		}
	}
	return all
}
