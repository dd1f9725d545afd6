package cabi

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// lab is an instance with a memory to lift from and lower to.
type lab struct {
	*heap
	liftLowerContext
}

func newLab(t testing.TB, mem []byte, size int, p layout.PtrType, e StringEncoding) *lab {
	h := newHarness(t, nil)
	hp := newHeap(size)
	copy(hp.b, mem)
	opts := &CanonicalOptions{StringEncoding: e, Memory: hp, Ptr: p, Realloc: hp}
	return &lab{hp, newContext(opts, h.NewInstance("lab", nil))}
}

// caught runs f and returns the trap that it throws, or nil.
func caught(f func()) (tr *trap.Trap) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *trap.Trap:
			tr = p
		default:
			panic(p)
		}
	}()
	f()
	return nil
}

// testFlat lifts flat values, compares, lowers into another memory and lifts
// again. want is invalid where lifting traps.
//
// Spec: run_tests.py test.
func testFlat(t *testing.T, typ *types.Type, flat []uint64, want val.Value, mem []byte, p layout.PtrType, from, to StringEncoding) {
	t.Helper()
	src := newLab(t, mem, len(mem), p, from)
	it := flatIter{vs: flat}
	var got val.Value
	if tr := caught(func() { got = src.liftFlat(&it, typ) }); tr != nil {
		if want.IsValid() {
			t.Errorf("%v of %#x: %v", typ, flat, tr)
		}
		return
	}
	if !want.IsValid() {
		t.Errorf("%v of %#x: got %v, want a trap", typ, flat, got)
		return
	}
	if it.i != len(flat) {
		t.Errorf("%v of %#x: %d of the flat values were used", typ, flat, it.i)
	}
	if !val.Equal(got, want) {
		t.Errorf("%v of %#x: got %v, want %v", typ, flat, got, want)
		return
	}
	dst := newLab(t, nil, 5*len(mem)+64, p, to)
	dst.sourceEncoding = from
	out := flatIter{vs: make([]uint64, len(flat))}
	dst.lowerFlat(got, typ, &out)
	again := dst.liftFlat(&flatIter{vs: out.vs}, typ)
	if !val.Equal(again, want) {
		t.Errorf("%v of %#x: came back as %v, want %v", typ, flat, again, want)
	}
}

func flatCase(t *testing.T, typ *types.Type, flat []uint64, want val.Value) {
	t.Helper()
	testFlat(t, typ, flat, want, nil, layout.Ptr32, UTF8, UTF8)
}

func field(name string, v val.Value) val.Field { return val.Field{Name: name, Value: v} }

func tuple(vs ...val.Value) val.Value { return val.Tuple(vs...) }

func u8s(ns ...uint8) val.Value { return val.Bytes(ns) }

func listOf[N any](of func(N) val.Value, ns ...N) val.Value {
	vs := make([]val.Value, len(ns))
	for i, n := range ns {
		vs[i] = of(n)
	}
	return val.List(vs...)
}

