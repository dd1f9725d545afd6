package cabi

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// A request of the host's that comes before, while or after a call resolves, or
// that comes twice, is never wrong.
func TestHostCancellationRaces(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		set := uint64(0)
		var opts *CanonicalOptions
		opts = g.callbackOpts(func(event, _, _ uint64) uint64 {
			h.equal(event, uint64(EventTaskCancelled))
			call(g.taskCancel)
			return uint64(callbackExit)
		})
		f := g.lift("f", core(func([]uint64) []uint64 {
			set = call(g.setNew)
			return []uint64{waitOn(set)}
		}), asyncType(nil), opts)
		c, on := h.start(f)
		h.settle()
		on.Request()
		on.Request()
		h.settle()
		if c.ended != 1 || c.how != Cancelled || c.err != nil {
			t.Errorf("ended %d times, %d, %v", c.ended, c.how, c.err)
		}
		// The task's place is taken by another one now.
		c2, on2 := h.start(f)
		on.Request()
		h.settle()
		h.equal(uint64(c2.ended), 0)
		on2.Request()
		h.settle()
		h.equal(uint64(c2.ended), 1)
		OnCancel{}.Request()

		done, onDone := h.start(g.lift("done", does(func() {}), asyncType(nil), g.sync))
		onDone.Request()
		if done.how != Returned || done.ended != 1 {
			t.Error("a call that had returned was cancelled")
		}
		h.equal(uint64(h.Live()), 0)
	})
}

// A call that waits to enter is cancelled without running.
func TestCancelBeforeStart(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	g.inst.backpressure = 1
	c, on := h.start(g.lift("f", does(func() { t.Error("it ran") }), asyncType(nil), g.sync))
	on.Request()
	if c.how != Cancelled || c.ended != 1 || h.Live() != 0 {
		t.Errorf("ended %d times, %d", c.ended, c.how)
	}
}

// A request that can't be delivered waits for the next cancellation point.
func TestPendingCancel(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		gate := h.gate()
		c, on := h.start(g.lift("f", does(func() {
			gate.wait()
			h.traps(func() { call(g.taskCancel) })
			h.expect(1, g.yieldCan)
			call(g.taskCancel)
		}), asyncType(nil), g.async))
		h.settle()
		on.Request()
		h.settle()
		h.equal(uint64(c.ended), 0)
		gate.set()
		h.settle()
		if c.ended != 1 || c.how != Cancelled {
			t.Errorf("ended %d times, %d", c.ended, c.how)
		}
	})
}

// The guest cancels a call of the host's; the host may confirm, answer, or take
// its time.
func TestCancelHostCall(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*HostCall)
		want   SubtaskState
	}{
		"confirms": {func(c *HostCall) {
			if err := c.Cancel(); err != nil {
				t.Error(err)
			}
		}, SubtaskCancelledBeforeReturned},
		"answers": {func(c *HostCall) { c.Return(val.U8(7)) }, SubtaskReturned},
	} {
		t.Run(name, func(t *testing.T) {
			everyOrder(t, func(t *testing.T, h *harness) {
				mem := newMemory(64)
				g := h.guest(h.instance("inst", nil), mem, nil)
				for _, later := range []bool{false, true} {
					host := h.NewHostFunc(&HostFunc{Name: "f", Type: asyncType(types.U8), Async: func(hc *HostCall) {
						if err := hc.Cancel(); err == nil {
							t.Error("the host cancelled without a request")
						}
						if err := hc.Return(val.U16(7)); err == nil {
							t.Error("the host returned a value of another type")
						}
						hc.SetCanceller(cancelFunc(func() {
							if !later {
								c.answer(hc)
								return
							}
							h.inbox = append(h.inbox, func() { c.answer(hc); hc.Return(val.U8(1)) })
						}))
					}})
					low := g.lower(host, g.async)
					h.run(g.lift("f", does(func() {
						sub := g.blockedIn(SubtaskStarted, call(low, 0))
						h.expect(uint64(c.want), g.subCancel, sub)
						call(g.subDrop, sub)
					}), asyncType(nil), g.sync))
				}
			})
		})
	}
}

