package validate

import (
	"errors"
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// coreModule decodes and checks an embedded core module.
func (v *validator) coreModule(d *component.CoreModule, def *Def) {
	m, err := corewasm.Decode(d.Bytes)
	checkModule(d.At, err)
	checkModule(d.At, m.ValidateWith(corewasm.Features{SharedThreads: v.features.Has(component.FeatureSharedThreads)}))
	def.Module = m
	t := moduleTypeOf(d.At, m)
	v.scope().push(t)
	def.Entity = t
}

// checkModule fails with what is wrong with a core module, its offset counted from
// the start of the file.
func checkModule(at component.Offset, err error) {
	var e *corewasm.Error
	if !errors.As(err, &e) {
		check(at, err)
		return
	}
	msg := "core module: " + e.Msg
	if e.Where != "" {
		msg = "core module: " + e.Where + ": " + e.Msg
	}
	panic(&component.Error{At: at + component.Offset(max(e.Offset, 0)), Msg: msg})
}

// moduleTypeOf is the type of a core module.
func moduleTypeOf(at component.Offset, m *corewasm.Module) *ModuleType {
	t := newModuleType()
	for i := range m.Imports {
		im := &m.Imports[i]
		t.addImport(at, CoreImport{im.Module, im.Name, importedExtern(m, im)})
	}
	for _, x := range m.Exports {
		t.addExport(at, CoreExport{x.Name, exportedExtern(m, x)})
	}
	return t
}

var coreSorts = [...]component.Sort{
	corewasm.KindFunc:   component.SortCoreFunc,
	corewasm.KindTable:  component.SortCoreTable,
	corewasm.KindMemory: component.SortCoreMemory,
	corewasm.KindGlobal: component.SortCoreGlobal,
	corewasm.KindTag:    component.SortCoreTag,
}

func importedExtern(m *corewasm.Module, im *corewasm.Import) CoreExtern {
	x := CoreExtern{Sort: coreSorts[im.Kind], Table: im.Table, Memory: im.Memory, Global: im.Global}
	if im.Kind == corewasm.KindFunc || im.Kind == corewasm.KindTag {
		x.Func = m.Types[im.Type].FuncType
	}
	return x
}

// exportedExtern is the type of an export of a module that is valid, so that
// everything it refers to is there.
func exportedExtern(m *corewasm.Module, e corewasm.Export) CoreExtern {
	x := CoreExtern{Sort: coreSorts[e.Kind]}
	switch e.Kind {
	case corewasm.KindFunc:
		x.Func, _ = m.FuncType(e.Index)
	case corewasm.KindTable:
		x.Table, _ = m.TableType(e.Index)
	case corewasm.KindMemory:
		x.Memory, _ = m.MemoryType(e.Index)
	case corewasm.KindGlobal:
		x.Global, _ = m.GlobalType(e.Index)
	case corewasm.KindTag:
		x.Func, _ = m.TagType(e.Index)
	}
	return x
}

// coreInstance is the type of a core instance.
type coreInstance struct {
	exports []CoreExport
	index   map[string]int
}

func (i *coreInstance) export(name string) (CoreExtern, bool) {
	n, ok := i.index[name]
	if !ok {
		return CoreExtern{}, false
	}
	return i.exports[n].Type, true
}

// Spec: Explainer.md#instance-definitions, production `core:instance`.
func (v *validator) coreInstance(d *component.CoreInstance) {
	var i *coreInstance
	switch e := d.Expr.(type) {
	case *component.CoreInstantiate:
		i = v.coreInstantiate(d.At, e)
	case component.CoreInlineExports:
		i = v.coreInlineExports(e)
	default:
		fail(d.At, "a core instance has no expression")
	}
	v.scope().coreInstances = append(v.scope().coreInstances, i)
}

func (v *validator) coreInlineExports(xs component.CoreInlineExports) *coreInstance {
	i := &coreInstance{index: make(map[string]int, len(xs))}
	for _, x := range xs {
		if _, dup := i.index[x.Name]; dup {
			fail(x.At, "duplicate core instance export name `%s` already defined", x.Name)
		}
		i.index[x.Name] = len(i.exports)
		i.exports = append(i.exports, CoreExport{x.Name, v.scope().coreExtern(x.Def)})
	}
	return i
}

func (v *validator) coreInstantiate(at component.Offset, e *component.CoreInstantiate) *coreInstance {
	s := v.scope()
	m := get(s.coreModules, e.Module, at, "core module")
	args := make(map[string]*coreInstance, len(e.Args))
	for _, a := range e.Args {
		if _, dup := args[a.Name]; dup {
			fail(a.At, "duplicate module instantiation argument named `%s`", a.Name)
		}
		args[a.Name] = get(s.coreInstances, a.Instance, a.At, "core instance")
	}
	for i := range m.Imports {
		v.spend(m.Imports[i].Type.weight())
		check(at, satisfies(args, &m.Imports[i]))
	}
	return &coreInstance{exports: m.Exports, index: m.exports}
}

func satisfies(args map[string]*coreInstance, im *CoreImport) error {
	from, ok := args[im.Module]
	if !ok {
		return fmt.Errorf("missing module instantiation argument named `%s`, from which the module imports `%s`", im.Module, im.Name)
	}
	got, ok := from.export(im.Name)
	if !ok {
		return fmt.Errorf("module instantiation argument `%s` does not export an item named `%s`", im.Module, im.Name)
	}
	if err := got.matches(im.Type); err != nil {
		return fmt.Errorf("type mismatch for export `%s` of module instantiation argument `%s`: %w", im.Name, im.Module, err)
	}
	return nil
}

// weight is what comparing x costs.
func (x *CoreExtern) weight() int { return 1 + len(x.Func.Params) + len(x.Func.Results) }

// matches reports whether x can be used where want is expected.
//
// Spec: the core specification's matching of external types.
func (x CoreExtern) matches(want CoreExtern) error {
	if x.Sort != want.Sort {
		return fmt.Errorf("expected %s, found %s", want.Sort, x.Sort)
	}
	switch x.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		if !x.Func.Equal(want.Func) {
			return fmt.Errorf("expected: %s, found: %s", funcText(want.Func), funcText(x.Func))
		}
	case component.SortCoreTable:
		if x.Table.Elem != want.Table.Elem {
			return fmt.Errorf("expected table element type %s, found %s", want.Table.Elem, x.Table.Elem)
		}
		if x.Table.Shared != want.Table.Shared {
			return fmt.Errorf("mismatch in the shared flag for tables")
		}
		return limitsMatch("table", x.Table.Limits, want.Table.Limits)
	case component.SortCoreMemory:
		if x.Memory.Shared != want.Memory.Shared {
			return fmt.Errorf("mismatch in the shared flag for memories")
		}
		if x.Memory.PageBytes() != want.Memory.PageBytes() {
			return fmt.Errorf("mismatch in page size for memories: expected %d, found %d", want.Memory.PageBytes(), x.Memory.PageBytes())
		}
		return limitsMatch("memory", x.Memory.Limits, want.Memory.Limits)
	case component.SortCoreGlobal:
		if x.Global != want.Global {
			return fmt.Errorf("expected global type %s, found %s", globalText(want.Global), globalText(x.Global))
		}
	}
	return nil
}

