package cabi

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// reallocAnswers are what a hostile realloc may answer, beside what it should. m
// is the memory, right what it should be.
var reallocAnswers = map[string]func(m *memory, right uint64) uint64{
	"what it should":          func(_ *memory, right uint64) uint64 { return right },
	"zero":                    func(*memory, uint64) uint64 { return 0 },
	"an odd address":          func(_ *memory, right uint64) uint64 { return right | 1 },
	"the end":                 func(m *memory, _ uint64) uint64 { return uint64(len(m.b)) },
	"one before the end":      func(m *memory, _ uint64) uint64 { return uint64(len(m.b)) - 1 },
	"two before the end":      func(m *memory, _ uint64) uint64 { return uint64(len(m.b)) - 2 },
	"the last address":        func(*memory, uint64) uint64 { return math.MaxUint32 },
	"the upper half":          func(*memory, uint64) uint64 { return 1 << 31 },
	"something over 32 bits":  func(_ *memory, right uint64) uint64 { return 0xdeadbeef<<32 | right },
	"after it moved memory":   func(m *memory, right uint64) uint64 { m.b = bytes.Clone(m.b); return right },
	"after it grew memory":    func(m *memory, _ uint64) uint64 { m.b = append(m.b, make([]byte, 64)...); return uint64(len(m.b)) - 64 },
	"after it scribbled":      func(m *memory, right uint64) uint64 { copy(m.b[right:], "\xff\xff\xd8"); return right },
	"what it answered before": func(_ *memory, right uint64) uint64 { return 8 },
}

// Whatever realloc answers, a string that is transcoded goes where there is
// memory, or the guest traps. The memory is followed by bytes of somebody else.
func TestStringsWithHostileReallocs(t *testing.T) {
	const size, fence = 256, 64
	texts := []string{"", "a", "plain", "na\u00efve", "\u00ff\u0100", "x\u2603y", "\U0001f600", "ab\u00e9\U0001f600cd"}
	ended, trapped := 0, 0
	try := func(name string, text string, from, to StringEncoding, answers [3]func(*memory, uint64) uint64) {
		space := bytes.Repeat([]byte{0x5a}, size+fence)
		m := &memory{space[:size:size]}
		calls, next := 0, uint64(8)
		realloc := core(func(args []uint64) []uint64 {
			right := uint64(layout.AlignTo(int(next), int(args[2])))
			next = right + args[3]
			answer := answers[min(calls, len(answers)-1)]
			calls++
			return []uint64{answer(m, right)}
		})
		store := NewStore(Config{PanicOnBug: true})
		cx := newContext(&CanonicalOptions{StringEncoding: to, Memory: m, Realloc: realloc}, store.NewInstance("guest", nil))
		cx.sourceEncoding = from
		flat := make([]uint64, 2)
		if caught(func() { cx.lowerFlat(val.String(text), types.String, &flatIter{vs: flat}) }) != nil {
			trapped++
		} else {
			ended++
			// What the guest has now may be nonsense, but can be looked at.
			caught(func() { cx.liftFlat(&flatIter{vs: flat}, types.String) })
		}
		if calls > 3 {
			t.Errorf("%s: realloc was called %d times", name, calls)
		}
		if !bytes.Equal(space[size:], bytes.Repeat([]byte{0x5a}, fence)) {
			t.Errorf("%s: something was written behind the memory", name)
		}
	}
	for _, text := range texts {
		for _, from := range encodings {
			for _, to := range encodings {
				for n1, a1 := range reallocAnswers {
					for n2, a2 := range reallocAnswers {
						for n3, a3 := range reallocAnswers {
							name := fmt.Sprintf("%q from %d to %d, %s, %s, %s", text, from, to, n1, n2, n3)
							try(name, text, from, to, [3]func(*memory, uint64) uint64{a1, a2, a3})
						}
					}
				}
			}
		}
	}
	if ended == 0 || trapped == 0 {
		t.Errorf("%d ended, %d trapped", ended, trapped)
	}
}

// What a string claims to be, in each encoding, is in the memory or a trap.
func TestStringsWithHostileLengths(t *testing.T) {
	for _, e := range encodings {
		for _, p := range []layout.PtrType{layout.Ptr32, layout.Ptr64} {
			for _, at := range []uint64{0, 1, 2, 62, 63, 64, 65, 1 << 31, math.MaxUint32, math.MaxUint64 - 1, math.MaxUint64} {
				for _, n := range []uint64{1, 2, 32, 33, 64, 65, 1 << 30, 1 << 31, 1<<31 | 1, 1<<31 | 33, math.MaxUint32, 1 << 63, 1<<63 | 1, 1<<63 | 33, math.MaxUint64} {
					lab := newLab(t, bytes.Repeat([]byte("a"), 64), 64, p, e)
					caught(func() {
						v := lab.liftFlat(&flatIter{vs: []uint64{at, n}}, types.String)
						if len(v.Str()) > 3*64 {
							t.Errorf("encoding %d, %d units at %#x: a string of %d bytes", e, n, at, len(v.Str()))
						}
					})
				}
			}
		}
	}
}

// Bits that no flag has are not there.
func TestFlagsWithExcessBits(t *testing.T) {
	for n := 1; n <= 32; n++ {
		var labels []string
		for i := range n {
			labels = append(labels, fmt.Sprint("f", i))
		}
		typ := types.Flags(labels...)
		want := val.Flags(labels...)
		lab := newLab(t, bytes.Repeat([]byte{0xff}, 8), 8, layout.Ptr32, UTF8)
		if got := lab.liftFlat(&flatIter{vs: []uint64{math.MaxUint64}}, typ); !val.Equal(got, want) {
			t.Errorf("%d flags flat: %v", n, got)
		}
		lab.trapUnlessInMemory(0, layout.Of(typ, layout.Ptr32))
		if got := lab.load(0, typ); !val.Equal(got, want) {
			t.Errorf("%d flags in memory: %v", n, got)
		}
	}
}