// Spec: run_tests.py, the calls of test before test_pairs.
func TestSpecFlatValues(t *testing.T) {
	flatCase(t, types.Record(types.Field{Name: "x", Type: types.U8}, types.Field{Name: "y", Type: types.U16}, types.Field{Name: "z", Type: types.U32}),
		[]uint64{1, 2, 3}, val.Record(field("x", val.U8(1)), field("y", val.U16(2)), field("z", val.U32(3))))
	flatCase(t, types.Tuple(types.Tuple(types.U8, types.U8), types.U8),
		[]uint64{1, 2, 3}, tuple(tuple(val.U8(1), val.U8(2)), val.U8(3)))
	flatCase(t, types.FixedList(types.U8, 3), []uint64{1, 2, 3}, u8s(1, 2, 3))
	flatCase(t, types.FixedList(types.FixedList(types.U8, 2), 3), []uint64{1, 2, 3, 4, 5, 6},
		val.List(u8s(1, 2), u8s(3, 4), u8s(5, 6)))
	ab := types.Flags("a", "b")
	flatCase(t, ab, []uint64{0}, val.Flags())
	flatCase(t, ab, []uint64{2}, val.Flags("b"))
	flatCase(t, ab, []uint64{3}, val.Flags("a", "b"))
	flatCase(t, ab, []uint64{4}, val.Flags())
	all := labels(32)
	flatCase(t, types.Flags(all...), []uint64{0xffffffff}, val.Flags(all...))
	xyz := types.Variant(types.Case{Name: "x", Type: types.U8}, types.Case{Name: "y", Type: types.F32}, types.Case{Name: "z"})
	flatCase(t, xyz, []uint64{0, 42}, val.Variant("x", val.U8(42)))
	flatCase(t, xyz, []uint64{0, 256}, val.Variant("x", val.U8(0)))
	flatCase(t, xyz, []uint64{1, 0x4048f5c3}, val.Variant("y", val.F32(3.140000104904175)))
	flatCase(t, xyz, []uint64{2, 0xffffffff}, val.Variant("z", val.Value{}))
	flatCase(t, types.Option(types.F32), []uint64{0, 7}, val.None())
	flatCase(t, types.Option(types.F32), []uint64{1, uint64(math.Float32bits(3.14))}, val.Some(val.F32(3.14)))
	flatCase(t, types.Result(types.U8, types.U32), []uint64{0, 42}, val.Ok(val.U8(42)))
	flatCase(t, types.Result(types.U8, types.U32), []uint64{1, 1000}, val.Err(val.U32(1000)))
	wy := types.Variant(types.Case{Name: "w", Type: types.U8}, types.Case{Name: "y", Type: types.U8})
	flatCase(t, wy, []uint64{0, 42}, val.Variant("w", val.U8(42)))
	flatCase(t, wy, []uint64{1, 42}, val.Variant("y", val.U8(42)))
	// A value of one type that is lowered at another with that case.
	w := types.Variant(types.Case{Name: "w", Type: types.U8})
	flatCase(t, w, []uint64{0, 42}, val.Variant("w", val.U8(42)))
}

func labels(n int) []string {
	ls := make([]string, n)
	for i := range ls {
		ls[i] = fmt.Sprint("l", i)
	}
	return ls
}

// Spec: run_tests.py, the calls of test_pairs.
func TestSpecPairs(t *testing.T) {
	pairs := func(typ *types.Type, flatAndWant ...any) {
		t.Helper()
		for i := 0; i < len(flatAndWant); i += 2 {
			want, _ := flatAndWant[i+1].(val.Value)
			flatCase(t, typ, []uint64{toUint(flatAndWant[i])}, want)
		}
	}
	pairs(types.Bool, 0, val.Bool(false), 1, val.Bool(true), 2, val.Bool(true), 4294967295, val.Bool(true))
	pairs(types.U8, 127, val.U8(127), 128, val.U8(128), 255, val.U8(255), 256, val.U8(0),
		4294967295, val.U8(255), 4294967168, val.U8(128), 4294967167, val.U8(127))
	pairs(types.S8, 127, val.S8(127), 128, val.S8(-128), 255, val.S8(-1), 256, val.S8(0),
		4294967295, val.S8(-1), 4294967168, val.S8(-128), 4294967167, val.S8(127))
	pairs(types.U16, 32767, val.U16(32767), 32768, val.U16(32768), 65535, val.U16(65535), 65536, val.U16(0),
		1<<32-1, val.U16(65535), 1<<32-32768, val.U16(32768), 1<<32-32769, val.U16(32767))
	pairs(types.S16, 32767, val.S16(32767), 32768, val.S16(-32768), 65535, val.S16(-1), 65536, val.S16(0),
		1<<32-1, val.S16(-1), 1<<32-32768, val.S16(-32768), 1<<32-32769, val.S16(32767))
	pairs(types.U32, 1<<31-1, val.U32(1<<31-1), 1<<31, val.U32(1<<31), 1<<32-1, val.U32(1<<32-1))
	pairs(types.S32, 1<<31-1, val.S32(1<<31-1), 1<<31, val.S32(-1<<31), 1<<32-1, val.S32(-1))
	pairs(types.U64, 1<<63-1, val.U64(1<<63-1), uint64(1<<63), val.U64(1<<63), uint64(math.MaxUint64), val.U64(math.MaxUint64))
	pairs(types.S64, 1<<63-1, val.S64(1<<63-1), uint64(1<<63), val.S64(math.MinInt64), uint64(math.MaxUint64), val.S64(-1))
	pairs(types.F32, uint64(math.Float32bits(3.14)), val.F32(3.14))
	pairs(types.F64, math.Float64bits(3.14), val.F64(3.14))
	pairs(types.Char, 0, val.Char(0), 65, val.Char('A'), 0xD7FF, val.Char(0xD7FF), 0xD800, nil, 0xDFFF, nil,
		0xE000, val.Char(0xE000), 0x10FFFF, val.Char(0x10FFFF), 0x110000, nil, 0xFFFFFFFF, nil)
	pairs(types.Enum("a", "b"), 0, val.Enum("a"), 1, val.Enum("b"), 2, nil)
}

