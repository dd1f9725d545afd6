package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

// Spec: Explainer.md#instance-definitions.
func (v *validator) instance(i *component.Instance) Entity {
	var t *InstanceType
	switch e := i.Expr.(type) {
	case *component.Instantiate:
		t = v.instantiate(i.At, e)
	case component.InlineExports:
		t = v.inlineExports(e)
	default:
		fail(i.At, "an instance has no expression")
	}
	v.scope().instances = append(v.scope().instances, t)
	return t
}

// inlineExports types an instance that is made of definitions. It gives no names
// to the types among them, so that no `[method]` can refer to one.
func (v *validator) inlineExports(xs component.InlineExports) *InstanceType {
	es := newExterns()
	es.resources = nil
	for i := range xs {
		v.gateSort(xs[i].At, xs[i].Def.Sort)
		e := v.scope().entity(xs[i].Def)
		v.externName(&es, &xs[i].Name, "instance export", e)
	}
	return v.newInstanceType(es.list, nil)
}

// instantiate checks the arguments and makes the type of the new instance.
func (v *validator) instantiate(at component.Offset, e *component.Instantiate) *InstanceType {
	c := get(v.scope().components, e.Component, at, "component")
	args := v.arguments(e.Args)
	find := func(name string) (Entity, bool) { a, ok := args[name]; return a, ok }
	m := map[*types.Resource]*types.Resource{}
	s := newSubst(m, v.spend)
	match(m, c.ImportedResources, find, newSubst(nil, v.spend))
	for i := range c.Imports {
		want := &c.Imports[i]
		got, ok := args[want.Name]
		if !ok {
			fail(at, "missing import named `%s` in the arguments of the instantiation", want.Name)
		}
		v.subtype(at, got, want.Type, s, "type mismatch for import `"+want.Name+"`")
	}
	v.spend(len(c.Resources))
	freshen(m, c.Resources)
	out := newSubst(m, v.spend)
	out.given, out.instance = s.given, true
	for i := range c.Imports {
		out.rename(args[c.Imports[i].Name], c.Imports[i].Type)
	}
	exports, _ := out.externs(c.Exports)
	return v.newInstanceType(exports, nil)
}

func (v *validator) arguments(args []component.InstantiateArg) map[string]Entity {
	m := make(map[string]Entity, len(args))
	for i := range args {
		a := &args[i]
		if _, dup := m[a.Name]; dup {
			fail(a.At, "instantiation argument `%s` is given twice: names of arguments conflict", a.Name)
		}
		v.gateSort(a.At, a.Def.Sort)
		m[a.Name] = v.scope().entity(a.Def)
	}
	return m
}
