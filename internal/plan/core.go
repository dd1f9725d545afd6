package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

func (f *frame) coreInstance(s *component.CoreInstance) *coreInstance {
	switch e := s.Expr.(type) {
	case *component.CoreInstantiate:
		return f.coreInstantiate(s.At, e)
	case component.CoreInlineExports:
		return f.bundle(e)
	}
	return nil
}

func (f *frame) bundle(xs component.CoreInlineExports) *coreInstance {
	i := &coreInstance{bundle: make(map[string]CoreDef, len(xs)), bundled: map[string]corewasm.FuncType{}}
	f.spend(0, len(xs))
	for _, x := range xs {
		if x.Def.Sort == component.SortCoreFunc {
			fn := f.coreFuncs[x.Def.Index]
			i.bundle[x.Name], i.bundled[x.Name] = fn.def, fn.typ
		} else {
			i.bundle[x.Name] = (*f.coreSpace(x.Def.Sort))[x.Def.Index]
		}
	}
	return i
}

// coreSpace is the index space of tables, memories, globals or tags.
func (f *frame) coreSpace(s component.Sort) *[]CoreDef {
	switch s {
	case component.SortCoreTable:
		return &f.coreTables
	case component.SortCoreMemory:
		return &f.coreMemories
	case component.SortCoreGlobal:
		return &f.coreGlobals
	default:
		return &f.coreTags
	}
}

func (f *frame) aliasCore(sort component.Sort, i *coreInstance, name string) {
	d := i.export(sort, name)
	if sort == component.SortCoreFunc {
		f.coreFuncs = append(f.coreFuncs, coreFunc{d, i.funcType(name)})
		return
	}
	space := f.coreSpace(sort)
	*space = append(*space, d)
}

func (f *frame) coreInstantiate(at component.Offset, e *component.CoreInstantiate) *coreInstance {
	m := f.coreModules[e.Module]
	args := make(map[string]*coreInstance, len(e.Args))
	for _, a := range e.Args {
		args[a.Name] = f.coreInstances[a.Instance]
	}
	f.spend(at, len(m.typ.Imports))
	s := &InstantiateModule{Number: next(&f.plan.Counts.CoreInstances), Instance: f.instance, Module: m.ref}
	if m.ref.Imported {
		s.NamedArgs = namedArgs(m.typ, args)
	} else {
		s.Args = orderedArgs(m.typ, args)
	}
	f.step(at, s)
	return &coreInstance{number: s.Number, types: m.typ}
}

func orderedArgs(t *validate.ModuleType, args map[string]*coreInstance) []CoreDef {
	out := make([]CoreDef, len(t.Imports))
	for i, im := range t.Imports {
		out[i] = args[im.Module].export(im.Type.Sort, im.Name)
	}
	return out
}

func namedArgs(t *validate.ModuleType, args map[string]*coreInstance) []NamedArg {
	out := make([]NamedArg, len(t.Imports))
	for i, im := range t.Imports {
		out[i] = NamedArg{im.Module, im.Name, args[im.Module].export(im.Type.Sort, im.Name)}
	}
	return out
}
