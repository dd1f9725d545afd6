package leb128

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"
)

var tests = []struct {
	kind, bytes string
	want        int64
	next        int
	err         string
}{
	{"u32", "00", 0, 1, ""},
	{"u32", "7f", 127, 1, ""},
	{"u32", "8001", 128, 2, ""},
	{"u32", "e58e26", 624485, 3, ""},
	{"u32", "ffffffff0f", math.MaxUint32, 5, ""},
	{"u32", "8080808000", 0, 5, ""}, // padded as far as allowed
	{"u32", "808080808000", 0, 0, "offset 0x4: integer representation too long"},
	{"u32", "ffffffff1f", 0, 0, "offset 0x4: integer too large"},
	{"u32", "8080808070", 0, 0, "offset 0x4: integer too large"},
	{"u32", "", 0, 0, "offset 0x0: unexpected end"},
	{"u32", "8080", 0, 0, "offset 0x2: unexpected end"},
	{"u64", "ffffffffffffffffff01", -1, 10, ""},
	{"u64", "ffffffffffffffffff02", 0, 0, "offset 0x9: integer too large"},
	{"u64", "80808080808080808000", 0, 10, ""},
	{"u64", "8080808080808080808000", 0, 0, "offset 0x9: integer representation too long"},
	{"s32", "00", 0, 1, ""},
	{"s32", "3f", 63, 1, ""},
	{"s32", "40", -64, 1, ""},
	{"s32", "7f", -1, 1, ""},
	{"s32", "c0bb78", -123456, 3, ""},
	{"s32", "8080808078", math.MinInt32, 5, ""},
	{"s32", "ffffffff07", math.MaxInt32, 5, ""},
	{"s32", "ffffffff7f", -1, 5, ""},
	{"s32", "ffffffff0f", 0, 0, "offset 0x4: integer too large"},
	{"s32", "8080808070", 0, 0, "offset 0x4: integer too large"},
	{"s32", "ffffffff4f", 0, 0, "offset 0x4: integer too large"},
	{"s32", "808080808000", 0, 0, "offset 0x4: integer representation too long"},
	{"s32", "80", 0, 0, "offset 0x1: unexpected end"},
	{"s33", "ffffffff0f", math.MaxUint32, 5, ""},
	{"s33", "8080808070", -1 << 32, 5, ""},
	{"s33", "ffffffff1f", 0, 0, "offset 0x4: integer too large"},
	{"s33", "8080808060", 0, 0, "offset 0x4: integer too large"},
	{"s64", "8080808080808080807f", math.MinInt64, 10, ""},
	{"s64", "ffffffffffffffffff00", math.MaxInt64, 10, ""},
	{"s64", "ffffffffffffffffff7f", -1, 10, ""},
	{"s64", "ffffffffffffffffff01", 0, 0, "offset 0x9: integer too large"},
	{"s64", "8080808080808080807e", 0, 0, "offset 0x9: integer too large"},
	{"s64", "8080808080808080808000", 0, 0, "offset 0x9: integer representation too long"},
}

func read(kind string, b []byte, off int) (int64, int, error) {
	switch kind {
	case "u32":
		v, n, err := U32(b, off)
		return int64(v), n, err
	case "u64":
		v, n, err := U64(b, off)
		return int64(v), n, err
	case "s32":
		v, n, err := S32(b, off)
		return int64(v), n, err
	case "s33":
		return S33(b, off)
	default:
		return S64(b, off)
	}
}

func TestRead(t *testing.T) {
	for _, tt := range tests {
		b, err := hex.DecodeString(tt.bytes)
		if err != nil {
			t.Fatal(err)
		}
		v, next, err := read(tt.kind, b, 0)
		if tt.err != "" {
			var e *Error
			if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("%s %s: error %v, want %s", tt.kind, tt.bytes, err, tt.err)
			}
			continue
		}
		if err != nil || v != tt.want || next != tt.next {
			t.Errorf("%s %s: got %d, %d, %v; want %d, %d", tt.kind, tt.bytes, v, next, err, tt.want, tt.next)
		}
	}
}

func TestErrorOffsetIsInTheBuffer(t *testing.T) {
	_, next, err := U32([]byte{1, 2, 3, 0x80}, 3)
	var e *Error
	if !errors.As(err, &e) || e.Offset != 4 || next != 3 {
		t.Errorf("got %v, next %d; want an error at offset 4, next 3", err, next)
	}
}

func interesting() []uint64 {
	vs := []uint64{0}
	for i := range 64 {
		p := uint64(1) << i
		vs = append(vs, p-1, p, p+1, -p, -p-1, -p+1)
	}
	return vs
}

func TestAppendThenReadIsIdentityAndShortest(t *testing.T) {
	for _, v := range interesting() {
		check(t, "u64", int64(v), AppendU64(nil, v))
		check(t, "s64", int64(v), AppendS64(nil, int64(v)))
		check(t, "u32", int64(uint32(v)), AppendU32(nil, uint32(v)))
		check(t, "s32", int64(int32(v)), AppendS32(nil, int32(v)))
		check(t, "s33", int64(v)<<31>>31, AppendS64(nil, int64(v)<<31>>31))
		if got, want := SizeU32(uint32(v)), len(AppendU32(nil, uint32(v))); got != want {
			t.Errorf("SizeU32(%d) = %d, want %d", uint32(v), got, want)
		}
	}
}

func check(t *testing.T, kind string, v int64, enc []byte) {
	t.Helper()
	got, next, err := read(kind, enc, 0)
	if err != nil || got != v || next != len(enc) {
		t.Errorf("%s %d: encoded as %x, read back as %d, %d, %v", kind, v, enc, got, next, err)
	}
	if n := len(enc); n > 1 {
		cut := append([]byte(nil), enc[:n-1]...)
		cut[n-2] &= 0x7f
		if got, _, err := read(kind, cut, 0); err == nil && got == v {
			t.Errorf("%s %d: %x is not the shortest encoding", kind, v, enc)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, tt := range tests {
		b, _ := hex.DecodeString(tt.bytes)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, kind := range []string{"u32", "u64", "s32", "s33", "s64"} {
			if _, next, err := read(kind, b, 0); err == nil && (next < 1 || next > len(b) || next > 10) {
				t.Errorf("%s %x: next offset %d", kind, b, next)
			}
		}
	})
}
