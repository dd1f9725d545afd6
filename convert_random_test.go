package gondola

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// generator makes random component types with Go types that fit them, and values
// of both.
type generator struct {
	*rand.Rand
	suggested bool // make the Go types that errors suggest
}

// newGenerator takes its seed from GONDOLA_SEED, to repeat a test that failed.
func newGenerator(t *testing.T) *generator {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("GONDOLA_SEED"); s != "" {
		seed = mustMatch(strconv.ParseUint(s, 10, 64))
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat with GONDOLA_SEED=%d", seed)
		}
	})
	return &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
}

var scalarTypes = []struct {
	t    *types.Type
	gt   reflect.Type
	also reflect.Type
}{
	{types.Bool, reflect.TypeFor[bool](), reflect.TypeFor[bool]()},
	{types.U8, reflect.TypeFor[uint8](), reflect.TypeFor[color]()},
	{types.U16, reflect.TypeFor[uint16](), reflect.TypeFor[perms]()},
	{types.U32, reflect.TypeFor[uint32](), reflect.TypeFor[uint32]()},
	{types.U64, reflect.TypeFor[uint64](), reflect.TypeFor[userID]()},
	{types.S8, reflect.TypeFor[int8](), reflect.TypeFor[tiny]()},
	{types.S16, reflect.TypeFor[int16](), reflect.TypeFor[int16]()},
	{types.S32, reflect.TypeFor[int32](), reflect.TypeFor[int32]()},
	{types.S64, reflect.TypeFor[int64](), reflect.TypeFor[time.Duration]()},
	{types.F32, reflect.TypeFor[float32](), reflect.TypeFor[float32]()},
	{types.F64, reflect.TypeFor[float64](), reflect.TypeFor[celsius]()},
	{types.Char, reflect.TypeFor[rune](), reflect.TypeFor[rune]()},
	{types.String, reflect.TypeFor[string](), reflect.TypeFor[reflect.ChanDir]()},
}

func (g *generator) typ(depth int) (*types.Type, reflect.Type) {
	if !g.suggested && g.IntN(10) == 0 {
		t, _ := g.typ(depth)
		return t, valueType
	}
	if depth == 0 || g.IntN(4) == 0 {
		return g.scalar()
	}
	switch g.IntN(9) {
	case 0:
		return g.list(depth)
	case 1:
		return g.mapping(depth)
	case 2:
		return g.record(depth)
	case 3:
		return g.tuple(depth)
	case 4:
		return g.variant()
	case 5:
		return g.enum()
	case 6:
		return g.flags()
	case 7:
		t, gt := g.typ(depth - 1)
		return types.Option(t), reflect.PointerTo(gt)
	}
	return g.result(depth)
}

func (g *generator) scalar() (*types.Type, reflect.Type) {
	s := scalarTypes[g.IntN(len(scalarTypes))]
	if !g.suggested && s.t != types.String && g.IntN(2) == 0 {
		return s.t, s.also
	}
	return s.t, s.gt
}

func (g *generator) list(depth int) (*types.Type, reflect.Type) {
	t, gt := g.typ(depth - 1)
	if g.IntN(3) > 0 {
		return types.List(t), reflect.SliceOf(gt)
	}
	n := 1 + g.IntN(3)
	if !g.suggested && g.IntN(2) == 0 {
		return types.FixedList(t, n), reflect.SliceOf(gt)
	}
	return types.FixedList(t, n), reflect.ArrayOf(n, gt)
}

func (g *generator) mapping(depth int) (*types.Type, reflect.Type) {
	kt, kgt := g.scalar()
	for kt == types.F32 || kt == types.F64 {
		kt, kgt = g.scalar()
	}
	vt, vgt := g.typ(depth - 1)
	return types.Map(kt, vt), reflect.MapOf(kgt, vgt)
}

var words = []string{"a", "id", "http", "foo", "JSON", "b2", "x", "utf8"}

// labels makes different labels, some of which have one Go name.
func (g *generator) labels(n int) []string {
	labels := make([]string, n)
	for i := range labels {
		switch g.IntN(4) {
		case 0:
			labels[i] = "n" + []string{"-", ""}[i%2] + strconv.Itoa(i-i%2)
		default:
			labels[i] = fmt.Sprintf("%s-%s-%d", words[g.IntN(len(words))], words[g.IntN(len(words))], i)
		}
	}
	return labels
}

