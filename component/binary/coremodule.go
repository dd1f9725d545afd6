package binary

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Spec: Binary.md#type-definitions, production `core:moduletype`.

func (d *decoder) coreModuleType() component.CoreModuleType {
	d.enter("core module type")
	t := component.CoreModuleType(vec(&d.reader, "declarators", d.coreDeclarator))
	d.leave()
	return t
}

func (d *decoder) coreDeclarator() component.CoreDeclarator {
	at := d.at()
	switch c := d.byte("a declarator"); c {
	case 0x00:
		return &component.CoreImport{
			At: at, Module: d.name("a module's name"), Name: d.name("an import's name"), Type: d.coreExternType(),
		}
	case 0x01:
		return d.declaredCoreType()
	case 0x02:
		d.expect(0x10, "the type sort")
		d.expect(0x01, "an outer alias")
		return &component.CoreAlias{At: at, Count: d.u32("a number of scopes"), Index: d.u32("an index")}
	case 0x03:
		return &component.CoreExportDecl{At: at, Name: d.name("an export's name"), Type: d.coreExternType()}
	default:
		fail(at, "there is no declarator %#02x in a core module type", c)
		return nil
	}
}

// declaredCoreType reads a type inside a module type, where 0x50 is not a module
// type but a subtype without the prefix that it has elsewhere.
func (d *decoder) declaredCoreType() *component.CoreType {
	if d.peek() != 0x50 {
		return d.coreType()
	}
	return &component.CoreType{At: d.at(), Def: d.coreOtherType()}
}

func (w *writer) coreDeclarator(decl *component.CoreDeclarator) {
	switch decl := (*decl).(type) {
	case *component.CoreImport:
		w.byte(0x00)
		w.name(decl.Module)
		w.name(decl.Name)
		w.coreExternType(&decl.Type)
	case *component.CoreType:
		w.byte(0x01)
		w.coreType(decl.Def)
	case *component.CoreAlias:
		w.byte(0x02, 0x10, 0x01)
		w.u32(decl.Count)
		w.u32(decl.Index)
	case *component.CoreExportDecl:
		w.byte(0x03)
		w.name(decl.Name)
		w.coreExternType(&decl.Type)
	default:
		panic("binary: an empty declarator in a core module type")
	}
}

func (d *decoder) coreExternType() (t component.CoreExternType) {
	at := d.at()
	c := d.byte("the type of a core import or export")
	t.Sort = coreSorts[c]
	switch c {
	case 0x00:
		t.Type = d.u32("a core type index")
	case 0x01:
		t.Table.Elem = d.coreValType()
		t.Table.Limits = d.coreLimits()
	case 0x02:
		t.Memory = d.coreLimits()
	case 0x03:
		t.Global.Type = d.coreValType()
		d.globalFlags(&t.Global)
	case 0x04:
		d.expect(0x00, "the exception attribute")
		t.Type = d.u32("a core type index")
	default:
		fail(at, "there is no type %#02x of core imports and exports", c)
	}
	return t
}

func (w *writer) coreExternType(t *component.CoreExternType) {
	w.coreSort(t.Sort)
	switch t.Sort {
	case component.SortCoreFunc:
		w.u32(t.Type)
	case component.SortCoreTable:
		w.coreValType(t.Table.Elem)
		w.coreLimits(t.Table.Limits)
	case component.SortCoreMemory:
		w.coreLimits(t.Memory)
	case component.SortCoreGlobal:
		w.coreValType(t.Global.Type)
		w.flags(flag{globalMutable, t.Global.Mutable}, flag{globalShared, t.Global.Shared})
	case component.SortCoreTag:
		w.byte(0x00)
		w.u32(t.Type)
	default:
		panic("binary: a core import or export cannot be a " + t.Sort.String())
	}
}

// The flags of globals.
const (
	globalMutable = 1 << 0
	globalShared  = 1 << 1
)

func (d *decoder) globalFlags(t *component.CoreGlobalType) {
	at := d.at()
	flags := d.byte("whether the global is mutable")
	if flags >= globalShared<<1 {
		fail(at, "malformed mutability: unknown flags %#02x of a global", flags)
	}
	t.Mutable, t.Shared = flags&globalMutable != 0, flags&globalShared != 0
}

// The flags of limits.
const (
	limitsHasMax   = 1 << 0
	limitsShared   = 1 << 1
	limitsIs64     = 1 << 2
	limitsPageSize = 1 << 3
)

func (d *decoder) coreLimits() (l component.CoreLimits) {
	at := d.at()
	flags := d.byte("limits")
	if flags >= limitsPageSize<<1 {
		fail(at, "unknown flags %#02x of limits", flags)
	}
	l.HasMax, l.Shared, l.Is64 = flags&limitsHasMax != 0, flags&limitsShared != 0, flags&limitsIs64 != 0
	l.Min = d.limit(l.Is64)
	if l.HasMax {
		l.Max = d.limit(l.Is64)
	}
	if flags&limitsPageSize != 0 {
		n := d.u32("a page size")
		l.PageSize = &n
	}
	return l
}

func (d *decoder) limit(is64 bool) uint64 {
	if is64 {
		return d.u64("a limit")
	}
	return uint64(d.u32("a limit"))
}

func (w *writer) coreLimits(l component.CoreLimits) {
	w.flags(flag{limitsHasMax, l.HasMax}, flag{limitsShared, l.Shared}, flag{limitsIs64, l.Is64}, flag{limitsPageSize, l.PageSize != nil})
	w.b = leb128.AppendU64(w.b, l.Min)
	if l.HasMax {
		w.b = leb128.AppendU64(w.b, l.Max)
	}
	if l.PageSize != nil {
		w.u32(*l.PageSize)
	}
}
