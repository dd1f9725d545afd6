package wat

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/types"
)

// Values that no text gives the same bytes of are printed as bytes.
func TestOddValues(t *testing.T) {
	prim := component.Prim
	length := uint32(2)
	var b component.Builder
	flags := b.Add(&component.Type{Def: component.FlagsType{{Name: "a"}, {Name: "b"}}})
	enum := b.Add(&component.Type{Def: component.EnumType{{Name: strings.Repeat("long", 100)}}})
	list := b.Add(&component.Type{Def: &component.ListType{Elem: component.TypeIndex(enum)}})
	empty := b.Add(&component.Type{Def: component.TupleType{}})
	empties := b.Add(&component.Type{Def: &component.ListType{Elem: component.TypeIndex(empty)}})
	fixed := b.Add(&component.Type{Def: &component.ListType{Elem: prim(types.KindU8), Length: &length}})
	option := b.Add(&component.Type{Def: &component.OptionType{Elem: prim(types.KindU8)}})
	variant := b.Add(&component.Type{Def: component.VariantType{{Name: "a"}}})
	own := b.Add(&component.Type{Def: component.OwnType(0)})
	self := b.Add(&component.Type{Def: &component.OptionType{Elem: component.TypeIndex(10)}})
	b.Add(&component.Alias{Sort: component.SortType, Target: &component.AliasOuter{Index: self}})
	values := []component.Value{
		{Type: prim(types.KindBool), Data: []byte{2}},
		{Type: prim(types.KindU8), Data: []byte{}},
		{Type: prim(types.KindU8), Data: []byte{1, 2}},
		{Type: prim(types.KindU16), Data: []byte{0x81, 0x00}},
		{Type: prim(types.KindU16), Data: []byte{0xff, 0xff, 0x7f}},
		{Type: prim(types.KindS16), Data: []byte{0xff, 0xff, 0x0f}},
		{Type: prim(types.KindF32), Data: []byte{1, 0, 0xc0, 0x7f}},
		{Type: prim(types.KindF64), Data: []byte{0, 0, 0, 0, 0, 0, 0xf8, 0xff}},
		{Type: prim(types.KindF64), Data: []byte{0}},
		{Type: prim(types.KindChar), Data: []byte{0xff}},
		{Type: prim(types.KindString), Data: []byte{1, 0xff}},
		{Type: prim(types.KindString), Data: []byte{9, 'a'}},
		{Type: prim(types.KindErrorContext), Data: []byte{0}},
		{Type: component.TypeIndex(flags), Data: []byte{7}},
		{Type: component.TypeIndex(list), Data: bytes.Repeat([]byte{30, 0}, 1)},
		{Type: component.TypeIndex(list), Data: append([]byte{20}, make([]byte, 20)...)},
		{Type: component.TypeIndex(empties), Data: []byte{0xff, 0xff, 0xff, 0xff, 0x0f}},
		{Type: component.TypeIndex(fixed), Data: []byte{1, 2}},
		{Type: component.TypeIndex(option), Data: []byte{2}},
		{Type: component.TypeIndex(variant), Data: []byte{1}},
		{Type: component.TypeIndex(own), Data: []byte{0}},
		{Type: component.TypeIndex(self), Data: bytes.Repeat([]byte{1}, maxNesting+1)},
		{Type: component.TypeIndex(99), Data: []byte{0}},
	}
	for i := range values {
		b.Add(&values[i])
	}
	wasm := binary.Encode(b.Component())
	roundTrip(t, "odd values", wasm)
	var text bytes.Buffer
	if err := Print(&text, wasm); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text.String(), "(binary "); n != len(values) {
		t.Errorf("%d of %d values are printed as bytes:\n%s", n, len(values), &text)
	}
}

