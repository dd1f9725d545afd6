package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

type scopeKind uint8

const (
	scopeComponent scopeKind = iota
	scopeComponentType
	scopeInstanceType
)

// String is what messages call the scope.
func (k scopeKind) String() string {
	return [...]string{"component", "component type", "instance type"}[k]
}

// scope is a component or type that is being validated: its index spaces and its
// imports and exports so far.
//
// Spec: Explainer.md#index-spaces.
type scope struct {
	kind scopeKind
	at   component.Offset // of the definition that is being validated
	step component.Step

	coreFuncs     []typedFunc
	coreTables    []corewasm.TableType
	coreMemories  []corewasm.MemoryType
	coreGlobals   []corewasm.GlobalType
	coreTags      []typedFunc
	coreTypes     coreTypeSpace
	coreModules   []*ModuleType
	coreInstances []*coreInstance
	funcs         []*FuncType
	values        []*valueSlot
	types         []*TypeDef
	components    []*ComponentType
	instances     []*InstanceType

	imports, exports externs
	counts           map[string]int // definitions that have no index space, for paths

	// context is the type of context slots, once one was used.
	context *layout.PtrType

	// reps are the resource types that the component itself defines, with their
	// representation.
	reps map[*types.Resource]corewasm.ValType
	// typeNames are the names under which types of the component are exported, by
	// index. They are what errors call a resource type that is defined without one.
	typeNames map[uint32]string
}

// typedFunc is the type of a core function or tag, and its index in the universe.
type typedFunc struct {
	corewasm.FuncType
	index uint32
}

// addCoreFunc adds a core function that a canonical definition makes.
func (v *validator) addCoreFunc(f corewasm.FuncType, shared bool) {
	s := v.scope()
	s.coreFuncs = append(s.coreFuncs, typedFunc{f, v.universe.Func(f, shared)})
}

// externs are the imports, or the exports, of a scope.
type externs struct {
	list      []Extern
	names     nameSpace
	bound     []Bound                    // resource types that they bind
	isBound   map[*types.Resource]bool   // the same as a set
	named     map[*TypeDef]bool          // types that may be used, having a name
	resources map[string]*types.Resource // by label, for methods
}

func newExterns() externs {
	return externs{
		names:     nameSpace{},
		isBound:   map[*types.Resource]bool{},
		named:     map[*TypeDef]bool{},
		resources: map[string]*types.Resource{},
	}
}

func (e *externs) bind(r *types.Resource, path ...string) {
	if !e.isBound[r] {
		e.isBound[r] = true
		e.bound = append(e.bound, Bound{r, path})
	}
}

func (v *validator) enter(kind scopeKind, at component.Offset) *scope {
	if len(v.scopes) >= MaxNesting {
		fail(at, "components and types nest deeper than %d levels", MaxNesting)
	}
	s := &scope{
		kind:    kind,
		at:      at,
		imports: newExterns(),
		exports: newExterns(),
		counts:  map[string]int{},
		reps:    map[*types.Resource]corewasm.ValType{},
	}
	v.scopes = append(v.scopes, s)
	return s
}

func (v *validator) leave() { v.scopes = v.scopes[:len(v.scopes)-1] }

// scope is the innermost scope.
func (v *validator) scope() *scope { return v.scopes[len(v.scopes)-1] }

// outer is the scope that is count levels out.
func (v *validator) outer(at component.Offset, count uint32) *scope {
	if uint64(count) >= uint64(len(v.scopes)) {
		fail(at, "invalid outer alias count %d: there are %d enclosing scopes, the current one included", count, len(v.scopes))
	}
	return v.scopes[len(v.scopes)-1-int(count)]
}

// begin notes which definition is being validated.
func (s *scope) begin(d interface {
	Defines() (component.Sort, bool)
}) {
	kind, name := describe(d)
	index := s.counts[kind]
	s.counts[kind]++
	if sort, ok := d.Defines(); ok && sort.String() == kind {
		index = s.len(sort)
	}
	s.step = component.Step{Kind: kind, Name: name, Index: index}
	s.at = component.OffsetOf(d)
}

