package gondola

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// scalarKinds are the Go kinds of the scalar component types.
var scalarKinds = map[types.Kind]reflect.Kind{
	types.KindBool:   reflect.Bool,
	types.KindU8:     reflect.Uint8,
	types.KindU16:    reflect.Uint16,
	types.KindU32:    reflect.Uint32,
	types.KindU64:    reflect.Uint64,
	types.KindS8:     reflect.Int8,
	types.KindS16:    reflect.Int16,
	types.KindS32:    reflect.Int32,
	types.KindS64:    reflect.Int64,
	types.KindF32:    reflect.Float32,
	types.KindF64:    reflect.Float64,
	types.KindChar:   reflect.Int32,
	types.KindString: reflect.String,
}

// scalarCodecs are the codecs of the scalar component types. None of them
// allocates.
var scalarCodecs = map[types.Kind]*codec{
	types.KindBool: {
		func(src reflect.Value) (val.Value, error) { return val.Bool(src.Bool()), nil },
		func(dst reflect.Value, v val.Value) error { dst.SetBool(v.Bool()); return nil },
	},
	types.KindU8:     {func(src reflect.Value) (val.Value, error) { return val.U8(uint8(src.Uint())), nil }, setUint},
	types.KindU16:    {func(src reflect.Value) (val.Value, error) { return val.U16(uint16(src.Uint())), nil }, setUint},
	types.KindU32:    {func(src reflect.Value) (val.Value, error) { return val.U32(uint32(src.Uint())), nil }, setUint},
	types.KindU64:    {func(src reflect.Value) (val.Value, error) { return val.U64(src.Uint()), nil }, setUint},
	types.KindS8:     {func(src reflect.Value) (val.Value, error) { return val.S8(int8(src.Int())), nil }, setInt},
	types.KindS16:    {func(src reflect.Value) (val.Value, error) { return val.S16(int16(src.Int())), nil }, setInt},
	types.KindS32:    {func(src reflect.Value) (val.Value, error) { return val.S32(int32(src.Int())), nil }, setInt},
	types.KindS64:    {func(src reflect.Value) (val.Value, error) { return val.S64(src.Int()), nil }, setInt},
	types.KindF32:    {func(src reflect.Value) (val.Value, error) { return val.F32(float32(src.Float())), nil }, setFloat},
	types.KindF64:    {func(src reflect.Value) (val.Value, error) { return val.F64(src.Float()), nil }, setFloat},
	types.KindChar:   {charToVal, setChar},
	types.KindString: {stringToVal, setString},
}

func scalarCodec(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != scalarKinds[t.Kind()] {
		return nil, &matchError{t: t, gt: gt}
	}
	return scalarCodecs[t.Kind()], nil
}

func setUint(dst reflect.Value, v val.Value) error { dst.SetUint(v.Uint()); return nil }

func setInt(dst reflect.Value, v val.Value) error { dst.SetInt(v.Int()); return nil }

func setFloat(dst reflect.Value, v val.Value) error { dst.SetFloat(v.Float()); return nil }

func charToVal(src reflect.Value) (val.Value, error) {
	r := rune(src.Int())
	if !utf8.ValidRune(r) {
		return val.Value{}, &val.TypeError{
			Want: types.Char,
			Got:  fmt.Sprintf("U+%04X, which is no Unicode scalar value", uint32(r)),
		}
	}
	return val.Char(r), nil
}

func setChar(dst reflect.Value, v val.Value) error { dst.SetInt(int64(v.Char())); return nil }

func stringToVal(src reflect.Value) (val.Value, error) {
	s := src.String()
	if !utf8.ValidString(s) {
		return val.Value{}, &val.TypeError{Want: types.String, Got: "a string that is not valid UTF-8"}
	}
	return val.String(s), nil
}

func setString(dst reflect.Value, v val.Value) error { dst.SetString(v.Str()); return nil }
