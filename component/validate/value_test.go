package validate

import (
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/types"
)

const sortValue = component.SortValue

func val(t component.ValType) component.ExternType { return &component.ValueExtern{Type: t} }
func sameAs(i uint32) component.ExternType         { return &component.ValueExtern{Eq: &i} }

func constant(t component.ValType, data string) *component.Value {
	return &component.Value{Type: t, Data: []byte(data)}
}

func start(f uint32, results uint32, args ...uint32) *component.Start {
	return &component.Start{Func: f, Args: args, Results: results}
}

// valueCases are about values; the other validator has another encoding of their
// types.
var valueCases = map[string]testCase{
	"exported":               {defs{imp("v", val(u8)), exp("w", sortValue, 0)}, ""},
	"not used":               {defs{imp("v", val(u8))}, "value 0 was not used"},
	"used twice":             {defs{imp("v", val(u8)), exp("w", sortValue, 0), exp("x", sortValue, 0)}, "value 0 cannot be used more than once"},
	"used by being exported": {defs{imp("v", val(u8)), exp("w", sortValue, 0), exp("x", sortValue, 1)}, "value 1 cannot be used more than once"},
	"no such value":          {defs{exp("w", sortValue, 0)}, "unknown value 0"},
	"in a bundle": {defs{imp("v", val(u8)), &component.Instance{Expr: component.InlineExports{
		{Name: component.Named("w"), Def: component.SortIndex{Sort: sortValue}},
	}}}, ""},
	"alias of an export": {defs{
		typ(component.InstanceType{decl("v", val(u8))}), imp("i", inst(0)), alias(sortValue, 0, "v"), exp("w", sortValue, 0),
	}, ""},
	"alias that is not used": {defs{
		typ(component.InstanceType{decl("v", val(u8))}), imp("i", inst(0)), alias(sortValue, 0, "v"),
	}, "value 0 was not used"},
	"argument":                 {defs{nest(imp("a", val(u8)), exp("b", sortValue, 0)), imp("v", val(u8)), instantiate(0, with("a", sortValue, 0))}, ""},
	"argument of another type": {defs{nest(imp("a", val(str)), exp("b", sortValue, 0)), imp("v", val(u8)), instantiate(0, with("a", sortValue, 0))}, "expected string, found u8"},
	"ascribed":                 {defs{imp("v", val(u8)), expAs("w", sortValue, 0, val(u8))}, ""},
	"ascribed another type":    {defs{imp("v", val(u8)), expAs("w", sortValue, 0, val(str))}, "expected string, found u8"},
	"ascribed itself":          {defs{imp("v", val(u8)), expAs("w", sortValue, 0, sameAs(0))}, ""},
	"ascribed another": {defs{
		imp("v", val(u8)), imp("x", val(u8)), exp("y", sortValue, 1), expAs("w", sortValue, 0, sameAs(1)),
	}, "values are not the same"},
	"bound of an import": {defs{
		nest(imp("a", val(u8)), imp("b", sameAs(0)), exp("c", sortValue, 0), exp("d", sortValue, 1)),
		imp("v", val(u8)), imp("w", val(u8)), instantiate(0, with("a", sortValue, 0), with("b", sortValue, 1)),
	}, "values are not the same"},
	"bound that is met": {defs{
		nest(imp("a", val(u8)), imp("b", sameAs(0)), exp("c", sortValue, 0), exp("d", sortValue, 1)),
		imp("v", val(u8)), imp("w", sameAs(0)), instantiate(0, with("a", sortValue, 0), with("b", sortValue, 1)),
	}, ""},
	"value passed through": {defs{
		nest(imp("a", val(u8)), exp("b", sortValue, 0)), imp("v", val(u8)), imp("w", sameAs(0)), instantiate(0, with("a", sortValue, 0)),
		alias(sortValue, 0, "b"), expAs("x", sortValue, 2, sameAs(0)), exp("y", sortValue, 1),
	}, ""},
	"values of two instances": {defs{
		typ(component.InstanceType{decl("v", val(u8))}), imp("i", inst(0)), imp("j", inst(0)), alias(sortValue, 0, "v"), alias(sortValue, 1, "v"),
		exp("x", sortValue, 0), expAs("y", sortValue, 1, sameAs(0)),
	}, "values are not the same"},
	"borrow in an export": {defs{imp("r", sub()), typ(borrow(0)), imp("v", val(at(1))), exp("w", sortValue, 0)}, "exported value cannot contain a `borrow`"},
	"borrow in a type":    {defs{typ(component.ComponentType{imp("r", sub()), typ(borrow(0)), decl("v", val(at(1)))})}, "exported value cannot contain a `borrow`"},
	"unnamed type":        {defs{typ(record("a", u8)), imp("v", val(at(0)))}, "value not valid to be used as import"},

	"start":                 {defs{typ(fun(&u8, str)), imp("f", fn(0)), imp("v", val(str)), start(0, 1, 0), exp("w", sortValue, 1)}, ""},
	"start twice":           {defs{typ(fun(nil)), imp("f", fn(0)), start(0, 0), start(0, 0)}, ""},
	"start without args":    {defs{typ(fun(nil, str)), imp("f", fn(0)), start(0, 0)}, "start function requires 1 arguments, 0 are given"},
	"start with another":    {defs{typ(fun(nil, str)), imp("f", fn(0)), imp("v", val(u8)), start(0, 0, 0)}, "argument 0, `a`: expected string, found u8"},
	"start without results": {defs{typ(fun(&u8)), imp("f", fn(0)), start(0, 0)}, "has a result arity of 1, the definition says 0"},
	"start of many results": {defs{typ(fun(nil)), imp("f", fn(0)), start(0, 1<<31)}, "has a result arity of 0"},
	"start drops a result":  {defs{typ(fun(&u8)), imp("f", fn(0)), start(0, 1)}, "value 0 was not used"},
	"start of no function":  {defs{start(0, 0)}, "unknown func 0"},
}

