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
	checkModule(d.At, v.validateModule(m, d.Bytes))
	def.Module = m
	t := v.moduleTypeOf(d.At, m)
	v.scope().push(t)
	def.Entity = t
}

// validateModule checks a module, whose binary it is given.
func (v *validator) validateModule(m *corewasm.Module, binary []byte) error {
	switch {
	case v.seen == nil:
		return m.ValidateWith(v.coreFeatures())
	case v.seen.Has(binary):
		return m.ValidateOutline(v.coreFeatures())
	}
	err := m.ValidateWith(v.coreFeatures())
	if err == nil {
		v.seen.Add(binary)
	}
	return err
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

// moduleTypeOf is the type of a core module that is valid.
func (v *validator) moduleTypeOf(at component.Offset, m *corewasm.Module) *ModuleType {
	t := v.newModuleType()
	v.spend(len(m.Types))
	x := moduleExterns{m, v.universe, v.universe.AddAll(m.Types)}
	for i := range m.Imports {
		im := &m.Imports[i]
		t.addImport(at, CoreImport{im.Module, im.Name, x.imported(im)})
	}
	for _, e := range m.Exports {
		t.addExport(at, CoreExport{e.Name, x.exported(e)})
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

// moduleExterns finds the types of what a module imports and exports.
type moduleExterns struct {
	m        *corewasm.Module
	universe *corewasm.Universe
	types    []uint32 // indices of the universe
}

func (x *moduleExterns) imported(im *corewasm.Import) CoreExtern {
	return x.extern(CoreExtern{Sort: coreSorts[im.Kind], Type: im.Type, Table: im.Table, Memory: im.Memory, Global: im.Global})
}

// exported is the type of an export. Everything that it refers to is there.
func (x *moduleExterns) exported(e corewasm.Export) CoreExtern {
	out := CoreExtern{Sort: coreSorts[e.Kind]}
	switch e.Kind {
	case corewasm.KindFunc:
		out.Type, _ = x.m.FuncTypeIndex(e.Index)
	case corewasm.KindTable:
		out.Table, _ = x.m.TableType(e.Index)
	case corewasm.KindMemory:
		out.Memory, _ = x.m.MemoryType(e.Index)
	case corewasm.KindGlobal:
		out.Global, _ = x.m.GlobalType(e.Index)
	case corewasm.KindTag:
		out.Type, _ = x.m.TagTypeIndex(e.Index)
	}
	return x.extern(out)
}

// extern puts indices of the universe in the place of the module's.
func (x *moduleExterns) extern(e CoreExtern) CoreExtern {
	switch e.Sort {
	case component.SortCoreFunc, component.SortCoreTag:
		e.Type = x.types[e.Type]
		e.Func = x.universe.Type(e.Type).FuncType
	case component.SortCoreTable:
		e.Table.Elem, _ = corewasm.Translate(e.Table.Elem, x.types)
	case component.SortCoreGlobal:
		e.Global.Type, _ = corewasm.Translate(e.Global.Type, x.types)
	}
	return e
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
		check(at, v.satisfies(args, &m.Imports[i]))
	}
	return &coreInstance{exports: m.Exports, index: m.exports}
}

func (v *validator) satisfies(args map[string]*coreInstance, im *CoreImport) error {
	from, ok := args[im.Module]
	if !ok {
		return fmt.Errorf("missing module instantiation argument named `%s`, from which the module imports `%s`", im.Module, im.Name)
	}
	got, ok := from.export(im.Name)
	if !ok {
		return fmt.Errorf("module instantiation argument `%s` does not export an item named `%s`", im.Module, im.Name)
	}
	if err := got.matches(im.Type, v.universe); err != nil {
		return fmt.Errorf("type mismatch for export `%s` of module instantiation argument `%s`: %w", im.Name, im.Module, err)
	}
	return nil
}

// weight is what comparing x costs.
func (x *CoreExtern) weight() int { return 1 + len(x.Func.Params) + len(x.Func.Results) }

// matches reports whether x can be used where want is expected. The types of both are
// of u.
//
// Spec: core 3.0, section 3.3.13 "External Types" (matching).
func (x CoreExtern) matches(want CoreExtern, u *corewasm.Universe) error {
	if x.Sort != want.Sort {
		return fmt.Errorf("expected %s, found %s", want.Sort, x.Sort)
	}
	switch x.Sort {
	case component.SortCoreFunc:
		if !u.SubType(x.Type, want.Type) {
			return wrongType(x, want)
		}
	case component.SortCoreTag:
		if x.Type != want.Type {
			return wrongType(x, want)
		}
	case component.SortCoreTable:
		return tableMatches(x.Table, want.Table, u)
	case component.SortCoreMemory:
		return memoryMatches(x.Memory, want.Memory)
	case component.SortCoreGlobal:
		return globalMatches(x.Global, want.Global, u)
	}
	return nil
}

func wrongType(x, want CoreExtern) error {
	if x.Func.Equal(want.Func) {
		return fmt.Errorf("expected: %s, found another type of the same form: their recursive groups or supertypes differ", funcText(want.Func))
	}
	return fmt.Errorf("expected: %s, found: %s", funcText(want.Func), funcText(x.Func))
}

func sameType(u *corewasm.Universe, a, b corewasm.ValType) bool {
	return u.Matches(a, b) && u.Matches(b, a)
}

func tableMatches(x, want corewasm.TableType, u *corewasm.Universe) error {
	if !sameType(u, x.Elem, want.Elem) {
		return fmt.Errorf("expected table element type %s, found %s", want.Elem, x.Elem)
	}
	if x.Shared != want.Shared {
		return errors.New("mismatch in the shared flag for tables")
	}
	return limitsMatch("table", x.Limits, want.Limits)
}

func memoryMatches(x, want corewasm.MemoryType) error {
	if x.Shared != want.Shared {
		return errors.New("mismatch in the shared flag for memories")
	}
	if x.PageBytes() != want.PageBytes() {
		return fmt.Errorf("mismatch in page size for memories: expected %d, found %d", want.PageBytes(), x.PageBytes())
	}
	return limitsMatch("memory", x.Limits, want.Limits)
}

// globalMatches compares global types: what can be written must be the same.
func globalMatches(x, want corewasm.GlobalType, u *corewasm.Universe) error {
	ok := x.Mutable == want.Mutable && x.Shared == want.Shared && u.Matches(x.Type, want.Type) &&
		(!x.Mutable || u.Matches(want.Type, x.Type))
	if !ok {
		return fmt.Errorf("expected global type %s, found %s", globalText(want), globalText(x))
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
	s := g.Type.String()
	if g.Mutable {
		s = "(mut " + s + ")"
	}
	if g.Shared {
		s = "(shared " + s + ")"
	}
	return s
}

// module compares module types: imports are contravariant, exports covariant.
func (x *subtyping) module(a, b *ModuleType) error {
	a, b, u := inOneUniverse(a, b)
	for _, need := range a.Imports {
		x.spend(need.Type.weight())
		given, ok := b.Import(need.Module, need.Name)
		if !ok {
			return fmt.Errorf("missing expected import `%s::%s`", need.Module, need.Name)
		}
		if err := given.matches(need.Type, u); err != nil {
			return fmt.Errorf("type mismatch in import `%s::%s`: %w", need.Module, need.Name, err)
		}
	}
	for _, want := range b.Exports {
		x.spend(want.Type.weight())
		got, ok := a.Export(want.Name)
		if !ok {
			return fmt.Errorf("missing expected export `%s`", want.Name)
		}
		if err := got.matches(want.Type, u); err != nil {
			return fmt.Errorf("type mismatch in export `%s`: %w", want.Name, err)
		}
	}
	return nil
}

// inOneUniverse makes module types of different components comparable.
func inOneUniverse(a, b *ModuleType) (*ModuleType, *ModuleType, *corewasm.Universe) {
	if a.universe == b.universe {
		return a, b, a.universe
	}
	u := &corewasm.Universe{}
	return a.movedTo(u), b.movedTo(u), u
}

// movedTo is the same module type with the types of another universe, to which it
// adds its own.
func (m *ModuleType) movedTo(u *corewasm.Universe) *ModuleType {
	x := moduleExterns{nil, u, u.AddAll(m.universe.Types())}
	out := &ModuleType{imports: m.imports, exports: m.exports, universe: u}
	for _, i := range m.Imports {
		out.Imports = append(out.Imports, CoreImport{i.Module, i.Name, x.extern(i.Type)})
	}
	for _, e := range m.Exports {
		out.Exports = append(out.Exports, CoreExport{e.Name, x.extern(e.Type)})
	}
	return out
}
