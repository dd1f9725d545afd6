package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
)

// Entity is the static type of something that can be imported and exported:
// *[FuncType], *[TypeDef], *[ValueType], *[InstanceType], *[ComponentType] or
// *[ModuleType].
//
// Spec: Explainer.md#type-definitions, production `externtype`.
type Entity interface {
	// Sort is the index space of what has this type.
	Sort() component.Sort
}

// Extern is a named import or export.
type Extern struct {
	Name       string
	Parsed     names.Extern // what Name says
	Attributes []component.Attribute
	Type       Entity
}

// FuncType is a function type together with the definitions that its types were
// written as.
type FuncType struct {
	*types.Func
	Params []*TypeDef // in the order of Func.Params
	Result *TypeDef   // nil where the function returns nothing
	measure
}

// TypeDef is a type as one index of a type index space stands for it. Exactly one
// of Value, Resource, Func, Instance and Component is set.
type TypeDef struct {
	Value     *types.Type
	Resource  *types.Resource
	Func      *FuncType
	Instance  *InstanceType
	Component *ComponentType

	// Of is the type that this one is another name for: what an `eq` bound or an
	// export refers to. It is nil where the type was defined, or is a primitive
	// that has no definition.
	Of *TypeDef

	// Parts are what a value type is made of, in the order in which it is written:
	// fields, elements, payloads (nil for a case without one), ok and error (nil
	// where absent), key and value, the resource of a handle.
	Parts []*TypeDef

	measure
}

// InstanceType is the type of a component instance.
type InstanceType struct {
	Exports []Extern

	// Resources are the resource types that the instance type binds, each with the
	// names of exports that lead to it. It is empty for an instance that exists:
	// its resources belong to the component that made or imported it.
	Resources []Bound

	index map[string]int
	measure
}

// ComponentType is the type of a component.
type ComponentType struct {
	Imports, Exports []Extern

	// ImportedResources and Resources are the resource types that imports and
	// exports bind, each with the names that lead to it.
	ImportedResources, Resources []Bound

	importIndex, exportIndex map[string]int
	measure
}

// Bound is a resource type and where it is bound: the name of an import or export,
// then of exports inside it.
type Bound struct {
	Resource *types.Resource
	Path     []string
}

// ModuleType is the type of a core module.
type ModuleType struct {
	Imports []CoreImport
	Exports []CoreExport

	imports map[[2]string]int
	exports map[string]int
	// universe is what references by index in the types mean.
	universe *corewasm.Universe
}

// CoreImport is an import of a core module.
type CoreImport struct {
	Module, Name string
	Type         CoreExtern
}

// CoreExport is an export of a core module or core instance.
type CoreExport struct {
	Name string
	Type CoreExtern
}

// CoreExtern is the type of a core import or export; the field that Sort names is
// set.
type CoreExtern struct {
	Sort   component.Sort    // SortCoreFunc, …Table, …Memory, …Global or …Tag
	Type   uint32            // of a function or a tag: the index of its type in the universe
	Func   corewasm.FuncType // of a function or a tag
	Table  corewasm.TableType
	Memory corewasm.MemoryType
	Global corewasm.GlobalType
}

// Sort implements [Entity].
func (*FuncType) Sort() component.Sort { return component.SortFunc }

// Sort implements [Entity].
func (*TypeDef) Sort() component.Sort { return component.SortType }

// Sort implements [Entity].
func (*InstanceType) Sort() component.Sort { return component.SortInstance }

// Sort implements [Entity].
func (*ComponentType) Sort() component.Sort { return component.SortComponent }

// Sort implements [Entity].
func (*ModuleType) Sort() component.Sort { return component.SortCoreModule }

// Export finds an export by name.
func (t *InstanceType) Export(name string) (Entity, bool) {
	return lookup(t.Exports, t.index, name)
}

// Import finds an import by name.
func (t *ComponentType) Import(name string) (Entity, bool) {
	return lookup(t.Imports, t.importIndex, name)
}

// Export finds an export by name.
func (t *ComponentType) Export(name string) (Entity, bool) {
	return lookup(t.Exports, t.exportIndex, name)
}

func lookup(list []Extern, index map[string]int, name string) (Entity, bool) {
	i, ok := index[name]
	if !ok {
		return nil, false
	}
	return list[i].Type, true
}

// Import finds an import by its two names.
func (t *ModuleType) Import(module, name string) (CoreExtern, bool) {
	i, ok := t.imports[[2]string{module, name}]
	if !ok {
		return CoreExtern{}, false
	}
	return t.Imports[i].Type, true
}

// Export finds an export by name.
func (t *ModuleType) Export(name string) (CoreExtern, bool) {
	i, ok := t.exports[name]
	if !ok {
		return CoreExtern{}, false
	}
	return t.Exports[i].Type, true
}

// measure is what every type knows of its size.
type measure struct {
	depth int // of the longest path of types in it
	names int // of the longest chain of names for a name in it
	size  int // the number of types that it spells out to
	// generic says that a resource type occurs in it, or a type that has a name
	// from an import or export, so that substitution may change it.
	generic bool
}

// The limits on one type.
const (
	MaxDepth    = 100
	MaxNames    = 1_000 // of names for one another, as chains of use make them
	MaxTypeSize = 1_000_000
)
