package cabi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// gen draws types and values of them.
type gen struct{ *rand.Rand }

func newGen(seed uint64) gen { return gen{rand.New(rand.NewPCG(seed, 1))} }

var scalars = []*types.Type{
	types.Bool, types.U8, types.U16, types.U32, types.U64, types.S8, types.S16, types.S32, types.S64,
	types.F32, types.F64, types.Char, types.String,
}

func (g gen) typ(depth int) *types.Type {
	if depth == 0 {
		return scalars[g.IntN(len(scalars))]
	}
	sub := func() *types.Type { return g.typ(g.IntN(depth)) }
	maybe := func() *types.Type {
		if g.IntN(3) == 0 {
			return nil
		}
		return sub()
	}
	switch g.IntN(11) {
	case 0:
		return types.List(sub())
	case 1:
		return types.FixedList(sub(), 1+g.IntN(4))
	case 2:
		return types.Map(scalars[g.IntN(len(scalars))], sub())
	case 3:
		fields := make([]types.Field, 1+g.IntN(4))
		for i := range fields {
			fields[i] = types.Field{Name: fmt.Sprint("f", i), Type: sub()}
		}
		return types.Record(fields...)
	case 4:
		ts := make([]*types.Type, 1+g.IntN(4))
		for i := range ts {
			ts[i] = sub()
		}
		return types.Tuple(ts...)
	case 5:
		cases := make([]types.Case, []int{1, 2, 3, 256, 257}[g.IntN(5)])
		for i := range cases {
			cases[i] = types.Case{Name: fmt.Sprint("c", i)}
			if i < 4 {
				cases[i].Type = maybe()
			}
		}
		return types.Variant(cases...)
	case 6:
		return types.Enum(labels(1 + g.IntN(5))...)
	case 7:
		return types.Option(sub())
	case 8:
		return types.Result(maybe(), maybe())
	case 9:
		return types.Flags(labels(1 + g.IntN(32))...)
	}
	return sub()
}

var alphabet = []rune{'a', 'b', 0, 0x7f, 0x80, 'é', 0xff, 0x100, '☃', 0xd7ff, 0xe000, 0xffff, '🍰', 0x10ffff}

func (g gen) text() string {
	// Often only of what ASCII or Latin-1 can say.
	most := []int{4, 7, len(alphabet)}[g.IntN(3)]
	rs := make([]rune, g.IntN(6))
	for i := range rs {
		rs[i] = alphabet[g.IntN(most)]
	}
	return string(rs)
}

func (g gen) value(t *types.Type) val.Value {
	switch k := t.Kind(); k {
	case types.KindBool:
		return val.Bool(g.IntN(2) == 0)
	case types.KindF32:
		return val.F32([]float32{0, float32(math.Copysign(0, -1)), 1.5, float32(math.Inf(1)), float32(math.NaN()), g.Float32()}[g.IntN(6)])
	case types.KindF64:
		return val.F64([]float64{0, math.Copysign(0, -1), 1.5, math.Inf(-1), math.NaN(), g.Float64()}[g.IntN(6)])
	case types.KindChar:
		return val.Char(alphabet[g.IntN(len(alphabet))])
	case types.KindString:
		s := g.text()
		if _, narrow := latin1Bytes(s); narrow && g.IntN(4) == 0 {
			return val.OfWideString(s)
		}
		return val.String(s)
	case types.KindList:
		n, fixed := t.Len()
		if !fixed {
			n = g.IntN(4)
		}
		return val.List(g.values(n, func(int) *types.Type { return t.Elem() })...)
	case types.KindMap:
		es := make([]val.Entry, g.IntN(4))
		for i := range es {
			es[i] = val.Entry{Key: g.value(t.Key()), Value: g.value(t.Value())}
		}
		return val.Map(es...)
	case types.KindRecord:
		fs := make([]val.Field, len(t.Fields()))
		for i, f := range t.Fields() {
			fs[i] = field(f.Name, g.value(f.Type))
		}
		g.Shuffle(len(fs), func(i, j int) { fs[i], fs[j] = fs[j], fs[i] })
		return val.Record(fs...)
	case types.KindTuple:
		return val.Tuple(g.values(len(t.Fields()), func(i int) *types.Type { return t.Fields()[i].Type })...)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		i := g.IntN(len(t.Cases()))
		if c := t.Cases()[i].Type; c != nil {
			return val.OfCase(t, i, g.value(c))
		}
		return val.OfCase(t, i, val.Value{})
	case types.KindFlags:
		var set []string
		for _, l := range t.Labels() {
			if g.IntN(2) == 0 {
				set = append(set, l)
			}
		}
		return val.Flags(set...)
	default:
		return liftScalar(g.Uint64()>>g.IntN(64), k)
	}
}

func (g gen) values(n int, of func(i int) *types.Type) []val.Value {
	vs := make([]val.Value, n)
	for i := range vs {
		vs[i] = g.value(of(i))
	}
	return vs
}

