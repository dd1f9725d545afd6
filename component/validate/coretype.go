package validate

import (
	"math"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreTypeDef is an entry of the core type index space: a function type, a
// module type, or neither where it is a type of the garbage collection proposal,
// which can be defined but not used.
type coreTypeDef struct {
	fn     *corewasm.FuncType
	module *ModuleType
}

// Spec: Binary.md#type-definitions, production `core:type`.
func (v *validator) coreType(t *component.CoreType) {
	s := v.scope()
	s.coreTypes = v.appendCoreType(s.coreTypes, t)
}

// appendCoreType adds what a definition adds to a core type index space.
func (v *validator) appendCoreType(space []coreTypeDef, t *component.CoreType) []coreTypeDef {
	def := v.coreDefType(t)
	for range t.Indices() {
		space = append(space, def)
	}
	return space
}

func (v *validator) coreDefType(t *component.CoreType) coreTypeDef {
	switch def := t.Def.(type) {
	case *component.CoreFuncType:
		f := v.coreFuncType(t.At, def)
		return coreTypeDef{fn: &f}
	case component.CoreModuleType:
		return coreTypeDef{module: v.coreModuleType(def)}
	case *component.CoreOtherType:
		if !v.features.Has(component.FeatureGC) {
			v.unsupported(t.At, component.FeatureGC, "core `"+def.Keyword+"` types")
		}
		return coreTypeDef{}
	}
	fail(t.At, "a core type definition is empty")
	return coreTypeDef{}
}

func (v *validator) coreFuncType(at component.Offset, f *component.CoreFuncType) corewasm.FuncType {
	if len(f.Params) > corewasm.MaxParams || len(f.Results) > corewasm.MaxResults {
		fail(at, "a core function type has at most %d parameters and %d results", corewasm.MaxParams, corewasm.MaxResults)
	}
	return corewasm.FuncType{Params: v.coreValTypes(at, f.Params), Results: v.coreValTypes(at, f.Results)}
}

func (v *validator) coreValTypes(at component.Offset, ts []component.CoreValType) []corewasm.ValType {
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = v.coreValType(at, t)
	}
	return out
}

// coreValType translates a core value type. References to types by index would
// need the index space that they are read in; no toolchain emits them here.
func (v *validator) coreValType(at component.Offset, t component.CoreValType) corewasm.ValType {
	switch t.Code {
	case component.CoreI32, component.CoreI64, component.CoreF32, component.CoreF64, component.CoreV128:
		return corewasm.ValType(t.Code)
	case component.CoreRef, component.CoreRefNull:
		return v.coreRefType(at, t)
	}
	fail(at, "there is no core value type %#02x", byte(t.Code))
	return 0
}

func (v *validator) coreRefType(at component.Offset, t component.CoreValType) corewasm.ValType {
	switch t.Heap.Abstract {
	case 0:
		v.unsupported(at, component.FeatureGC, "references to types by index in core types of a component")
	case 0x70, 0x6f, 0x69:
	default:
		v.unsupported(at, component.FeatureGC, "references such as `"+t.String()+"`")
	}
	return corewasm.RefType(corewasm.HeapType(int64(t.Heap.Abstract)-0x80), t.Code == component.CoreRefNull)
}

// coreModuleType validates a module type, which has a core type index space of its
// own.
func (v *validator) coreModuleType(ds component.CoreModuleType) *ModuleType {
	m := newModuleType()
	var space []coreTypeDef
	for _, d := range ds {
		switch d := d.(type) {
		case *component.CoreType:
			if _, module := d.Def.(component.CoreModuleType); module {
				fail(d.At, "a module type cannot define module types: no nested module types are allowed")
			}
			space = v.appendCoreType(space, d)
		case *component.CoreAlias:
			space = append(space, v.coreAlias(d, space))
		case *component.CoreImport:
			m.addImport(d.At, CoreImport{d.Module, d.Name, v.coreExternType(d.At, space, d.Type)})
		case *component.CoreExportDecl:
			m.addExport(d.At, CoreExport{d.Name, v.coreExternType(d.At, space, d.Type)})
		default:
			fail(v.scope().at, "a declarator is missing")
		}
	}
	return m
}

func (v *validator) coreAlias(a *component.CoreAlias, own []coreTypeDef) coreTypeDef {
	space := own
	if a.Count > 0 {
		space = v.outer(a.At, a.Count-1).coreTypes
	}
	t := get(space, a.Index, a.At, "core type")
	if t.module != nil {
		fail(a.At, "a module type cannot alias module types: core type %d is one", a.Index)
	}
	return t
}

func newModuleType() *ModuleType {
	return &ModuleType{imports: map[[2]string]int{}, exports: map[string]int{}}
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

func (v *validator) coreExternType(at component.Offset, space []coreTypeDef, t component.CoreExternType) CoreExtern {
	x := CoreExtern{Sort: t.Sort}
	switch t.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		d := get(space, t.Type, at, "core type")
		if d.fn == nil {
			fail(at, "core type %d is not a plain function type", t.Type)
		}
		x.Func = *d.fn
		if t.Sort == component.SortCoreTag && len(x.Func.Results) > 0 {
			fail(at, "invalid exception type: non-empty tag result type")
		}
	case component.SortCoreTable:
		x.Table = v.coreTableType(at, t.Table)
	case component.SortCoreMemory:
		x.Memory = v.coreMemoryType(at, t.Memory)
	case component.SortCoreGlobal:
		x.Global = corewasm.GlobalType{Type: v.coreValType(at, t.Global.Type), Mutable: t.Global.Mutable}
	default:
		fail(at, "a core module imports or exports no %s", t.Sort)
	}
	return x
}

func (v *validator) coreLimits(at component.Offset, l component.CoreLimits, most uint64) corewasm.Limits {
	if l.Min > most || l.HasMax && l.Max > most {
		fail(at, "memory size must be at most %d pages", most)
	}
	if l.HasMax && l.Min > l.Max {
		fail(at, "size minimum must not be greater than maximum")
	}
	return corewasm.Limits{Min: l.Min, Max: l.Max, HasMax: l.HasMax, Is64: l.Is64}
}

func (v *validator) coreMemoryType(at component.Offset, l component.CoreLimits) corewasm.MemoryType {
	m := corewasm.MemoryType{Limits: corewasm.Limits{Is64: l.Is64}, Shared: l.Shared}
	if l.PageSize != nil && *l.PageSize != 16 {
		if *l.PageSize != 0 {
			fail(at, "invalid custom page size: 2 to the power of %d, allowed are 0 and 16", *l.PageSize)
		}
		m.PageSize = 1
	}
	m.Limits = v.coreLimits(at, l, m.MaxPages())
	if m.Shared && !m.Limits.HasMax {
		fail(at, "shared memory must have maximum size")
	}
	return m
}

func (v *validator) coreTableType(at component.Offset, t component.CoreTableType) corewasm.TableType {
	if t.Limits.PageSize != nil {
		fail(at, "a table has no page size")
	}
	out := corewasm.TableType{Elem: v.coreValType(at, t.Elem), Shared: t.Limits.Shared}
	if !out.Elem.IsRef() {
		fail(at, "a table holds references, not %s", out.Elem)
	}
	most := uint64(math.MaxUint32)
	if t.Limits.Is64 {
		most = math.MaxUint64
	}
	out.Limits = v.coreLimits(at, t.Limits, most)
	return out
}
