package corewasm

import (
	"slices"
	"strings"
	"testing"
)

func ref(i int) ValType { return RefType(HeapType(i), true) }

func structOf(ts ...ValType) Type {
	t := Type{Kind: TypeStruct}
	for _, f := range ts {
		t.Fields = append(t.Fields, FieldType{Type: f})
	}
	return t
}

func TestUniverse(t *testing.T) {
	var u Universe
	plain := u.Func(FuncType{Params: []ValType{I32}}, false)
	if again := u.Func(FuncType{Params: []ValType{I32}}, false); again != plain || u.Len() != 1 {
		t.Error("equal types have two indices")
	}
	if shared := u.Func(FuncType{Params: []ValType{I32}}, true); shared == plain {
		t.Error("a shared function has the type of one that isn't")
	}
	// A list and a tree, each a group, in two modules that count differently.
	list, tree := structOf(I32, ref(0)), structOf(ref(1), ref(1))
	a := u.AddAll([]Type{list, tree})
	b := u.AddAll([]Type{tree2(0), list2(1), {FuncType: FuncType{Params: []ValType{I32}}}})
	if a[0] != b[1] || a[1] != b[0] || b[2] != plain {
		t.Errorf("%v and %v are the same types", a, b)
	}
	// The same in one group are others.
	list.Group, tree.Group = 2, -1
	c := u.AddAll([]Type{list, tree})
	if c[0] == a[0] || c[1] == a[1] || c[1] != c[0]+1 {
		t.Errorf("%v and %v are of other groups", a, c)
	}
	// Within a group, references count from its beginning, wherever it stands.
	twins := []Type{structOf(ref(1)), structOf(ref(0))}
	twins[0].Group, twins[1].Group = 2, -1
	moved := []Type{{}, structOf(ref(2)), structOf(ref(1))}
	moved[1].Group, moved[2].Group = 2, -1
	if d, e := u.AddAll(twins), u.AddAll(moved); !slices.Equal(d, e[1:]) {
		t.Errorf("%v and %v are the same group", d, e)
	}
}

func tree2(i int) Type { return structOf(ref(i), ref(i)) }
func list2(i int) Type { return structOf(I32, ref(i)) }

func TestUniverseAdd(t *testing.T) {
	for name, c := range map[string]struct {
		group []Type
		err   string
	}{
		"open":        {[]Type{{Kind: TypeStruct, Supers: []uint32{1}, Fields: []FieldType{{Type: I32}, {Type: I64}}}}, ""},
		"final":       {[]Type{{Supers: []uint32{0}}}, "sub type cannot have a final super type"},
		"mismatch":    {[]Type{{Kind: TypeStruct, Supers: []uint32{1}, Fields: []FieldType{{Type: I64}}}}, "sub type does not match super type"},
		"two":         {[]Type{{Kind: TypeStruct, Supers: []uint32{1, 1}, Fields: []FieldType{{Type: I32}}}}, "2 supertypes: a type has at most one"},
		"itself":      {[]Type{{Kind: TypeStruct, Supers: []uint32{3}}}, "unknown type 3"},
		"unknown":     {[]Type{structOf(ref(4))}, "unknown type 4: there are 4"},
		"own":         {[]Type{structOf(ref(3))}, ""},
		"none":        {[]Type{structOf(ref(2))}, "type 2 is none that others can refer to"},
		"shared":      {[]Type{{Shared: true}}, "shared types are not supported"},
		"not a func":  {[]Type{{Kind: TypeCont, Cont: 1}}, "non-function type"},
		"cont":        {[]Type{{Kind: TypeCont, Cont: 0}}, ""},
		"no elements": {[]Type{{Kind: TypeArray}}, "an array with 0 element types"},
	} {
		var u Universe
		u.Func(FuncType{Results: []ValType{F64}}, false) // so that indices differ
		known := append(u.AddAll([]Type{{}, {Kind: TypeStruct, Open: true, Fields: []FieldType{{Type: I32}}}}), NoType)
		before := u.Len()
		_, err := u.Add(c.group, known, Features{})
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: got %v, want %q", name, err, c.err)
		}
		if err != nil && u.Len() != before {
			t.Errorf("%s: a group that is refused stays", name)
		}
	}
}

func TestUniverseMatches(t *testing.T) {
	var u Universe
	open := Type{Kind: TypeStruct, Open: true}
	below := Type{Kind: TypeStruct, Supers: []uint32{0}, Fields: []FieldType{{Type: I32}}}
	ts := u.AddAll([]Type{open, below, {}})
	at := func(i int) ValType { return ref(int(ts[i])) }
	for _, c := range []struct {
		t, want ValType
		ok      bool
	}{
		{at(1), at(0), true}, {at(0), at(1), false}, {at(0), StructRef, true}, {at(2), FuncRef, true}, {FuncRef, at(2), false},
		{RefType(HeapType(ts[1]), false), at(1), true}, {at(1), RefType(HeapType(ts[1]), false), false}, {I32, I64, false},
	} {
		if got := u.Matches(c.t, c.want); got != c.ok {
			t.Errorf("%s for %s: %v", c.t, c.want, got)
		}
	}
	if !u.SubType(ts[1], ts[0]) || u.SubType(ts[0], ts[1]) {
		t.Error("wrong order of subtypes")
	}
	if _, ok := Translate(ref(3), ts); ok {
		t.Error("a type is known that isn't there")
	}
}