func (g *generator) record(depth int) (*types.Type, reflect.Type) {
	labels := append(g.labels(g.IntN(5)), "last")
	ids := names.GoAll(labels)
	fields := make([]types.Field, len(labels))
	sfs := make([]reflect.StructField, len(labels))
	for i, l := range labels {
		t, gt := g.typ(depth - 1)
		fields[i] = types.Field{Name: l, Type: t}
		sfs[i] = reflect.StructField{Name: ids[i], Type: gt}
		if !g.suggested && g.IntN(4) == 0 {
			sfs[i].Name, sfs[i].Tag = fmt.Sprint("Field", i), reflect.StructTag(fmt.Sprintf(`wit:%q`, l))
		}
	}
	if !g.suggested {
		g.Shuffle(len(sfs), func(i, j int) { sfs[i], sfs[j] = sfs[j], sfs[i] })
	}
	return types.Record(fields...), reflect.StructOf(sfs)
}

func (g *generator) tuple(depth int) (*types.Type, reflect.Type) {
	var ts []*types.Type
	var sfs []reflect.StructField
	for i := range 1 + g.IntN(4) {
		t, gt := g.typ(depth - 1)
		ts = append(ts, t)
		sfs = append(sfs, reflect.StructField{Name: fmt.Sprint("F", i), Type: gt})
	}
	return types.Tuple(ts...), reflect.StructOf(sfs)
}

// Neither interfaces with methods nor instances of generic types can be made by
// reflection: these are what there is.

func (g *generator) variant() (*types.Type, reflect.Type) {
	if g.suggested {
		return shapeType, valueType
	}
	return shapeType, reflect.TypeFor[shape]()
}

func (g *generator) result(depth int) (*types.Type, reflect.Type) {
	switch g.IntN(3) {
	case 0:
		return types.Result(nil, types.U64), reflect.TypeFor[Result[struct{}, uint64]]()
	case 1:
		return types.Result(types.List(types.String), nil), reflect.TypeFor[Result[[]string, struct{}]]()
	}
	if g.suggested {
		return types.Result(nil, nil), reflect.TypeFor[Result[struct{}, struct{}]]()
	}
	ok, _ := g.typ(depth - 1)
	return types.Result(ok, shapeType), reflect.TypeFor[Result[val.Value, shape]]()
}

func (g *generator) enum() (*types.Type, reflect.Type) {
	t := types.Enum(append(g.labels(g.IntN(10)), "last")...)
	if g.suggested {
		return t, reflect.TypeFor[string]()
	}
	return t, []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[color](), reflect.TypeFor[level]()}[g.IntN(3)]
}

func (g *generator) flags() (*types.Type, reflect.Type) {
	t := types.Flags(append(g.labels(g.IntN(31)), "last")...)
	fitting := []reflect.Type{reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[uint]()}
	fitting = slices.DeleteFunc(fitting, func(gt reflect.Type) bool { return gt.Bits() < len(t.Labels()) })
	if g.suggested {
		return t, fitting[0]
	}
	return t, fitting[g.IntN(len(fitting))]
}

