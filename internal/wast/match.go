package wast

import (
	"slices"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wat"
)

// matchValue compares a value of a component with a literal: floats bit by bit, sets
// of flags and fields of records in any order.
func matchValue(l *literal, v val.Value) bool {
	if k, ok := scalarKinds[l.Kind]; ok {
		return v.Kind() == k && matchBits(l, v.Bits())
	}
	switch l.Kind {
	case "either":
		return slices.ContainsFunc(l.Elems, func(e *literal) bool { return matchValue(e, v) })
	case "str":
		return v.Kind() == types.KindString && v.Str() == l.Text
	case "list":
		return v.Kind() == types.KindList && slices.EqualFunc(l.Elems, v.Elems(), matchValue)
	case "tuple":
		return v.Kind() == types.KindTuple && slices.EqualFunc(l.Elems, v.Elems(), matchValue)
	case "record":
		return v.Kind() == types.KindRecord && matchRecord(l, v)
	case "map":
		return v.Kind() == types.KindMap && matchMap(l, v)
	case "flags":
		return v.Kind() == types.KindFlags && sameLabels(l.Labels, v.Labels())
	case "enum":
		return v.Kind() == types.KindEnum && matchCase(l, v)
	case "variant":
		return v.Kind() == types.KindVariant && matchCase(l, v)
	case "option":
		return v.Kind() == types.KindOption && matchCase(l, v)
	case "result":
		return v.Kind() == types.KindResult && matchCase(l, v)
	}
	return false
}

// matchBits compares a number.
func matchBits(l *literal, bits uint64) bool {
	if l.NaN == wat.NaNNone {
		return l.Bits == bits
	}
	sign, canonical := uint64(1)<<63, uint64(0x7ff8<<48)
	if l.Kind == "f32" {
		sign, canonical = 1<<31, 0x7fc0<<16
	}
	if l.NaN == wat.NaNCanonical {
		return bits&^sign == canonical
	}
	return bits&canonical == canonical
}

func matchRecord(l *literal, v val.Value) bool {
	if len(l.Elems) != v.Len() {
		return false
	}
	for _, e := range l.Elems {
		if f, ok := v.Field(e.Field); !ok || !matchValue(e, f) {
			return false
		}
	}
	return true
}

func matchMap(l *literal, v val.Value) bool {
	want, err := componentValue(l)
	return err == nil && val.Equal(want, v)
}

func matchCase(l *literal, v val.Value) bool {
	name, payload := v.Case()
	if name != l.Text || payload.IsValid() != (len(l.Elems) > 0) {
		return false
	}
	return len(l.Elems) == 0 || matchValue(l.Elems[0], payload)
}

func sameLabels(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}
