package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// Short names for the definitions that tests are made of.

type defs = []component.Definition

func ptr[T any](v T) *T { return &v }

var (
	u8   = component.Prim(types.KindU8)
	u32  = component.Prim(types.KindU32)
	str  = component.Prim(types.KindString)
	char = component.Prim(types.KindChar)
)

func at(i uint32) component.ValType { return component.TypeIndex(i) }

func typ(d component.DefType) *component.Type { return &component.Type{Def: d} }

func imp(name string, t component.ExternType) *component.Import {
	return &component.Import{Name: component.Named(name), Type: t}
}

func exp(name string, s component.Sort, i uint32) *component.Export {
	return &component.Export{Name: component.Named(name), Def: component.SortIndex{Sort: s, Index: i}}
}

func expAs(name string, s component.Sort, i uint32, t component.ExternType) *component.Export {
	x := exp(name, s, i)
	x.Type = t
	return x
}

func decl(name string, t component.ExternType) *component.ExportDecl {
	return &component.ExportDecl{Name: component.Named(name), Type: t}
}

func sub() component.ExternType                  { return &component.TypeExtern{} }
func eq(i uint32) component.ExternType           { return &component.TypeExtern{Eq: &i} }
func fn(i uint32) component.ExternType           { return &component.FuncExtern{Type: i} }
func inst(i uint32) component.ExternType         { return &component.InstanceExtern{Type: i} }
func comp(i uint32) component.ExternType         { return &component.ComponentExtern{Type: i} }
func resource() component.DefType                { return &component.ResourceType{Rep: component.I32} }
func own(i uint32) component.DefType             { return component.OwnType(i) }
func borrow(i uint32) component.DefType          { return component.BorrowType(i) }
func list(t component.ValType) component.DefType { return &component.ListType{Elem: t} }

func record(name string, t component.ValType) component.DefType {
	return component.RecordType{{Name: name, Type: t}}
}

// fun is a function type with parameters a, b, …
func fun(result *component.ValType, params ...component.ValType) *component.FuncType {
	f := &component.FuncType{Result: result}
	for i, p := range params {
		f.Params = append(f.Params, component.LabelValType{Name: string(rune('a' + i)), Type: p})
	}
	return f
}

func async(f *component.FuncType) *component.FuncType {
	f.Async = true
	return f
}

func self(f *component.FuncType) *component.FuncType {
	f.Params[0].Name = "self"
	return f
}

func alias(s component.Sort, instance uint32, name string) *component.Alias {
	return &component.Alias{Sort: s, Target: &component.AliasExport{Instance: instance, Name: name}}
}

func coreAlias(s component.Sort, instance uint32, name string) *component.Alias {
	return &component.Alias{Sort: s, Target: &component.AliasCoreExport{Instance: instance, Name: name}}
}

func outer(s component.Sort, count, i uint32) *component.Alias {
	return &component.Alias{Sort: s, Target: &component.AliasOuter{Count: count, Index: i}}
}

func with(name string, s component.Sort, i uint32) component.InstantiateArg {
	return component.InstantiateArg{Name: name, Def: component.SortIndex{Sort: s, Index: i}}
}

func instantiate(c uint32, args ...component.InstantiateArg) *component.Instance {
	return &component.Instance{Expr: &component.Instantiate{Component: c, Args: args}}
}

func nest(ds ...component.Definition) *component.Component {
	c := &component.Component{}
	for _, d := range ds {
		c.Append(d)
	}
	return c
}

// libc is a core module and an instance of it with a memory `m`, a realloc `r`,
// and functions `f` of the given types.
func libc(fs ...corewasm.FuncType) defs {
	return libcWith(corewasm.MemoryType{}, sig("iiii", "i"), fs...)
}

// libc64 is the same with a 64-bit memory.
func libc64(fs ...corewasm.FuncType) defs {
	return libcWith(corewasm.MemoryType{Limits: corewasm.Limits{Is64: true}}, sig("llll", "l"), fs...)
}

func libcWith(m corewasm.MemoryType, realloc corewasm.FuncType, fs ...corewasm.FuncType) defs {
	b := corewasm.NewBuilder()
	b.AddExport("m", corewasm.KindMemory, b.AddMemory(m))
	for i, f := range append([]corewasm.FuncType{realloc}, fs...) {
		n := b.AddFunc(b.AddType(f.Params, f.Results), nil, corewasm.NewCode().Op(corewasm.OpUnreachable))
		b.AddExport(string("rfgh"[i]), corewasm.KindFunc, n)
	}
	out := defs{
		&component.CoreModule{Bytes: b.Encode()},
		&component.CoreInstance{Expr: &component.CoreInstantiate{}},
		coreAlias(component.SortCoreMemory, 0, "m"),
	}
	for i := range len(fs) + 1 {
		out = append(out, coreAlias(component.SortCoreFunc, 0, string("rfgh"[i])))
	}
	return out
}

func lift(f, t uint32, opts ...component.CanonOption) *component.Canon {
	return &component.Canon{Op: component.CanonLift, Func: f, Type: t, Options: opts}
}

func lower(f uint32, opts ...component.CanonOption) *component.Canon {
	return &component.Canon{Op: component.CanonLower, Func: f, Options: opts}
}

func canon(op component.CanonOp) *component.Canon { return &component.Canon{Op: op} }

func opt(k component.OptionKind, i uint32) component.CanonOption {
	return component.CanonOption{Kind: k, Index: i}
}

var (
	memory  = opt(component.OptionMemory, 0)
	realloc = opt(component.OptionRealloc, 0)
	asyncly = opt(component.OptionAsync, 0)
)

// through encodes and decodes, so that definitions have offsets.
func through(ds defs) *component.Component {
	c, err := binary.Decode(binary.Encode(nest(ds...)))
	if err != nil {
		panic(err)
	}
	return c
}
