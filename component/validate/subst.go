package validate

import "github.com/gondola-wasm/gondola/types"

// Subst replaces resource types in types. Parts without any of them stay what
// they are, so that the identity of type definitions survives where nothing
// changes.
//
// A Subst remembers what it has replaced and must not be used from several
// goroutines at once.
//
// Spec: Explainer.md#type-checking (instantiation substitutes the actual types).
type Subst struct {
	resources map[*types.Resource]*types.Resource
	given     map[*ValueType]*ValueType // values that are known to be others
	instance  bool                      // the result belongs to an instance, whose values are its own
	spend     func(n int)

	values     map[*types.Type]*types.Type
	defs       map[*TypeDef]*TypeDef
	funcs      map[*FuncType]*FuncType
	instances  map[*InstanceType]*InstanceType
	components map[*ComponentType]*ComponentType
}

// NewSubst makes a substitution that replaces the keys of m by its values. It
// keeps m, which may grow as long as nothing has been replaced that contains a new
// key.
func NewSubst(m map[*types.Resource]*types.Resource) *Subst {
	return newSubst(m, func(int) {})
}

func newSubst(m map[*types.Resource]*types.Resource, spend func(int)) *Subst {
	return &Subst{
		resources:  m,
		given:      map[*ValueType]*ValueType{},
		spend:      spend,
		values:     map[*types.Type]*types.Type{},
		defs:       map[*TypeDef]*TypeDef{},
		funcs:      map[*FuncType]*FuncType{},
		instances:  map[*InstanceType]*InstanceType{},
		components: map[*ComponentType]*ComponentType{},
	}
}

// memo returns what get makes of k, once.
func memo[K comparable](m map[K]K, k K, get func(K) K) K {
	if v, ok := m[k]; ok {
		return v
	}
	v := get(k)
	m[k] = v
	return v
}

// rename puts the types of an argument in the place of those of an import. Their
// values are equal, but names hang on the identity of definitions.
func (s *Subst) rename(arg, imported Entity) {
	s.spend(1)
	switch to := imported.(type) {
	case *TypeDef:
		if from, ok := arg.(*TypeDef); ok && to.generic {
			s.defs[to] = from
		}
	case *InstanceType:
		from, ok := arg.(*InstanceType)
		if !ok || !to.generic {
			return
		}
		for i := range to.Exports {
			if e, ok := from.Export(to.Exports[i].Name); ok {
				s.rename(e, to.Exports[i].Type)
			}
		}
	}
}

// Resource replaces a resource type.
func (s *Subst) Resource(r *types.Resource) *types.Resource {
	if to, ok := s.resources[r]; ok {
		return to
	}
	return r
}

// Value replaces the resource types in a value type. nil stays nil.
func (s *Subst) Value(t *types.Type) *types.Type {
	if !t.ContainsResource() || len(s.resources) == 0 {
		return t
	}
	return memo(s.values, t, s.value)
}

func (s *Subst) value(t *types.Type) *types.Type {
	s.spend(newType)
	switch t.Kind() {
	case types.KindOwn:
		return types.Own(s.Resource(t.Resource()))
	case types.KindBorrow:
		return types.Borrow(s.Resource(t.Resource()))
	case types.KindList:
		if n, fixed := t.Len(); fixed {
			return types.FixedList(s.Value(t.Elem()), n)
		}
		return types.List(s.Value(t.Elem()))
	case types.KindMap:
		return types.Map(s.Value(t.Key()), s.Value(t.Value()))
	case types.KindRecord:
		return types.Record(s.fields(t.Fields())...)
	case types.KindTuple:
		return types.Tuple(s.fieldTypes(t.Fields())...)
	case types.KindVariant:
		return types.Variant(s.cases(t.Cases())...)
	case types.KindOption:
		return types.Option(s.Value(t.Elem()))
	case types.KindResult:
		return types.Result(s.Value(t.Ok()), s.Value(t.Err()))
	case types.KindStream:
		return types.Stream(s.Value(t.Elem()))
	case types.KindFuture:
		return types.Future(s.Value(t.Elem()))
	}
	return t
}

func (s *Subst) fields(fs []types.Field) []types.Field {
	s.spend(len(fs))
	out := make([]types.Field, len(fs))
	for i, f := range fs {
		out[i] = types.Field{Name: f.Name, Type: s.Value(f.Type)}
	}
	return out
}

func (s *Subst) fieldTypes(fs []types.Field) []*types.Type {
	s.spend(len(fs))
	out := make([]*types.Type, len(fs))
	for i, f := range fs {
		out[i] = s.Value(f.Type)
	}
	return out
}

func (s *Subst) cases(cs []types.Case) []types.Case {
	s.spend(len(cs))
	out := make([]types.Case, len(cs))
	for i, c := range cs {
		out[i] = types.Case{Name: c.Name, Type: s.Value(c.Type)}
	}
	return out
}

