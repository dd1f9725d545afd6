package val

import (
	"errors"
	"math"
	"testing"

	"github.com/gondola-wasm/gondola/types"
)

// values is one of each kind, with its text in WAVE and its type.
var values = []struct {
	v    Value
	text string
	t    *types.Type
}{
	{Bool(true), "true", types.Bool},
	{U8(255), "255", types.U8},
	{U16(65535), "65535", types.U16},
	{U32(1 << 31), "2147483648", types.U32},
	{U64(math.MaxUint64), "18446744073709551615", types.U64},
	{S8(-128), "-128", types.S8},
	{S16(-1), "-1", types.S16},
	{S32(math.MinInt32), "-2147483648", types.S32},
	{S64(math.MinInt64), "-9223372036854775808", types.S64},
	{F32(0.1), "0.1", types.F32},
	{F64(math.Inf(-1)), "-inf", types.F64},
	{F64(math.NaN()), "nan", types.F64},
	{Char('\''), `'\''`, types.Char},
	{Char('é'), `'é'`, types.Char},
	{String("a\"b\n\x01"), `"a\"b\n\u{1}"`, types.String},
	{String(""), `""`, types.String},
	{Bytes([]byte{1, 2}), "[1, 2]", types.List(types.U8)},
	{Bytes(nil), "[]", types.List(types.U8)},
	{List(), "[]", types.List(types.String)},
	{List(String("x"), String("y")), `["x", "y"]`, types.List(types.String)},
	{Tuple(U8(1), Bool(false)), "(1, false)", types.Tuple(types.U8, types.Bool)},
	{
		Record(Field{"a", U8(1)}, Field{"b", None()}), "{a: 1}",
		types.Record(types.Field{Name: "a", Type: types.U8}, types.Field{Name: "b", Type: types.Option(types.U8)}),
	},
	{
		Record(Field{"b", None()}), "{:}",
		types.Record(types.Field{Name: "b", Type: types.Option(types.U8)}),
	},
	{Map(Entry{String("k"), U8(1)}), `[("k", 1)]`, types.Map(types.String, types.U8)},
	{
		Variant("some", U8(1)), "%some(1)",
		types.Variant(types.Case{Name: "some", Type: types.U8}),
	},
	{Enum("red"), "red", types.Enum("red", "green")},
	{Flags("x", "true"), "{x, true}", types.Flags("true", "x")},
	{Some(Some(U8(1))), "some(some(1))", types.Option(types.Option(types.U8))},
	{None(), "none", types.Option(types.U8)},
	{Ok(U8(1)), "ok(1)", types.Result(types.U8, nil)},
	{Err(Value{}), "err", types.Result(types.U8, nil)},
}

func TestText(t *testing.T) {
	for _, c := range values {
		if got := c.v.String(); got != c.text {
			t.Errorf("got %s, want %s", got, c.text)
		}
	}
}

func TestCheck(t *testing.T) {
	for i, c := range values {
		if err := Check(c.v, c.t, "v"); err != nil {
			t.Errorf("%v: %v", c.v, err)
		}
		for j, d := range values {
			fits := Check(c.v, d.t, "v") == nil
			if fits && i != j && !sameShape(c.v, d.v) {
				t.Errorf("%v fits %v", c.v, d.t)
			}
		}
	}
}

// sameShape reports whether both are lists of which one is empty, the same
// kind of number, or options and results without payload, which fit several
// types.
func sameShape(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case types.KindList:
		return a.Len() == 0 || a.IsBytes() == b.IsBytes() || b.Len() == 0
	case types.KindRecord, types.KindVariant, types.KindEnum, types.KindFlags:
		return false
	}
	return true
}

func TestCheckNamesThePlace(t *testing.T) {
	typ := types.Record(types.Field{Name: "headers", Type: types.List(types.Tuple(types.String, types.U8))})
	v := Record(Field{"headers", List(Tuple(String("a"), U8(1)), Tuple(String("b"), U16(2)))})
	err := Check(v, typ, "args[0]")
	var te *TypeError
	if !errors.As(err, &te) || te.Path != "args[0].headers[1].1" {
		t.Fatalf("got %v", err)
	}
	if got, want := err.Error(), "args[0].headers[1].1: got a u16, want u8"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for want, c := range map[string]struct {
		v Value
		t *types.Type
	}{
		`v: got U+D800, which is no Unicode scalar value, want char`:       {Char(0xD800), types.Char},
		`v: got a string that is not valid UTF-8, want string`:             {String("\xff"), types.String},
		`v: got the case "blue", want enum { red }`:                        {Enum("blue"), types.Enum("red")},
		`v.red: got a payload for a case that has none, want enum { red }`: {Value{kind: types.KindEnum, ref: &named{name: "red", payload: U8(1)}}, types.Enum("red")},
		`v: got the flag "x", want flags { a }`:                            {Flags("x"), types.Flags("a")},
		`v: got a list of 2, want list<u8, 3>`:                             {Bytes([]byte{1, 2}), types.FixedList(types.U8, 3)},
		`v: got no value, want u8`:                                         {Value{}, types.U8},
		`v.ok: got no value, want u8`:                                      {Ok(Value{}), types.Result(types.U8, nil)},
		`v[0]: got a u8, want string`:                                      {List(U8(1)), types.List(types.String)},
		`v: got a list of bytes, want list<string>`:                        {Bytes([]byte{1}), types.List(types.String)},
	} {
		err := Check(c.v, c.t, "v")
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestEqual(t *testing.T) {
	for i, c := range values {
		for j, d := range values {
			emptyLists := c.v.kind == types.KindList && c.text == d.text
			if got, want := Equal(c.v, d.v), i == j || emptyLists; got != want {
				t.Errorf("Equal(%v, %v) = %v", c.v, d.v, got)
			}
		}
	}
	same := [][2]Value{
		{Bytes([]byte{1, 2}), List(U8(1), U8(2))},
		{Record(Field{"a", U8(1)}, Field{"b", U8(2)}), Record(Field{"b", U8(2)}, Field{"a", U8(1)})},
		{Flags("a", "b"), Flags("b", "a", "a")},
		{Map(Entry{U8(1), U8(9)}, Entry{U8(1), U8(2)}), Map(Entry{U8(1), U8(2)})},
	}
	for _, p := range same {
		if !Equal(p[0], p[1]) {
			t.Errorf("%v and %v are not equal", p[0], p[1])
		}
	}
	if Equal(F64(0), F64(math.Copysign(0, -1))) {
		t.Error("0 and -0 are equal")
	}
}

func TestScalarsDoNotAllocate(t *testing.T) {
	s, b := "some text", []byte("bytes")
	var sink int
	if n := testing.AllocsPerRun(100, func() {
		sink += len(String(s).Str()) + len(Bytes(b).Bytes()) + int(U32(7).Uint()) + int(S8(-1).Int())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWrongReadPanics(t *testing.T) {
	defer func() {
		if r := recover(); r != "val: a value that is a u8 was read as a string" {
			t.Errorf("got %v", r)
		}
	}()
	_ = U8(1).Str()
}