func toUint(n any) uint64 {
	switch n := n.(type) {
	case int:
		return uint64(n)
	case uint64:
		return n
	}
	panic(n)
}

// Spec: run_tests.py test_nan32, test_nan64.
func TestSpecNaN(t *testing.T) {
	for in, want := range map[uint64]uint64{
		0x7fc00000: canonicalNaN32, 0x7fc00001: canonicalNaN32, 0x7fe00000: canonicalNaN32, 0x7fffffff: canonicalNaN32,
		0xffffffff: canonicalNaN32, 0x7f800000: 0x7f800000, 0x3fc00000: 0x3fc00000,
	} {
		if got := lowerScalar(liftScalar(in, types.KindF32), types.F32, nil); got != want {
			t.Errorf("%#x became %#x, want %#x", in, got, want)
		}
	}
	for in, want := range map[uint64]uint64{
		0x7ff8000000000000: canonicalNaN64, 0x7ff8000000000001: canonicalNaN64, 0x7ffc000000000000: canonicalNaN64,
		0x7fffffffffffffff: canonicalNaN64, 0xffffffffffffffff: canonicalNaN64, 0x7ff0000000000000: 0x7ff0000000000000,
		0x3ff0000000000000: 0x3ff0000000000000,
	} {
		if got := lowerScalar(liftScalar(in, types.KindF64), types.F64, nil); got != want {
			t.Errorf("%#x became %#x, want %#x", in, got, want)
		}
	}
}

// Whoever chooses may choose among NaNs, and gets others back as the canonical one.
func TestSeedsScrambleNaNs(t *testing.T) {
	c := NewSeeded(1)
	seen32, seen64 := map[uint64]bool{}, map[uint64]bool{}
	for range 100 {
		a, b := lowerScalar(val.F32(float32(math.NaN())), types.F32, c), lowerScalar(val.F64(math.NaN()), types.F64, c)
		seen32[a], seen64[b] = true, true
		if f := math.Float32frombits(uint32(a)); a>>32 != 0 || f == f {
			t.Errorf("%#x is no NaN", a)
		}
		if f := math.Float64frombits(b); f == f {
			t.Errorf("%#x is no NaN", b)
		}
		if liftScalar(a, types.KindF32).Bits() != canonicalNaN32 || liftScalar(b, types.KindF64).Bits() != canonicalNaN64 {
			t.Errorf("lifting %#x, %#x keeps a NaN", a, b)
		}
	}
	if len(seen32) < 50 || len(seen64) < 50 {
		t.Errorf("only %d and %d NaNs in 100 draws", len(seen32), len(seen64))
	}
	if got := lowerScalar(val.F32(1.5), types.F32, c); got != uint64(math.Float32bits(1.5)) {
		t.Errorf("1.5 became %#x", got)
	}
}

var funStrings = []string{
	"", "a", "hi", "\x00", "a\x00b", "\u0080", "\u0080b", "ab\u00efc", "\u01ffy", "xy\u01ff", "a\ud7ffb",
	"a\u02ff\u03ff\u04ffbc", "\uf123", "\uf123\uf123abc", "abcdef\uf123", "🍰ab", "aé☃🍰",
}

var encodings = []StringEncoding{UTF8, UTF16, Latin1UTF16}

