package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// The picture of CanonicalABI.md#component-instances: a parent that is reentered
// by the import of its child is not entered, but a child is.
func TestReentrance(t *testing.T) {
	h := newHarness(t, nil)
	p := h.guest(h.instance("p", nil), newMemory(0), nil)
	c1, c2 := h.guest(h.instance("c1", p.inst), newMemory(0), nil), h.guest(h.instance("c2", p.inst), newMemory(0), nil)
	steps := ""
	again := false
	var m1 CoreBuiltin
	m2 := p.lift("m2", does(func() {
		steps += "m2 "
		if again {
			call(m1)
		}
	}), funcType(nil), p.sync)
	low2 := c2.lower(m2, c2.sync)
	f2 := c2.lift("c2", does(func() { steps += "c2 "; call(low2) }), funcType(nil), c2.sync)
	low1 := c1.lower(f2, c1.sync)
	f1 := c1.lift("c1", does(func() { steps += "c1 "; call(low1) }), funcType(nil), c1.sync)
	m1 = p.lower(f1, p.sync)
	f := p.lift("m1", does(func() { steps += "m1 "; call(m1) }), funcType(nil), p.sync)
	h.run(f)
	if steps != "m1 c1 c2 m2 " {
		t.Errorf("the calls went %s", steps)
	}
	again = true
	if tr := h.runTrap(f); tr.Code != trap.CannotEnter {
		t.Errorf("got %v", tr)
	}
	if tr := h.runTrap(f); tr.Code != trap.CannotEnter {
		t.Errorf("after a trap: got %v", tr)
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