// A guest that cancels a call which has started since it last looked gets the
// last state, not the event that is out of date.
func TestCancelWithStaleEvent(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		e := h.guest(h.instance("callee", nil), newMemory(64), nil)
		gate := h.gate()
		callee := e.lift("callee", does(func() { gate.wait() }), asyncType(nil), e.sync)
		g := h.guest(h.instance("caller", nil), newMemory(64), nil)
		low := g.lower(callee, g.async)
		c, _ := h.start(g.lift("caller", does(func() {
			e.inst.backpressure = 1
			e.inst.refresh()
			sub := g.blockedIn(SubtaskStarting, call(low))
			e.inst.backpressure = 0
			e.inst.refresh()
			for g.inst.handles.get(uint32(sub)).(*Subtask).state == SubtaskStarting {
				call(g.yield)
			}
			h.inbox = append(h.inbox, gate.set)
			h.expect(uint64(SubtaskReturned), g.subCancel, sub)
		}), asyncType(nil), g.async))
		h.settle()
		// The caller is an async lift that never returns a value.
		if c.err == nil || !strings.Contains(c.err.Error(), "failed to produce a result") {
			t.Errorf("got %v", c.err)
		}
		h.equal(uint64(h.Live()), 0)
	})
}

// A subtask's cancellation comes to the host's context of the call it belongs to.
func TestContextTravels(t *testing.T) {
	h := newHarness(t, nil)
	a := h.guest(h.instance("a", nil), newMemory(64), nil)
	b := h.guest(h.instance("b", nil), newMemory(64), nil)
	var got []any
	host := h.NewHostFunc(&HostFunc{Name: "host", Type: funcType(nil), Plain: func(ctx any, _ []val.Value) (val.Value, error) {
		got = append(got, ctx)
		return val.Value{}, nil
	}})
	async := h.NewHostFunc(&HostFunc{Name: "async", Type: asyncType(nil), Async: func(c *HostCall) {
		got = append(got, c.Context())
		c.Return(val.Value{})
	}})
	low, lowAsync := b.lower(host, b.sync), b.lower(async, b.sync)
	viaB := a.lower(b.lift("b", does(func() { call(low); call(lowAsync) }), asyncType(nil), b.sync), a.sync)
	f := a.lift("a", does(func() { call(viaB) }), asyncType(nil), a.sync)
	for _, ctx := range []any{"one", "two"} {
		h.Invoke(f, &hostCaller{}, ctx)
	}
	if len(got) != 4 || got[0] != "one" || got[1] != "one" || got[2] != "two" || got[3] != "two" {
		t.Errorf("got %v", got)
	}
}

// A second task.return traps even when the caller has forgotten the call.
func TestReturnTwice(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		e := h.guest(h.instance("callee", nil), newMemory(64), nil)
		gate := h.gate()
		ret := e.returns(types.String, e.async)
		callee := e.lift("callee", does(func() {
			call(ret, 0, 0)
			gate.wait()
			call(ret, 0, 0)
		}), asyncType(types.String), e.async)
		hp := newHeap(64)
		g := h.guest(h.instance("caller", nil), hp, hp)
		low := g.lower(callee, g.async)
		h.run(g.lift("caller", does(func() { h.expect(uint64(SubtaskReturned), low, 8) }), asyncType(nil), g.sync))
		gate.set()
		h.settle()
		if err := e.inst.Poisoned(); err == nil || !strings.Contains(err.Error(), "called more than once") || g.inst.Poisoned() != nil {
			t.Errorf("got %v, %v", err, g.inst.Poisoned())
		}
	})
}

// Threads work where nothing blocks: they run when their turn comes.
func TestThreadsWithoutBlocking(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	o := g.threads()
	ran := 0
	f := o.table.add(func(arg uint64) { ran += int(arg) })
	for range 2 {
		h.run(g.lift("f", does(func() {
			call(o.later, call(o.spawn, f, 1))
			call(o.later, call(o.spawn, f, 2))
			if call(o.index) == 0 {
				t.Error("a thread without an index")
			}
		}), funcType(nil), g.sync))
	}
	if ran != 6 || h.Live() != 0 || len(g.inst.threads.array)-len(g.inst.threads.free) != 1 {
		t.Errorf("ran %d, %d are left", ran, h.Live())
	}
}
