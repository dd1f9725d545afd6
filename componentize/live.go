package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit"
)

// liveness says what of its world's imports a component imports: what its core
// module uses, and the types that this or its exports mention.
type liveness struct {
	world   *wit.World
	types   map[*wit.TypeDef]bool
	exports map[*wit.Interface]bool // interfaces that the world exports under their own names
	funcs   map[usedFunction]bool
	seen    map[*wit.Interface]map[wit.Type]bool // see add
}

type usedFunction struct {
	key  wit.WorldKey // of the interface; zero for the world itself
	name string
}

func newLiveness(p *plan) *liveness {
	l := &liveness{p.world, map[*wit.TypeDef]bool{}, map[*wit.Interface]bool{}, map[usedFunction]bool{}, map[*wit.Interface]map[wit.Type]bool{}}
	for key := range p.world.Exports.Keys() {
		if key.Interface != nil {
			l.exports[key.Interface] = true
		}
	}
	for item := range p.world.Imports.Values() {
		if d, ok := item.(*wit.TypeDef); ok {
			l.add(d, nil)
		}
	}
	for _, im := range p.imports {
		l.addImport(im)
	}
	for item := range p.world.Exports.Values() {
		l.addExport(item)
	}
	return l
}

func (l *liveness) addImport(im *coreImport) {
	in := exportedInterface(im.at)
	if im.typ != nil {
		l.add(im.typ, in)
	}
	if im.fn == nil {
		return
	}
	l.addFunction(im.fn, in)
	if im.canon.Op == component.CanonLower {
		l.funcs[usedFunction{im.at.key, im.fn.Name}] = true
	}
}

func exportedInterface(at container) *wit.Interface {
	if at.exported {
		return at.iface
	}
	return nil
}

func (l *liveness) addExport(item wit.WorldItem) {
	switch item := item.(type) {
	case *wit.Function:
		l.addFunction(item, nil)
	case *wit.InterfaceItem:
		for d := range item.Interface.Types.Values() {
			l.add(d, item.Interface)
		}
		for f := range item.Interface.Functions.Values() {
			l.addFunction(f, item.Interface)
		}
	}
}

func (l *liveness) addFunction(f *wit.Function, exported *wit.Interface) {
	if f.Resource != nil {
		l.add(f.Resource, exported)
	}
	for _, t := range append(paramTypes(f), f.Result) {
		l.add(t, exported)
	}
}

// add marks t and all that it refers to. Where an exported interface mentions them, its
// own types and those of other exported interfaces are not imported ones.
func (l *liveness) add(t wit.Type, exported *wit.Interface) {
	seen := l.seen[exported]
	if seen == nil {
		seen = map[wit.Type]bool{}
		l.seen[exported] = seen
	}
	var walk func(t wit.Type)
	walk = func(t wit.Type) {
		d, ok := t.(*wit.TypeDef)
		if !ok || seen[d] {
			return
		}
		seen[d] = true
		owner, _ := d.Owner.(*wit.Interface)
		if exported == nil || owner != exported && !l.exports[owner] {
			l.types[d] = true
		}
		for _, part := range parts(d.Kind) {
			walk(part)
		}
	}
	walk(t)
}
