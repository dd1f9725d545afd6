package corewasm

import (
	"slices"
)

// Universe holds the types of many modules, each recursion group once: two types
// are equal exactly when their indices are. Who links modules compares their types in
// one. The zero Universe is empty. It may be read by several goroutines as long as
// nobody adds to it.
//
// Spec: WebAssembly core 3.0, section 3.1.3 (rolling and unrolling), section 3.3
// (matching).
type Universe struct {
	space  typeSpace
	groups map[string]uint32
	depths []uint8 // the number of supertypes of each type
}

// NoType is the index of no type.
const NoType = ^uint32(0)

// Len is the number of types.
func (u *Universe) Len() int { return len(u.space.types) }

// Type is the type at an index. References by index in it mean types of the
// universe.
func (u *Universe) Type(i uint32) *Type { return &u.space.types[i] }

// Types are all types, each after those that it refers to outside of its group. The
// caller must not change them.
func (u *Universe) Types() []Type { return u.space.types }

// Func adds the type of a function that has no supertype. References in it mean
// indices of the universe.
func (u *Universe) Func(f FuncType, shared bool) uint32 {
	return u.intern(u.push([]Type{{FuncType: f, Shared: shared}}))
}

// AddAll adds types that are valid, all of a module's for instance, and returns what
// each index becomes.
func (u *Universe) AddAll(types []Type) []uint32 {
	indices := make([]uint32, 0, len(types))
	for len(indices) < len(types) {
		start := len(indices)
		n := max(types[start].Group, 1)
		first := u.intern(u.push(u.translateGroup(types[start:start+n], indices)))
		for i := range n {
			indices = append(indices, first+uint32(i))
		}
	}
	return indices
}

// Add checks types that are defined together, adds them, and returns the index of
// the first. References by index in them mean indices of the universe in known, where
// [NoType] may stand, and from len(known) on the group itself. An error is an *[Error]
// or an *[UnsupportedError].
func (u *Universe) Add(group []Type, known []uint32, f Features) (first uint32, err error) {
	for i := range group {
		if err := checkIndices(&group[i], known, i, len(group)); err != nil {
			return 0, err
		}
	}
	start := u.push(u.translateGroup(group, known))
	if err := u.check(start, f); err != nil {
		u.pop(start)
		return 0, err
	}
	return u.intern(start), nil
}

// checkIndices checks that what t refers to is there, t being type i of a group of
// n.
func checkIndices(t *Type, known []uint32, i, n int) error {
	c := checker{index: -1}
	index := func(x uint32, end int) {
		if c.in("type", x, end) && int64(x) < int64(len(known)) && known[x] == NoType {
			c.failf("type %d is none that others can refer to", x)
		}
	}
	mapHeaps(t, func(h HeapType) HeapType {
		if h >= 0 {
			index(uint32(h), len(known)+n)
		}
		return h
	})
	for _, x := range t.Supers {
		index(x, len(known)+i)
	}
	return c.err
}

// push adds a group whose references mean indices of the universe and, from its end
// on, of the group. It returns the index of the first.
func (u *Universe) push(group []Type) (start int) {
	start = u.Len()
	for i := range group {
		depth := uint8(0)
		u.space.types = append(u.space.types, group[i])
		u.space.canon = append(u.space.canon, uint32(start+i))
		if supers := group[i].Supers; len(supers) > 0 {
			depth = u.depths[supers[0]] + 1
		}
		u.depths = append(u.depths, depth)
	}
	return start
}

// pop takes out the types from start on.
func (u *Universe) pop(start int) {
	u.space.types, u.space.canon, u.depths = u.space.types[:start], u.space.canon[:start], u.depths[:start]
}

// check checks the types from start on.
func (u *Universe) check(start int, f Features) error {
	c := &checker{m: &Module{Types: u.space.types}, space: &u.space, features: f, index: -1}
	for i := start; i < u.Len(); i++ {
		c.typeIndices(i, u.Len())
	}
	for i := start; i < u.Len() && c.err == nil; i++ {
		c.supertype(i, u.depths)
	}
	return c.err
}

// intern looks for a group that equals the one from start on. If there is one, it
// takes the new one out. It returns the index of the first type.
func (u *Universe) intern(start int) uint32 {
	var key []byte
	for i := start; i < u.Len(); i++ {
		key = u.space.appendKey(key, &u.space.types[i], u.space.canon, uint32(start))
	}
	if first, ok := u.groups[string(key)]; ok {
		u.pop(start)
		return first
	}
	if u.groups == nil {
		u.groups = map[string]uint32{}
	}
	u.groups[string(key)] = uint32(start)
	return uint32(start)
}

// translateGroup puts indices of the universe in the place of those in known, and
// counts those of the group from the universe's end.
func (u *Universe) translateGroup(group []Type, known []uint32) []Type {
	start, end := len(known), u.Len()
	index := func(i uint32) uint32 {
		if int64(i) < int64(start) {
			return known[i]
		}
		return i - uint32(start) + uint32(end)
	}
	out := slices.Clone(group)
	for i := range out {
		t := &out[i]
		mapHeaps(t, func(h HeapType) HeapType {
			if h < 0 {
				return h
			}
			return HeapType(index(uint32(h)))
		})
		t.Supers = slices.Clone(t.Supers)
		for j, x := range t.Supers {
			t.Supers[j] = index(x)
		}
	}
	return out
}

// mapHeaps applies f to the heap types in t, supertypes left out. It changes t, but
// not what t shares with others.
func mapHeaps(t *Type, f func(HeapType) HeapType) {
	val := func(v ValType) ValType {
		if !v.IsRef() {
			return v
		}
		return RefType(f(v.Heap()), v.Nullable())
	}
	vals := func(ts []ValType) []ValType {
		for i, v := range ts {
			if w := val(v); w != v {
				ts = slices.Clone(ts)
				for ; i < len(ts); i++ {
					ts[i] = val(ts[i])
				}
				return ts
			}
		}
		return ts
	}
	t.Params, t.Results = vals(t.Params), vals(t.Results)
	if t.Kind == TypeCont {
		t.Cont = f(t.Cont)
	}
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		t.Fields[i].Type = val(t.Fields[i].Type)
	}
}

// Translate puts indices of the universe in the place of those in known. ok is false
// where t refers to none of these.
func Translate(t ValType, known []uint32) (out ValType, ok bool) {
	h := t.Heap()
	if !t.IsRef() || h < 0 {
		return t, true
	}
	if int64(h) >= int64(len(known)) || known[h] == NoType {
		return 0, false
	}
	return RefType(HeapType(known[h]), t.Nullable()), true
}

// Matches reports whether t can be used where want is expected.
func (u *Universe) Matches(t, want ValType) bool { return u.space.matches(t, want) }

// SubType reports whether type a is type b or declares to be below it.
func (u *Universe) SubType(a, b uint32) bool { return u.space.subType(a, b) }

// Shared reports whether values of a reference type can be shared among threads.
func (u *Universe) Shared(t ValType) bool { return u.space.shared(t.Heap()) }
