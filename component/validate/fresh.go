package validate

import "github.com/gondola-wasm/gondola/types"

// fresh puts new resource types in the place of those that bs binds, and returns
// the substitution with them.
func (v *validator) fresh(bs []Bound) (*Subst, []Bound) {
	m := make(map[*types.Resource]*types.Resource, len(bs))
	return newSubst(m, v.spend), freshen(m, bs)
}

// freshen adds new resource types for those that bs binds to m.
func freshen(m map[*types.Resource]*types.Resource, bs []Bound) []Bound {
	out := make([]Bound, len(bs))
	for i, b := range bs {
		r := types.NewResource(b.Resource.Name(), -1)
		m[b.Resource] = r
		out[i] = Bound{r, b.Path}
	}
	return out
}

// open makes an instance of an instance type: its resource types are fresh and
// belong to the scope, which binds them under the name of an import or export.
func (v *validator) open(t *InstanceType, es *externs, name string) *InstanceType {
	if !t.generic {
		return t
	}
	s, bound := v.fresh(t.Resources)
	s.instance = true
	out := s.InstanceType(t)
	v.spend(len(bound))
	for _, b := range bound {
		es.bind(b.Resource, append([]string{name}, b.Path...)...)
	}
	return out
}

// at finds the resource type to which a path leads.
func (b Bound) at(find func(name string) (Entity, bool)) (*types.Resource, bool) {
	var e Entity
	for _, name := range b.Path {
		if find == nil {
			return nil, false
		}
		var ok bool
		if e, ok = find(name); !ok {
			return nil, false
		}
		find = nil
		if i, ok := e.(*InstanceType); ok {
			find = i.Export
		}
	}
	d, ok := e.(*TypeDef)
	if !ok || d.Resource == nil {
		return nil, false
	}
	return d.Resource, true
}

// match adds to m, for each resource type that bs binds, the one that stands in
// its place. Where there is none, comparing the types finds out.
func match(m map[*types.Resource]*types.Resource, bs []Bound, find func(name string) (Entity, bool), through *Subst) {
	for _, b := range bs {
		through.spend(len(b.Path))
		if r, ok := b.at(find); ok {
			m[b.Resource] = through.Resource(r)
		}
	}
}
