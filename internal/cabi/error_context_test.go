package cabi

import (
	"strings"
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
		{nil, strings.Repeat("x", 4096), 4096},
		{nil, strings.Repeat("x", 5000), 4096}, // a guest may make many
		{nil, strings.Repeat("x", 4095) + "é", 4095},
	} {
		h := newHarness(t, c.chooser)
		hp := newHeap(64 + 4*len(c.message))
		const message0 = 16 // behind what debug-message returns
		hp.last = message0 + copy(hp.b[message0:], c.message)
		inst := h.instance("i", nil)
		opts := &CanonicalOptions{Memory: hp, Realloc: hp}
		newContext, message, drop := CanonErrorContextNew(inst, opts), CanonErrorContextDebugMessage(inst, opts), CanonErrorContextDrop(inst)
		h.run(h.Lift("f", does(func() {
			e := call(newContext, message0, uint64(len(c.message)))
			for range 2 { // each time the same
				call(message, e, 8)
				h.equal(hp.u32(12), c.length)
			}
			call(drop, e)
			h.traps(func() { call(message, e, 8) })
		}), funcType(nil), &CanonicalOptions{}, inst))
	}
}

// TestErrorContextOutParameter: where the string goes must be in memory, and needs no
// alignment.
func TestErrorContextOutParameter(t *testing.T) {
	for at, traps := range map[uint64]bool{9: false, 56: false, 57: true, 64: true, 1 << 31: true} {
		h := newHarness(t, nil)
		hp := newHeap(64)
		hp.last = 16
		inst := h.NewInstance("i", nil)
		opts := &CanonicalOptions{Memory: hp, Realloc: hp}
		newContext, message := CanonErrorContextNew(inst, opts), CanonErrorContextDebugMessage(inst, opts)
		f := h.Lift("f", does(func() {
			call(message, call(newContext, 0, 3), at)
		}), funcType(nil), &CanonicalOptions{}, inst)
		if traps {
			if tr := h.runTrap(f); tr.Code != trap.PointerOutOfBounds {
				t.Errorf("at %d: %v", at, tr)
			}
			continue
		}
		h.run(f)
		h.equal(hp.u32(int(at)+4), 3)
	}
}
