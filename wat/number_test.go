package wat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestParseInt(t *testing.T) {
	tests := []struct {
		src  string
		bits int
		want uint64
		ok   bool
	}{
		{"0", 32, 0, true},
		{"-1", 32, 0xffffffff, true},
		{"-0x8000_0000", 32, 0x80000000, true},
		{"-0x8000_0001", 32, 0, false},
		{"4294967295", 32, 0xffffffff, true},
		{"4294967296", 32, 0, false},
		{"+7", 8, 7, true},
		{"-0", 8, 0, true},
		{"-128", 8, 0x80, true},
		{"256", 8, 0, false},
		{"18446744073709551615", 64, math.MaxUint64, true},
		{"18446744073709551616", 64, 0, false},
		{"-9223372036854775808", 64, 1 << 63, true},
		{"-9223372036854775809", 64, 0, false},
	}
	for _, tt := range tests {
		got, ok := parseInt(tt.src, tt.bits)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("parseInt(%s, %d) = %#x, %v", tt.src, tt.bits, got, ok)
		}
	}
	for _, s := range []string{"+1", "-0", "0x100"} {
		if _, ok := parseUint(s, 8); ok {
			t.Errorf("parseUint takes %s", s)
		}
	}
}

func TestParseFloat(t *testing.T) {
	tests := []struct {
		src      string
		f32, f64 uint64
	}{
		{"1", 0x3f800000, 0x3ff0000000000000},
		{"-0", 0x80000000, 0x8000000000000000},
		{"0x1.8p1", 0x40400000, 0x4008000000000000},
		{"0x1.", 0x3f800000, 0x3ff0000000000000},
		{"0x1.p1", 0x40000000, 0x4000000000000000},
		{"1_000.5", 0x447a2000, 0x408f440000000000},
		{"-inf", 0xff800000, 0xfff0000000000000},
		{"nan", 0x7fc00000, 0x7ff8000000000000},
		{"-nan:0x1", 0xff800001, 0xfff0000000000001},
		{"0x1.000001000000p0", 0x3f800000, 0x3ff0000010000000}, // halfway, to even
		{"1e-400", 0, 0},
	}
	for _, tt := range tests {
		if got, ok := formatF32.parse(tt.src); !ok || got != tt.f32 {
			t.Errorf("f32 %s = %#x, %v", tt.src, got, ok)
		}
		if got, ok := formatF64.parse(tt.src); !ok || got != tt.f64 {
			t.Errorf("f64 %s = %#x, %v", tt.src, got, ok)
		}
	}
	for _, s := range []string{"1e39", "nan:0x0", "nan:0x800000", "0x1p128"} {
		if _, ok := formatF32.parse(s); ok {
			t.Errorf("f32 %s is taken", s)
		}
	}
}

// TestFormatFloat prints numbers of all kinds and reads them again.
func TestFormatFloat(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 20000 {
		for _, f := range []floatFormat{formatF32, formatF64} {
			bits := r.Uint64() >> (64 - f.bits)
			if r.IntN(4) == 0 {
				bits = math.Float64bits(float64(r.IntN(1000)) / 8)
				if f.bits == 32 {
					bits = uint64(math.Float32bits(float32(r.IntN(1000)) / 8))
				}
			}
			s := f.format(bits)
			if got, ok := f.parse(s); !ok || got != bits || !isFloat(s) && !isInteger(s) {
				t.Fatalf("f%d %#x is printed as %s, which is %#x, %v", f.bits, bits, s, got, ok)
			}
		}
	}
	for v, want := range map[float64]string{1: "1", 0.5: "0.5", 0.1: "0x1.999999999999ap-04", 1e100: "0x1.249ad2594c37dp+332"} {
		if got := formatF64.format(math.Float64bits(v)); got != want {
			t.Errorf("%v is printed as %s, want %s", v, got, want)
		}
	}
}
