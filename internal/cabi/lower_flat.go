package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// lowerFlat lowers v, of type t, to flat values. What is narrower than the slot
// that a variant joined it into is extended with zeros.
//
// Spec: CanonicalABI.md#flat-lowering (definitions.py lower_flat).
func (cx *liftLowerContext) lowerFlat(v val.Value, t typ, out *flatIter) {
	switch t.Kind() {
	case types.KindString:
		out.putPair(cx.storeStringIntoRange(v))
	case types.KindList:
		cx.lowerFlatList(v, t, out)
	case types.KindMap:
		out.putPair(cx.storeMapIntoRange(v, t))
	case types.KindRecord:
		for i, f := range t.Fields() {
			cx.lowerFlat(fieldOf(v, i, f.Name), f.Type, out)
		}
	case types.KindTuple:
		vs := v.Elems()
		assert(len(vs) == len(t.Fields()), "a tuple has the length of its type")
		for i, f := range t.Fields() {
			cx.lowerFlat(vs[i], f.Type, out)
		}
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		cx.lowerFlatVariant(v, t, out)
	default:
		out.put(cx.lowerToInt(v, t))
	}
}

func (it *flatIter) putPair(a, b uint64) {
	it.put(a)
	it.put(b)
}

// Spec: definitions.py lower_flat_list.
func (cx *liftLowerContext) lowerFlatList(v val.Value, t typ, out *flatIter) {
	n, fixed := t.Len()
	if !fixed {
		out.putPair(cx.storeListIntoRange(v, t.Elem()))
		return
	}
	assert(v.Len() == n, "a list of a fixed length has it")
	for _, e := range v.Elems() {
		cx.lowerFlat(e, t.Elem(), out)
	}
}

// Spec: definitions.py lower_flat_variant.
func (cx *liftLowerContext) lowerFlatVariant(v val.Value, t typ, out *flatIter) {
	end := out.i + cx.layout(t).FlatLen
	i, payload := matchCase(v, t)
	out.put(uint64(i))
	if c := t.Cases()[i].Type; c != nil {
		cx.lowerFlat(payload, c, out)
	}
	for out.i < end {
		out.put(0)
	}
}

// lowerFlatValues lowers values: flat, or to memory that the guest gives for
// them where there are more than most flat ones.
//
// Spec: CanonicalABI.md#lifting-and-lowering-values (definitions.py
// lower_flat_values).
func (cx *liftLowerContext) lowerFlatValues(vs []val.Value, most int, sig *signature, out *flatIter) {
	assert(len(vs) == len(sig.types), "a call has as many arguments as parameters")
	l := sig.layout
	if l.FlatLen <= most {
		for i, t := range sig.types {
			cx.lowerFlat(vs[i], t, out)
		}
		return
	}
	ptr := cx.allocate(l.Align, l.Size)
	cx.trapUnlessAllocated(ptr, l.Align, l.Size, trap.ReallocOutOfBoundsList)
	for i, t := range sig.types {
		cx.store(vs[i], t, ptr+uint64(l.Offsets[i]))
	}
	out.put(ptr)
}

// storeResult lowers a result to where the caller's core code wants it.
//
// Spec: definitions.py lower_flat_values (out_param).
func (cx *liftLowerContext) storeResult(v val.Value, t typ, l *layout.Layout, ptr uint64) {
	ptr = cx.pointer(ptr)
	cx.trapUnlessInMemory(ptr, l)
	cx.store(v, t, ptr)
}