func limitsMatch(what string, got, want corewasm.Limits) error {
	if got.Is64 != want.Is64 {
		return fmt.Errorf("mismatch in index type used for %s: expected %s, found %s", plural[what], want.Address(), got.Address())
	}
	if got.Min < want.Min || want.HasMax && (!got.HasMax || got.Max > want.Max) {
		return fmt.Errorf("mismatch in %s limits: expected %s, found %s", what, limitsText(want), limitsText(got))
	}
	return nil
}

var plural = map[string]string{"table": "tables", "memory": "memories"}

func limitsText(l corewasm.Limits) string {
	if l.HasMax {
		return fmt.Sprintf("%d to %d", l.Min, l.Max)
	}
	return fmt.Sprintf("%d or more", l.Min)
}

func globalText(g corewasm.GlobalType) string {
	if g.Mutable {
		return "(mut " + g.Type.String() + ")"
	}
	return g.Type.String()
}

// module compares module types: imports are contravariant, exports covariant.
func (x *subtyping) module(a, b *ModuleType) error {
	for _, need := range a.Imports {
		x.spend(need.Type.weight())
		given, ok := b.Import(need.Module, need.Name)
		if !ok {
			return fmt.Errorf("missing expected import `%s::%s`", need.Module, need.Name)
		}
		if err := given.matches(need.Type); err != nil {
			return fmt.Errorf("type mismatch in import `%s::%s`: %w", need.Module, need.Name, err)
		}
	}
	for _, want := range b.Exports {
		x.spend(want.Type.weight())
		got, ok := a.Export(want.Name)
		if !ok {
			return fmt.Errorf("missing expected export `%s`", want.Name)
		}
		if err := got.matches(want.Type); err != nil {
			return fmt.Errorf("type mismatch in export `%s`: %w", want.Name, err)
		}
	}
	return nil
}
