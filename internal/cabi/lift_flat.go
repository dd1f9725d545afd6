package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// flatIter walks over flat values. A value of 32 bits lies in the lower half of
// its element; nobody looks at the upper one. So a value is what it is whatever
// wider type a variant joined it into.
//
// Spec: definitions.py CoreValueIter, CoerceValueIter.
type flatIter struct {
	vs []uint64
	i  int
}

func (it *flatIter) next() uint64 {
	v := it.vs[it.i]
	it.i++
	return v
}

func (it *flatIter) put(v uint64) {
	it.vs[it.i] = v
	it.i++
}

// liftFlat lifts a value of type t.
//
// Spec: CanonicalABI.md#flat-lifting (definitions.py lift_flat).
func (cx *liftLowerContext) liftFlat(it *flatIter, t typ) val.Value {
	switch k := t.Kind(); k {
	case types.KindString:
		ptr := cx.pointer(it.next())
		return cx.loadStringFromRange(ptr, cx.pointer(it.next()))
	case types.KindList:
		return cx.liftFlatList(it, t)
	case types.KindMap:
		ptr := cx.pointer(it.next())
		return cx.loadMapFromRange(ptr, cx.pointer(it.next()), t)
	case types.KindRecord:
		return cx.liftFlatRecord(it, t)
	case types.KindTuple:
		return cx.liftFlatTuple(it, t)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return cx.liftFlatVariant(it, t)
	case types.KindFlags:
		return cx.unpackFlags(uint32(it.next()), t)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return cx.liftHandle(uint32(it.next()), t)
	default:
		return liftScalar(it.next(), k)
	}
}

// Spec: definitions.py lift_flat_list.
func (cx *liftLowerContext) liftFlatList(it *flatIter, t typ) val.Value {
	n, fixed := t.Len()
	if !fixed {
		ptr := cx.pointer(it.next())
		return cx.loadListFromRange(ptr, cx.pointer(it.next()), t.Elem())
	}
	vs := make([]val.Value, n)
	for i := range vs {
		vs[i] = cx.liftFlat(it, t.Elem())
	}
	return val.List(vs...)
}

// Spec: definitions.py lift_flat_record.
func (cx *liftLowerContext) liftFlatRecord(it *flatIter, t typ) val.Value {
	vs := make([]val.Field, len(t.Fields()))
	for i, f := range t.Fields() {
		vs[i] = val.Field{Name: f.Name, Value: cx.liftFlat(it, f.Type)}
	}
	return val.Record(vs...)
}

func (cx *liftLowerContext) liftFlatTuple(it *flatIter, t typ) val.Value {
	vs := make([]val.Value, len(t.Fields()))
	for i, f := range t.Fields() {
		vs[i] = cx.liftFlat(it, f.Type)
	}
	return val.Tuple(vs...)
}

// Spec: definitions.py lift_flat_variant.
func (cx *liftLowerContext) liftFlatVariant(it *flatIter, t typ) val.Value {
	cases := t.Cases()
	end := it.i + cx.layout(t).FlatLen
	i := uint32(it.next())
	if uint64(i) >= uint64(len(cases)) {
		trap.Throw(trap.InvalidDiscriminant, i, len(cases))
	}
	var payload val.Value
	if c := cases[i].Type; c != nil {
		payload = cx.liftFlat(it, c)
	}
	it.i = end
	return val.OfCase(t, int(i), payload)
}

// signature is a list of types as parameters are passed: side by side, or in
// memory as a tuple.
type signature struct {
	types  []*types.Type
	layout *layout.Layout
}

func newSignature(ts []*types.Type, p layout.PtrType) signature {
	return signature{ts, layout.Types(ts, p)}
}

// scalars reports whether there are no more types than are passed side by side,
// and all are bools, numbers and chars.
func (s *signature) scalars() bool {
	for _, t := range s.types {
		if !isScalar(t) {
			return false
		}
	}
	return len(s.types) <= layout.MaxFlatParams
}

// liftFlatValues lifts values, appending them to vs: flat ones, or from memory
// where there are more than most flat ones.
//
// Spec: CanonicalABI.md#lifting-and-lowering-values (definitions.py
// lift_flat_values).
func (cx *liftLowerContext) liftFlatValues(vs []val.Value, most int, it *flatIter, sig *signature) []val.Value {
	if sig.layout.FlatLen <= most {
		for _, t := range sig.types {
			vs = append(vs, cx.liftFlat(it, t))
		}
		return vs
	}
	ptr := cx.pointer(it.next())
	cx.trapUnlessInMemory(ptr, sig.layout)
	for i, t := range sig.types {
		vs = append(vs, cx.load(ptr+uint64(sig.layout.Offsets[i]), t))
	}
	return vs
}

// liftResult lifts the only value of type t, or no value where t is nil.
//
// Spec: definitions.py lift_flat_values.
func (cx *liftLowerContext) liftResult(most int, flat []uint64, t typ) val.Value {
	if t == nil {
		return val.Value{}
	}
	l := cx.layout(t)
	it := flatIter{vs: flat}
	if l.FlatLen <= most {
		return cx.liftFlat(&it, t)
	}
	ptr := cx.pointer(it.next())
	cx.trapUnlessInMemory(ptr, l)
	return cx.load(ptr, t)
}
