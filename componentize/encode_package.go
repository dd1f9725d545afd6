package componentize

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit"
)

// maxPackage bounds the size of an encoded package in bytes. Each world repeats the
// interfaces that it imports, so that a small text can ask for a large encoding.
const maxPackage = 1 << 24

// EncodePackage encodes a WIT package as a component, which [DecodePackage] reads: each
// interface and each world is exported as a component type, in the package's order. What
// it uses of other packages is mentioned by name and type, their functions are left
// out. Documentation and gates go to the custom section in which wasm-tools keeps
// them.
//
// It fails where a component can't have what WIT can, such as a record without fields, or
// a type that spells out to more than validation takes. Of opts it heeds CanonicalNames and Version.
//
// Spec: WIT.md#package-format.
func EncodePackage(p *wit.Package, opts Options) ([]byte, error) {
	var b component.Builder
	size := 0
	export := func(name string, def component.ComponentType) {
		var alone component.Builder
		alone.Add(&component.Type{Def: def})
		if size += len(binary.Encode(alone.Component())); size > maxPackage {
			refuse("the package `%s` would take more than %d MiB", p.Name, maxPackage>>20)
		}
		t := b.Add(&component.Type{Def: def})
		b.Add(&component.Export{Name: component.Named(name), Def: component.SortIndex{Sort: component.SortType, Index: t}})
	}
	err := catch(func() error {
		for i := range p.Interfaces.Values() {
			export(i.Name, packageInterface(i, opts.CanonicalNames))
		}
		for w := range p.Worlds.Values() {
			if opts.CanonicalNames {
				if err := checkCanonical(w); err != nil {
					return err
				}
			}
			export(w.Name, packageWorld(w, opts.CanonicalNames))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if docs := writeDocs(p); docs != nil {
		b.Add(&component.Custom{Name: docsSection, Data: docs})
	}
	b.Add(&component.Custom{Name: "producers", Data: producers(opts.Version)})
	out := binary.Encode(b.Component())
	err = catch(func() error {
		checkLimits(out, "the package `"+p.Name.String()+"`")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// packageInterface is the component type that stands for an interface: it imports
// the types that the interface uses, and exports the interface.
func packageInterface(i *wit.Interface, canonical bool) component.ComponentType {
	t := newTypeWriter(canonical)
	t.importUses(i)
	key, item := wit.InterfaceKey(i), &wit.InterfaceItem{Interface: i}
	t.exportInterface(interfaceName(key, item, canonical), i)
	return t.decls.ComponentType()
}

// packageWorld is the component type that stands for a world: its only export is the
// component type that components of the world have.
func packageWorld(w *wit.World, canonical bool) component.ComponentType {
	var outer component.Decls
	inner := outer.Add(&component.Type{Def: worldType(w, canonical)})
	name := component.Named(w.IDString())
	if canonical {
		name = canonicalExtern(w.IDString(), w.Package.Name.Version)
	}
	outer.Add(&component.ExportDecl{Name: name, Type: &component.ComponentExtern{Type: inner}})
	return outer.ComponentType()
}

// worldType is the component type of a world.
func worldType(w *wit.World, canonical bool) component.ComponentType {
	t := newTypeWriter(canonical)
	for key, item := range w.Imports.All() {
		switch item := item.(type) {
		case *wit.InterfaceItem:
			t.importInterface(key, interfaceName(key, item, canonical), item.Interface, true)
		case *wit.TypeDef:
			t.types().def(item)
		case *wit.Function:
			f := t.types().function(item)
			t.decls.Add(&component.Import{Name: externName(key.String(), item.ExternalID), Type: &component.FuncExtern{Type: f}})
		}
	}
	for key, item := range w.Exports.All() {
		switch item := item.(type) {
		case *wit.InterfaceItem:
			i := t.exportInterface(interfaceName(key, item, canonical), item.Interface)
			if key.Interface != nil {
				t.exported[item.Interface] = i
			}
		case *wit.Function:
			f := t.types().function(item)
			t.decls.Add(&component.ExportDecl{Name: externName(key.String(), item.ExternalID), Type: &component.FuncExtern{Type: f}})
		}
	}
	return t.decls.ComponentType()
}

// typeWriter writes the declarators of a component type.
type typeWriter struct {
	decls     component.Decls
	canonical bool
	indexes   *typeIndexes
	imported  map[wit.WorldKey]uint32   // instances
	exported  map[*wit.Interface]uint32 // instances under their own names
	aliases   map[aliasKey]uint32
}

func newTypeWriter(canonical bool) *typeWriter {
	return &typeWriter{
		canonical: canonical,
		indexes:   newTypeIndexes(),
		imported:  map[wit.WorldKey]uint32{},
		exported:  map[*wit.Interface]uint32{},
		aliases:   map[aliasKey]uint32{},
	}
}

// types writes types as imports see them.
func (t *typeWriter) types() *typeEncoder { return &typeEncoder{declSpace{t}, t.indexes} }

// importUses imports the interfaces that i uses, directly or not, each after those that
// it uses itself. It keeps its own stack, because a chain of interfaces may be long.
func (t *typeWriter) importUses(i *wit.Interface) {
	stack := []*usesVisit{{i, i.Uses()}}
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		if len(top.rest) > 0 {
			next := top.rest[0]
			top.rest = top.rest[1:]
			if _, done := t.imported[wit.InterfaceKey(next)]; !done {
				stack = append(stack, &usesVisit{next, next.Uses()})
			}
			continue
		}
		stack = stack[:len(stack)-1]
		if key := wit.InterfaceKey(top.iface); top.iface != i {
			t.importInterface(key, interfaceName(key, &wit.InterfaceItem{Interface: top.iface}, t.canonical), top.iface, false)
		}
	}
}

// usesVisit is an interface with those that it uses and that were not visited yet.
type usesVisit struct {
	iface *wit.Interface
	rest  []*wit.Interface
}

// importInterface imports an instance, once.
func (t *typeWriter) importInterface(key wit.WorldKey, name component.ExternName, i *wit.Interface, functions bool) {
	if _, done := t.imported[key]; done {
		return
	}
	def := t.decls.Add(&component.Type{Def: t.instanceType(i, functions, nil)})
	t.imported[key] = t.decls.Add(&component.Import{Name: name, Type: &component.InstanceExtern{Type: def}})
}

// exportInterface exports an instance.
func (t *typeWriter) exportInterface(name component.ExternName, i *wit.Interface) uint32 {
	def := t.decls.Add(&component.Type{Def: t.instanceType(i, true, t.exported)})
	return t.decls.Add(&component.ExportDecl{Name: name, Type: &component.InstanceExtern{Type: def}})
}

// instanceType is the type of an instance that implements i. Of the interfaces that
// it uses, those in first are meant rather than the imported ones.
func (t *typeWriter) instanceType(i *wit.Interface, functions bool, first map[*wit.Interface]uint32) component.InstanceType {
	s := declaredSpace{t, i, &component.Decls{}, first}
	enc := &typeEncoder{s, newTypeIndexes()}
	for d := range i.Types.Values() {
		enc.def(d)
	}
	if functions {
		for name, f := range i.Functions.All() {
			s.decls.Add(&component.ExportDecl{Name: externName(name, f.ExternalID), Type: &component.FuncExtern{Type: enc.function(f)}})
		}
	}
	return s.decls.InstanceType()
}

// ofInstance is the type d, in the space of the component type, as an instance has it.
func (t *typeWriter) ofInstance(instance uint32, d *wit.TypeDef) uint32 {
	key := aliasKey{component.SortType, instance, d.Name}
	i, ok := t.aliases[key]
	if !ok {
		i = t.decls.Add(&component.Alias{Sort: component.SortType, Target: &component.AliasExport{Instance: instance, Name: d.Name}})
		t.aliases[key] = i
	}
	return i
}

// declSpace is the type index space of a component type as seen from its imports: types of
// interfaces come out of imported instances, types of the world are themselves
// imported.
type declSpace struct{ *typeWriter }

func (s declSpace) define(def component.DefType) uint32 {
	return s.decls.Add(&component.Type{Def: def})
}

func (s declSpace) name(d *wit.TypeDef, i uint32) uint32 {
	return s.decls.Add(&component.Import{Name: typeName(d), Type: &component.TypeExtern{Eq: &i}})
}

func (s declSpace) resource(d *wit.TypeDef) uint32 {
	return s.decls.Add(&component.Import{Name: typeName(d), Type: &component.TypeExtern{}})
}

func (s declSpace) foreign(d *wit.TypeDef) (uint32, bool) {
	owner, ok := d.Owner.(*wit.Interface)
	if !ok {
		return 0, false
	}
	return s.ofInstance(s.imported[wit.InterfaceKey(owner)], d), true
}

// declaredSpace is the type index space of an instance type in a component type.
type declaredSpace struct {
	in    *typeWriter
	owner *wit.Interface
	decls *component.Decls
	first map[*wit.Interface]uint32
}

func (s declaredSpace) define(def component.DefType) uint32 {
	return s.decls.Add(&component.Type{Def: def})
}

func (s declaredSpace) name(d *wit.TypeDef, i uint32) uint32 {
	return s.decls.Add(&component.ExportDecl{Name: typeName(d), Type: &component.TypeExtern{Eq: &i}})
}

func (s declaredSpace) resource(d *wit.TypeDef) uint32 {
	return s.decls.Add(&component.ExportDecl{Name: typeName(d), Type: &component.TypeExtern{}})
}

func (s declaredSpace) foreign(d *wit.TypeDef) (uint32, bool) {
	if d.Owner == wit.Owner(s.owner) {
		return 0, false
	}
	outer := uint32(0)
	owner, _ := d.Owner.(*wit.Interface)
	if instance, ok := s.first[owner]; ok {
		outer = s.in.ofInstance(instance, d)
	} else {
		outer = s.in.types().def(d)
	}
	return s.decls.Add(&component.Alias{Sort: component.SortType, Target: &component.AliasOuter{Count: 1, Index: outer}}), true
}
