package cabi

import (
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// The picture of CanonicalABI.md#component-instances: which instances a call enters.
func TestEnteringSet(t *testing.T) {
	h := newHarness(t, nil)
	p := h.NewInstance("p", nil)
	c1, c2, other := h.NewInstance("c1", p), h.NewInstance("c2", p), h.NewInstance("other", nil)
	check := func(callee, caller *ComponentInstance, want ...*ComponentInstance) {
		t.Helper()
		callee.enterFrom(caller)
		for _, i := range []*ComponentInstance{p, c1, c2, other} {
			if entered := !i.mayEnter; entered != slices.Contains(want, i) {
				t.Errorf("a call of %s from %v enters %s: %v", callee.name, caller, i.name, entered)
			}
		}
		if free := len(want) == 0; callee.mayEnterFrom(caller) != free {
			t.Errorf("%s may be entered twice", callee.name)
		}
		callee.leaveTo(caller)
	}
	check(c1, nil, p, c1)
	check(c1, p, c1)
	check(p, c1)
	check(c1, c2, c1)
	check(c1, c1)
	check(c1, other, p, c1)
	check(other, c1, other)
}

// Calls between relatives trap for now, whether they reenter or not, and so does
// whatever comes after.
func TestCallsBetweenRelatives(t *testing.T) {
	for name, c := range map[string]struct {
		caller, callee int // p, its child, its grandchild, another child
		ok             bool
	}{
		"to a child":    {0, 1, false},
		"to a parent":   {1, 0, false},
		"to a grandson": {0, 2, false},
		"to oneself":    {1, 1, false},
		"to a sibling":  {1, 3, true},
		"to a nephew":   {3, 2, true},
	} {
		h := newHarness(t, nil)
		p := h.instance("p", nil)
		child := h.instance("c", p)
		family := []*ComponentInstance{p, child, h.instance("g", child), h.instance("d", p)}
		caller, callee := h.guest(family[c.caller], newMemory(0), nil), h.guest(family[c.callee], newMemory(0), nil)
		low := caller.lower(callee.lift("f", does(func() {}), funcType(nil), callee.sync), caller.sync)
		f := caller.lift("g", does(func() { call(low) }), funcType(nil), caller.sync)
		if c.ok {
			h.run(f)
			continue
		}
		for range 2 {
			if tr := h.runTrap(f); tr.Code != trap.CannotEnter {
				t.Errorf("%s: got %v", name, tr)
			}
		}
	}
}

// While a sync function has not returned, what might block traps, even if it
// wouldn't, unless another thread is ready.
func TestSyncFunctionsTrapBeforeTheyBlock(t *testing.T) {
	for _, another := range []bool{false, true} {
		h := newHarness(t, nil)
		g, peer := h.guest(h.instance("g", nil), newMemory(64), nil), h.guest(h.instance("peer", nil), newMemory(64), nil)
		eager := peer.lift("eager", does(func() {}), asyncType(nil), peer.sync)
		low := g.lower(eager, g.sync)
		spawn := CanonThreadNewIndirect(g.inst, layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}, tableOf{does(func() {})}, layout.Ptr32)
		f := g.lift("f", does(func() {
			if another {
				call(CanonThreadResumeLater(g.inst), call(spawn, 0, 0))
			}
			call(low)
		}), funcType(nil), g.sync)
		if another {
			h.run(f)
		} else if tr := h.runTrap(f); tr.Code != trap.CannotBlockSyncTask {
			t.Errorf("got %v", tr)
		}
	}
}

