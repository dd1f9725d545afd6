package validate

import (
	"errors"
	"math"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreTypeSpace is a core type index space. An entry is a type of the universe, or a
// module type.
type coreTypeSpace struct {
	list    []uint32 // indices of the universe, or corewasm.NoType for a module type
	modules map[uint32]*ModuleType
}

func (s *coreTypeSpace) len() int { return len(s.list) }

func (s *coreTypeSpace) add(i uint32) { s.list = append(s.list, i) }

func (s *coreTypeSpace) addModule(m *ModuleType) {
	if s.modules == nil {
		s.modules = map[uint32]*ModuleType{}
	}
	s.modules[uint32(len(s.list))] = m
	s.add(corewasm.NoType)
}

// addFrom adds what is at an index of another space.
func (s *coreTypeSpace) addFrom(from *coreTypeSpace, i uint32) {
	if m := from.modules[i]; m != nil {
		s.addModule(m)
		return
	}
	s.add(from.list[i])
}

// module finds a module type.
func (s *coreTypeSpace) module(at component.Offset, i uint32) *ModuleType {
	get(s.list, i, at, "core type")
	m := s.modules[i]
	if m == nil {
		fail(at, "core type %d is not a module type", i)
	}
	return m
}

// function finds a function type. Its references mean types of the universe.
func (v *validator) function(s *coreTypeSpace, at component.Offset, i uint32) (index uint32, t *corewasm.Type) {
	index = get(s.list, i, at, "core type")
	if index == corewasm.NoType {
		fail(at, "core type %d is not a function type: it is a module type", i)
	}
	if t = v.universe.Type(index); t.Kind != corewasm.TypeFunc {
		fail(at, "core type %d is not a function type: it is a type of kind %s", i, t.Kind)
	}
	return index, t
}

// Spec: Binary.md#type-definitions, production `core:type`.
func (v *validator) coreType(t *component.CoreType) {
	v.addCoreType(&v.scope().coreTypes, t)
}

// addCoreType adds what a definition adds to a core type index space.
func (v *validator) addCoreType(s *coreTypeSpace, t *component.CoreType) {
	switch def := t.Def.(type) {
	case *component.CoreFuncType:
		f := coreFuncType(t.At, def)
		v.addGroup(s, t.At, []corewasm.Type{{FuncType: f}})
	case component.CoreModuleType:
		s.addModule(v.coreModuleType(def))
	case *component.CoreOtherType:
		v.addGroup(s, t.At, decodeGroup(t.At, def))
	default:
		fail(t.At, "a core type definition is empty")
	}
}

// decodeGroup reads a type that package component keeps as bytes.
func decodeGroup(at component.Offset, t *component.CoreOtherType) []corewasm.Type {
	b := t.Bytes
	if len(b) > 0 && b[0] == 0 { // which tells a `sub` from a module type
		b = b[1:]
	}
	group, err := corewasm.DecodeGroup(b)
	checkCoreType(at, err)
	if len(group) != int(t.Types) {
		fail(at, "a core type definition has %d types, but says that it has %d", len(group), t.Types)
	}
	return group
}

// addGroup adds types that are defined together.
func (v *validator) addGroup(s *coreTypeSpace, at component.Offset, group []corewasm.Type) {
	v.spend(newType * len(group))
	first, err := v.universe.Add(group, s.list, v.coreFeatures())
	checkCoreType(at, err)
	for i := range group {
		s.add(first + uint32(i))
	}
}

func (v *validator) coreFeatures() corewasm.Features {
	return corewasm.Features{SharedThreads: v.features.Has(component.FeatureSharedThreads)}
}

// checkCoreType fails with what is wrong with a core type, if anything is.
func checkCoreType(at component.Offset, err error) {
	var unsupported *corewasm.UnsupportedError
	if errors.As(err, &unsupported) {
		panic(&component.Error{At: at, Feature: component.FeatureSharedThreads,
			Msg: "core type: " + unsupported.Cause.Msg + ": " + component.FeatureSharedThreads.String() + " are off"})
	}
	var e *corewasm.Error
	if errors.As(err, &e) {
		fail(at, "core type: %s", e.Msg)
	}
	check(at, err)
}

func coreFuncType(at component.Offset, f *component.CoreFuncType) corewasm.FuncType {
	if len(f.Params) > corewasm.MaxParams || len(f.Results) > corewasm.MaxResults {
		fail(at, "a core function type has at most %d parameters and %d results", corewasm.MaxParams, corewasm.MaxResults)
	}
	return corewasm.FuncType{Params: coreValTypes(at, f.Params), Results: coreValTypes(at, f.Results)}
}

func coreValTypes(at component.Offset, ts []component.CoreValType) []corewasm.ValType {
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = coreValType(at, t)
	}
	return out
}

