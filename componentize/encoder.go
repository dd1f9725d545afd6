package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit"
)

// encoder writes the component of a plan.
type encoder struct {
	p         *plan
	live      *liveness
	b         component.Builder
	canonical bool // whether interface names are
	nested    int  // see maxNested

	imports, exports *typeIndexes              // of the root component, seen from either side
	labelled         map[string]*typeIndexes   // of interfaces that are exported under plain names
	instances        map[wit.WorldKey]uint32   // imported ones
	exported         map[*wit.Interface]uint32 // exported instances
	functions        map[usedFunction]uint32   // imported ones
	aliases          map[aliasKey]uint32

	main, shim  uint32 // core instances
	shims       []shimEntry
	memory      uint32
	hasInstance bool // main is there
}

type aliasKey struct {
	sort     component.Sort
	instance uint32
	name     string
}

func newEncoder(p *plan) *encoder {
	e := &encoder{
		p:         p,
		live:      newLiveness(p),
		imports:   newTypeIndexes(),
		exports:   newTypeIndexes(),
		labelled:  map[string]*typeIndexes{},
		instances: map[wit.WorldKey]uint32{},
		exported:  map[*wit.Interface]uint32{},
		functions: map[usedFunction]uint32{},
		aliases:   map[aliasKey]uint32{},
	}
	e.exports.plain = e.imports.plain // one space
	return e
}

func (e *encoder) importTypes() *typeEncoder { return &typeEncoder{importSpace{e}, e.imports} }

// exportTypes is the encoder for the types of an exported interface. Under a plain name
// an interface has types of its own, which nothing else refers to.
func (e *encoder) exportTypes(key wit.WorldKey, owner *wit.Interface) *typeEncoder {
	indexes := e.exports
	if key.Interface == nil {
		if indexes = e.labelled[key.Name]; indexes == nil {
			indexes = &typeIndexes{map[*wit.TypeDef]uint32{}, e.imports.plain}
			e.labelled[key.Name] = indexes
		}
	}
	return &typeEncoder{exportSpace{e, owner}, indexes}
}

// typesAt is the encoder for types that a function in at mentions.
func (e *encoder) typesAt(at container) *typeEncoder {
	if at.exported && at.iface != nil {
		return e.exportTypes(at.key, at.iface)
	}
	return e.importTypes()
}

// aliasExport refers to an export of a component instance.
func (e *encoder) aliasExport(instance uint32, sort component.Sort, name string) uint32 {
	return e.alias(aliasKey{sort, instance, name}, &component.AliasExport{Instance: instance, Name: name})
}

// aliasCore refers to an export of a core instance.
func (e *encoder) aliasCore(instance uint32, sort component.Sort, name string) uint32 {
	return e.alias(aliasKey{sort, instance, name}, &component.AliasCoreExport{Instance: instance, Name: name})
}

func (e *encoder) alias(key aliasKey, target component.AliasTarget) uint32 {
	i, ok := e.aliases[key]
	if !ok {
		i = e.b.Add(&component.Alias{Sort: key.sort, Target: target})
		e.aliases[key] = i
	}
	return i
}

// importedInstance is the imported instance that has an interface's types.
func (e *encoder) importedInstance(i *wit.Interface) uint32 {
	if n, ok := e.instances[wit.InterfaceKey(i)]; ok && i.Name != "" {
		return n
	}
	for key, item := range e.p.world.Imports.All() {
		if item, ok := item.(*wit.InterfaceItem); ok && item.Interface == i {
			if n, ok := e.instances[key]; ok {
				return n
			}
		}
	}
	panic(fmt.Sprintf("componentize: interface %q is used before it is imported", i.IDString()))
}

// encodeImports imports what is live of the world's imports.
func (e *encoder) encodeImports() {
	for key, item := range e.p.world.Imports.All() {
		switch item := item.(type) {
		case *wit.InterfaceItem:
			e.importInterface(key, item)
		case *wit.TypeDef:
			e.importTypes().def(item)
		case *wit.Function:
			used := usedFunction{name: item.Name}
			if e.live.funcs[used] {
				t := e.importTypes().function(item)
				e.functions[used] = e.b.Add(&component.Import{Name: externName(key.String(), item.ExternalID), Type: &component.FuncExtern{Type: t}})
			}
		}
	}
}

func (e *encoder) importInterface(key wit.WorldKey, item *wit.InterfaceItem) {
	decls := &component.Decls{}
	enc := &typeEncoder{instanceSpace{e, item.Interface, decls}, newTypeIndexes()}
	for d := range item.Interface.Types.Values() {
		if e.live.types[d] {
			enc.def(d)
		}
	}
	for name, f := range item.Interface.Functions.All() {
		if e.live.funcs[usedFunction{key, name}] {
			t := enc.function(f)
			decls.Add(&component.ExportDecl{Name: externName(name, f.ExternalID), Type: &component.FuncExtern{Type: t}})
		}
	}
	if len(decls.InstanceType()) == 0 {
		return // nobody would see it
	}
	t := e.b.Add(&component.Type{Def: decls.InstanceType()})
	e.instances[key] = e.b.Add(&component.Import{Name: interfaceName(key, item, e.canonical), Type: &component.InstanceExtern{Type: t}})
}

// importedFunc is the component function that a core function is lowered from.
func (e *encoder) importedFunc(im *coreImport) uint32 {
	if im.at.iface == nil {
		return e.functions[usedFunction{name: im.fn.Name}]
	}
	return e.aliasExport(e.instances[im.at.key], component.SortFunc, im.fn.Name)
}

// declareExportTypes defines the types of exported interfaces, resources above
// all, which the core module needs before it is there to implement them.
func (e *encoder) declareExportTypes() {
	for key, item := range e.p.world.Exports.All() {
		if item, ok := item.(*wit.InterfaceItem); ok {
			for d := range item.Interface.Types.Values() {
				e.exportTypes(key, item.Interface).def(d)
			}
		}
	}
}
