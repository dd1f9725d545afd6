package val

import (
	"unsafe"

	"github.com/gondola-wasm/gondola/types"
)

// Field is a field of a record value.
type Field struct {
	Name  string
	Value Value
}

// Entry is an entry of a map value.
type Entry struct{ Key, Value Value }

// named is a case or set of labels together with what it carries.
type named struct {
	name    string
	labels  []string
	payload Value
}

// List makes a list of values that all have one type. A list of no elements
// fits every list type.
func List(elems ...Value) Value {
	return Value{kind: types.KindList, num: uint64(len(elems)), ref: unsafe.SliceData(elems)}
}

// Bytes makes a list<u8> that shares b.
func Bytes(b []byte) Value {
	return Value{kind: types.KindList, num: uint64(len(b)), ref: unsafe.SliceData(b)}
}

// Tuple makes a tuple.
func Tuple(elems ...Value) Value {
	return Value{kind: types.KindTuple, num: uint64(len(elems)), ref: unsafe.SliceData(elems)}
}

// Record makes a record. The order of the fields does not matter.
func Record(fields ...Field) Value {
	return Value{kind: types.KindRecord, num: uint64(len(fields)), ref: unsafe.SliceData(fields)}
}

// Map makes a map. Where a key occurs twice, the last entry counts.
func Map(entries ...Entry) Value {
	return Value{kind: types.KindMap, num: uint64(len(entries)), ref: unsafe.SliceData(entries)}
}

// Variant makes a variant's case. payload is the zero Value where the case has
// none.
func Variant(name string, payload Value) Value {
	return Value{kind: types.KindVariant, ref: &named{name: name, payload: payload}}
}

// Enum makes an enum's case.
func Enum(name string) Value {
	return Value{kind: types.KindEnum, ref: &named{name: name}}
}

// Flags makes a set of flags: the labels that are set.
func Flags(labels ...string) Value {
	return Value{kind: types.KindFlags, ref: &named{labels: labels}}
}

// Some makes an option that is present.
func Some(v Value) Value {
	return Value{kind: types.KindOption, num: 1, ref: &v}
}

// None makes an option that is absent.
func None() Value { return Value{kind: types.KindOption} }

// Ok makes a result that succeeded. payload is the zero Value where the type
// has none.
func Ok(payload Value) Value { return Value{kind: types.KindResult, ref: &payload} }

// Err makes a result that failed. payload is the zero Value where the type has
// none.
func Err(payload Value) Value { return Value{kind: types.KindResult, num: 1, ref: &payload} }

// Len is the number of elements of a list or tuple, of fields of a record, or
// of entries of a map.
func (v Value) Len() int {
	switch v.kind {
	case types.KindList, types.KindTuple, types.KindRecord, types.KindMap:
		return int(v.num)
	}
	v.wrong("something with a length")
	return 0
}

// IsBytes reports whether v is a list that was made by [Bytes].
func (v Value) IsBytes() bool {
	_, ok := v.ref.(*byte)
	return ok && v.kind == types.KindList
}

// Bytes is the value of a list<u8>. The caller must not change it.
func (v Value) Bytes() []byte {
	v.must(types.KindList)
	if p, ok := v.ref.(*byte); ok {
		return unsafe.Slice(p, int(v.num))
	}
	b := make([]byte, v.num)
	for i, e := range v.elems() {
		b[i] = byte(e.Uint())
	}
	return b
}

// Elems are the elements of a list or tuple. The caller must not change them.
func (v Value) Elems() []Value {
	if v.kind != types.KindTuple {
		v.must(types.KindList)
	}
	if v.IsBytes() {
		elems := make([]Value, v.num)
		for i, b := range v.Bytes() {
			elems[i] = U8(b)
		}
		return elems
	}
	return v.elems()
}

func (v Value) elems() []Value { return unsafe.Slice(v.ref.(*Value), int(v.num)) }

// Fields are the fields of a record. The caller must not change them.
func (v Value) Fields() []Field {
	v.must(types.KindRecord)
	return unsafe.Slice(v.ref.(*Field), int(v.num))
}

// Field is the value of a record's field; ok is false where it has none of that
// name.
func (v Value) Field(name string) (f Value, ok bool) {
	for _, f := range v.Fields() {
		if f.Name == name {
			return f.Value, true
		}
	}
	return Value{}, false
}

// Entries are the entries of a map. The caller must not change them.
func (v Value) Entries() []Entry {
	v.must(types.KindMap)
	return unsafe.Slice(v.ref.(*Entry), int(v.num))
}

// Case is the name and payload of a variant's, enum's, option's or result's
// case, the latter two with the names that they despecialize to.
//
// Spec: definitions.py despecialize.
func (v Value) Case() (name string, payload Value) {
	switch v.kind {
	case types.KindVariant, types.KindEnum:
		n := v.ref.(*named)
		return n.name, n.payload
	case types.KindOption:
		if v.num == 0 {
			return "none", Value{}
		}
		return "some", *v.ref.(*Value)
	case types.KindResult:
		return [2]string{"ok", "error"}[v.num], *v.ref.(*Value)
	}
	v.wrong("a case")
	return "", Value{}
}

// Labels are the labels that are set in a flags value.
func (v Value) Labels() []string {
	v.must(types.KindFlags)
	return v.ref.(*named).labels
}

// Option is the payload of an option; ok is false where it is absent.
func (v Value) Option() (payload Value, ok bool) {
	v.must(types.KindOption)
	if v.num == 0 {
		return Value{}, false
	}
	return *v.ref.(*Value), true
}

// Result is the payload of a result; ok is false where it failed.
func (v Value) Result() (payload Value, ok bool) {
	v.must(types.KindResult)
	return *v.ref.(*Value), v.num == 0
}

// CaseIndex is the index of v's case among those that its type has, or -1 where
// the type has none of that name.
func (v Value) CaseIndex(cases []types.Case) int {
	name := v.caseName()
	if i := v.num; i < uint64(len(cases)) && cases[i].Name == name {
		return int(i)
	}
	for i := range cases {
		if cases[i].Name == name {
			return i
		}
	}
	return -1
}

// caseName is the name of v's case.
func (v Value) caseName() string {
	if v.kind == types.KindVariant || v.kind == types.KindEnum {
		return v.ref.(*named).name
	}
	name, _ := v.Case()
	return name
}

// OfCase makes the case with index i of a type's cases: a variant, enum, option
// or result. payload is the zero Value where the case has none.
func OfCase(t *types.Type, i int, payload Value) Value {
	c := t.Cases()[i]
	switch {
	case t.Kind() == types.KindOption && i == 0:
		return None()
	case t.Kind() == types.KindOption:
		return Some(payload)
	case t.Kind() == types.KindResult && i == 0:
		return Ok(payload)
	case t.Kind() == types.KindResult:
		return Err(payload)
	}
	return Value{kind: t.Kind(), num: uint64(i), ref: &named{name: c.Name, payload: payload}}
}
