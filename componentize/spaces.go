package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/wit"
)

// importSpace is the root component's type index space as seen from its imports:
// types of interfaces come out of imported instances, types of the world are
// themselves imported.
type importSpace struct{ *encoder }

func (s importSpace) define(def component.DefType) uint32 {
	return s.b.Add(&component.Type{Def: def})
}

func (s importSpace) name(d *wit.TypeDef, i uint32) uint32 {
	return s.b.Add(&component.Import{Name: typeName(d), Type: &component.TypeExtern{Eq: &i}})
}

func (s importSpace) resource(d *wit.TypeDef) uint32 {
	return s.b.Add(&component.Import{Name: typeName(d), Type: &component.TypeExtern{}})
}

func (s importSpace) foreign(d *wit.TypeDef) (uint32, bool) {
	owner, ok := d.Owner.(*wit.Interface)
	if !ok {
		return 0, false
	}
	return s.aliasExport(s.importedInstance(owner), component.SortType, d.Name), true
}

// exportSpace is the same space as seen from an exported interface: its own
// types are plain definitions, those of other exported interfaces come out of the exported
// instances once these exist, all others are imported.
type exportSpace struct {
	*encoder
	owner *wit.Interface
}

func (s exportSpace) define(def component.DefType) uint32 {
	return s.b.Add(&component.Type{Def: def})
}

func (s exportSpace) name(d *wit.TypeDef, i uint32) uint32 { return i }

func (s exportSpace) resource(d *wit.TypeDef) uint32 {
	def := &component.ResourceType{Rep: component.I32}
	if name := s.p.dtors[d]; name != "" {
		dtor := s.shimFunc(name)
		def.Dtor = &dtor
	}
	return s.define(def)
}

func (s exportSpace) foreign(d *wit.TypeDef) (uint32, bool) {
	owner, ok := d.Owner.(*wit.Interface)
	if ok && owner == s.owner {
		return 0, false
	}
	if ok && s.live.exports[owner] {
		if instance, ok := s.exported[owner]; ok {
			return s.aliasExport(instance, component.SortType, d.Name), true
		}
		return s.exportTypes(wit.InterfaceKey(owner), owner).def(d), true
	}
	return s.importTypes().def(d), true
}

// instanceSpace is the type index space of an imported interface's instance type.
type instanceSpace struct {
	*encoder
	owner *wit.Interface
	decls *component.Decls
}

func (s instanceSpace) define(def component.DefType) uint32 {
	return s.decls.Add(&component.Type{Def: def})
}

func (s instanceSpace) name(d *wit.TypeDef, i uint32) uint32 {
	return s.decls.Add(&component.ExportDecl{Name: typeName(d), Type: &component.TypeExtern{Eq: &i}})
}

func (s instanceSpace) resource(d *wit.TypeDef) uint32 {
	return s.decls.Add(&component.ExportDecl{Name: typeName(d), Type: &component.TypeExtern{}})
}

func (s instanceSpace) foreign(d *wit.TypeDef) (uint32, bool) {
	if d.Owner == wit.Owner(s.owner) {
		return 0, false
	}
	outer := s.importTypes().def(d)
	return s.decls.Add(&component.Alias{Sort: component.SortType, Target: &component.AliasOuter{Count: 1, Index: outer}}), true
}

// nestedSpace is the type index space of the component that gives an exported
// interface its names: first all types are imported, then the interface's own
// are exported again.
type nestedSpace struct {
	b         *component.Builder
	exporting bool
	args      []nestedType
	taken     map[string]int // how often a name was wanted
}

// nestedType is a type that a nested component imports.
type nestedType struct {
	name string
	def  *wit.TypeDef
}

func (s *nestedSpace) define(def component.DefType) uint32 {
	return s.b.Add(&component.Type{Def: def})
}

func (s *nestedSpace) name(d *wit.TypeDef, i uint32) uint32 {
	if s.exporting {
		return s.b.Add(&component.Export{Name: typeName(d), Def: component.SortIndex{Sort: component.SortType, Index: i}})
	}
	return s.b.Add(&component.Import{Name: s.importName(d), Type: &component.TypeExtern{Eq: &i}})
}

func (s *nestedSpace) resource(d *wit.TypeDef) uint32 {
	return s.b.Add(&component.Import{Name: s.importName(d), Type: &component.TypeExtern{}})
}

func (s *nestedSpace) foreign(*wit.TypeDef) (uint32, bool) { return 0, false }

// importName invents a name for the import of d and remembers it.
func (s *nestedSpace) importName(d *wit.TypeDef) component.ExternName {
	name := "import-type-" + d.Name
	for want := name; s.taken[name] > 0; s.taken[want]++ {
		name = fmt.Sprintf("%s%d", want, s.taken[want]-1)
	}
	s.taken[name]++
	s.args = append(s.args, nestedType{name, d})
	return component.Named(name)
}
