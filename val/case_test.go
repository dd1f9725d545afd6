package val

import (
	"testing"

	"github.com/gondola-wasm/gondola/types"
)

func TestOfCaseAndCaseIndex(t *testing.T) {
	variant := types.Variant(types.Case{Name: "a", Type: types.U8}, types.Case{Name: "b"})
	for _, c := range []struct {
		t       *types.Type
		i       int
		payload Value
		want    Value
	}{
		{variant, 0, U8(1), Variant("a", U8(1))},
		{variant, 1, Value{}, Variant("b", Value{})},
		{types.Enum("x", "y"), 1, Value{}, Enum("y")},
		{types.Option(types.U8), 0, Value{}, None()},
		{types.Option(types.U8), 1, U8(2), Some(U8(2))},
		{types.Result(types.U8, nil), 0, U8(3), Ok(U8(3))},
		{types.Result(types.U8, nil), 1, Value{}, Err(Value{})},
	} {
		got := OfCase(c.t, c.i, c.payload)
		if !Equal(got, c.want) {
			t.Errorf("case %d of %v is %v, want %v", c.i, c.t, got, c.want)
		}
		for _, v := range []Value{got, c.want} {
			if i := v.CaseIndex(c.t.Cases()); i != c.i {
				t.Errorf("%v is case %d of %v, want %d", v, i, c.t, c.i)
			}
		}
	}
	if i := Enum("z").CaseIndex(types.Enum("x", "y").Cases()); i != -1 {
		t.Errorf("an unknown label is case %d", i)
	}
}

func TestOfBits(t *testing.T) {
	for _, v := range []Value{Bool(true), S8(-1), U64(1 << 63), F32(1.5), F64(-2), Char('é')} {
		if got := OfBits(v.Kind(), v.Bits()); !Equal(got, v) {
			t.Errorf("%v came back as %v", v, got)
		}
	}
}