// coreValType translates a core value type. References by index keep theirs.
func coreValType(at component.Offset, t component.CoreValType) corewasm.ValType {
	switch t.Code {
	case component.CoreI32, component.CoreI64, component.CoreF32, component.CoreF64, component.CoreV128:
		return corewasm.ValType(t.Code)
	case component.CoreRef, component.CoreRefNull:
		return corewasm.RefType(heapType(at, t.Heap), t.Code == component.CoreRefNull)
	}
	fail(at, "there is no core value type %#02x", byte(t.Code))
	return 0
}

func heapType(at component.Offset, h component.CoreHeapType) corewasm.HeapType {
	if h.Abstract == 0 {
		return corewasm.HeapType(h.Index)
	}
	if !component.IsAbstractHeap(h.Abstract) {
		fail(at, "there is no heap type %#02x", h.Abstract)
	}
	out := corewasm.HeapType(int64(h.Abstract) - 0x80)
	if h.Shared {
		return out.Shared()
	}
	return out
}

// usedValType translates a core value type whose references by index mean s.
func (v *validator) usedValType(s *coreTypeSpace, at component.Offset, t component.CoreValType) corewasm.ValType {
	out, ok := corewasm.Translate(coreValType(at, t), s.list)
	if !ok {
		fail(at, "unknown core type %d: a reference can't refer to it", t.Heap.Index)
	}
	return out
}

// coreModuleType validates a module type, which has a core type index space of its
// own.
func (v *validator) coreModuleType(ds component.CoreModuleType) *ModuleType {
	m := v.newModuleType()
	var space coreTypeSpace
	for _, d := range ds {
		switch d := d.(type) {
		case *component.CoreType:
			if _, module := d.Def.(component.CoreModuleType); module {
				fail(d.At, "a module type cannot define module types: no nested module types are allowed")
			}
			v.addCoreType(&space, d)
		case *component.CoreAlias:
			v.coreAlias(d, &space)
		case *component.CoreImport:
			m.addImport(d.At, CoreImport{d.Module, d.Name, v.coreExternType(d.At, &space, d.Type)})
		case *component.CoreExportDecl:
			m.addExport(d.At, CoreExport{d.Name, v.coreExternType(d.At, &space, d.Type)})
		default:
			fail(v.scope().at, "a declarator is missing")
		}
	}
	return m
}

func (v *validator) coreAlias(a *component.CoreAlias, own *coreTypeSpace) {
	from := own
	if a.Count > 0 {
		from = &v.outer(a.At, a.Count-1).coreTypes
	}
	if get(from.list, a.Index, a.At, "core type") == corewasm.NoType {
		fail(a.At, "a module type cannot alias module types: core type %d is one", a.Index)
	}
	own.addFrom(from, a.Index)
}

func (v *validator) newModuleType() *ModuleType {
	return &ModuleType{imports: map[[2]string]int{}, exports: map[string]int{}, universe: v.universe}
}

