package corewasm

import "encoding/binary"

// typeSpace answers questions about the types of one module. Types are equal if
// their recursion groups are, with references inside of a group counted from its
// beginning (core specification 3.0, section 3.1.3 "Rolling and unrolling"): then
// they have the same canonical type. Where no two types by index are ever compared, which
// is so in most modules, canonical types are never computed.
type typeSpace struct {
	types []Type
	canon []uint32 // nil until needed; see canonical
}

// heapBottom is below all heap types. The heap type of references that code which
// can't be reached took out of nothing.
const heapBottom HeapType = -0x400

// bottom is the type of operands that code which can't be reached takes out of
// nothing. It is below all value types.
const bottom ValType = 0

// canonical gives for each type the index of the first type of the module that
// is equal to it. The work grows with the size of the type section.
func (s *typeSpace) canonical() []uint32 {
	canon := make([]uint32, len(s.types))
	groups := map[string]uint32{}
	var key []byte
	for start := 0; start < len(s.types); {
		n := max(s.types[start].Group, 1)
		n = min(n, len(s.types)-start)
		key = key[:0]
		for i := start; i < start+n; i++ {
			key = s.appendKey(key, &s.types[i], canon, uint32(start))
		}
		first, ok := groups[string(key)]
		if !ok {
			first = uint32(start)
			groups[string(key)] = first
		}
		for i := range n {
			canon[start+i] = first + uint32(i)
		}
		start += n
	}
	return canon
}

// appendKey appends a form of t that is the same for equal types of equal groups:
// the binary form, in which indices are fixed-width and replaced.
func (s *typeSpace) appendKey(key []byte, t *Type, canon []uint32, start uint32) []byte {
	index := func(key []byte, i uint32) []byte {
		if i >= start {
			return binary.LittleEndian.AppendUint32(append(key, 1), i-start)
		}
		return binary.LittleEndian.AppendUint32(append(key, 0), canon[i])
	}
	valType := func(key []byte, t ValType) []byte {
		h := t.Heap()
		if !t.IsRef() || h < 0 {
			return t.Append(key)
		}
		return index(append(key, t.code()), uint32(h))
	}
	key = append(key, byte(t.Kind), boolByte(t.Open)|boolByte(t.Shared)<<1, byte(len(t.Supers)))
	for _, x := range t.Supers {
		key = index(key, x)
	}
	switch t.Kind {
	case TypeFunc:
		for _, ts := range [][]ValType{t.Params, t.Results} {
			key = binary.LittleEndian.AppendUint32(key, uint32(len(ts)))
			for _, p := range ts {
				key = valType(key, p)
			}
		}
	case TypeCont:
		key = valType(key, RefType(t.Cont, false))
	default:
		key = binary.LittleEndian.AppendUint32(key, uint32(len(t.Fields)))
		for _, f := range t.Fields {
			key = append(valType(key, f.Type), boolByte(f.Mutable))
		}
	}
	return key
}

// sameType reports whether types a and b are equal.
func (s *typeSpace) sameType(a, b uint32) bool {
	if a == b {
		return true
	}
	if s.canon == nil {
		s.canon = s.canonical()
	}
	return s.canon[a] == s.canon[b]
}

// subType reports whether type a is b or declares to be below it. Chains of
// supertypes are short; see MaxSubtypeDepth.
func (s *typeSpace) subType(a, b uint32) bool {
	for !s.sameType(a, b) {
		if len(s.types[a].Supers) == 0 {
			return false
		}
		a = s.types[a].Supers[0]
	}
	return true
}

// matches reports whether t can be used where want is expected.
//
// Spec: core 3.0, section 3.3 "Matching".
func (s *typeSpace) matches(t, want ValType) bool {
	if t == want || t == bottom {
		return true
	}
	if !t.IsRef() || !want.IsRef() || t.Nullable() && !want.Nullable() {
		return false
	}
	return s.heapMatches(t.Heap(), want.Heap())
}

