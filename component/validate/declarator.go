package validate

import "github.com/gondola-wasm/gondola/component"

// Spec: Explainer.md#declarators.

func (v *validator) componentType(at component.Offset, ds component.ComponentType) *ComponentType {
	s := v.enter(scopeComponentType, at)
	v.declarators(ds)
	t := s.componentType(v)
	v.leave()
	return t
}

func (v *validator) instanceType(at component.Offset, ds component.InstanceType) *InstanceType {
	s := v.enter(scopeInstanceType, at)
	v.declarators(ds)
	t := s.instanceType(v)
	v.leave()
	return t
}

func (v *validator) declarators(ds []component.Declarator) {
	s := v.scope()
	for _, d := range ds {
		if d == nil {
			fail(s.at, "a declarator is missing")
		}
		s.begin(d)
		v.declarator(d)
		s.step = component.Step{}
	}
}

func (v *validator) declarator(d component.Declarator) {
	switch d := d.(type) {
	case *component.CoreType:
		v.coreType(d)
	case *component.Type:
		v.typ(d)
	case *component.Alias:
		v.aliasDecl(d)
	case *component.Import:
		if v.scope().kind == scopeInstanceType {
			fail(d.At, "an instance type cannot have imports")
		}
		v.importDef(d)
	case *component.ExportDecl:
		v.exportDecl(d)
	}
}

func (v *validator) aliasDecl(a *component.Alias) {
	if _, outer := a.Target.(*component.AliasOuter); outer {
		if a.Sort != component.SortType && a.Sort != component.SortCoreType {
			fail(a.At, "in a %s, outer aliases may only refer to types or core types, not to %s", v.scope().kind, a.Sort.Article())
		}
	} else if a.Sort != component.SortType && a.Sort != component.SortInstance {
		fail(a.At, "in a %s, aliases of exports may only refer to types or instances, not to %s", v.scope().kind, a.Sort.Article())
	}
	v.alias(a)
}
