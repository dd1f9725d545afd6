package cabi

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// drawn makes choices out of data, and once that is used up, out of what it hashes
// to.
type drawn struct {
	data []byte
	then *rand.PCG
}

func newDrawn(data []byte) gen {
	h := fnv.New64a()
	h.Write(data)
	return gen{rand.New(&drawn{data, rand.NewPCG(h.Sum64(), 0)})}
}

func (d *drawn) Uint64() uint64 {
	if len(d.data) == 0 {
		return d.then.Uint64()
	}
	var b [8]byte
	n := copy(b[:], d.data)
	d.data = d.data[n:]
	return binary.BigEndian.Uint64(b[:])
}

// recorder is a memory with an allocator that keeps a record.
type recorder struct {
	heap
	calls []string
}

func (g *recorder) Call(stack []uint64) {
	g.calls = append(g.calls, fmt.Sprint(stack[:4]))
	g.heap.Call(stack)
}

const guestBytes = 1 << 14

// liftLower compares lowering and lifting of one value with [reference]: flat
// values, every byte of the memory, and every call of realloc. Then it damages the
// result, and compares what becomes of that.
func liftLower(t testing.TB, g gen) {
	typ := g.typ(1 + g.IntN(4))
	v := g.value(typ)
	from, enc := encodings[g.IntN(3)], encodings[g.IntN(3)]
	p := []layout.PtrType{layout.Ptr32, layout.Ptr64}[g.IntN(2)]
	defer func() {
		if t.Failed() {
			t.Logf("%v from encoding %d to %d, addresses of %d bytes: %v", typ, from, enc, p.Size(), v)
		}
	}()

	ours, theirs := &recorder{heap: *newHeap(guestBytes)}, &recorder{heap: *newHeap(guestBytes)}
	store := NewStore(Config{PanicOnBug: true, MaxValueBytes: 1 << 24})
	opts := &CanonicalOptions{StringEncoding: enc, Memory: ours, Ptr: p, Realloc: ours}
	cx := newContext(opts, store.NewInstance("guest", nil))
	cx.sourceEncoding = from
	ref := &reference{mem: theirs.b, ptr: uint64(p.Size()), enc: enc, source: from, realloc: func(old, oldSize, align, size uint64) uint64 {
		stack := []uint64{old, oldSize, align, size}
		theirs.Call(stack)
		return stack[0]
	}}

	l := layout.Of(typ, p)
	flatTypes := ref.flat(typ)
	if uint64(l.Size) != ref.size(typ) || uint64(l.Align) != ref.align(typ) || l.FlatLen != len(flatTypes) {
		t.Fatalf("size %d, alignment %d, %d flat values; want %d, %d, %d", l.Size, l.Align, l.FlatLen, ref.size(typ), ref.align(typ), len(flatTypes))
	}
	if l.Flat != nil && fmt.Sprint(l.Flat) != fmt.Sprint(flatTypes) {
		t.Fatalf("flattened to %v, want %v", l.Flat, flatTypes)
	}
	var flat []uint64
	if l.FlatLen <= layout.MaxFlatParams {
		out := flatIter{vs: make([]uint64, l.FlatLen)}
		cx.lowerFlat(v, typ, &out)
		flat = out.vs
		if want := ref.lower(v, typ); !slices.Equal(flat, want) {
			t.Fatalf("lowered to %#x, want %#x", flat, want)
		}
	}
	at := cx.allocate(l.Align, l.Size)
	cx.store(v, typ, at)
	if want := ref.realloc(0, 0, ref.align(typ), ref.size(typ)); at != want {
		t.Fatalf("allocated at %#x, want %#x", at, want)
	}
	ref.store(v, typ, at)
	if !slices.Equal(ours.calls, theirs.calls) {
		t.Fatalf("realloc was called with\n%v, want\n%v", ours.calls, theirs.calls)
	}
	if !bytes.Equal(ours.b, theirs.b) {
		i := 0
		for ours.b[i] == theirs.b[i] {
			i++
		}
		t.Fatalf("memory differs from %#x on: % x, want % x", i, ours.b[i:min(i+16, guestBytes)], theirs.b[i:min(i+16, guestBytes)])
	}
	compareLift(t, cx, ref, typ, flat, at, v)

	for range 4 {
		damage(g, ours.b, flat, ours.last)
		copy(theirs.b, ours.b)
		if g.IntN(8) == 0 {
			at = g.Uint64() >> g.IntN(64)
		}
		compareLift(t, cx, ref, typ, flat, at, val.Value{})
	}
}

// damage changes some bytes and flat values.
func damage(g gen, mem []byte, flat []uint64, used int) {
	for range 1 + g.IntN(3) {
		i := g.IntN(used + 1)
		mem[min(i, len(mem)-1)] = []byte{0, 1, 2, 0x7f, 0x80, 0xd8, 0xdc, 0xff}[g.IntN(8)]
	}
	if len(flat) > 0 && g.IntN(2) == 0 {
		i := g.IntN(len(flat))
		switch g.IntN(3) {
		case 0:
			flat[i]++
		case 1:
			flat[i] = g.Uint64() >> g.IntN(64)
		default:
			flat[i] |= g.Uint64() << 32
		}
	}
}

// outcome is what lifting ends in.
type outcome struct {
	v             val.Value
	trap, skipped bool
}

func (o outcome) String() string {
	if o.trap {
		return "a trap"
	}
	return o.v.String()
}

// lifting runs f and sees how it ends.
func lifting(f func() val.Value) (o outcome) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case trapped:
			o.trap = true
		case tooMuch:
			o.skipped = true
		case *trap.Trap:
			o.trap, o.skipped = true, p.Code == trap.ValueTooLarge
		default:
			panic(p)
		}
	}()
	return outcome{v: f()}
}

// compareLift lifts from the flat values, if there are any, and from memory. want
// is what comes out, if it is valid.
func compareLift(t testing.TB, cx liftLowerContext, ref *reference, typ *types.Type, flat []uint64, at uint64, want val.Value) {
	l := layout.Of(typ, cx.opts.Ptr)
	compare := func(how string, got, expected outcome) {
		if got.skipped || expected.skipped {
			return
		}
		if got.trap != expected.trap || !got.trap && !val.Equal(got.v, expected.v) {
			t.Fatalf("lifted %s: %v, want %v", how, got, expected)
		}
		if want.IsValid() && (got.trap || !val.Equal(got.v, want)) {
			t.Fatalf("lifted %s again: %v, want %v", how, got, want)
		}
	}
	cx.mem, cx.spent, ref.budget = nil, 0, 1<<14
	got := lifting(func() val.Value {
		cx.trapUnlessInMemory(at, l)
		return cx.load(at, typ)
	})
	compare("from memory", got, lifting(func() val.Value {
		trapIf(at%ref.align(typ) != 0)
		ref.within(at, 1, ref.size(typ))
		return ref.load(at, typ)
	}))
	if flat == nil {
		return
	}
	cx.spent, ref.budget = 0, 1<<14
	got = lifting(func() val.Value { return cx.liftFlat(&flatIter{vs: flat}, typ) })
	compare(fmt.Sprintf("from %#x", flat), got, lifting(func() val.Value {
		v, _ := ref.lift(flat, typ)
		return v
	}))
}

func TestLiftLower(t *testing.T) {
	seed := testenv.Seed(t)
	for i := range uint64(2000) {
		liftLower(t, newGen(seed+i))
	}
}

func FuzzLiftLower(f *testing.F) {
	for _, s := range []string{"", "a", "\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff", "lift and lower"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { liftLower(t, newDrawn(data)) })
}
