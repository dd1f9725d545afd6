package val

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// world makes random types and values.
type world struct{ *rand.Rand }

var scalars = []*types.Type{
	types.Bool, types.U8, types.U16, types.U32, types.U64, types.S8, types.S16, types.S32, types.S64, types.F32, types.F64, types.Char, types.String,
}

// labels are some that are WAVE's own words, and others.
var labels = []string{"true", "false", "inf", "nan", "some", "none", "ok", "err", "a", "b-1", "HTTP3", "get-JSON", "x1-2-3"}

func (w world) labels() []string {
	var some []string
	for _, i := range w.Perm(len(labels))[:1+w.IntN(len(labels)-1)] {
		some = append(some, labels[i])
	}
	return some
}

func (w world) maybeType(depth int) *types.Type {
	if w.IntN(3) == 0 {
		return nil
	}
	return w.typ(depth)
}

// typ is a random type with text in WAVE.
func (w world) typ(depth int) *types.Type {
	if depth == 0 {
		return scalars[w.IntN(len(scalars))]
	}
	depth--
	switch w.IntN(10) {
	case 0:
		return types.List(w.typ(depth))
	case 1:
		return types.FixedList(w.typ(depth), 1+w.IntN(3))
	case 2:
		return types.Map([]*types.Type{types.Bool, types.U8, types.S64, types.Char, types.String}[w.IntN(5)], w.typ(depth))
	case 3:
		var fields []types.Field
		for _, l := range w.labels() {
			fields = append(fields, types.Field{Name: l, Type: w.typ(depth)})
		}
		return types.Record(fields...)
	case 4:
		elems := make([]*types.Type, 1+w.IntN(3))
		for i := range elems {
			elems[i] = w.typ(depth)
		}
		return types.Tuple(elems...)
	case 5:
		var cases []types.Case
		for _, l := range w.labels() {
			cases = append(cases, types.Case{Name: l, Type: w.maybeType(depth)})
		}
		return types.Variant(cases...)
	case 6:
		return types.Enum(w.labels()...)
	case 7:
		return types.Option(w.typ(depth))
	case 8:
		return types.Result(w.maybeType(depth), w.maybeType(depth))
	}
	return types.Flags(w.labels()...)
}

func (w world) value(t *types.Type) Value {
	switch t.Kind() {
	case types.KindBool:
		return Bool(w.IntN(2) == 0)
	case types.KindU8, types.KindU16, types.KindU32, types.KindU64:
		return OfBits(t.Kind(), w.Uint64()>>(64-bitsOf(t.Kind()))>>w.IntN(bitsOf(t.Kind())))
	case types.KindS8, types.KindS16, types.KindS32, types.KindS64:
		return OfBits(t.Kind(), uint64(int64(w.Uint64())>>(64-bitsOf(t.Kind()))>>w.IntN(bitsOf(t.Kind()))))
	case types.KindF32:
		return F32(math.Float32frombits(w.Uint32()))
	case types.KindF64:
		return []Value{F64(math.Float64frombits(w.Uint64())), F64(math.Inf(-1)), F64(math.NaN()), F64(math.Copysign(0, -1)), F64(float64(w.IntN(100)))}[w.IntN(5)]
	case types.KindChar:
		return Char(w.char())
	case types.KindString:
		var b strings.Builder
		for range w.IntN(6) {
			b.WriteRune(w.char())
		}
		return String(b.String())
	case types.KindList:
		n, fixed := t.Len()
		if !fixed {
			n = w.IntN(4)
		}
		elems := make([]Value, n)
		for i := range elems {
			elems[i] = w.value(t.Elem())
		}
		return List(elems...)
	case types.KindMap:
		entries := make([]Entry, w.IntN(3))
		for i := range entries {
			entries[i] = Entry{w.value(t.Key()), w.value(t.Value())}
		}
		return Map(entries...)
	case types.KindRecord:
		var fields []Field
		for _, f := range t.Fields() {
			fields = append(fields, Field{f.Name, w.value(f.Type)})
		}
		return Record(fields...)
	case types.KindTuple:
		var elems []Value
		for _, f := range t.Fields() {
			elems = append(elems, w.value(f.Type))
		}
		return Tuple(elems...)
	case types.KindFlags:
		var set []string
		for _, l := range t.Labels() {
			if w.IntN(2) == 0 {
				set = append(set, l)
			}
		}
		return Flags(set...)
	}
	i := w.IntN(len(t.Cases()))
	var payload Value
	if c := t.Cases()[i]; c.Type != nil {
		payload = w.value(c.Type)
	}
	return OfCase(t, i, payload)
}

func (w world) char() rune {
	for {
		r := rune(w.Uint32()>>11) >> w.IntN(21)
		if utf8.ValidRune(r) {
			return r
		}
	}
}

// What is printed is read again as the same value, of its own type.
func TestWAVERoundTrip(t *testing.T) {
	w := world{rand.New(rand.NewPCG(testenv.Seed(t), 0))}
	for range 3000 {
		typ := w.typ(w.IntN(4))
		v := w.value(typ)
		if err := Check(v, typ, "v"); err != nil {
			t.Fatalf("the test makes a wrong value: %v", err)
		}
		text := v.String()
		got, err := ParseWAVE("value", text, typ)
		if err != nil {
			t.Fatalf("%s is printed as %s, which is rejected:\n%v", typ, text, err)
		}
		if err := Check(got, typ, "v"); err != nil {
			t.Fatalf("%s is read as another type: %v", text, err)
		}
		if !Equal(got, v) {
			t.Fatalf("%s, of %s, is read as %s", text, typ, got)
		}
	}
}

