package cabi

import (
	"strconv"

	"github.com/gondola-wasm/gondola/types"
)

// sameElem reports whether two payload types, either of them nil, each as its
// instance understands it, are the same. Types without resources are the same
// exactly when their pointers are equal; resources are compared at run time,
// since one resource goes by different names in different components.
//
// Spec: definitions.py lift_async_value (e.shared.t != t).
func sameElem(ai *ComponentInstance, a typ, bi *ComponentInstance, b typ) bool {
	if a == b {
		return ai == bi || !a.ContainsResource() || sameResources(ai, bi, a, b, typePairs{})
	}
	if a == nil || b == nil || !a.ContainsResource() || !b.ContainsResource() {
		return false
	}
	return sameResources(ai, bi, a, b, typePairs{})
}

// typePairs are pairs of types that were compared, so that no pair is twice.
type typePairs map[[2]*types.Type]bool

// sameResources compares types part by part.
func sameResources(ai, bi *ComponentInstance, a, b typ, seen typePairs) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind() != b.Kind() || a.ContainsResource() != b.ContainsResource() {
		return false
	}
	if !a.ContainsResource() {
		return a == b
	}
	pair := [2]*types.Type{a, b}
	if seen[pair] {
		return true
	}
	seen[pair] = true
	if a.Kind() == types.KindOwn || a.Kind() == types.KindBorrow {
		return ai.sameResource(bi, a.Resource(), b.Resource())
	}
	return sameParts(ai, bi, a, b, seen)
}

// sameResource compares what two instances mean by a resource. The host's own
// types, which belong to no instance, are compared by identity.
func (i *ComponentInstance) sameResource(j *ComponentInstance, a, b *types.Resource) bool {
	if i == nil || j == nil {
		return a == b
	}
	return i.resource(a) == j.resource(b)
}

func sameParts(ai, bi *ComponentInstance, a, b typ, seen typePairs) bool {
	as, bs := parts(a), parts(b)
	if len(as) != len(bs) {
		return false
	}
	for n := range as {
		if as[n].Name != bs[n].Name || !sameResources(ai, bi, as[n].Type, bs[n].Type, seen) {
			return false
		}
	}
	return true
}

// parts are the types that t is made of, with what tells them apart.
func parts(t typ) []types.Case {
	switch t.Kind() {
	case types.KindList:
		if n, fixed := t.Len(); fixed {
			return []types.Case{{Name: strconv.Itoa(n), Type: t.Elem()}}
		}
		return []types.Case{{Type: t.Elem()}}
	case types.KindStream, types.KindFuture:
		return []types.Case{{Type: t.Elem()}}
	case types.KindMap:
		return []types.Case{{Type: t.Key()}, {Type: t.Value()}}
	case types.KindRecord, types.KindTuple:
		var ps []types.Case
		for _, f := range t.Fields() {
			ps = append(ps, types.Case(f))
		}
		return ps
	}
	return t.Cases()
}
