package main

import "github.com/gondola-wasm/gondola/internal/corewasm"

// assembler makes functions of a core module, which find one another by name.
type assembler struct {
	*corewasm.Builder
	funcs map[string]uint32
}

func newAssembler() *assembler {
	return &assembler{Builder: corewasm.NewBuilder(), funcs: map[string]uint32{}}
}

const (
	i32 = corewasm.I32
	i64 = corewasm.I64
)

type valTypes = []corewasm.ValType

// needs imports a function.
func (a *assembler) needs(module, name string, params, results valTypes) {
	a.funcs[name] = a.ImportFunc(module, name, a.AddType(params, results))
}

// define adds a function and exports it.
func (a *assembler) define(name string, params, results, locals valTypes, body *corewasm.Code) {
	a.funcs[name] = a.AddFunc(a.AddType(params, results), locals, body)
	a.AddExport(name, corewasm.KindFunc, a.funcs[name])
}

// variable adds a mutable global.
func (a *assembler) variable(t corewasm.ValType) uint32 {
	init := corewasm.ConstI32(0)
	if t == i64 {
		init = corewasm.ConstI64(0)
	}
	return a.AddGlobal(corewasm.GlobalType{Type: t, Mutable: true}, init)
}

func (a *assembler) memory(pages uint32) {
	m := a.AddMemory(corewasm.MemoryType{Limits: corewasm.Limits{Min: uint64(pages)}})
	a.AddExport("memory", corewasm.KindMemory, m)
}

// body assembles the instructions of one function.
type body struct {
	*corewasm.Code
	a *assembler
}

func (a *assembler) body() body { return body{corewasm.NewCode(), a} }

func (b body) call(name string) body {
	f, ok := b.a.funcs[name]
	if !ok {
		panic("bench: no function " + name)
	}
	b.Code.Call(f)
	return b
}

func (b body) get(local uint32) body { b.Code.Get(local); return b }
func (b body) set(local uint32) body { b.Code.Set(local); return b }
func (b body) i32(v int32) body      { b.Code.I32(v); return b }
func (b body) i64(v int64) body      { b.Code.I64(v); return b }
func (b body) read(global uint32) body {
	b.Idx(corewasm.OpGlobalGet, global)
	return b
}

func (b body) write(global uint32) body {
	b.Idx(corewasm.OpGlobalSet, global)
	return b
}

// op appends instructions without immediates.
func (b body) op(names ...string) body { b.Named(names...); return b }

// mem appends a load or store at a fixed offset from the address on the stack.
func (b body) mem(name string, offset uint32) body {
	op, ok := corewasm.LookupOpcode(name)
	if !ok {
		panic("bench: no instruction " + name)
	}
	b.Mem(op, 0, offset)
	return b
}

func (b body) loop() body { b.Block(corewasm.OpLoop, corewasm.BlockVoid); return b }
func (b body) when() body { b.Block(corewasm.OpIf, corewasm.BlockVoid); return b }
func (b body) end() body  { b.End(); return b }
func (b body) br(label uint32) body {
	b.Idx(corewasm.OpBr, label)
	return b
}

func (b body) brIf(label uint32) body {
	b.Idx(corewasm.OpBrIf, label)
	return b
}

// must traps unless the i32 on the stack is want.
func (b body) must(want int32) body {
	return b.i32(want).op("i32.ne").when().op("unreachable").end()
}

// fillMemory fills memory: the address, the byte and the length are on the stack.
func (b body) fillMemory() body {
	b.Idx(corewasm.OpMemoryFill, 0)
	return b
}
