package plan

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/types"
)

// frame is a component instance while its definitions are walked: its index
// spaces, filled with what the definitions mean in this instance.
type frame struct {
	*builder
	closure  *closure
	instance int    // its number
	name     string // of the component instance

	// resources maps the resource types that validation saw to the plan's.
	resources map[*types.Resource]*types.Resource
	subst     *validate.Subst

	coreFuncs                                       []coreFunc
	coreTables, coreMemories, coreGlobals, coreTags []CoreDef
	coreModules                                     []module
	coreInstances                                   []*coreInstance
	funcs                                           []FuncRef
	types                                           []typeItem
	components                                      []*closure
	instances                                       []*instance

	exports map[string]item
	order   []export
}

// module is a core module with its own type, of which the type that it is known by
// may be a part.
type module struct {
	ref ModuleRef
	typ *validate.ModuleType
}

type export struct {
	name string
	typ  validate.Entity
	item item
}

// frame instantiates a component. args are the items that satisfy its imports;
// they are nil for the root, whose imports are the plan's.
func (b *builder) frame(c *closure, name string, parent int, args map[string]item) *frame {
	if len(b.plan.Instances) >= b.most {
		fail(c.c.Source.At, "the component is too complex: it has more than %d component instances", b.most)
	}
	f := &frame{
		builder:   b,
		closure:   c,
		instance:  len(b.plan.Instances),
		name:      name,
		resources: map[*types.Resource]*types.Resource{},
		exports:   map[string]item{},
	}
	f.subst = validate.NewSubst(f.resources)
	b.plan.Instances = append(b.plan.Instances, Instance{Name: name, Parent: parent})
	f.walk(args)
	return f
}

func (f *frame) walk(args map[string]item) {
	f.path = append(f.path, component.Step{})
	for i := range f.closure.c.Defs {
		d := &f.closure.c.Defs[i]
		f.path[len(f.path)-1] = component.Step{Kind: d.Source.Section().String(), Index: f.index(d.Source)}
		f.spend(f.closure.c.Source.At, 1)
		f.define(d, args)
	}
	f.path = f.path[:len(f.path)-1]
}

// index is the index that a definition will get.
func (f *frame) index(d component.Definition) int {
	switch d.Section() {
	case component.SectionCoreModule:
		return len(f.coreModules)
	case component.SectionCoreInstance:
		return len(f.coreInstances)
	case component.SectionComponent:
		return len(f.components)
	case component.SectionInstance:
		return len(f.instances)
	case component.SectionType:
		return len(f.types)
	}
	return 0
}

func (f *frame) define(d *validate.Def, args map[string]item) {
	switch s := d.Source.(type) {
	case *component.CoreModule:
		ref := f.module(f.definitionPath("core module", len(f.coreModules)), d)
		f.push(module{ref, d.Entity.(*validate.ModuleType)})
	case *component.CoreInstance:
		f.coreInstances = append(f.coreInstances, f.coreInstance(s))
	case *component.Component:
		path := f.definitionPath("component", len(f.components))
		f.components = append(f.components, &closure{c: d.Component, outer: f, path: path})
	case *component.Instance:
		f.instantiation(s, d)
	case *component.Alias:
		f.alias(s, d)
	case *component.Type:
		f.types = append(f.types, f.typ(s, d))
	case *component.Canon:
		f.canon(s, d)
	case *component.Import:
		f.importDef(s, d, args)
	case *component.Export:
		f.export(s, d)
	case *component.Value:
		refuse(s.At, "value definitions", component.FeatureValues)
	case *component.Start:
		refuse(s.At, "start definitions", component.FeatureValues)
	}
}

func (f *frame) definitionPath(kind string, index int) string {
	path := f.definitionName(kind, index)
	if f.closure.path != "" {
		return f.closure.path + "." + path
	}
	return path
}

// definitionName is what the component's source calls a definition, else its
// index.
func (f *frame) definitionName(kind string, index int) string {
	names := f.names(f.closure.c.Source)
	if name := names[kind][uint32(index)]; name != "" {
		return kind + " $" + name
	}
	return fmt.Sprintf("%s[%d]", kind, index)
}

