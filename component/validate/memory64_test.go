package validate

import (
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

func context(op component.CanonOp, t component.CoreValType) *component.Canon {
	return &component.Canon{Op: op, Context: t}
}

func withOptions(op component.CanonOp, opts ...component.CanonOption) *component.Canon {
	return &component.Canon{Op: op, Options: opts}
}

// taking is a core module that imports `env` `m` of type f, and an instance of it
// that gets function n as that.
func taking(n uint32, f corewasm.FuncType) defs {
	b := corewasm.NewBuilder()
	b.ImportFunc("env", "m", b.AddType(f.Params, f.Results))
	return defs{
		&component.CoreModule{Bytes: b.Encode()},
		&component.CoreInstance{Expr: component.CoreInlineExports{{Name: "m", Def: component.SortIndex{Sort: component.SortCoreFunc, Index: n}}}},
		link("env", 1),
	}
}

var rep64 = &component.ResourceType{Rep: component.I64}

// With a 64-bit memory, addresses and lengths are i64 and nothing else is.
var memory64Cases = map[string]testCase{
	"lift":           {cat(libc64(sig("ll", "l")), defs{typ(fun(&str, str)), lift(1, 0, memory, realloc)}), ""},
	"lift as before": {cat(libc64(sig("ii", "i")), defs{typ(fun(&str, str)), lift(1, 0, memory, realloc)}), "expected (func (param i64 i64) (result i64))"},
	"post-return":    {cat(libc64(sig("", "l"), sig("l", "")), defs{typ(fun(&str)), lift(1, 0, memory, opt(component.OptionPostReturn, 2))}), ""},
	"callback": {cat(libc64(sig("ll", "i"), sig("iii", "i")), defs{
		typ(async(fun(&str, str))), lift(1, 0, memory, realloc, asyncly, opt(component.OptionCallback, 2)),
	}), ""},
	"realloc of 32 bits": {cat(libcWith(corewasm.MemoryType{Limits: corewasm.Limits{Is64: true}}, sig("iiii", "i")), defs{
		typ(fun(nil)), imp("f", fn(0)), lower(0, realloc, memory),
	}), "`realloc` uses a core function with an incorrect signature: expected (func (param i64 i64 i64 i64) (result i64))"},
	"realloc before memory": {cat(libc64(), defs{typ(fun(nil)), imp("f", fn(0)), lower(0, realloc, memory)}), ""},
	"lower":                 {cat(libc64(), defs{typ(fun(&str, str)), imp("f", fn(0)), lower(0, memory, realloc)}, taking(1, sig("lll", ""))), ""},
	"lower of 32 bits":      {cat(libc64(), defs{typ(fun(&str, str)), imp("f", fn(0)), lower(0, memory, realloc)}, taking(1, sig("iii", ""))), "found: (func (param i64 i64 i64))"},
	"lower of numbers":      {cat(libc64(), defs{typ(fun(&u32, u32)), imp("f", fn(0)), lower(0, memory)}, taking(1, sig("i", "i"))), ""},
	"lower async":           {cat(libc64(), defs{typ(async(fun(&u32))), imp("f", fn(0)), lower(0, asyncly, memory)}, taking(1, sig("l", "i"))), ""},
	"task.return": {cat(libc64(), defs{
		&component.Canon{Op: component.CanonTaskReturn, Result: &str, Options: []component.CanonOption{memory}},
	}, taking(1, sig("ll", ""))), ""},
	"waitable-set.wait": {cat(libc64(), defs{canon(component.CanonWaitableSetWait)}, taking(1, sig("il", "i"))), ""},
	"waitable-set.poll": {cat(libc64(), defs{canon(component.CanonWaitableSetPoll)}, taking(1, sig("il", "i"))), ""},
	"stream.read": {cat(libc64(), defs{typ(&component.StreamType{Elem: &u8}), withOptions(component.CanonStreamRead, asyncly, memory)},
		taking(1, sig("ill", "l"))), ""},
	"stream.write without payload": {cat(libc64(), defs{typ(&component.StreamType{}), withOptions(component.CanonStreamWrite, asyncly)},
		taking(1, sig("iii", "i"))), ""},
	"future.write": {cat(libc64(), defs{typ(&component.FutureType{Elem: &u8}), withOptions(component.CanonFutureWrite, asyncly, memory)},
		taking(1, sig("il", "i"))), ""},
	"stream.cancel-read": {cat(libc64(), defs{typ(&component.StreamType{Elem: &u8}), canon(component.CanonStreamCancelRead)}, taking(1, sig("i", "i"))), ""},
	"error-context.new":  {cat(libc64(), defs{withOptions(component.CanonErrorContextNew, memory)}, taking(1, sig("ll", "i"))), ""},
	"error-context.debug-message": {cat(libc64(), defs{withOptions(component.CanonErrorContextDebugMessage, memory, realloc)},
		taking(1, sig("il", ""))), ""},

	"usual page size":   {libcWith(corewasm.MemoryType{PageSize: 1 << 16}, sig("iiii", "i")), ""},
	"odd page size":     {libcWith(corewasm.MemoryType{PageSize: 1 << 8}, sig("iiii", "i")), "invalid custom page size"},
	"context":           {cat(libc(), defs{context(component.CanonContextGet, component.I64), context(component.CanonContextSet, component.I64)}, taking(1, sig("", "l"))), ""},
	"context of floats": {defs{context(component.CanonContextGet, component.F32)}, "context slots have the type i32 or i64, not f32"},
	"context of both":   {defs{context(component.CanonContextGet, component.I64), context(component.CanonContextSet, component.I32)}, "must have the same type: this one has i32, earlier ones i64"},
	"context in two":    {defs{context(component.CanonContextGet, component.I64), nest(context(component.CanonContextSet, component.I32))}, ""},

	"resource":      {cat(libc(), defs{typ(rep64), canon(component.CanonResourceNew)}, taking(1, sig("l", "i"))), ""},
	"resource.rep":  {cat(libc(), defs{typ(rep64), canon(component.CanonResourceRep)}, taking(1, sig("i", "l"))), ""},
	"resource.drop": {cat(libc(), defs{typ(rep64), canon(component.CanonResourceDrop)}, taking(1, sig("i", ""))), ""},
	"destructor":    {cat(libc(sig("l", "")), defs{typ(&component.ResourceType{Rep: component.I64, Dtor: ptr(uint32(1))})}), ""},
	"destructor of another": {cat(libc(sig("i", "")), defs{typ(&component.ResourceType{Rep: component.I64, Dtor: ptr(uint32(1))})}),
		"wrong signature for a destructor: expected (func (param i64))"},
	"represented by floats": {defs{typ(&component.ResourceType{Rep: component.F64})}, "can only be represented by `i32` or `i64`, not `f64`"},
}

func TestMemory64(t *testing.T) { checkCases(t, memory64Cases) }

// Each of those that are valid needs the gate to be open.
func TestMemory64Gate(t *testing.T) {
	for name, c := range memory64Cases {
		_, err := Validate(through(c.defs), Options{component.AllFeatures &^ component.FeatureMemory64})
		if err == nil && c.err == "" && name != "stream.write without payload" && name != "usual page size" && name != "stream.cancel-read" {
			t.Errorf("%s: accepted although the gate is closed", name)
		}
	}
}

func table(elem component.CoreValType, is64 bool) component.CoreExternType {
	return component.CoreExternType{Sort: component.SortCoreTable, Table: component.CoreTableType{Elem: elem, Limits: component.CoreLimits{Is64: is64}}}
}

// tables imports a module that exports a table, and instantiates it.
func tables(elem component.CoreValType, is64 bool) defs {
	return defs{
		&component.CoreType{Def: component.CoreModuleType{&component.CoreExportDecl{Name: "t", Type: table(elem, is64)}}},
		imp("m", &component.CoreModuleExtern{}),
		&component.CoreInstance{Expr: &component.CoreInstantiate{}},
		coreAlias(component.SortCoreTable, 0, "t"),
	}
}

func coreFunction(params ...component.CoreValType) *component.CoreType {
	return &component.CoreType{Def: &component.CoreFuncType{Params: params}}
}

func newThread(t uint32) *component.Canon {
	return &component.Canon{Op: component.CanonThreadNewIndirect, CoreType: t}
}

func TestThreadNewIndirect(t *testing.T) {
	i, l := corewasm.I32, corewasm.I64
	for _, c := range []struct {
		elem      component.CoreValType
		table64   bool
		arg       component.CoreValType
		index, in corewasm.ValType
		err       string
	}{
		{component.FuncRef, false, component.I32, i, i, ""},
		{component.FuncRef, true, component.I32, l, i, ""},
		{component.FuncRef, false, component.I64, i, l, ""},
		{component.FuncRef, true, component.I64, l, l, ""},
		{component.FuncRef, false, component.F32, i, i, "start function must take a single `i32` or `i64` argument"},
		{component.ExternRef, false, component.I32, i, i, "must be of type funcref, not externref"},
	} {
		ds := cat(tables(c.elem, c.table64), defs{coreFunction(c.arg), newThread(1)})
		want := corewasm.FuncType{Params: []corewasm.ValType{c.index, c.in}, Results: []corewasm.ValType{i}}
		checkCases(t, map[string]testCase{want.String(): {ds, c.err}})
		if v, err := Validate(through(ds), Options{component.AllFeatures}); err == nil && !v.Defs[len(v.Defs)-1].Core.Equal(want) {
			t.Errorf("got %s, want %s", v.Defs[len(v.Defs)-1].Core, want)
		}
	}
}

func coreMemory(l component.CoreLimits) component.CoreExternType {
	return component.CoreExternType{Sort: component.SortCoreMemory, Memory: l}
}

// Limits of core memories and tables in module types, and whether one memory can
// be used for another.
func TestCoreLimits(t *testing.T) {
	exports := func(x component.CoreExternType) *component.CoreType {
		return &component.CoreType{Def: component.CoreModuleType{&component.CoreExportDecl{Name: "x", Type: x}}}
	}
	limits := func(x component.CoreExternType, err string) {
		t.Helper()
		checkCases(t, map[string]testCase{x.Sort.String(): {defs{exports(x)}, err}})
	}
	byte1, page, odd := uint32(0), uint32(16), uint32(3)
	limits(coreMemory(component.CoreLimits{Min: 1 << 16}), "")
	limits(coreMemory(component.CoreLimits{Min: 1<<16 + 1}), "memory size must be at most 65536 pages")
	limits(coreMemory(component.CoreLimits{Min: 1 << 48, Is64: true}), "")
	limits(coreMemory(component.CoreLimits{Min: 1<<48 + 1, Is64: true}), "memory size must be at most")
	limits(coreMemory(component.CoreLimits{Min: 2, Max: 1, HasMax: true}), "size minimum must not be greater than maximum")
	limits(coreMemory(component.CoreLimits{Shared: true}), "shared memory must have maximum")
	limits(coreMemory(component.CoreLimits{PageSize: &odd}), "invalid custom page size")
	limits(coreMemory(component.CoreLimits{Min: 1 << 20, PageSize: &byte1}), "")
	limits(coreMemory(component.CoreLimits{Min: 1 << 20, PageSize: &page}), "at most 65536 pages")
	limits(table(component.FuncRef, true), "")
	limits(table(component.I32, false), "a table holds references, not i32")

	matches := func(got, want component.CoreExternType, err string) {
		t.Helper()
		checkCases(t, map[string]testCase{got.Sort.String(): {defs{
			exports(got), exports(want), nest(outer(component.SortCoreType, 1, 1), imp("m", &component.CoreModuleExtern{})),
			imp("m", &component.CoreModuleExtern{}), instantiate(0, with("m", component.SortCoreModule, 0)),
		}, err}})
	}
	small, wide := coreMemory(component.CoreLimits{Min: 1}), coreMemory(component.CoreLimits{Min: 1, Is64: true})
	matches(small, small, "")
	matches(wide, wide, "")
	matches(wide, small, "mismatch in index type used for memories: expected i32, found i64")
	matches(small, wide, "mismatch in index type used for memories")
	matches(table(component.FuncRef, true), table(component.FuncRef, false), "mismatch in index type used for tables")
	matches(coreMemory(component.CoreLimits{Min: 1, PageSize: &page}), small, "")
	matches(coreMemory(component.CoreLimits{Min: 1, PageSize: &byte1}), small, "mismatch in page size for memories")
	matches(small, coreMemory(component.CoreLimits{Min: 2}), "mismatch in memory limits: expected 2 or more, found 1 or more")
}