// Whatever a name section says, and wherever it stands, it comes back.
func TestOddNames(t *testing.T) {
	u8 := func() *component.Type { return &component.Type{Def: component.PrimType(types.KindU8)} }
	names := func(own string, sorts ...component.SortNames) *component.Custom {
		return &component.Custom{Name: component.NameSection, Data: binary.EncodeNames(&component.Names{Component: own, Sorts: sorts})}
	}
	of := func(s component.Sort, list ...component.IndexName) component.SortNames {
		return component.SortNames{Sort: s, Names: list}
	}
	named := func(i uint32, name string) component.IndexName { return component.IndexName{Index: i, Name: name} }
	module := func(name string) *component.CoreModule {
		src := "(module)"
		if name != "" {
			src = "(module $" + name + ")"
		}
		b, err := Parse("m.wat", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		return &component.CoreModule{Bytes: b}
	}
	inner := func(name string) *component.Component {
		c := &component.Component{}
		c.Append(u8())
		if name != "" {
			c.Append(names(name))
		}
		return c
	}
	long := strings.Repeat("x", 1000)
	const typ, mod, comp = component.SortType, component.SortCoreModule, component.SortComponent
	for name, ds := range map[string][]component.Definition{
		"none":             {u8()},
		"own":              {names("own")},
		"long own":         {names(long)},
		"strange":          {u8(), names("a b", of(typ, named(0, `"\`)))},
		"twice":            {u8(), u8(), names("", of(typ, named(0, "t"), named(1, "t")))},
		"long":             {u8(), names("", of(typ, named(0, long)))},
		"empty":            {u8(), names("", of(typ, named(0, "")))},
		"of nothing":       {u8(), names("", of(typ, named(7, "t")))},
		"out of order":     {u8(), u8(), names("", of(typ, named(1, "b"), named(0, "a")))},
		"sorts":            {u8(), module("m"), names("", of(typ, named(0, "t")), of(mod, named(0, "m")))},
		"in front":         {names("", of(typ, named(0, "t"))), u8()},
		"several":          {u8(), names("", of(typ, named(0, "t"))), names("x")},
		"malformed":        {u8(), &component.Custom{Name: component.NameSection, Data: []byte{1, 9, 9}}},
		"module alone":     {module("m")},
		"module, other":    {module("m"), names("", of(mod, named(0, "n")))},
		"module, same":     {module("m"), names("", of(mod, named(0, "m")))},
		"module, unnamed":  {module(""), names("", of(mod, named(0, "m")))},
		"nested alone":     {inner("c")},
		"nested, other":    {inner("c"), names("", of(comp, named(0, "d")))},
		"nested, same":     {inner("c"), names("", of(comp, named(0, "c")))},
		"nested, unnamed":  {inner(""), names("", of(comp, named(0, "c")))},
		"nested, long":     {inner(long), names("", of(comp, named(0, long)))},
		"same as nested":   {inner("c"), &component.Instance{Expr: &component.Instantiate{}}, names("c", of(comp, named(0, "c")))},
		"custom behind":    {u8(), names("c"), &component.Custom{Name: "x"}},
		"another's number": {u8(), &component.Type{Def: component.TupleType{component.TypeIndex(2)}}, u8(), names("", of(typ, named(2, "later")))},
	} {
		var c component.Component
		for _, d := range ds {
			c.Append(d)
		}
		roundTrip(t, name, binary.Encode(&c))
	}
}

// What has no text is an error, not a text of any size.
func TestComponentsWithoutText(t *testing.T) {
	for name, d := range map[string]component.Definition{
		"start":  &component.Start{Results: 1 << 31},
		"module": &component.CoreModule{Bytes: []byte("\x00asm\x01\x00\x00\x00\x01")},
	} {
		var c component.Component
		c.Append(d)
		var text bytes.Buffer
		if err := Print(&text, binary.Encode(&c)); err == nil {
			t.Errorf("%s: no error\n%s", name, &text)
		}
	}
	if err := Print(&bytes.Buffer{}, []byte("\x00asm\x0d\x00\x01\x00\xff")); err == nil {
		t.Error("a malformed component: no error")
	}
}
