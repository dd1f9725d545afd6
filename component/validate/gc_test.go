package validate

import (
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

func gcType(types uint32, bytes string) *component.CoreType {
	return &component.CoreType{Def: &component.CoreOtherType{Keyword: "rec", Types: types, Bytes: []byte(bytes)}}
}

func moduleType(ds ...component.CoreDeclarator) *component.CoreType {
	return &component.CoreType{Def: component.CoreModuleType(ds)}
}

func coreFuncOf(i uint32) component.CoreExternType {
	return component.CoreExternType{Sort: component.SortCoreFunc, Type: i}
}

func exportOf(t component.CoreExternType) *component.CoreExportDecl {
	return &component.CoreExportDecl{Name: "x", Type: t}
}

func globalOf(t component.CoreValType, mutable bool) component.CoreExternType {
	return component.CoreExternType{Sort: component.SortCoreGlobal, Global: component.CoreGlobalType{Type: t, Mutable: mutable}}
}

func refTo(i uint32) component.CoreValType {
	return component.CoreValType{Code: component.CoreRef, Heap: component.CoreHeapType{Index: i}}
}

// fits says whether a module of type got may be given where want is imported.
func fits(got, want *component.CoreType) defs {
	return defs{
		got, want, nest(outer(component.SortCoreType, 1, 1), imp("m", &component.CoreModuleExtern{})),
		imp("m", &component.CoreModuleExtern{}), instantiate(0, with("m", component.SortCoreModule, 0)),
	}
}

const (
	openStruct  = "\x50\x00\x5f\x00"             // (sub (struct))
	subOf0      = "\x50\x01\x00\x5f\x01\x7f\x00" // (sub 0 (struct (field i32)))
	finalSub    = "\x4f\x01\x00\x5f\x01\x7f\x00"
	pairOfFuncs = "\x4e\x02\x60\x00\x00\x60\x01\x7f\x00" // (rec (func) (func (param i32)))
)

var gcCases = map[string]testCase{
	"struct":               {defs{gcType(1, "\x5f\x02\x7f\x00\x78\x01")}, ""},
	"open":                 {defs{gcType(1, "\x00"+openStruct), gcType(1, "\x00"+subOf0)}, ""},
	"final":                {defs{gcType(1, "\x5f\x00"), gcType(1, finalSub)}, "core type[1] at offset 0xd: core type: sub type cannot have a final super type"},
	"mismatch":             {defs{gcType(1, "\x00"+"\x50\x00\x60\x00\x00"), gcType(1, finalSub)}, "sub type does not match super type"},
	"unknown":              {defs{gcType(1, "\x5f\x01\x63\x05\x00")}, "unknown type 5"},
	"unknown in a func":    {defs{coreFunction(refTo(3))}, "unknown type 3"},
	"recursive":            {defs{gcType(2, "\x4e\x02\x5f\x01\x63\x01\x00\x5f\x01\x63\x00\x00")}, ""},
	"of a module type":     {defs{moduleType(), gcType(1, "\x5f\x01\x63\x00\x00")}, "type 0 is none that others can refer to"},
	"any":                  {defs{coreFunction(component.CoreValType{Code: component.CoreRef, Heap: component.CoreHeapType{Abstract: 0x6e}})}, ""},
	"shared":               {defs{gcType(1, "\x65\x5f\x01\x7f\x00")}, ""},
	"shared of unshared":   {defs{gcType(1, "\x65\x5f\x01\x70\x00")}, "shared composite type must contain shared types"},
	"struct as a function": {defs{moduleType(gcType(1, "\x5f\x00"), exportOf(coreFuncOf(0)))}, "core type 0 is not a function type: it is a type of kind struct"},
	"global of a type":     {defs{moduleType(gcType(1, "\x5f\x00"), exportOf(globalOf(refTo(0), false)))}, ""},
	"global of no type":    {defs{moduleType(exportOf(globalOf(refTo(0), false)))}, "unknown core type 0"},
	"shared global of func": {defs{moduleType(exportOf(component.CoreExternType{
		Sort: component.SortCoreGlobal, Global: component.CoreGlobalType{Type: component.FuncRef, Shared: true},
	}))}, "a shared global must hold what can be shared, not funcref"},

	// A type of a group is another than the same type alone.
	"same group":  {fits(moduleType(gcType(2, pairOfFuncs), exportOf(coreFuncOf(0))), moduleType(gcType(2, pairOfFuncs), exportOf(coreFuncOf(0)))), ""},
	"other index": {fits(moduleType(coreFunction(), gcType(2, pairOfFuncs), exportOf(coreFuncOf(1))), moduleType(gcType(2, pairOfFuncs), exportOf(coreFuncOf(0)))), ""},
	"other group": {fits(moduleType(gcType(2, pairOfFuncs), exportOf(coreFuncOf(0))), moduleType(coreFunction(), exportOf(coreFuncOf(0)))),
		"found another type of the same form"},
	"subtype": {fits(
		moduleType(gcType(1, openStruct), gcType(1, subOf0), exportOf(globalOf(refTo(1), false))),
		moduleType(gcType(1, openStruct), exportOf(globalOf(refTo(0), false))),
	), ""},
	"supertype": {fits(
		moduleType(gcType(1, openStruct), exportOf(globalOf(refTo(0), false))),
		moduleType(gcType(1, openStruct), gcType(1, subOf0), exportOf(globalOf(refTo(1), false))),
	), "expected global type"},
	"mutable subtype": {fits(
		moduleType(gcType(1, openStruct), gcType(1, subOf0), exportOf(globalOf(refTo(1), true))),
		moduleType(gcType(1, openStruct), exportOf(globalOf(refTo(0), true))),
	), "expected global type"},
	"outer alias": {defs{gcType(2, pairOfFuncs), moduleType(&component.CoreAlias{Count: 1, Index: 1}, exportOf(coreFuncOf(0)))}, ""},
	"outer alias in a type": {defs{gcType(2, pairOfFuncs), typ(component.ComponentType{
		outer(component.SortCoreType, 1, 1), moduleType(&component.CoreAlias{Count: 1, Index: 0}, exportOf(coreFuncOf(0))),
	})}, ""},
}

func TestGC(t *testing.T) { checkCases(t, gcCases) }

// A module that is in the file has types of its own; they are compared by what they
// are.
func TestTypesOfModules(t *testing.T) {
	b := corewasm.NewBuilder()
	b.AddType(nil, nil)
	f := b.AddFunc(b.AddType([]corewasm.ValType{corewasm.I32}, nil), nil, corewasm.NewCode())
	b.AddExport("x", corewasm.KindFunc, f)
	module := &component.CoreModule{Bytes: b.Encode()}
	give := func(want *component.CoreType) defs {
		return defs{
			want, nest(outer(component.SortCoreType, 1, 0), imp("m", &component.CoreModuleExtern{})), module, instantiate(0, with("m", component.SortCoreModule, 0)),
		}
	}
	checkCases(t, map[string]testCase{
		"plain":    {give(moduleType(coreFunction(component.I32), exportOf(coreFuncOf(0)))), ""},
		"in a rec": {give(moduleType(gcType(2, pairOfFuncs), exportOf(coreFuncOf(1)))), "found another type of the same form"},
	})
}

// Module types of two components can be compared, as a linker does.
func TestMatchModulesOfTwoComponents(t *testing.T) {
	of := func(ds ...component.CoreDeclarator) Entity {
		c, err := Validate(through(defs{coreFunction(), moduleType(ds...), imp("m", &component.CoreModuleExtern{Type: 1})}), Options{component.AllFeatures})
		if err != nil {
			t.Fatal(err)
		}
		return c.Type.Imports[0].Type
	}
	a := of(coreFunction(component.F64), gcType(2, pairOfFuncs), exportOf(coreFuncOf(2)))
	b := of(gcType(2, pairOfFuncs), exportOf(coreFuncOf(1)))
	other := of(gcType(2, pairOfFuncs), exportOf(coreFuncOf(0)))
	if err := Match(a, b, nil); err != nil {
		t.Error(err)
	}
	if err := Match(a, other, nil); err == nil {
		t.Error("functions of other types match")
	}
}

// Built-ins of shared-everything threads.
func TestSharedThreads(t *testing.T) {
	start := gcType(1, "\x65\x60\x01\x7f\x00") // (shared (func (param i32)))
	sharedFunc := component.CoreValType{Code: component.CoreRefNull, Heap: component.CoreHeapType{Abstract: 0x70, Shared: true, Short: true}}
	sharedTable := func(elem component.CoreValType) defs {
		x := table(elem, false)
		x.Table.Limits.Shared = true
		return defs{
			&component.CoreType{Def: component.CoreModuleType{&component.CoreExportDecl{Name: "t", Type: x}}},
			imp("m", &component.CoreModuleExtern{}),
			&component.CoreInstance{Expr: &component.CoreInstantiate{}},
			coreAlias(component.SortCoreTable, 0, "t"),
		}
	}
	spawn := func(op component.CanonOp, shared bool, start uint32) *component.Canon {
		return &component.Canon{Op: op, Shared: shared, CoreType: start}
	}
	// A module that imports spawn-ref at its type, as a shared function.
	taker := moduleType(
		&component.CoreAlias{Count: 1, Index: 0},
		gcType(1, "\x65\x60\x02\x63\x00\x7f\x01\x7f"),
		&component.CoreImport{Module: "env", Name: "m", Type: coreFuncOf(1)},
	)
	checkCases(t, map[string]testCase{
		"spawn-ref": {defs{
			start, taker, imp("m", &component.CoreModuleExtern{Type: 1}), spawn(component.CanonThreadSpawnRef, true, 0),
			&component.CoreInstance{Expr: component.CoreInlineExports{{Name: "m", Def: component.SortIndex{Sort: component.SortCoreFunc}}}},
			&component.CoreInstance{Expr: &component.CoreInstantiate{Args: []component.CoreInstantiateArg{{Name: "env"}}}},
		}, ""},
		"spawn-ref of no shared function": {defs{coreFunction(component.I32), spawn(component.CanonThreadSpawnRef, true, 0)}, "start function must be shared"},
		"cooperative spawn-ref":           {defs{coreFunction(component.I32), spawn(component.CanonThreadSpawnRef, false, 0)}, ""},
		"cooperative of a shared one":     {defs{start, spawn(component.CanonThreadSpawnRef, false, 0)}, "start function must not be shared"},
		"without a parameter":             {defs{gcType(1, "\x65\x60\x00\x00"), spawn(component.CanonThreadSpawnRef, true, 0)}, "start function must take a single `i32` or `i64` argument"},
		"spawn-indirect":                  {cat(sharedTable(sharedFunc), defs{start, spawn(component.CanonThreadSpawnIndirect, true, 1)}), ""},
		"spawn-indirect of funcref":       {cat(tables(component.FuncRef, false), defs{start, spawn(component.CanonThreadSpawnIndirect, true, 1)}), "expects a shared table"},
		"shared table of funcref":         {sharedTable(component.FuncRef), "a shared table must hold what can be shared"},
		"available-parallelism":           {cat(libc(), defs{canon(component.CanonThreadAvailableParallelism)}, taking(1, sig("", "i"))), ""},
	})
}