// encoded are the ways to say s in an encoding, and its length in each.
func encoded(s string, e StringEncoding, p layout.PtrType) (bytes [][]byte, units []uint64) {
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	n := uint64(len(wide) / 2)
	switch e {
	case UTF8:
		return [][]byte{[]byte(s)}, []uint64{uint64(len(s))}
	case UTF16:
		return [][]byte{wide}, []uint64{n}
	}
	bytes, units = [][]byte{wide}, []uint64{n | utf16Tag(p)}
	var narrow []byte
	for _, r := range s {
		if r > 0xff {
			return bytes, units
		}
		narrow = append(narrow, byte(r))
	}
	return append(bytes, narrow), append(units, uint64(len(narrow)))
}

// Spec: run_tests.py test_string.
func TestSpecStrings(t *testing.T) {
	for _, p := range []layout.PtrType{layout.Ptr32, layout.Ptr64} {
		for _, from := range encodings {
			for _, to := range encodings {
				for _, s := range funStrings {
					bytes, units := encoded(s, from, p)
					for i := range bytes {
						testFlat(t, types.String, []uint64{0, units[i]}, val.String(s), bytes[i], p, from, to)
					}
				}
			}
		}
	}
}

// A host's string, and each pair of encodings, calls realloc as the specification
// says: guess, correct, shrink.
func TestStringReallocs(t *testing.T) {
	for _, c := range []struct {
		s        string
		from, to StringEncoding
		want     string // the sizes that realloc is asked for, * before those of a wide string
	}{
		{"abc", UTF8, UTF8, "3"},
		{"é☃", UTF8, UTF8, "5"},
		{"abc", UTF16, UTF8, "3"},
		{"aé", UTF16, UTF8, "2 6 3"},
		{"a☃☃", UTF16, UTF8, "3 9 7"},
		{"☃☃☃", UTF16, UTF8, "3 9"},
		{"aé", Latin1UTF16, UTF8, "2 4 3"},
		{"abc", UTF8, UTF16, "6"},
		{"aé", UTF8, UTF16, "6 4"},
		{"aé", UTF16, UTF16, "4"},
		{"aé", Latin1UTF16, UTF16, "4"},
		{"abc", UTF8, Latin1UTF16, "3"},
		{"aé", UTF8, Latin1UTF16, "3 2"},
		{"a☃", UTF8, Latin1UTF16, "4 8 4"},
		{"aé", UTF16, Latin1UTF16, "2"},
		{"a☃", UTF16, Latin1UTF16, "2 4"},
		{"aé", Latin1UTF16, Latin1UTF16, "2"},
		{"a☃", Latin1UTF16, Latin1UTF16, "4"},
		{"aé", Latin1UTF16, UTF8, "*2 6 3"},
		{"aé", Latin1UTF16, UTF16, "*4"},
		{"aé", Latin1UTF16, Latin1UTF16, "*4 2"},
		{"aé", UTF8, Latin1UTF16, "*3 2"},
	} {
		lab := newLab(t, nil, 100, layout.Ptr32, c.to)
		lab.sourceEncoding = c.from
		var sizes []string
		lab.opts.Realloc = CoreFuncOf(func(stack []uint64) {
			sizes = append(sizes, fmt.Sprint(stack[3]))
			lab.heap.Call(stack)
		})
		v, want := val.String(c.s), c.want
		if want[0] == '*' {
			v, want = val.OfWideString(c.s), want[1:]
		}
		lab.storeStringIntoRange(v)
		if got := strings.Join(sizes, " "); got != want {
			t.Errorf("%q from %d to %d: realloc was asked for %s, want %s", c.s, c.from, c.to, got, c.want)
		}
	}
}

// A string that was in UTF-16 without need is no other string, but known for it.
func TestWideStrings(t *testing.T) {
	for s, wide := range map[string]bool{"": true, "aé": true, "a☃": false} {
		bytes, units := encoded(s, Latin1UTF16, layout.Ptr32)
		for i := range bytes {
			lab := newLab(t, bytes[i], len(bytes[i]), layout.Ptr32, Latin1UTF16)
			v := lab.loadStringFromRange(0, units[i])
			if tagged := units[i]>>31 != 0; v.IsWideString() != (tagged && wide) || !val.Equal(v, val.String(s)) {
				t.Errorf("%q of %#x code units: %v, wide: %v", s, units[i], v, v.IsWideString())
			}
		}
	}
}