// Func replaces the resource types in a component-level function type.
func (s *Subst) Func(f *types.Func) *types.Func {
	out := &types.Func{Params: s.fields(f.Params), Result: s.Value(f.Result), Async: f.Async}
	return out
}

// Entity replaces the resource types in the type of an import or export.
func (s *Subst) Entity(e Entity) Entity {
	switch e := e.(type) {
	case *FuncType:
		return s.FuncType(e)
	case *TypeDef:
		return s.TypeDef(e)
	case *InstanceType:
		return s.InstanceType(e)
	case *ComponentType:
		return s.ComponentType(e)
	case *ValueType:
		return s.valueType(e)
	}
	return e
}

// FuncType replaces the resource types in a function type.
func (s *Subst) FuncType(f *FuncType) *FuncType {
	if !f.generic {
		return f
	}
	return memo(s.funcs, f, s.funcType)
}

func (s *Subst) funcType(f *FuncType) *FuncType {
	s.spend(newType)
	out := &FuncType{Func: s.Func(f.Func), Params: s.typeDefs(f.Params), measure: f.measure}
	if f.Result != nil {
		out.Result = s.TypeDef(f.Result)
	}
	if out.Result == f.Result && same(out.Params, f.Params) {
		return f
	}
	return out
}

func same[T comparable](a, b []T) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (s *Subst) typeDefs(ds []*TypeDef) []*TypeDef {
	out := make([]*TypeDef, len(ds))
	for i, d := range ds {
		if d != nil {
			out[i] = s.TypeDef(d)
		}
	}
	return out
}

// TypeDef replaces the resource types in a type definition.
func (s *Subst) TypeDef(d *TypeDef) *TypeDef {
	if !d.generic {
		return d
	}
	return memo(s.defs, d, s.typeDef)
}

func (s *Subst) typeDef(d *TypeDef) *TypeDef {
	s.spend(newType)
	out := &TypeDef{Value: s.Value(d.Value), Parts: s.typeDefs(d.Parts), measure: d.measure}
	switch {
	case d.Resource != nil:
		out.Resource = s.Resource(d.Resource)
	case d.Func != nil:
		out.Func = s.FuncType(d.Func)
	case d.Instance != nil:
		out.Instance = s.InstanceType(d.Instance)
	case d.Component != nil:
		out.Component = s.ComponentType(d.Component)
	}
	if d.Of != nil {
		out.Of = s.TypeDef(d.Of)
	}
	unchanged := out.Value == d.Value && out.Resource == d.Resource && out.Func == d.Func && out.Instance == d.Instance &&
		out.Component == d.Component && out.Of == d.Of && same(out.Parts, d.Parts)
	if unchanged {
		return d
	}
	return out
}

// InstanceType replaces the resource types in an instance type, those that it
// binds itself included, which are then no longer bound.
func (s *Subst) InstanceType(t *InstanceType) *InstanceType {
	if !t.generic {
		return t
	}
	return memo(s.instances, t, s.instanceType)
}

func (s *Subst) instanceType(t *InstanceType) *InstanceType {
	exports, changed := s.externs(t.Exports)
	if !changed {
		return t
	}
	return &InstanceType{Exports: exports, Resources: s.bound(t.Resources), index: t.index, measure: t.measure}
}

// ComponentType replaces the resource types in a component type.
func (s *Subst) ComponentType(t *ComponentType) *ComponentType {
	if !t.generic {
		return t
	}
	return memo(s.components, t, s.componentType)
}

func (s *Subst) componentType(t *ComponentType) *ComponentType {
	imports, changedImports := s.externs(t.Imports)
	exports, changedExports := s.externs(t.Exports)
	if !changedImports && !changedExports {
		return t
	}
	return &ComponentType{
		Imports:           imports,
		Exports:           exports,
		ImportedResources: s.bound(t.ImportedResources),
		Resources:         s.bound(t.Resources),
		importIndex:       t.importIndex,
		exportIndex:       t.exportIndex,
		measure:           t.measure,
	}
}

// bound leaves out the bound resource types that have been replaced.
func (s *Subst) bound(bs []Bound) []Bound {
	var out []Bound
	for _, b := range bs {
		if _, replaced := s.resources[b.Resource]; !replaced {
			out = append(out, b)
		}
	}
	return out
}

func (s *Subst) externs(xs []Extern) (out []Extern, changed bool) {
	s.spend(newType * len(xs))
	out = make([]Extern, len(xs))
	for i, x := range xs {
		out[i] = x
		out[i].Type = s.Entity(x.Type)
		changed = changed || out[i].Type != x.Type
	}
	return out, changed
}
