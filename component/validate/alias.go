package validate

import "github.com/gondola-wasm/gondola/component"

// alias adds what an alias refers to. It returns nil for core definitions other
// than modules.
//
// Spec: Explainer.md#alias-definitions.
func (v *validator) alias(a *component.Alias) Entity {
	s := v.scope()
	switch t := a.Target.(type) {
	case *component.AliasExport:
		e := v.aliasExport(a, t)
		s.push(e)
		return e
	case *component.AliasCoreExport:
		v.aliasCoreExport(a, t)
	case *component.AliasOuter:
		return v.aliasOuter(a, t)
	default:
		fail(a.At, "an alias has no target")
	}
	return nil
}

func (v *validator) aliasExport(a *component.Alias, t *component.AliasExport) Entity {
	if a.Sort.IsCore() && a.Sort != component.SortCoreModule {
		fail(a.At, "a component instance exports no %s", a.Sort)
	}
	v.gateSort(a.At, a.Sort)
	i := get(v.scope().instances, t.Instance, a.At, "instance")
	e, ok := i.Export(t.Name)
	if !ok {
		fail(a.At, "instance %d has no export named `%s`", t.Instance, t.Name)
	}
	if e.Sort() != a.Sort {
		fail(a.At, "export `%s` of instance %d is not %s: it is %s", t.Name, t.Instance, a.Sort.Article(), e.Sort().Article())
	}
	return e
}

func (v *validator) aliasCoreExport(a *component.Alias, t *component.AliasCoreExport) {
	if !a.Sort.IsCore() || a.Sort == component.SortCoreType || a.Sort == component.SortCoreModule || a.Sort == component.SortCoreInstance {
		fail(a.At, "a core instance exports no %s", a.Sort)
	}
	i := get(v.scope().coreInstances, t.Instance, a.At, "core instance")
	x, ok := i.export(t.Name)
	if !ok {
		fail(a.At, "core instance %d has no export named `%s`", t.Instance, t.Name)
	}
	if x.Sort != a.Sort {
		fail(a.At, "export `%s` of core instance %d is not a %s: it is a %s", t.Name, t.Instance, a.Sort, x.Sort)
	}
	v.scope().pushCore(x)
}

// pushCore adds to the index space of x's sort.
func (s *scope) pushCore(x CoreExtern) {
	switch x.Sort {
	case component.SortCoreFunc:
		s.coreFuncs = append(s.coreFuncs, typedFunc{x.Func, x.Type})
	case component.SortCoreTable:
		s.coreTables = append(s.coreTables, x.Table)
	case component.SortCoreMemory:
		s.coreMemories = append(s.coreMemories, x.Memory)
	case component.SortCoreGlobal:
		s.coreGlobals = append(s.coreGlobals, x.Global)
	case component.SortCoreTag:
		s.coreTags = append(s.coreTags, typedFunc{x.Func, x.Type})
	}
}

// coreExtern is the type of a core definition that core code can import.
func (s *scope) coreExtern(si component.SortIndex) CoreExtern {
	x := CoreExtern{Sort: si.Sort}
	switch si.Sort {
	case component.SortCoreFunc:
		f := get(s.coreFuncs, si.Index, si.At, "core func")
		x.Func, x.Type = f.FuncType, f.index
	case component.SortCoreTable:
		x.Table = get(s.coreTables, si.Index, si.At, "core table")
	case component.SortCoreMemory:
		x.Memory = get(s.coreMemories, si.Index, si.At, "core memory")
	case component.SortCoreGlobal:
		x.Global = get(s.coreGlobals, si.Index, si.At, "core global")
	case component.SortCoreTag:
		f := get(s.coreTags, si.Index, si.At, "core tag")
		x.Func, x.Type = f.FuncType, f.index
	default:
		fail(si.At, "a core instance cannot export a %s", si.Sort)
	}
	return x
}

func (v *validator) aliasOuter(a *component.Alias, t *component.AliasOuter) Entity {
	from, s := v.outer(a.At, t.Count), v.scope()
	switch a.Sort {
	case component.SortCoreModule:
		m := get(from.coreModules, t.Index, a.At, "core module")
		s.push(m)
		return m
	case component.SortCoreType:
		get(from.coreTypes.list, t.Index, a.At, "core type")
		s.coreTypes.addFrom(&from.coreTypes, t.Index)
		return nil
	case component.SortComponent:
		c := get(from.components, t.Index, a.At, "component")
		s.push(c)
		return c
	case component.SortType:
		d := get(from.types, t.Index, a.At, "type")
		if v.crossesComponent(t.Count) && v.hasFree(d) {
			fail(a.At, "cannot alias outer type which transitively refers to resources not defined in the current component")
		}
		s.push(d)
		return d
	}
	fail(a.At, "an outer alias may refer to core modules, core types, components and types, not to %s", a.Sort.Article())
	return nil
}

// crossesComponent reports whether going count scopes out leaves a component.
func (v *validator) crossesComponent(count uint32) bool {
	for i := range int(count) {
		if v.scopes[len(v.scopes)-1-i].kind == scopeComponent {
			return true
		}
	}
	return false
}
