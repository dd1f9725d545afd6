package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// always is a chooser that makes the same choice wherever there is one.
type always int

func (a always) Choose(_ Choice, n int) int { return min(int(a), n-1) }

// The message of an error context is kept where nobody chooses, and let go where
// somebody wants that, without a look at it.
func TestErrorContextMessage(t *testing.T) {
	for _, c := range []struct {
		chooser Chooser
		message string
		length  uint64
	}{
		{nil, "hello", 5},
		{always(0), "hello", 5},
		{always(1), "hello", 0},
		{always(1), "\xff", 0},
	} {
		h := newHarness(t, c.chooser)
		hp := newHeap(64)
		copy(hp.b, c.message)
		hp.last = 16
		inst := h.instance("i", nil)
		opts := &CanonicalOptions{Memory: hp, Realloc: hp}
		newContext, message, drop := CanonErrorContextNew(inst, opts), CanonErrorContextDebugMessage(inst, opts), CanonErrorContextDrop(inst)
		h.run(h.Lift("f", does(func() {
			e := call(newContext, 0, uint64(len(c.message)))
			for range 2 { // each time the same
				call(message, e, 8)
				h.equal(hp.u32(12), c.length)
			}
			call(drop, e)
			h.traps(func() { call(message, e, 8) })
		}), funcType(nil), &CanonicalOptions{}, inst))
	}
}

func TestErrorContextTraps(t *testing.T) {
	for name, args := range map[string][2]uint64{"unaligned": {8, 9}, "beyond": {8, 60}} {
		h := newHarness(t, nil)
		hp := newHeap(64)
		hp.last = 16
		inst := h.NewInstance("i", nil)
		opts := &CanonicalOptions{Memory: hp, Realloc: hp}
		newContext, message := CanonErrorContextNew(inst, opts), CanonErrorContextDebugMessage(inst, opts)
		tr := h.runTrap(h.Lift("f", does(func() {
			call(message, call(newContext, 0, 0), args[1])
		}), funcType(nil), &CanonicalOptions{}, inst))
		if tr.Code != trap.UnalignedPointer && tr.Code != trap.PointerOutOfBounds {
			t.Errorf("%s: %v", name, tr)
		}
	}
}
