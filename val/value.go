package val

import (
	"math"
	"unsafe"

	"github.com/gondola-wasm/gondola/types"
)

// Value is a value of some component type. The zero Value is invalid; it stands
// for "no value", as where a function returns nothing.
type Value struct {
	// num is an integer, a float's bits, the length of what ref points to, or
	// a case's index where one is known.
	num uint64
	// ref is what num can't hold: a pointer to the first byte of a string or
	// byte list, to the first of the elements, or to a part.
	ref  any
	kind types.Kind
}

// Kind is the value's shape. A list<u8> and a list of anything else have the
// same kind.
func (v Value) Kind() types.Kind { return v.kind }

// IsValid reports whether v is a value at all.
func (v Value) IsValid() bool { return v.kind != 0 }

// Bool makes a bool.
func Bool(b bool) Value {
	if b {
		return Value{kind: types.KindBool, num: 1}
	}
	return Value{kind: types.KindBool}
}

// U8 makes a u8.
func U8(n uint8) Value { return Value{kind: types.KindU8, num: uint64(n)} }

// U16 makes a u16.
func U16(n uint16) Value { return Value{kind: types.KindU16, num: uint64(n)} }

// U32 makes a u32.
func U32(n uint32) Value { return Value{kind: types.KindU32, num: uint64(n)} }

// U64 makes a u64.
func U64(n uint64) Value { return Value{kind: types.KindU64, num: n} }

// S8 makes an s8.
func S8(n int8) Value { return Value{kind: types.KindS8, num: uint64(n)} }

// S16 makes an s16.
func S16(n int16) Value { return Value{kind: types.KindS16, num: uint64(n)} }

// S32 makes an s32.
func S32(n int32) Value { return Value{kind: types.KindS32, num: uint64(n)} }

// S64 makes an s64.
func S64(n int64) Value { return Value{kind: types.KindS64, num: uint64(n)} }

// F32 makes an f32.
func F32(f float32) Value {
	return Value{kind: types.KindF32, num: uint64(math.Float32bits(f))}
}

// F64 makes an f64.
func F64(f float64) Value { return Value{kind: types.KindF64, num: math.Float64bits(f)} }

// Char makes a char. Whether r is a Unicode scalar value is checked where the
// value is used.
func Char(r rune) Value { return Value{kind: types.KindChar, num: uint64(uint32(r))} }

// String makes a string. It must be valid UTF-8, which is checked where the
// value is used.
func String(s string) Value {
	return Value{kind: types.KindString, num: uint64(len(s)), ref: unsafe.StringData(s)}
}

// wide marks, in num, a string of [OfWideString].
const wide = 1 << 63

// OfWideString makes a string that a guest stored in UTF-16 though its encoding,
// latin1+utf16, could have said it in Latin-1. It is no other value than that of
// [String]; only how the canonical ABI allocates memory for it differs.
func OfWideString(s string) Value {
	v := String(s)
	v.num |= wide
	return v
}

// IsWideString reports whether v was made by [OfWideString].
func (v Value) IsWideString() bool { return v.kind == types.KindString && v.num&wide != 0 }

// OfBits makes a bool, number or char of kind k from its [Value.Bits].
func OfBits(k types.Kind, bits uint64) Value {
	if k < types.KindBool || k > types.KindChar {
		panic("val: a " + k.String() + " is made of more than bits")
	}
	return Value{kind: k, num: bits}
}

// Bool is the value of a bool.
func (v Value) Bool() bool { v.must(types.KindBool); return v.num != 0 }

// Uint is the value of a u8, u16, u32 or u64.
func (v Value) Uint() uint64 {
	if v.kind < types.KindU8 || v.kind > types.KindU64 {
		v.wrong("an unsigned integer")
	}
	return v.num
}

// Int is the value of an s8, s16, s32 or s64.
func (v Value) Int() int64 {
	if v.kind < types.KindS8 || v.kind > types.KindS64 {
		v.wrong("a signed integer")
	}
	return int64(v.num)
}

// Float is the value of an f32 or f64.
func (v Value) Float() float64 {
	if v.kind == types.KindF32 {
		return float64(math.Float32frombits(uint32(v.num)))
	}
	v.must(types.KindF64)
	return math.Float64frombits(v.num)
}

// Bits are the bits of a bool, number or char: integers in two's complement of
// 64 bits, floats as IEEE 754 has them.
func (v Value) Bits() uint64 {
	if v.kind < types.KindBool || v.kind > types.KindChar {
		v.wrong("a number")
	}
	return v.num
}

// Char is the value of a char.
func (v Value) Char() rune { v.must(types.KindChar); return rune(v.num) }

// Str is the value of a string. (String is the value's text in WAVE.)
func (v Value) Str() string {
	v.must(types.KindString)
	return unsafe.String(v.ref.(*byte), int(v.num&^wide))
}

func (v Value) must(k types.Kind) {
	if v.kind != k {
		v.wrong("a " + k.String())
	}
}

// wrong panics: reading a value as what it is not is a bug of the program that
// does it, like a failed type assertion.
func (v Value) wrong(want string) {
	panic("val: a value that is a " + v.kind.String() + " was read as " + want)
}
