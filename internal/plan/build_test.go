package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
)

// Short names for the definitions that tests are made of.

type defs = []component.Definition

var (
	u32 = component.Prim(types.KindU32)
	str = component.Prim(types.KindString)

	i32 = corewasm.I32
)

func at(i uint32) *component.ValType { t := component.TypeIndex(i); return &t }

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

func sub() component.ExternType          { return &component.TypeExtern{} }
func fn(i uint32) component.ExternType   { return &component.FuncExtern{Type: i} }
func inst(i uint32) component.ExternType { return &component.InstanceExtern{Type: i} }

// fun is a function type with a parameter called a, or none.
func fun(param, result *component.ValType) *component.FuncType {
	f := &component.FuncType{Result: result}
	if param != nil {
		f.Params = []component.LabelValType{{Name: "a", Type: *param}}
	}
	return f
}

func async(f *component.FuncType) *component.FuncType {
	f.Async = true
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

func instantiate(c uint32, args ...component.InstantiateArg) *component.Instance {
	return &component.Instance{Expr: &component.Instantiate{Component: c, Args: args}}
}

func with(name string, s component.Sort, i uint32) component.InstantiateArg {
	return component.InstantiateArg{Name: name, Def: component.SortIndex{Sort: s, Index: i}}
}

func bag(xs ...component.CoreInlineExport) *component.CoreInstance {
	return &component.CoreInstance{Expr: component.CoreInlineExports(xs)}
}

func core(name string, s component.Sort, i uint32) component.CoreInlineExport {
	return component.CoreInlineExport{Name: name, Def: component.SortIndex{Sort: s, Index: i}}
}

func link(m uint32, args ...component.CoreInstantiateArg) *component.CoreInstance {
	return &component.CoreInstance{Expr: &component.CoreInstantiate{Module: m, Args: args}}
}

func nest(ds ...component.Definition) *component.Component {
	c := &component.Component{}
	for _, d := range ds {
		c.Append(d)
	}
	return c
}

func lift(f, t uint32, opts ...component.CanonOption) *component.Canon {
	return &component.Canon{Op: component.CanonLift, Func: f, Type: t, Options: opts}
}

func lower(f uint32, opts ...component.CanonOption) *component.Canon {
	return &component.Canon{Op: component.CanonLower, Func: f, Options: opts}
}

func opt(k component.OptionKind, i uint32) component.CanonOption {
	return component.CanonOption{Kind: k, Index: i}
}

type sigs map[string]corewasm.FuncType

func sig(params, results int) (f corewasm.FuncType) {
	for range params {
		f.Params = append(f.Params, i32)
	}
	for range results {
		f.Results = append(f.Results, i32)
	}
	return f
}

// coreModule is a core module that imports functions from `env` and exports a memory
// `mem` and functions, in the order of names.
func coreModule(imports []string, importSigs sigs, exports []string, exportSigs sigs) *component.CoreModule {
	b := corewasm.NewBuilder()
	for _, name := range imports {
		b.ImportFunc("env", name, b.AddType(importSigs[name].Params, importSigs[name].Results))
	}
	b.AddExport("mem", corewasm.KindMemory, b.AddMemory(corewasm.MemoryType{}))
	for _, name := range exports {
		f := b.AddFunc(b.AddType(exportSigs[name].Params, exportSigs[name].Results), nil, corewasm.NewCode().Op(corewasm.OpUnreachable))
		b.AddExport(name, corewasm.KindFunc, f)
	}
	return &component.CoreModule{Bytes: b.Encode()}
}