func (g *generator) value(t *types.Type) val.Value {
	switch t.Kind() {
	case types.KindList:
		return g.listValue(t)
	case types.KindMap:
		entries := make([]val.Entry, g.IntN(4))
		for i := range entries {
			entries[i] = val.Entry{Key: g.value(t.Key()), Value: g.value(t.Value())}
		}
		return val.Map(entries...)
	case types.KindRecord:
		return g.recordValue(t)
	case types.KindTuple:
		elems := make([]val.Value, len(t.Fields()))
		for i, f := range t.Fields() {
			elems[i] = g.value(f.Type)
		}
		return val.Tuple(elems...)
	case types.KindFlags:
		labels := slices.Clone(t.Labels())
		g.Shuffle(len(labels), func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
		return val.Flags(labels[:g.IntN(len(labels)+1)]...)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return g.caseValue(t)
	}
	return g.scalarValue(t.Kind())
}

func (g *generator) listValue(t *types.Type) val.Value {
	n, fixed := t.Len()
	if !fixed {
		n = g.IntN(4)
	}
	elems := make([]val.Value, n)
	for i := range elems {
		elems[i] = g.value(t.Elem())
	}
	v := val.List(elems...)
	if t.Elem() == types.U8 && g.IntN(2) == 0 {
		return val.Bytes(v.Bytes())
	}
	return v
}

func (g *generator) recordValue(t *types.Type) val.Value {
	fields := make([]val.Field, len(t.Fields()))
	for i, f := range t.Fields() {
		fields[i] = val.Field{Name: f.Name, Value: g.value(f.Type)}
	}
	if g.IntN(3) == 0 {
		g.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	}
	return val.Record(fields...)
}

func (g *generator) caseValue(t *types.Type) val.Value {
	c := t.Cases()[g.IntN(len(t.Cases()))]
	var payload val.Value
	if c.Type != nil {
		payload = g.value(c.Type)
	}
	switch {
	case t.Kind() == types.KindVariant:
		return val.Variant(c.Name, payload)
	case t.Kind() == types.KindEnum:
		return val.Enum(c.Name)
	case c.Name == "none":
		return val.None()
	case c.Name == "some":
		return val.Some(payload)
	case c.Name == "ok":
		return val.Ok(payload)
	}
	return val.Err(payload)
}

func (g *generator) scalarValue(k types.Kind) val.Value {
	n := g.Uint64() >> g.IntN(64)
	switch k {
	case types.KindBool:
		return val.Bool(n&1 != 0)
	case types.KindU8:
		return val.U8(uint8(n))
	case types.KindU16:
		return val.U16(uint16(n))
	case types.KindU32:
		return val.U32(uint32(n))
	case types.KindU64:
		return val.U64(n)
	case types.KindS8:
		return val.S8(int8(n))
	case types.KindS16:
		return val.S16(int16(n))
	case types.KindS32:
		return val.S32(int32(n))
	case types.KindS64:
		return val.S64(int64(n))
	case types.KindF32:
		return val.F32(float32(g.NormFloat64()))
	case types.KindF64:
		return val.F64(g.NormFloat64())
	case types.KindChar:
		return val.Char(g.char())
	case types.KindString:
		return val.String(g.text())
	}
	panic("no scalar: " + k.String())
}

func (g *generator) char() rune {
	for {
		if r := rune(g.Uint32N(utf8.MaxRune+1)) >> g.IntN(16); utf8.ValidRune(r) {
			return r
		}
	}
}

func (g *generator) text() string {
	var b strings.Builder
	for range g.IntN(6) {
		b.WriteRune(g.char())
	}
	return b.String()
}

// A value goes to Go and comes back as it was, and what is in Go goes to the same
// value again.
func TestRandomRoundTrip(t *testing.T) {
	g := newGenerator(t)
	for range 2000 {
		typ, gt := g.typ(g.IntN(4))
		c, err := newCodec(gt, typ, nil)
		if err != nil {
			t.Fatalf("%v and %v: %v", typ, gt, err)
		}
		for range 3 {
			v := g.value(typ)
			if err := val.Check(v, typ, "v"); err != nil {
				t.Fatal(err)
			}
			dst := reflect.New(gt).Elem()
			if err := c.set(dst, v); err != nil {
				t.Fatalf("%v to %v: %v", v, gt, err)
			}
			back, err := c.toVal(dst)
			if err != nil {
				t.Fatalf("%v by way of %v: %v", v, gt, err)
			}
			if !val.Equal(v, back) {
				t.Fatalf("%v by way of %v comes back as %v", v, gt, back)
			}
			if err := val.Check(back, typ, "v"); err != nil {
				t.Fatal(err)
			}
			again := reflect.New(gt).Elem()
			if err := c.set(again, back); err != nil {
				t.Fatal(err)
			}
			third, err := c.toVal(again)
			if err != nil || !val.Equal(back, third) {
				t.Fatalf("%v by way of %v comes back as %v, %v the second time", v, gt, third, err)
			}
		}
	}
}

// What errors suggest fits, and is spelled as Go spells it.
func TestRandomSuggestions(t *testing.T) {
	g := newGenerator(t)
	g.suggested = true
	respell := strings.NewReplacer(
		"struct { ", "struct{ ", "struct {}", "struct{}", "]uint8", "]byte", "[]uint8", "[]byte", "uint32", "uint32", "int32", "rune", ",", ", ",
	)
	for range 1000 {
		typ, gt := g.typ(g.IntN(3))
		if _, err := newCodec(gt, typ, nil); err != nil {
			t.Fatalf("%v and %v: %v", typ, gt, err)
		}
		got, want := goText(typ), respell.Replace(gt.String())
		if len(got) > maxGoText {
			continue
		}
		// rune and int32, and byte and uint8 where it is a map's value, are the same
		// to Go.
		got = strings.ReplaceAll(respell.Replace(strings.ReplaceAll(got, ", ", ",")), "]uint8", "]byte")
		if got != want {
			t.Fatalf("for %v:\n got %s\nwant %s", typ, got, want)
		}
	}
}
