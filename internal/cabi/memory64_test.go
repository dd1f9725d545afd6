package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

const wideRep = 1<<40 | 7

// A representation of 64 bits comes back from resource.rep and goes to the
// destructor; one of 32 has no upper half.
func TestRepresentations(t *testing.T) {
	for _, c := range []struct {
		p    layout.PtrType
		want uint64
	}{{layout.Ptr32, 7}, {layout.Ptr64, wideRep}} {
		h := newHarness(t, nil)
		inst := h.instance("i", nil)
		r := types.NewResource("r", 0)
		rt := NewResourceType("r", inst)
		rt.SetRep(c.p)
		var destroyed uint64
		rt.SetDtor(CoreFuncOf(func(stack []uint64) { destroyed = stack[0] }))
		inst.SetResource(0, rt)
		h.run(h.Lift("f", does(func() {
			i := call(CanonResourceNew(inst, r), wideRep)
			h.expect(c.want, CanonResourceRep(inst, r), i)
			call(CanonResourceDrop(inst, r), i)
		}), funcType(nil), &CanonicalOptions{}, inst))
		if destroyed != c.want {
			t.Errorf("the destructor got %#x, want %#x", destroyed, c.want)
		}
	}
}

// The instance that implements a resource gets the representation of a borrowed
// one as an i32.
func TestBorrowOfWideRepresentation(t *testing.T) {
	h := newHarness(t, nil)
	inst := h.instance("i", nil)
	r := types.NewResource("r", 0)
	rt := NewResourceType("r", inst)
	rt.SetRep(layout.Ptr64)
	inst.SetResource(0, rt)
	var got uint64
	f := h.Lift("f", CoreFuncOf(func(stack []uint64) { got = stack[0] }), funcType(nil, types.Borrow(r)), &CanonicalOptions{}, inst)
	h.run(f, val.Borrow(&Resource{rt, 7}))
	if got != 7 {
		t.Errorf("got %d", got)
	}
	if tr := h.runTrap(f, val.Borrow(&Resource{rt, wideRep})); tr.Code != trap.RepTooWide {
		t.Error(tr)
	}
}

// An index into a 32-bit table is what lies in the lower half of its slot.
func TestIndexIntoATable(t *testing.T) {
	for _, c := range []struct {
		p  layout.PtrType
		ok bool
	}{{layout.Ptr32, true}, {layout.Ptr64, false}} {
		h := newHarness(t, nil)
		inst := h.instance("i", nil)
		table := tableOf{does(func() {})}
		spawn := CanonThreadNewIndirect(inst, layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}, table, c.p)
		f := h.Lift("f", does(func() { call(CanonThreadResumeLater(inst), call(spawn, 0xdeadbeef<<32, 0)) }), funcType(nil), &CanonicalOptions{}, inst)
		if c.ok {
			h.run(f)
		} else if tr := h.runTrap(f); tr.Code != trap.TableOutOfBounds {
			t.Error(tr)
		}
	}
}

// tableOf is a table of functions.
type tableOf []CoreFunc

func (t tableOf) Func(i uint64, _ layout.CoreFuncType) CoreFunc {
	if i >= uint64(len(t)) {
		trap.Throw(trap.TableOutOfBounds)
	}
	return t[i]
}
