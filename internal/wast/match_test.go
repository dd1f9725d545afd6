package wast

import (
	"math"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wat"
)

// literals reads the arguments of an invocation.
func literals(t *testing.T, src string) []*literal {
	script, err := wat.ParseScript("t.wast", `(invoke "f" `+src+`)`)
	if err != nil {
		t.Fatal(err)
	}
	return script.Directives[0].Action.Args
}

// TestMatch has literals and the value that each is or is not.
func TestMatch(t *testing.T) {
	f32 := func(bits uint64) val.Value { return val.OfBits(types.KindF32, bits) }
	tests := []struct {
		literal string
		value   val.Value
		want    bool
	}{
		{"(u32.const 1)", val.U32(1), true},
		{"(u32.const 1)", val.U32(2), false},
		{"(u32.const 1)", val.U64(1), false},
		{"(s8.const -1)", val.S8(-1), true},
		{"(bool.const true)", val.Bool(true), true},
		{`(char.const "é")`, val.Char('é'), true},
		{"(f32.const -0)", val.F32(0), false},
		{"(f64.const 1.5)", val.F64(1.5), true},
		{"(f32.const nan)", f32(0x7fc00000), true},
		{"(f32.const nan)", f32(0x7fc00001), false},
		{"(f32.const nan:canonical)", f32(0xffc00000), true},
		{"(f32.const nan:canonical)", f32(0x7fc00001), false},
		{"(f32.const nan:arithmetic)", f32(0x7fc00001), true},
		{"(f32.const nan:arithmetic)", f32(0x7f800001), false},
		{"(f64.const nan:canonical)", val.F64(math.NaN()), false}, // Go's has a payload
		{"(f64.const nan:arithmetic)", val.F64(math.NaN()), true},
		{`(str.const "a")`, val.String("a"), true},
		{"(list.const (u8.const 1))", val.Bytes([]byte{1}), true},
		{"(list.const (u8.const 1))", val.Tuple(val.U8(1)), false},
		{"(list.const)", val.List(), true},
		{"(tuple.const (u8.const 1) (u8.const 2))", val.Tuple(val.U8(1)), false},
		{`(record.const (field "a" u8.const 1) (field "b" u8.const 2))`, val.Record(val.Field{Name: "b", Value: val.U8(2)}, val.Field{Name: "a", Value: val.U8(1)}), true},
		{`(record.const (field "a" u8.const 1))`, val.Record(val.Field{Name: "b", Value: val.U8(1)}), false},
		{`(flags.const "a" "b")`, val.Flags("b", "a"), true},
		{`(flags.const "a")`, val.Flags("b", "a"), false},
		{`(variant.const "x" (u8.const 1))`, val.Variant("x", val.U8(1)), true},
		{`(variant.const "x")`, val.Variant("x", val.U8(1)), false},
		{`(variant.const "x")`, val.Enum("x"), false},
		{`(enum.const "x")`, val.Enum("x"), true},
		{"(option.none)", val.None(), true},
		{"(option.some (option.none))", val.Some(val.None()), true},
		{"(result.err)", val.Err(val.Value{}), true},
		{"(result.ok)", val.Err(val.Value{}), false},
		{`(map.const (entry (u8.const 1) (u8.const 2)) (entry (u8.const 3) (u8.const 4)))`,
			val.Map(val.Entry{Key: val.U8(3), Value: val.U8(4)}, val.Entry{Key: val.U8(1), Value: val.U8(2)}), true},
		{"(i32.const 1)", val.U32(1), false},
	}
	for _, tt := range tests {
		l := literals(t, tt.literal)[0]
		if got := matchValue(l, tt.value); got != tt.want {
			t.Errorf("%s matches %s: %v", tt.literal, text(tt.value), got)
		}
		if tt.want && matchValue(otherThan(l), tt.value) {
			t.Errorf("the opposite of %s matches %s too", tt.literal, text(tt.value))
		}
	}
}

// TestText writes values and reads them again.
func TestText(t *testing.T) {
	for _, src := range []string{
		"(u8.const 255)", "(s64.const -5)", "(bool.const false)", `(char.const "x")`, `(str.const "a\"b")`, "(f32.const 1.5)",
		"(list.const (u32.const 1) (u32.const 2))", "(tuple.const (u8.const 1))", `(record.const (field "a" tuple.const (u8.const 1)))`,
		`(flags.const "a" "b")`, `(enum.const "e")`, `(variant.const "v" (option.none))`, "(option.some (u8.const 1))",
		"(result.ok)", `(result.err (str.const ""))`, `(map.const (entry (u8.const 1) (u8.const 2)))`,
	} {
		l := literals(t, src)[0]
		v, err := componentValue(l)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if again := literals(t, text(v))[0]; !matchValue(again, v) {
			t.Errorf("%s is written as %s", src, text(v))
		}
	}
}
