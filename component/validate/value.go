package validate

import (
	"errors"

	"github.com/gondola-wasm/gondola/component"
)

// ValueType is the static type of a value 🪙: the type that it has, and where it
// is known to be the same as another one, which.
//
// Spec: Explainer.md#type-definitions, production `valuebound`.
type ValueType struct {
	Type *TypeDef
	// Of is the value that this one equals by an `eq` bound, or nil.
	Of *ValueType
	// constant says that a value definition says which value it is, so that it is
	// the same in all instances.
	constant bool
	measure
}

// Sort implements [Entity].
func (*ValueType) Sort() component.Sort { return component.SortValue }

// root is the value that v equals and that equals no other one by its bound.
func (v *ValueType) root() *ValueType {
	for v.Of != nil {
		v = v.Of
	}
	return v
}

// valueSlot is an entry of the value index space. Each must be used exactly once.
//
// Spec: Explainer.md#-value-definitions.
type valueSlot struct {
	at   component.Offset // of what defined it
	typ  *ValueType
	used bool
}

func (v *validator) newValue(t *TypeDef, of *ValueType) *ValueType {
	e := &ValueType{Type: t, Of: of}
	e.add(&t.measure)
	e.generic = true
	v.close(&e.measure)
	return e
}

// useValue finds a value and uses it up.
func (s *scope) useValue(si component.SortIndex) *ValueType {
	x := get(s.values, si.Index, si.At, "value")
	if x.used {
		fail(si.At, "value %d cannot be used more than once: each value is exported, passed on or given to a start function exactly once", si.Index)
	}
	x.used = true
	return x.typ
}

// allUsed checks that nothing is left over at the end of a component.
func (s *scope) allUsed() {
	for i, x := range s.values {
		if !x.used {
			fail(x.at, "value %d was not used: each value must be exported, given to an instantiation or to a start function exactly once", i)
		}
	}
}

// valueBound is the type of a value that is imported or exported.
func (v *validator) valueBound(t *component.ValueExtern) *ValueType {
	v.gate(t.At, component.FeatureValues, "value imports and exports")
	if t.Eq == nil {
		return v.newValue(v.valType(t.At, t.Type), nil)
	}
	of := get(v.scope().values, *t.Eq, t.At, "value").typ
	return v.newValue(of.Type, of)
}

// valueDef validates a value definition.
//
// Spec: Binary.md#-value-definitions.
func (v *validator) valueDef(d *component.Value) Entity {
	v.gate(d.At, component.FeatureValues, "value definitions")
	t := v.valType(d.At, d.Type)
	checkValue(d, t.Value)
	e := v.newValue(t, nil)
	e.constant = true
	v.scope().push(e)
	return e
}

// start validates a start definition and adds its results.
//
// Spec: Binary.md#-start-definitions.
func (v *validator) start(d *component.Start, def *Def) {
	v.gate(d.At, component.FeatureValues, "start definitions")
	s := v.scope()
	f := get(s.funcs, d.Func, d.At, "func")
	def.Func = f
	if len(d.Args) != len(f.Params) {
		fail(d.At, "start function requires %d arguments, %d are given", len(f.Params), len(d.Args))
	}
	for i, a := range d.Args {
		got := s.useValue(component.SortIndex{At: d.At, Sort: component.SortValue, Index: a})
		if got.Type.Value != f.Func.Params[i].Type {
			fail(d.At, "type mismatch for component start function argument %d, `%s`: expected %s, found %s",
				i, f.Func.Params[i].Name, f.Func.Params[i].Type, got.Type.Value)
		}
	}
	if n := len(resultsOf(f.Func)); uint64(d.Results) != uint64(n) {
		fail(d.At, "start function has a result arity of %d, the definition says %d", n, d.Results)
	}
	if f.Result != nil {
		s.push(v.newValue(f.Result, nil))
	}
}

// checkExportedValues refuses values that contain borrows: those end with a call,
// which an instantiation isn't.
//
// Spec: Binary.md#type-definitions, notes.
func (v *validator) checkExportedValues(at component.Offset, e Entity) {
	switch e := e.(type) {
	case *ValueType:
		if e.Type.Value.ContainsBorrow() {
			fail(at, "an exported value cannot contain a `borrow` type")
		}
	case *InstanceType:
		v.spend(len(e.Exports))
		for i := range e.Exports {
			switch e.Exports[i].Type.(type) {
			case *ValueType, *InstanceType:
				v.checkExportedValues(at, e.Exports[i].Type)
			}
		}
	}
}

// sameValue compares values where b may be bound to be a certain one.
func (x *subtyping) sameValue(a, b *ValueType) error {
	if err := x.value(a.Type.Value, b.Type.Value); err != nil {
		return err
	}
	got := x.sub.valueRoot(a)
	if b.Of == nil {
		x.super.given[b] = got
		return nil
	}
	if x.super.valueRoot(b) != got {
		return errors.New("values are not the same: by its bound it must equal a certain one")
	}
	return nil
}

// valueRoot is the value that e stands for, as far as that is known.
func (s *Subst) valueRoot(e *ValueType) *ValueType {
	r := e.root()
	if to, ok := s.given[r]; ok {
		return to
	}
	if s.instance && !r.constant {
		to := &ValueType{Type: s.TypeDef(r.Type), measure: r.measure}
		s.given[r] = to
		return to
	}
	return r
}

// valueType replaces the resource types and known values in the type of a value.
func (s *Subst) valueType(e *ValueType) *ValueType {
	if e.Of == nil {
		return s.valueRoot(e)
	}
	out := &ValueType{Type: s.TypeDef(e.Type), Of: s.valueRoot(e), measure: e.measure}
	if out.Type == e.Type && out.Of == e.Of {
		return e
	}
	return out
}