func (s *typeSpace) heapMatches(h, want HeapType) bool {
	switch {
	case h == want || h == heapBottom:
		return true
	case h >= 0 && want >= 0:
		return s.subType(uint32(h), uint32(want))
	case s.shared(h) != s.shared(want):
		return false
	case h >= 0:
		return s.abstractMatches(s.above(uint32(h)), want.Unshared())
	case want >= 0:
		return h.Unshared() == s.bottomOf(want)
	}
	return s.abstractMatches(h.Unshared(), want.Unshared())
}

func (s *typeSpace) shared(h HeapType) bool {
	if h >= 0 {
		return s.types[h].Shared
	}
	return h.IsShared()
}

// above is the abstract type right above type i, bar sharing.
func (s *typeSpace) above(i uint32) HeapType {
	return [...]HeapType{TypeFunc: HeapFunc, TypeStruct: HeapStruct, TypeArray: HeapArray, TypeCont: HeapCont}[s.types[i].Kind]
}

// abstractMatches compares abstract heap types that aren't shared.
func (s *typeSpace) abstractMatches(h, want HeapType) bool {
	if h == want {
		return true
	}
	switch h {
	case HeapI31, HeapStruct, HeapArray:
		return want == HeapEq || want == HeapAny
	case HeapEq:
		return want == HeapAny
	case HeapNone, HeapNoFunc, HeapNoExtern, HeapNoExn, HeapNoCont:
		return h == s.bottomOf(want)
	}
	return false
}

// top is the type above all that are related to h, as shared as h is.
func (s *typeSpace) top(h HeapType) HeapType {
	top := h.Unshared()
	if h >= 0 {
		top = s.above(uint32(h))
	}
	switch top {
	case HeapNone, HeapI31, HeapStruct, HeapArray, HeapEq:
		top = HeapAny
	case HeapNoFunc:
		top = HeapFunc
	case HeapNoExtern:
		top = HeapExtern
	case HeapNoExn:
		top = HeapExn
	case HeapNoCont:
		top = HeapCont
	}
	if s.shared(h) {
		return top.Shared()
	}
	return top
}

// bottomOf is the type below all that are related to h, bar sharing.
func (s *typeSpace) bottomOf(h HeapType) HeapType {
	switch s.top(h).Unshared() {
	case HeapFunc:
		return HeapNoFunc
	case HeapExtern:
		return HeapNoExtern
	case HeapExn:
		return HeapNoExn
	case HeapCont:
		return HeapNoCont
	default:
		return HeapNone
	}
}

// fieldMatches compares field types: what can be written must be the same.
func (s *typeSpace) fieldMatches(f, want FieldType) bool {
	if f.Mutable != want.Mutable || !s.matches(f.Type, want.Type) {
		return false
	}
	return !f.Mutable || s.matches(want.Type, f.Type)
}

func (s *typeSpace) allMatch(ts, want []ValType) bool {
	if len(ts) != len(want) {
		return false
	}
	for i := range ts {
		if !s.matches(ts[i], want[i]) {
			return false
		}
	}
	return true
}

// compositeMatches reports whether what t consists of allows that it is declared to
// be below want.
func (s *typeSpace) compositeMatches(t, want *Type) bool {
	if t.Kind != want.Kind || t.Shared != want.Shared {
		return false
	}
	switch t.Kind {
	case TypeFunc:
		return s.allMatch(want.Params, t.Params) && s.allMatch(t.Results, want.Results)
	case TypeCont:
		return s.heapMatches(t.Cont, want.Cont)
	}
	if len(t.Fields) < len(want.Fields) {
		return false
	}
	for i := range want.Fields {
		if !s.fieldMatches(t.Fields[i], want.Fields[i]) {
			return false
		}
	}
	return true
}

// defaultable reports whether values of t have a default: zero or null.
func defaultable(t ValType) bool { return !t.IsRef() || t.Nullable() }
