package validate

import "github.com/gondola-wasm/gondola/types"

// hasFree reports whether d refers to a resource type that it does not bind.
func (v *validator) hasFree(d *TypeDef) bool {
	return v.refersTo(d, func(*types.Resource) bool { return true })
}

// refersTo reports whether e refers to a resource type that it does not bind and
// that is one of those looked for.
func (v *validator) refersTo(e Entity, wanted func(*types.Resource) bool) bool {
	f := &freeFinder{spend: v.spend, wanted: wanted, bound: map[*types.Resource]bool{}, seen: map[Entity]bool{}}
	return f.entity(e)
}

// freeFinder looks for resource types that are not bound. Types bind different
// resource types each, so that one set of all that were bound on the way suffices.
type freeFinder struct {
	spend  func(int)
	wanted func(*types.Resource) bool
	bound  map[*types.Resource]bool
	seen   map[Entity]bool
}

func (f *freeFinder) entity(e Entity) bool {
	if m := measureOf(e); !m.generic || f.seen[e] {
		return false
	}
	f.spend(1)
	f.seen[e] = true
	switch e := e.(type) {
	case *FuncType:
		return f.defs(e.Params) || e.Result != nil && f.entity(e.Result)
	case *TypeDef:
		return f.def(e)
	case *ValueType:
		return f.entity(e.Type)
	case *InstanceType:
		f.bind(e.Resources)
		return f.externs(e.Exports)
	case *ComponentType:
		f.bind(e.ImportedResources)
		f.bind(e.Resources)
		return f.externs(e.Imports) || f.externs(e.Exports)
	}
	return false
}

func (f *freeFinder) def(d *TypeDef) bool {
	switch {
	case d.Resource != nil:
		return !f.bound[d.Resource] && f.wanted(d.Resource)
	case d.Func != nil:
		return f.entity(d.Func)
	case d.Instance != nil:
		return f.entity(d.Instance)
	case d.Component != nil:
		return f.entity(d.Component)
	}
	return f.defs(d.Parts)
}

func (f *freeFinder) bind(bs []Bound) {
	for _, b := range bs {
		f.bound[b.Resource] = true
	}
}

func (f *freeFinder) defs(ds []*TypeDef) bool {
	for _, d := range ds {
		if d != nil && f.entity(d) {
			return true
		}
	}
	return false
}

func (f *freeFinder) externs(xs []Extern) bool {
	for i := range xs {
		if f.entity(xs[i].Type) {
			return true
		}
	}
	return false
}