// push adds an item to its index space.
func (f *frame) push(it item) {
	switch it := it.(type) {
	case FuncRef:
		f.funcs = append(f.funcs, it)
	case typeItem:
		f.types = append(f.types, it)
	case *instance:
		f.instances = append(f.instances, it)
	case *closure:
		f.components = append(f.components, it)
	case module:
		f.coreModules = append(f.coreModules, it)
	}
}

// get is the item at an index of a component-level index space.
func (f *frame) get(si component.SortIndex) item {
	switch si.Sort {
	case component.SortFunc:
		return f.funcs[si.Index]
	case component.SortType:
		return f.types[si.Index]
	case component.SortInstance:
		return f.instances[si.Index]
	case component.SortComponent:
		return f.components[si.Index]
	default:
		return f.coreModules[si.Index]
	}
}

// bind notes what the resource types that a static type introduces are in this
// instance.
func (f *frame) bind(typ validate.Entity, it item) {
	f.spend(0, 1)
	switch typ := typ.(type) {
	case *validate.TypeDef:
		if t, ok := it.(typeItem); ok && typ.Resource != nil && t.resource != nil {
			if _, bound := f.resources[typ.Resource]; !bound {
				f.resources[typ.Resource] = t.resource
			}
		}
	case *validate.InstanceType:
		for i := range typ.Exports {
			x := &typ.Exports[i]
			f.bind(x.Type, it.(*instance).exports[x.Name])
		}
	}
}

// typ is a type definition: a resource type is made anew in each instance.
func (f *frame) typ(s *component.Type, d *validate.Def) typeItem {
	def, ok := s.Def.(*component.ResourceType)
	if !ok {
		return typeItem{}
	}
	static := d.Entity.(*validate.TypeDef).Resource
	r := f.resource(static)
	f.resources[static] = r
	dtor := -1
	if def.Dtor != nil {
		dtor = f.extractFunc(s.At, f.coreFuncs[*def.Dtor])
	}
	f.step(s.At, &Resource{Resource: r, Instance: f.instance, Dtor: dtor, Rep: def.Rep})
	return typeItem{r}
}

func (f *frame) export(s *component.Export, d *validate.Def) {
	it := f.get(s.Def)
	f.bind(d.Entity, it)
	f.push(it)
	f.exports[s.Name.Name] = it
	f.order = append(f.order, export{s.Name.Name, d.Entity, it})
}

func (f *frame) instantiation(s *component.Instance, d *validate.Def) {
	switch e := s.Expr.(type) {
	case *component.Instantiate:
		args := make(map[string]item, len(e.Args))
		for _, a := range e.Args {
			args[a.Name] = f.get(a.Def)
		}
		name := f.name + "." + f.definitionName("instance", len(f.instances))
		child := f.frame(f.components[e.Component], name, f.instance, args)
		it := &instance{child.exports}
		f.bind(d.Entity, it)
		f.instances = append(f.instances, it)
	case component.InlineExports:
		it := &instance{make(map[string]item, len(e))}
		for i := range e {
			it.exports[e[i].Name.Name] = f.get(e[i].Def)
		}
		f.instances = append(f.instances, it)
	}
}

func (f *frame) alias(s *component.Alias, d *validate.Def) {
	switch t := s.Target.(type) {
	case *component.AliasExport:
		f.push(f.instances[t.Instance].exports[t.Name])
	case *component.AliasCoreExport:
		f.aliasCore(s.Sort, f.coreInstances[t.Instance], t.Name)
	case *component.AliasOuter:
		f.aliasOuter(s.Sort, t)
	}
}

func (f *frame) aliasOuter(sort component.Sort, t *component.AliasOuter) {
	from := f
	for range t.Count {
		from = from.closure.outer
	}
	switch sort {
	case component.SortCoreModule:
		f.coreModules = append(f.coreModules, from.coreModules[t.Index])
	case component.SortComponent:
		f.components = append(f.components, from.components[t.Index])
	case component.SortType:
		f.types = append(f.types, from.types[t.Index])
	}
}
