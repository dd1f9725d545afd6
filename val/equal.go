package val

import (
	"bytes"
	"math"
	"slices"

	"github.com/gondola-wasm/gondola/types"
)

// Equal reports whether a and b are the same value: structurally, with all NaNs
// equal, as the canonical ABI does not tell them apart, fields, flags and map
// entries in any order, and handles by identity.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case types.KindF32, types.KindF64:
		x, y := a.Float(), b.Float()
		return math.Float64bits(x) == math.Float64bits(y) || x != x && y != y
	case types.KindString:
		return a.Str() == b.Str()
	case types.KindList, types.KindTuple:
		return equalElems(a, b)
	case types.KindRecord:
		return equalFields(a, b)
	case types.KindMap:
		return equalEntries(a, b)
	case types.KindFlags:
		return equalFlags(a.Labels(), b.Labels())
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		x, p := a.Case()
		y, q := b.Case()
		return x == y && Equal(p, q)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return a.ref == b.ref
	}
	return a.num == b.num
}

func equalElems(a, b Value) bool {
	if a.num != b.num {
		return false
	}
	if a.IsBytes() && b.IsBytes() {
		return bytes.Equal(a.Bytes(), b.Bytes())
	}
	return slices.EqualFunc(a.Elems(), b.Elems(), Equal)
}

func equalFields(a, b Value) bool {
	if a.num != b.num {
		return false
	}
	for _, f := range a.Fields() {
		g, ok := b.Field(f.Name)
		if !ok || !Equal(f.Value, g) {
			return false
		}
	}
	return true
}

func equalEntries(a, b Value) bool {
	x, y := lastEntries(a), lastEntries(b)
	if len(x) != len(y) {
		return false
	}
	for _, e := range x {
		i := slices.IndexFunc(y, func(f Entry) bool { return Equal(e.Key, f.Key) })
		if i < 0 || !Equal(e.Value, y[i].Value) {
			return false
		}
	}
	return true
}

// lastEntries leaves out the entries that a later one with the same key hides.
func lastEntries(v Value) []Entry {
	var last []Entry
	for _, e := range v.Entries() {
		i := slices.IndexFunc(last, func(f Entry) bool { return Equal(e.Key, f.Key) })
		if i < 0 {
			last = append(last, e)
		} else {
			last[i] = e
		}
	}
	return last
}

func equalFlags(a, b []string) bool {
	subset := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(l string) bool { return !slices.Contains(b, l) })
	}
	return subset(a, b) && subset(b, a)
}