// describe is the kind and name of a definition as paths give them.
func describe(d any) (kind, name string) {
	switch d := d.(type) {
	case *component.Import:
		return "import", d.Name.Name
	case *component.Export:
		return "export", d.Name.Name
	case *component.ExportDecl:
		return "export", d.Name.Name
	case *component.CoreType:
		return "core type", ""
	case *component.Type:
		return "type", ""
	case component.Definition:
		return d.Section().String(), ""
	}
	return "", ""
}

// len is the size of an index space.
func (s *scope) len(sort component.Sort) int {
	switch sort {
	case component.SortCoreFunc:
		return len(s.coreFuncs)
	case component.SortCoreTable:
		return len(s.coreTables)
	case component.SortCoreMemory:
		return len(s.coreMemories)
	case component.SortCoreGlobal:
		return len(s.coreGlobals)
	case component.SortCoreTag:
		return len(s.coreTags)
	case component.SortCoreType:
		return s.coreTypes.len()
	case component.SortCoreModule:
		return len(s.coreModules)
	case component.SortCoreInstance:
		return len(s.coreInstances)
	case component.SortFunc:
		return len(s.funcs)
	case component.SortValue:
		return len(s.values)
	case component.SortType:
		return len(s.types)
	case component.SortComponent:
		return len(s.components)
	case component.SortInstance:
		return len(s.instances)
	}
	return 0
}

// get finds entry i of an index space.
func get[T any](space []T, i uint32, at component.Offset, what string) T {
	if uint64(i) >= uint64(len(space)) {
		fail(at, "unknown %s %d: %s index out of bounds, %d are defined before it", what, i, what, len(space))
	}
	return space[i]
}

// entity finds a component-level definition or core module to export it or to give
// it to somebody. A value is used up by that.
func (s *scope) entity(si component.SortIndex) Entity {
	switch si.Sort {
	case component.SortFunc:
		return get(s.funcs, si.Index, si.At, "func")
	case component.SortType:
		return get(s.types, si.Index, si.At, "type")
	case component.SortComponent:
		return get(s.components, si.Index, si.At, "component")
	case component.SortInstance:
		return get(s.instances, si.Index, si.At, "instance")
	case component.SortCoreModule:
		return get(s.coreModules, si.Index, si.At, "core module")
	case component.SortValue:
		return s.useValue(si)
	}
	fail(si.At, "a %s can be neither exported nor given to a component: only funcs, values, types, instances, components and core modules can", si.Sort)
	return nil
}

// push adds to the index space of e's sort.
func (s *scope) push(e Entity) {
	switch e := e.(type) {
	case *FuncType:
		s.funcs = append(s.funcs, e)
	case *ValueType:
		s.values = append(s.values, &valueSlot{at: s.at, typ: e})
	case *TypeDef:
		s.types = append(s.types, e)
	case *ComponentType:
		s.components = append(s.components, e)
	case *InstanceType:
		s.instances = append(s.instances, e)
	case *ModuleType:
		s.coreModules = append(s.coreModules, e)
	}
}

// componentType is the type of the component, or the component type, that the
// scope was.
func (s *scope) componentType(v *validator) *ComponentType {
	t := &ComponentType{
		Imports:           s.imports.list,
		Exports:           s.exports.list,
		ImportedResources: s.imports.bound,
		Resources:         s.exports.bound,
	}
	t.importIndex, t.exportIndex = indexExterns(t.Imports), indexExterns(t.Exports)
	v.measureExterns(&t.measure, t.Imports, t.Exports)
	return t
}

// instanceType is the instance type that the scope was.
func (s *scope) instanceType(v *validator) *InstanceType {
	return v.newInstanceType(s.exports.list, s.exports.bound)
}

func (v *validator) newInstanceType(exports []Extern, bound []Bound) *InstanceType {
	t := &InstanceType{Exports: exports, Resources: bound, index: indexExterns(exports)}
	v.measureExterns(&t.measure, exports)
	return t
}

func indexExterns(list []Extern) map[string]int {
	m := make(map[string]int, len(list))
	for i := range list {
		m[list[i].Name] = i
	}
	return m
}