func TestValues(t *testing.T) { checkCases(t, valueCases) }

// Constants: the bytes of a value of a type, and what is wrong with them.
func TestConstants(t *testing.T) {
	prim := func(k types.Kind) component.DefType { return component.PrimType(k) }
	abc := component.EnumType{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	for _, c := range []struct {
		t    component.DefType
		data string
		err  string
	}{
		{prim(types.KindBool), "\x01", ""},
		{prim(types.KindBool), "\x02", "0x02 is no value of type bool"},
		{prim(types.KindBool), "", "unexpected end of the value"},
		{prim(types.KindBool), "\x00\x00", "1 more bytes belong to its definition"},
		{prim(types.KindU8), "\xff", ""},
		{prim(types.KindS16), "\x80\x80\x7e", ""},
		{prim(types.KindS16), "\x80\x80\x02", "32768 is out of the range of s16"},
		{prim(types.KindU16), "\xff\xff\x03", ""},
		{prim(types.KindU16), "\xff\xff\x04", "is out of the range of u16"},
		{prim(types.KindU16), "\x80\x80\x80\x00", "a u16 takes at most 3 bytes"},
		{prim(types.KindU64), "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ""},
		{prim(types.KindU64), "\xff", "malformed integer"},
		{prim(types.KindF32), "\x00\x00\xc0\x7f", ""},
		{prim(types.KindF32), "\x01\x00\xc0\x7f", "a NaN must have its canonical form"},
		{prim(types.KindF64), "\x00\x00\x00\x00\x00\x00\xf8\x7f", ""},
		{prim(types.KindF64), "\x00\x00\x00\x00\x00\x00\xf8\xff", "a NaN must have its canonical form"},
		{prim(types.KindChar), "€", ""},
		{prim(types.KindChar), "\xed\xa0\x80", "one Unicode scalar value"},
		{prim(types.KindChar), "ab", "1 more bytes"},
		{prim(types.KindString), "\x05hello", ""},
		{prim(types.KindString), "\x06hello", "6 bytes long, but 5 are left"},
		{prim(types.KindString), "\x01\xff", "not valid UTF-8"},
		{component.RecordType{{Name: "a", Type: u8}, {Name: "b", Type: str}}, "\x07\x01x", ""},
		{component.VariantType{{Name: "a", Type: &u8}, {Name: "b"}}, "\x01", ""},
		{component.VariantType{{Name: "a", Type: &u8}, {Name: "b"}}, "\x02", "there is no case 2: the variant has 2"},
		{list(str), "\x02\x01a\x01b", ""},
		{list(str), "\x7f\x01a\x01b", "there cannot be 127 elements in the 4 bytes"},
		{component.TupleType{u8, u8}, "\x01\x02", ""},
		{flags(9), "\xff\x01", ""},
		{flags(9), "\xff", "unexpected end"},
		{abc, "\x02", ""},
		{abc, "\x03", "there is no case 3"},
		{&component.OptionType{Elem: u8}, "\x00", ""},
		{&component.OptionType{Elem: u8}, "\x01\x07", ""},
		{&component.ResultType{Err: &u8}, "\x00", ""},
		{&component.ResultType{Err: &u8}, "\x01", "unexpected end"},
		{&component.StreamType{}, "\x00", "cannot have the type stream"},
		{&component.MapType{Key: u8, Value: u8}, "\x00", "cannot have the type map<u8, u8>"},
		{&component.ListType{Elem: u8, Length: ptr(uint32(1))}, "\x00", "cannot have the type list<u8, 1>"},
	} {
		checkCases(t, map[string]testCase{
			c.data: {defs{typ(c.t), exp("t", sortType, 0), constant(at(1), c.data), expAs("v", sortValue, 0, val(at(1)))}, c.err},
		})
	}
}

func TestErrorsInConstantsHaveOffsets(t *testing.T) {
	ds := defs{constant(str, "\x02a\xff"), exp("v", sortValue, 0)}
	checkCases(t, map[string]testCase{"offset": {ds, "value[0] at offset 0xe: a string is not valid UTF-8"}})
}