// roundTrip lowers v into a memory and lifts it again, flat where it may be and
// through memory, for a pair of encodings and a type of addresses.
func roundTrip(t testing.TB, typ *types.Type, v val.Value, from, to StringEncoding, p layout.PtrType) {
	t.Helper()
	lab := newLab(t, nil, 1<<16, p, to)
	lab.sourceEncoding = from
	if l := layout.Of(typ, p); l.FlatLen <= layout.MaxFlatParams {
		out := flatIter{vs: make([]uint64, l.FlatLen)}
		lab.lowerFlat(v, typ, &out)
		if out.i != l.FlatLen {
			t.Errorf("%v: lowered to %d flat values of %d", typ, out.i, l.FlatLen)
		}
		// The upper halves of what is 32 bits wide must not matter.
		for i, ct := range l.Flat {
			if ct == layout.I32 || ct == layout.F32 {
				out.vs[i] |= 0xdeadbeef << 32
			}
		}
		lab.mem = nil
		in := flatIter{vs: out.vs}
		if got := lab.liftFlat(&in, typ); !val.Equal(got, v) || in.i != l.FlatLen {
			t.Errorf("%v flat: got %v, want %v", typ, got, v)
		}
	}
	list := types.List(typ)
	out := flatIter{vs: make([]uint64, 2)}
	lab.lowerFlat(val.List(v, v), list, &out)
	lab.mem = nil
	if got := lab.liftFlat(&flatIter{vs: out.vs}, list); !val.Equal(got, val.List(v, v)) {
		t.Errorf("%v in memory: got %v, want twice %v", typ, got, v)
	}
}

func roundTripSeed(t testing.TB, seed uint64) {
	g := newGen(seed)
	typ := g.typ(4)
	v := g.value(typ)
	if err := val.Check(v, typ, "v"); err != nil {
		t.Fatal(err)
	}
	for _, from := range encodings {
		for _, to := range encodings {
			roundTrip(t, typ, v, from, to, layout.Ptr32)
		}
	}
	roundTrip(t, typ, v, UTF8, UTF8, layout.Ptr64)
	if t.Failed() {
		t.Fatalf("seed %d", seed)
	}
}

func TestRandomRoundTrips(t *testing.T) {
	seed := testenv.Seed(t)
	for i := range uint64(500) {
		roundTripSeed(t, seed+i)
	}
}

func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { roundTripSeed(t, seed) })
}

// Whatever bytes a guest has, lifting from them ends in a value or a trap.
func FuzzLift(f *testing.F) {
	for seed := range uint64(10) {
		f.Add(seed, []byte("\x00\x00\x00\x00\x08\x00\x00\x00\xff\xd8\x00\xdc"))
	}
	f.Fuzz(func(t *testing.T, seed uint64, mem []byte) {
		g := newGen(seed)
		typ := g.typ(4)
		for _, e := range encodings {
			lab := newLab(t, mem, len(mem), layout.Ptr32, e)
			l := layout.Of(typ, layout.Ptr32)
			caught(func() {
				lab.trapUnlessInMemory(0, l)
				v := lab.load(0, typ)
				if err := val.Check(v, typ, "v"); err != nil {
					t.Error(err)
				}
			})
			if l.FlatLen <= layout.MaxFlatParams {
				flat := make([]uint64, l.FlatLen)
				for i := range flat {
					flat[i] = g.Uint64() >> g.IntN(64)
				}
				caught(func() {
					v := lab.liftFlat(&flatIter{vs: flat}, typ)
					if err := val.Check(v, typ, "v"); err != nil {
						t.Error(err)
					}
				})
			}
		}
	})
}

// Values go between two guests of any encodings as they are, in parameters and
// results, sync and async.
func TestRandomCallsBetweenGuests(t *testing.T) {
	base := testenv.Seed(t)
	for i := range uint64(100) {
		seed := base + i
		g := newGen(seed)
		typ := g.typ(3)
		v := g.value(typ)
		h := newHarness(t, NewSeeded(seed))
		heaps := [2]*heap{newHeap(1 << 17), newHeap(1 << 17)}
		enc := [2]StringEncoding{encodings[g.IntN(3)], encodings[g.IntN(3)]}
		var insts [2]*ComponentInstance
		var sync, async [2]*CanonicalOptions
		for i := range insts {
			insts[i] = h.instance(fmt.Sprint("inst", i), nil)
			sync[i] = &CanonicalOptions{Memory: heaps[i], Realloc: heaps[i], StringEncoding: enc[i]}
			opts := *sync[i]
			opts.Async = true
			async[i] = &opts
		}
		ft := asyncType(typ, typ)
		l := layout.Of(typ, layout.Ptr32)
		ret := CanonTaskReturn(insts[1], typ, async[1])
		// Core code gives back what it got: flat, or a pointer to it.
		echo := h.Lift("echo", CoreFuncOf(func(stack []uint64) { ret(stack) }), ft, async[1], insts[1])
		low := h.Lower(echo, ft, sync[0], insts[0])
		lowCore := FlattenFunc(ft, sync[0], layout.Lower)
		retOuter := CanonTaskReturn(insts[0], typ, async[0])
		outer := h.Lift("outer", CoreFuncOf(func(stack []uint64) {
			args := make([]uint64, len(lowCore.Params)+1)
			copy(args, stack)
			if l.FlatLen <= 1 {
				low(args)
				retOuter(args)
				return
			}
			retp := heaps[0].realloc(0, 0, uint64(l.Align), uint64(l.Size))
			args[len(lowCore.Params)-1] = retp
			low(args)
			if l.FlatLen > layout.MaxFlatParams {
				args[0] = retp
				retOuter(args)
				return
			}
			cx := newContext(sync[0], insts[0])
			cx.memory()
			flat := flatIter{vs: make([]uint64, l.FlatLen)}
			back := cx.load(retp, typ)
			cx.lowerFlat(back, typ, &flat)
			retOuter(flat.vs)
		}), ft, async[0], insts[0])
		if got := h.run(outer, v); !val.Equal(got, v) {
			t.Fatalf("seed %d: %v: got %v, want %v", seed, typ, got, v)
		}
	}
}