func (m *ModuleType) addImport(at component.Offset, i CoreImport) {
	key := [2]string{i.Module, i.Name}
	if _, dup := m.imports[key]; dup {
		fail(at, "duplicate import name `%s:%s` in a core module type", i.Module, i.Name)
	}
	m.imports[key] = len(m.Imports)
	m.Imports = append(m.Imports, i)
}

func (m *ModuleType) addExport(at component.Offset, x CoreExport) {
	if _, dup := m.exports[x.Name]; dup {
		fail(at, "duplicate export name `%s` already defined in a core module type", x.Name)
	}
	m.exports[x.Name] = len(m.Exports)
	m.Exports = append(m.Exports, x)
}

func (v *validator) coreExternType(at component.Offset, space *coreTypeSpace, t component.CoreExternType) CoreExtern {
	x := CoreExtern{Sort: t.Sort}
	switch t.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		index, f := v.function(space, at, t.Type)
		x.Type, x.Func = index, f.FuncType
		if t.Sort == component.SortCoreTag && len(x.Func.Results) > 0 {
			fail(at, "invalid exception type: non-empty tag result type")
		}
	case component.SortCoreTable:
		x.Table = v.coreTableType(at, space, t.Table)
	case component.SortCoreMemory:
		x.Memory = coreMemoryType(at, t.Memory)
	case component.SortCoreGlobal:
		x.Global = corewasm.GlobalType{Type: v.usedValType(space, at, t.Global.Type), Mutable: t.Global.Mutable, Shared: t.Global.Shared}
		if t.Global.Shared {
			v.shareable(at, "global", x.Global.Type)
		}
	default:
		fail(at, "a core module imports or exports no %s", t.Sort)
	}
	return x
}

// shareable checks the type of what a shared table or global holds.
func (v *validator) shareable(at component.Offset, what string, t corewasm.ValType) {
	v.gate(at, component.FeatureSharedThreads, "shared "+what+"s")
	if t.IsRef() && !v.universe.Shared(t) {
		fail(at, "a shared %s must hold what can be shared, not %s", what, t)
	}
}

func coreLimits(at component.Offset, l component.CoreLimits, what, unit string, most uint64) corewasm.Limits {
	if l.Min > most || l.HasMax && l.Max > most {
		fail(at, "%s size must be at most %d %s", what, most, unit)
	}
	if l.HasMax && l.Min > l.Max {
		fail(at, "size minimum must not be greater than maximum")
	}
	return corewasm.Limits{Min: l.Min, Max: l.Max, HasMax: l.HasMax, Is64: l.Is64}
}

func coreMemoryType(at component.Offset, l component.CoreLimits) corewasm.MemoryType {
	m := corewasm.MemoryType{Limits: corewasm.Limits{Is64: l.Is64}, Shared: l.Shared}
	if l.PageSize != nil && *l.PageSize != 16 {
		if *l.PageSize != 0 {
			fail(at, "invalid custom page size: 2 to the power of %d, allowed are 0 and 16", *l.PageSize)
		}
		m.PageSize = 1
	}
	m.Limits = coreLimits(at, l, "memory", "pages", m.MaxPages())
	if m.Shared && !m.Limits.HasMax {
		fail(at, "shared memory must have maximum size")
	}
	return m
}

func (v *validator) coreTableType(at component.Offset, space *coreTypeSpace, t component.CoreTableType) corewasm.TableType {
	if t.Limits.PageSize != nil {
		fail(at, "a table has no page size")
	}
	out := corewasm.TableType{Elem: v.usedValType(space, at, t.Elem), Shared: t.Limits.Shared}
	if !out.Elem.IsRef() {
		fail(at, "a table holds references, not %s", out.Elem)
	}
	if out.Shared {
		v.shareable(at, "table", out.Elem)
	}
	most := uint64(math.MaxUint32)
	if t.Limits.Is64 {
		most = math.MaxUint64
	}
	out.Limits = coreLimits(at, t.Limits, "table", "entries", most)
	return out
}