// A host function that calls the instance that calls it gets a trap for its call;
// the instance goes on.
func TestHostReentrance(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(0), nil)
	inner := g.lift("inner", does(func() {}), funcType(nil), g.sync)
	var c hostCaller
	host := h.NewHostFunc(&HostFunc{Name: "host", Type: funcType(nil), Plain: func(any, []val.Value) (val.Value, error) {
		h.Invoke(inner, &c, nil)
		return val.Value{}, nil
	}})
	low := g.lower(host, g.sync)
	h.run(g.lift("outer", does(func() { call(low) }), funcType(nil), g.sync))
	if tr, _ := c.err.(*trap.Trap); tr == nil || tr.Code != trap.CannotEnter {
		t.Errorf("got %v", c.err)
	}
	h.run(inner)
}

// A task that waits on its stack lets others enter.
func TestBlockedInstanceMayBeEntered(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		o := g.ops(unitFuture)
		var r, w uint64
		waits := g.lift("waits", does(func() {
			r, w = ends(call(o.make_))
			h.expect(uint64(CopyCompleted), o.readSync, r, 0)
		}), asyncType(nil), g.sync)
		wakes := g.lift("wakes", does(func() { h.expect(uint64(CopyCompleted), o.write, w, 0) }), funcType(nil), g.sync)
		c, _ := h.start(waits)
		h.settle()
		h.equal(uint64(c.ended), 0)
		h.run(wakes)
		h.equal(uint64(c.ended), 1)
	})
}

// Two threads wait on one set; an event wakes one, and the other goes on waiting.
func TestTwoWaiters(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(64)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(unitFuture)
		set := uint64(0)
		var w [2]uint64
		woken := 0
		wait := g.lift("wait", does(func() {
			h.expect(uint64(EventFutureRead), g.setWait, set, 0)
			woken++
			call(g.returns(nil, g.async))
		}), asyncType(nil), g.async)
		h.run(g.lift("set up", does(func() {
			set = call(g.setNew)
			for i := range w {
				var r uint64
				r, w[i] = ends(call(o.make_))
				call(o.read, r, 0)
				call(g.join, r, set)
			}
		}), funcType(nil), g.sync))
		a, _ := h.start(wait)
		b, _ := h.start(wait)
		write := func(w uint64) FuncInst {
			return g.lift("write", does(func() { call(o.write, w, 0) }), funcType(nil), g.sync)
		}
		h.run(write(w[0]))
		h.equal(uint64(a.ended+b.ended), 1)
		h.run(write(w[1]))
		h.equal(uint64(a.ended+b.ended), 2)
	})
}

// Who waited because of backpressure goes before who comes later, even if nothing
// holds anybody back any more.
func TestResidualBackpressure(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	order := ""
	task := func(name string) FuncInst {
		return g.lift(name, does(func() { order += name; call(g.returns(nil, g.async)) }), asyncType(nil), g.async)
	}
	h.run(g.lift("inc", does(func() { call(g.pressureInc) }), funcType(nil), g.sync))
	a, _ := h.start(task("a"))
	h.settle()
	h.equal(uint64(a.ended), 0)
	dec := g.lift("dec", does(func() { call(g.pressureDec) }), funcType(nil), g.sync)
	h.Invoke(dec, &hostCaller{}, nil)
	b, _ := h.start(task("b"))
	if order != "" {
		t.Errorf("%s barged in", order)
	}
	h.settle()
	if order != "ab" || a.ended != 1 || b.ended != 1 {
		t.Errorf("the order is %q", order)
	}
}

// A thread's storage is its own, and each realloc's begins at zero.
func TestStorageOfRealloc(t *testing.T) {
	h := newHarness(t, nil)
	mem := newHeap(64)
	i := h.instance("inst", nil)
	get, set := CanonContextGet(i, 0, 0), CanonContextSet(i, 0, 0)
	realloc := CoreFuncOf(func(stack []uint64) {
		h.expect(0, get)
		call(set, 9)
		mem.Call(stack)
	})
	g := h.guest(i, mem, realloc)
	f := g.lift("f", does(func() { h.expect(0, get); call(set, 5) }), funcType(nil, types.String, types.String), g.sync)
	for range 2 {
		h.run(f, val.String("a"), val.String("b"))
	}
}
