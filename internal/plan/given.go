package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// Definition is what a host gives to an import of a core module or a component:
// *[GivenModule] or *[GivenComponent]. It must have the type that the import asks
// for.
type Definition interface{ isDefinition() }

// GivenModule is a core module of the host.
type GivenModule struct {
	Bytes   []byte
	Decoded *corewasm.Module
	Type    *validate.ModuleType
}

// GivenComponent is a component of the host.
type GivenComponent struct{ Component *validate.Component }

func (*GivenModule) isDefinition()    {}
func (*GivenComponent) isDefinition() {}

// Link makes the plan of a root component that imports core modules or components.
// given is asked for the definition that satisfies each of these imports, by its path
// (see [Import]). They become part of the plan, and are none of its Imports.
//
// An error is a *[component.Error], as of [New].
func Link(c *validate.Component, maxInstances int, given func(path []string) Definition) (*Plan, error) {
	return newPlan(c, maxInstances, given)
}

// IsOpen reports whether a component imports core modules or components, so that it
// can't be planned before it is known what they are.
func IsOpen(c *validate.Component) bool {
	open := false
	Openings(c, func([]string, validate.Entity) { open = true })
	return open
}

// Openings calls f for each core module or component that c imports, itself or in
// instances, with its path and type.
func Openings(c *validate.Component, f func(path []string, typ validate.Entity)) {
	walkOpenings(c.Type.Imports, nil, f)
}

func walkOpenings(externs []validate.Extern, path []string, f func([]string, validate.Entity)) {
	for i := range externs {
		x := &externs[i]
		at := append(path[:len(path):len(path)], x.Name)
		switch typ := x.Type.(type) {
		case *validate.ModuleType, *validate.ComponentType:
			f(at, typ)
		case *validate.InstanceType:
			walkOpenings(typ.Exports, at, f)
		}
	}
}

// givenModule is an import of a core module.
func (f *frame) givenModule(at component.Offset, typ *validate.ModuleType, path []string) item {
	if f.given == nil {
		return module{ModuleRef{true, f.addImport(Import{Path: path, Module: typ})}, typ}
	}
	m, ok := f.given(path).(*GivenModule)
	if !ok {
		fail(at, "no core module is given for the import `%s`", path[len(path)-1])
	}
	n, known := f.modules[m.Decoded]
	if !known {
		n = len(f.plan.Modules)
		f.modules[m.Decoded] = n
		f.plan.Modules = append(f.plan.Modules, Module{Name: importedName("core module", path), Bytes: m.Bytes, Decoded: m.Decoded})
	}
	return module{ModuleRef{Index: n}, m.Type}
}

// givenComponent is an import of a component.
func (f *frame) givenComponent(at component.Offset, path []string) item {
	if f.given != nil {
		if c, ok := f.given(path).(*GivenComponent); ok {
			return &closure{c: c.Component, path: importedName("component", path)}
		}
	}
	fail(at, "no component is given for the import `%s`", path[len(path)-1])
	return nil
}

func importedName(kind string, path []string) string {
	name := "import"
	for _, p := range path {
		name += `["` + p + `"]`
	}
	return kind + " " + name
}
