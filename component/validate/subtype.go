package validate

import (
	"fmt"
	"maps"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

// subtyping compares types of two sides. Each side has a substitution under which
// its types are to be read: it puts the other side's resource types in the place
// of those that are bound.
//
// Spec: Explainer.md#type-checking.
type subtyping struct {
	sub, super *Subst
	spend      func(n int)
}

// Match reports whether something of type got can be used where want is
// expected. m maps resource types that want binds to the actual ones; it may be nil.
// The error says what is wrong.
func Match(got, want Entity, m map[*types.Resource]*types.Resource) error {
	x := &subtyping{sub: NewSubst(nil), super: NewSubst(m), spend: func(int) {}}
	return x.entity(got, want)
}

func (v *validator) subtype(at component.Offset, got, want Entity, super *Subst, what string) {
	x := &subtyping{sub: newSubst(nil, v.spend), super: super, spend: v.spend}
	if err := x.entity(got, want); err != nil {
		panic(&component.Error{At: at, Msg: what, Err: err})
	}
}

func (x *subtyping) entity(a, b Entity) error {
	x.spend(1)
	if a.Sort() != b.Sort() {
		return fmt.Errorf("expected %s, found %s", b.Sort(), a.Sort())
	}
	switch a := a.(type) {
	case *FuncType:
		return x.funcType(a, b.(*FuncType))
	case *TypeDef:
		return x.typeDef(a, b.(*TypeDef))
	case *InstanceType:
		return x.instance(a, b.(*InstanceType))
	case *ComponentType:
		return x.component(a, b.(*ComponentType))
	case *ModuleType:
		return x.module(a, b.(*ModuleType))
	case *ValueType:
		return x.sameValue(a, b.(*ValueType))
	}
	return nil
}

func (x *subtyping) funcType(a, b *FuncType) error {
	af, bf := a.Func, b.Func
	x.spend(len(af.Params))
	if af.Async != bf.Async {
		return fmt.Errorf("expected %s, found %s: one is async, the other is not", x.funcText(x.super, bf), x.funcText(x.sub, af))
	}
	if len(af.Params) != len(bf.Params) {
		return fmt.Errorf("expected %d parameters, found %d", len(bf.Params), len(af.Params))
	}
	for i, p := range af.Params {
		if p.Name != bf.Params[i].Name {
			return fmt.Errorf("expected parameter named `%s`, found `%s`", bf.Params[i].Name, p.Name)
		}
		if err := x.value(p.Type, bf.Params[i].Type); err != nil {
			return fmt.Errorf("type mismatch in function parameter `%s`: %w", p.Name, err)
		}
	}
	if (af.Result == nil) != (bf.Result == nil) {
		return fmt.Errorf("expected %s, found %s: one has a result, the other has none", x.funcText(x.super, bf), x.funcText(x.sub, af))
	}
	if af.Result == nil {
		return nil
	}
	if err := x.value(af.Result, bf.Result); err != nil {
		return fmt.Errorf("type mismatch with result type: %w", err)
	}
	return nil
}

func (x *subtyping) funcText(s *Subst, f *types.Func) string { return "`" + s.Func(f).String() + "`" }

// value compares value types, which have no subtypes but themselves.
func (x *subtyping) value(a, b *types.Type) error {
	a, b = x.sub.Value(a), x.super.Value(b)
	switch {
	case a == b:
		return nil
	case a.Kind() != b.Kind():
		return fmt.Errorf("expected %s, found %s", b.Kind(), a.Kind())
	case a.String() == b.String():
		return fmt.Errorf("expected %s, found one whose resource types are not the same", b)
	case a.ContainsResource():
		return fmt.Errorf("expected %s, found %s: resource types are not the same", b, a)
	}
	return fmt.Errorf("expected %s, found %s", b, a)
}

func (x *subtyping) typeDef(a, b *TypeDef) error {
	if a.kind() != b.kind() {
		return fmt.Errorf("expected %s, found %s", b.kind(), a.kind())
	}
	switch {
	case a.Value != nil:
		return x.value(a.Value, b.Value)
	case a.Resource != nil:
		if x.sub.Resource(a.Resource) != x.super.Resource(b.Resource) {
			return fmt.Errorf("resource types are not the same: expected `%s`, found another `%s`", b.Resource.Name(), a.Resource.Name())
		}
		return nil
	case a.Func != nil:
		return x.funcType(a.Func, b.Func)
	case a.Instance != nil:
		return x.equal(a.Instance, b.Instance)
	}
	return x.equal(a.Component, b.Component)
}

// equal compares types of instances and components as types: each must be a
// subtype of the other.
func (x *subtyping) equal(a, b Entity) error {
	if err := x.entity(a, b); err != nil {
		return err
	}
	return x.flip().entity(b, a)
}

func (x *subtyping) flip() *subtyping {
	return &subtyping{sub: x.super, super: x.sub, spend: x.spend}
}

// with is s with more resource types to replace.
func (x *subtyping) with(s *Subst, more map[*types.Resource]*types.Resource) *Subst {
	if len(more) == 0 {
		return s
	}
	m := maps.Clone(s.resources)
	if m == nil {
		m = map[*types.Resource]*types.Resource{}
	}
	x.spend(len(m) + len(more))
	maps.Copy(m, more)
	out := newSubst(m, x.spend)
	out.given = s.given
	return out
}

func (x *subtyping) instance(a, b *InstanceType) error {
	m := map[*types.Resource]*types.Resource{}
	match(m, b.Resources, a.Export, x.sub)
	return (&subtyping{sub: x.sub, super: x.with(x.super, m), spend: x.spend}).exports(a.Export, b.Exports)
}

// exports checks that everything that super exports is there.
func (x *subtyping) exports(sub func(string) (Entity, bool), super []Extern) error {
	for i := range super {
		want := &super[i]
		got, ok := sub(want.Name)
		if !ok {
			return fmt.Errorf("missing expected export `%s`", want.Name)
		}
		if err := x.entity(got, want.Type); err != nil {
			return fmt.Errorf("type mismatch in export `%s`: %w", want.Name, err)
		}
	}
	return nil
}

// component compares component types: imports are contravariant, exports
// covariant.
func (x *subtyping) component(a, b *ComponentType) error {
	in := map[*types.Resource]*types.Resource{}
	match(in, a.ImportedResources, b.Import, x.super)
	x = &subtyping{sub: x.with(x.sub, in), super: x.super, spend: x.spend}
	for i := range a.Imports {
		need := &a.Imports[i]
		given, ok := b.Import(need.Name)
		if !ok {
			return fmt.Errorf("missing expected import `%s`", need.Name)
		}
		if err := x.flip().entity(given, need.Type); err != nil {
			return fmt.Errorf("type mismatch in import `%s`: %w", need.Name, err)
		}
	}
	out := map[*types.Resource]*types.Resource{}
	match(out, b.Resources, a.Export, x.sub)
	return (&subtyping{sub: x.sub, super: x.with(x.super, out), spend: x.spend}).exports(a.Export, b.Exports)
}
