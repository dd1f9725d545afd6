package plan

import (
	"slices"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
)

// importDef adds what satisfies an import: an argument, or at the root an import
// of the plan.
func (f *frame) importDef(s *component.Import, d *validate.Def, args map[string]item) {
	it, given := args[s.Name.Name]
	if !given {
		it = f.rootImport(s.At, d.Entity, []string{s.Name.Name})
	}
	f.bind(d.Entity, it)
	f.push(it)
}

// rootImport takes an import of the root component apart.
func (f *frame) rootImport(at component.Offset, typ validate.Entity, path []string) item {
	f.spend(at, 1)
	switch typ := typ.(type) {
	case *validate.FuncType:
		return FuncRef{true, f.addImport(Import{Path: path, Func: f.subst.Func(typ.Func)})}
	case *validate.TypeDef:
		return f.rootType(typ, path)
	case *validate.InstanceType:
		return f.rootInstance(at, typ, path)
	case *validate.ModuleType:
		return f.givenModule(at, typ, path)
	case *validate.ComponentType:
		return f.givenComponent(at, path)
	case *validate.ValueType:
		refuse(at, "values imported by the root component, such as `"+path[len(path)-1]+"`,", component.FeatureValues)
	}
	return nil
}

func (f *frame) addImport(i Import) int {
	f.plan.Imports = append(f.plan.Imports, i)
	return len(f.plan.Imports) - 1
}

func (f *frame) rootType(typ *validate.TypeDef, path []string) typeItem {
	if typ.Resource == nil {
		return typeItem{}
	}
	r, known := f.resources[typ.Resource]
	if known {
		f.plan.Aliases = append(f.plan.Aliases, ResourceAlias{Path: path, Resource: r})
	} else {
		r = f.resource(typ.Resource)
		f.resources[typ.Resource] = r
		f.addImport(Import{Path: path, Resource: r})
	}
	return typeItem{r}
}

func (f *frame) rootInstance(at component.Offset, typ *validate.InstanceType, path []string) *instance {
	it := &instance{make(map[string]item, len(typ.Exports))}
	if len(typ.Exports) == 0 {
		f.plan.Empty = append(f.plan.Empty, path)
	}
	for i := range typ.Exports {
		x := &typ.Exports[i]
		it.exports[x.Name] = f.rootImport(at, x.Type, append(slices.Clip(path), x.Name))
	}
	return it
}

// exportTree is what the root component exports.
func (f *frame) exportTree() []Export {
	out := make([]Export, len(f.order))
	for i, x := range f.order {
		out[i] = Export{x.name, f.exportItem(x.typ, x.item)}
	}
	return out
}

func (f *frame) exportItem(typ validate.Entity, it item) Item {
	f.spend(0, 1)
	switch typ := typ.(type) {
	case *validate.FuncType:
		return &FuncItem{it.(FuncRef), f.subst.Func(typ.Func)}
	case *validate.TypeDef:
		return &TypeItem{Resource: it.(typeItem).resource, Value: f.subst.Value(typ.Value)}
	case *validate.InstanceType:
		out := &InstanceItem{make([]Export, len(typ.Exports))}
		for i := range typ.Exports {
			x := &typ.Exports[i]
			out.Exports[i] = Export{x.Name, f.exportItem(x.Type, it.(*instance).exports[x.Name])}
		}
		return out
	case *validate.ModuleType:
		return &ModuleItem{it.(module).ref}
	}
	return &ComponentItem{}
}