// NaNs are read and printed as one.
func TestWAVENaN(t *testing.T) {
	for typ, want := range map[*types.Type]uint64{types.F32: canonicalNaN32, types.F64: canonicalNaN64} {
		v, err := ParseWAVE("value", "nan", typ)
		if err != nil || v.Bits() != want {
			t.Errorf("%s: %x, %v", typ, v.Bits(), err)
		}
	}
	if got := F64(math.Float64frombits(0xfff8_dead_beef_0001)).String(); got != "nan" {
		t.Errorf("got %s", got)
	}
}

// A text can't be nested deeper than the limit, whatever it is nested in.
func TestWAVEDepth(t *testing.T) {
	testWAVEDepth(t, 100)
	for limit, depth := range map[int]int{-1: 1, 1: 1, 7: 7, 100: 100, 1000: 1000} {
		testWAVEDepth(t, depth, WAVEMaxDepth(limit))
	}
}

func testWAVEDepth(t *testing.T, depth int, opts ...WAVEOption) {
	t.Helper()
	for _, c := range []struct {
		open, end string
		wrap      func(*types.Type) *types.Type
	}{
		{"[", "]", types.List},
		{"(", ")", func(e *types.Type) *types.Type { return types.Tuple(e) }},
		{"some(", ")", types.Option},
		{"ok(", ")", func(e *types.Type) *types.Type { return types.Result(e, nil) }},
		{"{a:", "}", func(e *types.Type) *types.Type { return types.Record(types.Field{Name: "a", Type: e}) }},
		{"v(", ")", func(e *types.Type) *types.Type { return types.Variant(types.Case{Name: "v", Type: e}) }},
	} {
		typ := types.U32
		for range depth - 1 {
			typ = c.wrap(typ)
		}
		deepest := strings.Repeat(c.open, depth-1) + "0" + strings.Repeat(c.end, depth-1)
		if _, err := ParseWAVE("value", deepest, typ, opts...); err != nil {
			t.Errorf("%s: %d deep: %v", c.open, depth, err)
		}
		want := fmt.Sprintf("nested more than %d deep", depth)
		if _, err := ParseWAVE("value", c.open+deepest+c.end, c.wrap(typ), opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %d deep: %v", c.open, depth+1, err)
		}
	}
}

// The arguments of a call are as deep as the values are that they are read as.
func TestWAVECallDepth(t *testing.T) {
	f := &types.Func{Params: []types.Field{{Name: "a", Type: types.List(types.List(types.U32))}}}
	for limit, want := range map[int]string{2: "nested more than 2 deep", 3: ""} {
		c, err := ParseWAVECall("call", "f([[1]])", WAVEMaxDepth(limit))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Args(f); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func TestWAVEUTF8(t *testing.T) {
	_, err := ParseWAVE("value", "\"\uFFFDab\xffc\"", types.String)
	want := "value:1:5: the text is not UTF-8"
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// CRLF and LF are the same in a string over several lines.
func TestWAVECRLF(t *testing.T) {
	v, err := ParseWAVE("value", "\"\"\"\r\n  one\r\n  two\\r\r\n  \"\"\"", types.String)
	if err != nil || v.Str() != "one\ntwo\r" {
		t.Errorf("got %v, %v", v, err)
	}
}

func FuzzParseWAVE(f *testing.F) {
	for i, c := range values {
		f.Add(uint64(i), c.text)
	}
	for _, text := range []string{"\"\"\"\n  a\n  \"\"\"", "{a: 1, b: none}", "[[1], []]", "// x\n'\\u{41}'", "-1.5e-3", "%some(ok)", "f(1, some(2))", "ns:pkg/i.f@1.2.3([])", "i.f ( // x\n)"} {
		f.Add(uint64(1), text)
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		typ := world{rand.New(rand.NewPCG(seed, 0))}.typ(int(seed % 4))
		if seed < uint64(len(values)) {
			typ = values[seed].t
		}
		if c, err := ParseWAVECall("call", text); err == nil {
			f := &types.Func{Params: []types.Field{{Name: "a", Type: typ}, {Name: "b", Type: types.Option(typ)}}}
			if args, err := c.Args(f); err == nil && len(args) != 2 {
				t.Fatalf("%d arguments", len(args))
			}
		}
		v, err := ParseWAVE("value", text, typ)
		if err != nil {
			if _, ok := err.(*syntax.Error); !ok {
				t.Fatalf("an error without a place: %v", err)
			}
			if n := len(err.Error()); n > 10_000 {
				t.Fatalf("an error of %d bytes", n)
			}
			return
		}
		if err := Check(v, typ, "v"); err != nil {
			t.Fatalf("what was read has another type: %v", err)
		}
		again, err := ParseWAVE("value", v.String(), typ)
		if err != nil || !Equal(again, v) {
			t.Fatalf("%s is read as %s: %v", strconv.Quote(text), v, err)
		}
	})
}