// testHeap lifts a value from a memory, with addresses of 32 bits.
//
// Spec: run_tests.py test_heap.
func testHeap(t *testing.T, typ *types.Type, want val.Value, flat []uint64, mem []byte) {
	t.Helper()
	testFlat(t, typ, flat, want, mem, layout.Ptr32, UTF8, UTF8)
}

func testHeap64(t *testing.T, typ *types.Type, want val.Value, flat []uint64, mem []byte) {
	t.Helper()
	testFlat(t, typ, flat, want, mem, layout.Ptr64, UTF8, UTF8)
}

// Spec: run_tests.py, the calls of test_heap.
func TestSpecHeap(t *testing.T) {
	var none val.Value
	bools := listOf(val.Bool, true, false, true)
	testHeap(t, types.List(types.Bool), bools, []uint64{0, 3}, []byte{1, 0, 1})
	testHeap(t, types.List(types.Bool), bools, []uint64{0, 3}, []byte{1, 0, 2})
	testHeap(t, types.List(types.Bool), bools, []uint64{3, 3}, []byte{0xff, 0xff, 0xff, 1, 0, 1})
	testHeap(t, types.List(types.U8), u8s(1, 2, 3), []uint64{0, 3}, []byte{1, 2, 3})
	testHeap(t, types.List(types.U16), listOf(val.U16, 1, 2, 3), []uint64{0, 3}, []byte{1, 0, 2, 0, 3, 0})
	testHeap(t, types.List(types.U16), none, []uint64{1, 3}, []byte{0, 1, 0, 2, 0, 3, 0})
	testHeap(t, types.List(types.U32), listOf(val.U32, 1, 2, 3), []uint64{0, 3}, []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0})
	testHeap(t, types.List(types.U64), listOf(val.U64, 1, 2), []uint64{0, 2}, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0})
	testHeap(t, types.List(types.S8), listOf(val.S8, -1, -2, -3), []uint64{0, 3}, []byte{0xff, 0xfe, 0xfd})
	testHeap(t, types.List(types.S16), listOf(val.S16, -1, -2, -3), []uint64{0, 3}, []byte{0xff, 0xff, 0xfe, 0xff, 0xfd, 0xff})
	testHeap(t, types.List(types.S32), listOf(val.S32, -1, -2, -3), []uint64{0, 3},
		[]byte{0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xfd, 0xff, 0xff, 0xff})
	testHeap(t, types.List(types.S64), listOf(val.S64, -1, -2), []uint64{0, 2},
		append(slices.Repeat([]byte{0xff}, 8), 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
	testHeap(t, types.List(types.Char), listOf(val.Char, 'A', 'B', 'c'), []uint64{0, 3}, []byte{65, 0, 0, 0, 66, 0, 0, 0, 99, 0, 0, 0})
	words := listOf(val.String, "hi", "wat")
	testHeap(t, types.List(types.String), words, []uint64{0, 2},
		append([]byte{16, 0, 0, 0, 2, 0, 0, 0, 21, 0, 0, 0, 3, 0, 0, 0}, "hi\x0f\x0f\x0fwat"...))
	testHeap64(t, types.List(types.String), words, []uint64{0, 2},
		append([]byte{32, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 37, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0}, "hi\x0f\x0f\x0fwat"...))
	nested := val.List(u8s(3, 4, 5), u8s(), u8s(6, 7))
	testHeap(t, types.List(types.List(types.U8)), nested, []uint64{0, 3},
		[]byte{24, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 27, 0, 0, 0, 2, 0, 0, 0, 3, 4, 5, 6, 7})
	testHeap64(t, types.List(types.List(types.U8)), nested, []uint64{0, 3},
		[]byte{48, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			51, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 7})
	u16s := types.List(types.List(types.U16))
	testHeap(t, u16s, val.List(listOf(val.U16, 5, 6)), []uint64{0, 1}, []byte{8, 0, 0, 0, 2, 0, 0, 0, 5, 0, 6, 0})
	testHeap64(t, u16s, val.List(listOf(val.U16, 5, 6)), []uint64{0, 1},
		[]byte{16, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 5, 0, 6, 0})
	testHeap(t, u16s, none, []uint64{0, 1}, []byte{9, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 6, 0})
	testHeap64(t, u16s, none, []uint64{0, 1}, []byte{17, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 6, 0})
	testHeap(t, types.List(types.FixedList(types.U8, 2)), val.List(u8s(1, 2), u8s(3, 4)), []uint64{0, 2}, []byte{1, 2, 3, 4})
	wide := []byte{1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0}
	pairs := types.List(types.FixedList(types.U32, 2))
	testHeap(t, pairs, val.List(listOf(val.U32, 1, 2), listOf(val.U32, 3, 4)), []uint64{0, 2}, wide)
	testHeap(t, pairs, none, []uint64{1, 2}, append([]byte{0}, wide...))
	four := func(a uint8, b uint8, c uint16, d uint32) val.Value {
		return tuple(val.U8(a), val.U8(b), val.U16(c), val.U32(d))
	}
	testHeap(t, types.List(types.Tuple(types.U8, types.U8, types.U16, types.U32)), val.List(four(6, 7, 8, 9), four(4, 5, 6, 7)),
		[]uint64{0, 2}, []byte{6, 7, 8, 0, 9, 0, 0, 0, 4, 5, 6, 0, 7, 0, 0, 0})
	padded := func(a uint8, b uint16, c uint8, d uint32) val.Value {
		return tuple(val.U8(a), val.U16(b), val.U8(c), val.U32(d))
	}
	testHeap(t, types.List(types.Tuple(types.U8, types.U16, types.U8, types.U32)), val.List(padded(6, 7, 8, 9), padded(4, 5, 6, 7)),
		[]uint64{0, 2}, []byte{6, 0xff, 7, 0, 8, 0xff, 0xff, 0xff, 9, 0, 0, 0, 4, 0xff, 5, 0, 6, 0xff, 0xff, 0xff, 7, 0, 0, 0})
	two := func(a uint16, b uint8) val.Value { return tuple(val.U16(a), val.U8(b)) }
	testHeap(t, types.List(types.Tuple(types.U16, types.U8)), val.List(two(6, 7), two(8, 9)), []uint64{0, 2}, []byte{6, 0, 7, 0xff, 8, 0, 9, 0xff})
	testHeap(t, types.List(types.Tuple(types.Tuple(types.U16, types.U8), types.U8)),
		val.List(tuple(two(4, 5), val.U8(6)), tuple(two(7, 8), val.U8(9))), []uint64{0, 2},
		[]byte{4, 0, 5, 0xff, 6, 0xff, 7, 0, 8, 0xff, 9, 0xff})
	ab := types.List(types.Flags("a", "b"))
	testHeap(t, ab, val.List(val.Flags(), val.Flags("b"), val.Flags("a", "b")), []uint64{0, 3}, []byte{0, 2, 3})
	testHeap(t, ab, val.List(val.Flags(), val.Flags("b"), val.Flags()), []uint64{0, 3}, []byte{0, 2, 4})
	for _, c := range []struct {
		n    int
		mems [][]byte
	}{
		{9, [][]byte{{0xff, 1, 0, 0}, {0xff, 3, 0, 0}}},
		{17, [][]byte{{0xff, 0xff, 1, 0, 0, 0, 0, 0}, {0xff, 0xff, 3, 0, 0, 0, 0, 0}}},
		{32, [][]byte{{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}}},
	} {
		for _, mem := range c.mems {
			testHeap(t, types.List(types.Flags(labels(c.n)...)), val.List(val.Flags(labels(c.n)...), val.Flags()), []uint64{0, 2}, mem)
		}
	}
	testHeap(t, types.Map(types.U8, types.U16),
		val.Map(val.Entry{Key: val.U8(42), Value: val.U16(83)}, val.Entry{Key: val.U8(43), Value: val.U16(84)}),
		[]uint64{0, 2}, []byte{42, 0xff, 83, 0, 43, 0xff, 84, 0})
}
