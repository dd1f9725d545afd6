package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

// Spec: Explainer.md#import-and-export-definitions.

func (v *validator) importDef(i *component.Import) Entity {
	s := v.scope()
	e := v.declared(&s.imports, i.Name.Name, i.Type)
	v.externName(&s.imports, &i.Name, "import", e)
	v.visible(i.At, &s.imports, e, "import")
	v.importable(i.At, e)
	s.push(e)
	return e
}

// importable checks that an import does not depend on resource types that come
// from inside: whoever supplies it could not name them yet.
//
// Spec: Explainer.md#external-visibility-of-types (imports can't depend on
// exports).
func (v *validator) importable(at component.Offset, e Entity) {
	s := v.scope()
	inside := func(r *types.Resource) bool { return s.exports.isBound[r] }
	if s.kind == scopeComponent {
		inside = func(r *types.Resource) bool { return !s.imports.isBound[r] }
	}
	if v.refersTo(e, inside) {
		fail(at, "%s not valid to be used as import: local resource type found in imports, which only the component itself defines or exports", e.Sort())
	}
}

func (v *validator) exportDecl(d *component.ExportDecl) {
	s := v.scope()
	e := v.declared(&s.exports, d.Name.Name, d.Type)
	v.externName(&s.exports, &d.Name, "export", e)
	v.visible(d.At, &s.exports, e, "export")
	if s.kind == scopeComponentType {
		v.checkExportedValues(d.At, e)
	}
	s.push(e)
}

// declared is what has the type t: resource types that t binds are fresh, and es
// binds them.
func (v *validator) declared(es *externs, name string, t component.ExternType) Entity {
	e := v.externType(t)
	switch e := e.(type) {
	case *InstanceType:
		return v.open(e, es, name)
	case *TypeDef:
		if e.Resource != nil && e.Of == nil { // `(sub resource)`
			es.bind(e.Resource, name)
		}
	}
	return e
}

// externType resolves the type of an import or export. For a type with the bound
// `sub resource` it makes a new resource type.
func (v *validator) externType(t component.ExternType) Entity {
	s := v.scope()
	switch t := t.(type) {
	case *component.CoreModuleExtern:
		return s.coreTypes.module(t.At, t.Type)
	case *component.FuncExtern:
		d := get(s.types, t.Type, t.At, "type")
		if d.Func == nil {
			fail(t.At, "type %d is not a function type: it is a %s", t.Type, d.kind())
		}
		return d.Func
	case *component.InstanceExtern:
		d := get(s.types, t.Type, t.At, "type")
		if d.Instance == nil {
			fail(t.At, "type %d is not an instance type: it is a %s", t.Type, d.kind())
		}
		return d.Instance
	case *component.ComponentExtern:
		d := get(s.types, t.Type, t.At, "type")
		if d.Component == nil {
			fail(t.At, "type %d is not a component type: it is a %s", t.Type, d.kind())
		}
		return d.Component
	case *component.TypeExtern:
		return v.typeBound(t)
	case *component.ValueExtern:
		return v.valueBound(t)
	}
	fail(s.at, "an import or export has no type")
	return nil
}

func (v *validator) typeBound(t *component.TypeExtern) *TypeDef {
	s := v.scope()
	if t.Eq != nil {
		return v.rename(get(s.types, *t.Eq, t.At, "type"))
	}
	return v.newDef(&TypeDef{Resource: types.NewResource(s.step.Name, -1)})
}

// export validates an export definition and adds the index that it defines.
func (v *validator) export(x *component.Export) Entity {
	s := v.scope()
	v.gateSort(x.At, x.Def.Sort)
	actual := s.entity(x.Def)
	e := v.exported(actual)
	if x.Type != nil {
		e = v.ascribed(x, actual)
	}
	v.externName(&s.exports, &x.Name, "export", e)
	v.visible(x.At, &s.exports, e, "export")
	v.checkExportedValues(x.At, e)
	v.bindExported(e, x.Name.Name)
	s.push(e)
	if x.Def.Sort == component.SortValue { // it is used by being exported
		s.values[len(s.values)-1].used = true
	}
	return e
}

// exported is the type of an export that names none.
func (v *validator) exported(actual Entity) Entity {
	switch actual := actual.(type) {
	case *TypeDef:
		return v.rename(actual)
	case *ValueType:
		return v.newValue(actual.Type, actual)
	}
	return actual
}

// ascribed is the type that an export names, of which the actual one must be a
// subtype.
func (v *validator) ascribed(x *component.Export, actual Entity) Entity {
	want := v.externType(x.Type)
	bs := boundBy(want, x.Name.Name)
	m := map[*types.Resource]*types.Resource{}
	match(m, bs, func(string) (Entity, bool) { return actual, true }, newSubst(nil, v.spend))
	v.subtype(x.At, actual, want, newSubst(m, v.spend), "ascribed type of export is not compatible with item's type")
	if i, ok := want.(*InstanceType); ok {
		s, _ := v.fresh(i.Resources)
		return s.InstanceType(i)
	}
	return want
}

// boundBy are the resource types that the type of an import or export binds, with
// paths from its name on.
func boundBy(e Entity, name string) []Bound {
	switch e := e.(type) {
	case *TypeDef:
		if e.Resource != nil && e.Of == nil {
			return []Bound{{e.Resource, []string{name}}}
		}
	case *InstanceType:
		out := make([]Bound, len(e.Resources))
		for i, b := range e.Resources {
			out[i] = Bound{b.Resource, append([]string{name}, b.Path...)}
		}
		return out
	}
	return nil
}

// bindExported binds the resource types that a component exports and does not
// import.
func (v *validator) bindExported(e Entity, path ...string) {
	s := v.scope()
	v.spend(1)
	switch e := e.(type) {
	case *TypeDef:
		if e.Resource != nil && !s.imports.isBound[e.Resource] {
			s.exports.bind(e.Resource, path...)
		}
	case *InstanceType:
		if !e.generic {
			return
		}
		for i := range e.Exports {
			v.bindExported(e.Exports[i].Type, append(path[:len(path):len(path)], e.Exports[i].Name)...)
		}
	}
}
