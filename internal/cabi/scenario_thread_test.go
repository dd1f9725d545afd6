package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// funcTable is a core table of functions (i32) -> ().
type funcTable []CoreFunc

func (f *funcTable) add(fn func(arg uint64)) uint64 {
	*f = append(*f, CoreFuncOf(func(stack []uint64) { fn(stack[0]) }))
	return uint64(len(*f) - 1)
}

func (f *funcTable) Func(i uint64, _ layout.CoreFuncType) CoreFunc {
	if i >= uint64(len(*f)) {
		trap.Throw(trap.TableOutOfBounds)
	}
	return (*f)[i]
}

// threadOps are the thread built-ins.
type threadOps struct {
	table                                                  funcTable
	index, spawn, later                                    CoreBuiltin
	suspend, suspendCan                                    CoreBuiltin
	suspendThenResume, suspendThenResumeCan                CoreBuiltin
	yieldThenResumeCan, yieldThenPromote, suspendThenPromo CoreBuiltin
}

func (g *guest) threads() *threadOps {
	o := &threadOps{
		index:                CanonThreadIndex(g.inst),
		later:                CanonThreadResumeLater(g.inst),
		suspend:              CanonThreadSuspend(g.inst, false),
		suspendCan:           CanonThreadSuspend(g.inst, true),
		suspendThenResume:    CanonThreadSuspendThenResume(g.inst, false),
		suspendThenResumeCan: CanonThreadSuspendThenResume(g.inst, true),
		yieldThenResumeCan:   CanonThreadYieldThenResume(g.inst, true),
		yieldThenPromote:     CanonThreadYieldThenPromote(g.inst, false),
		suspendThenPromo:     CanonThreadSuspendThenPromote(g.inst, false),
	}
	i32 := layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}
	o.spawn = CanonThreadNewIndirect(g.inst, i32, &o.table, layout.Ptr32)
	return o
}

// Spec: run_tests.py test_cancel_subtask.
func TestSpecCancelSubtask(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		ft := asyncType(types.U8, types.U8)
		mem := newMemory(16)
		e := h.guest(h.instance("callee", root), mem, nil)
		ret := e.returns(types.U8, e.async)
		lift := func(name string, f func(x uint64)) FuncInst {
			return e.lift(name, core(func(args []uint64) []uint64 { f(args[0]); return nil }), ft, e.async)
		}
		callee1 := lift("callee1", func(uint64) { t.Error("a cancelled call ran") })
		callee2 := lift("callee2", func(x uint64) {
			h.expect(uint64(EventTaskCancelled), e.setWait, call(e.setNew), 0)
			if x > 2 {
				call(e.yieldCan)
			}
			if x%2 == 1 {
				call(ret, 41+(x+1)/2)
			} else {
				call(e.taskCancel)
			}
		})
		callee3 := lift("callee3", func(uint64) {
			if call(e.yieldCan) == 1 {
				call(e.taskCancel)
			} else {
				call(ret, 83)
			}
		})
		// hostWaits is a host function that answers when its gate is open.
		hostWaits := func(g *gate) FuncInst {
			return h.NewHostFunc(&HostFunc{Name: "host", Type: ft, Async: func(c *HostCall) {
				h.equal(c.Args()[0].Uint(), 42)
				g.after(func() { c.Return(val.U8(43)) })
			}})
		}
		fut4, fut5 := h.gate(), h.gate()
		low4, low5 := e.lower(hostWaits(fut4), e.sync), e.lower(hostWaits(fut5), e.async)
		callee4 := lift("callee4", func(uint64) {
			h.expect(43, low4, 42)
			h.traps(func() { call(e.taskCancel) })
			set := call(e.setNew)
			h.expect(uint64(EventTaskCancelled), e.setWait, set, 0)
			h.expect(uint64(EventNone), e.setPoll, set, 0)
			call(e.taskCancel)
		})
		callee5 := lift("callee5", func(x uint64) {
			h.equal(x, 13)
			sub := e.blockedIn(SubtaskStarted, call(low5, 42, 0))
			h.expect(uint64(SubtaskReturned), e.subCancel, sub)
			call(ret, 44)
		})
		th := e.threads()
		cancellable := th.table.add(func(main uint64) {
			h.expect(1, th.suspendThenResumeCan, main)
			h.expect(0, th.suspendThenResumeCan, main)
			call(ret, 45)
		})
		plain := th.table.add(func(main uint64) { h.expect(0, th.suspendThenResume, main) })
		callee6 := lift("callee6", func(x uint64) {
			h.equal(x, 14)
			main := call(th.index)
			var threads []uint64
			for _, fi := range []uint64{plain, cancellable, plain} {
				i := call(th.spawn, fi, main)
				h.expect(0, th.suspendThenResumeCan, i)
				threads = append(threads, i)
			}
			h.expect(0, th.suspend)
			for _, i := range threads {
				call(th.later, i)
			}
		})

		cm := newMemory(32)
		c := h.guest(h.instance("caller", root), cm, nil)
		lowered := func(f FuncInst) CoreBuiltin { return c.lower(f, c.async) }
		low1, low2, low3 := lowered(callee1), lowered(callee2), lowered(callee3)
		set := uint64(0)
		// cancel cancels a call, after marking its result, and checks what becomes
		// of it and of the result.
		cancel := func(b CoreBuiltin, sub, want, result uint64) {
			t.Helper()
			cm.b[0] = 13
			h.expect(want, b, sub)
			h.equal(cm.byteAt(0), result)
		}
		finish := func(sub uint64, state SubtaskState, result uint64) {
			t.Helper()
			call(c.join, sub, set)
			c.event(set, EventSubtask, sub, uint64(state))
			h.equal(cm.byteAt(0), result)
			call(c.subDrop, sub)
		}
		caller := core(func(args []uint64) []uint64 {
			h.equal(args[0], 1)
			set = call(c.setNew)
			e.inst.backpressure = 1
			e.inst.refresh()
			sub1 := c.blockedIn(SubtaskStarting, call(low1, 13, 0))
			sub2 := c.blockedIn(SubtaskStarting, call(low1, 13, 0))
			h.expect(uint64(SubtaskCancelledBeforeStarted), c.subCancel, sub2)
			h.expect(uint64(SubtaskCancelledBeforeStarted), c.subCancelAsync, sub1)
			e.inst.backpressure = 0
			e.inst.refresh()

			start2 := func(x uint64) uint64 { return c.blockedIn(SubtaskStarted, call(low2, x, 0)) }
			sub1, sub2 = start2(1), start2(2)
			sub3, sub3b, sub4, sub4b := start2(3), start2(3), start2(4), start2(4)
			cancel(c.subCancel, sub1, uint64(SubtaskReturned), 42)
			call(c.subDrop, sub1)
			cancel(c.subCancelAsync, sub2, uint64(SubtaskCancelledBeforeReturned), 13)
			call(c.subDrop, sub2)
			if h.cfg.Chooser == nil { // other orders may not block at a yield
				cancel(c.subCancelAsync, sub3, blocked, 13)
				finish(sub3, SubtaskReturned, 43)
			}
			cancel(c.subCancel, sub3b, uint64(SubtaskReturned), 43)
			call(c.subDrop, sub3b)
			if h.cfg.Chooser == nil {
				cancel(c.subCancelAsync, sub4, blocked, 13)
				finish(sub4, SubtaskCancelledBeforeReturned, 13)
			}
			cancel(c.subCancel, sub4b, uint64(SubtaskCancelledBeforeReturned), 13)
			call(c.subDrop, sub4b)

			if h.cfg.Chooser == nil {
				cm.b[0] = 13
				sub := c.blockedIn(SubtaskStarted, call(low3, 0, 0))
				for c.inst.handles.get(uint32(sub)).(*Subtask).state == SubtaskStarted {
					call(c.yieldCan)
				}
				h.expect(uint64(SubtaskReturned), c.subCancelAsync, sub)
				h.equal(cm.byteAt(0), 83)
				call(c.subDrop, sub)
				sub = c.blockedIn(SubtaskStarted, call(low3, 0, 0))
				cancel(c.subCancelAsync, sub, uint64(SubtaskCancelledBeforeReturned), 13)
				call(c.subDrop, sub)
			} else {
				for _, sub := range []uint64{sub3, sub4} {
					call(c.subCancel, sub)
					call(c.subDrop, sub)
				}
			}

			sub := c.blockedIn(SubtaskStarted, call(lowered(callee4), 0, 0))
			cancel(c.subCancelAsync, sub, blocked, 13)
			fut4.set()
			finish(sub, SubtaskCancelledBeforeReturned, 13)
			sub = c.blockedIn(SubtaskStarted, call(lowered(callee5), 13, 0))
			cancel(c.subCancelAsync, sub, blocked, 13)
			fut5.set()
			finish(sub, SubtaskReturned, 44)
			sub = c.blockedIn(SubtaskStarted, call(lowered(callee6), 14, 0))
			h.expect(blocked, c.subCancelAsync, sub)
			finish(sub, SubtaskReturned, 45)
			call(c.setDrop, set)
			call(c.returns(types.U8, c.async), 42)
			return nil
		})
		got := h.run(c.lift("caller", caller, ft, c.async), val.U8(1))
		h.equal(got.Uint(), 42)
	})
}

// Spec: run_tests.py test_threads.
func TestSpecThreads(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(8), nil)
		o := g.threads()
		counter := 0
		f1 := o.table.add(func(arg uint64) { h.equal(arg, 13) })
		f2 := o.table.add(func(main uint64) { h.expect(0, o.yieldThenResumeCan, main) })
		f3 := o.table.add(func(main uint64) { call(o.later, main) })
		f4 := o.table.add(func(uint64) {
			for range 2 {
				h.expect(0, g.yield)
				counter++
			}
		})
		got := h.run(g.lift("f", core(func([]uint64) []uint64 {
			main := call(o.index)
			h.expect(0, o.yieldThenResumeCan, call(o.spawn, f1, 13))
			h.expect(0, o.suspendThenResumeCan, call(o.spawn, f2, main))
			call(o.later, call(o.spawn, f3, main))
			h.expect(0, o.suspendCan)
			for range 5 {
				call(o.later, call(o.spawn, f4, 4))
			}
			for counter != 10 {
				call(g.yield)
			}
			return []uint64{42}
		}), asyncType(types.U8), g.sync))
		h.equal(got.Uint(), 42)
		if h.Live() != 0 {
			t.Errorf("%d threads are left", h.Live())
		}
	})
}

// Spec: run_tests.py test_sync_threads.
func TestSpecSyncThreads(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(32), nil)
		o := g.threads()
		ret := g.returns(types.U8, g.async)
		futures := g.ops(unitFuture)
		var ping1, pong1, ping5, pong5 int
		var t2, t3, t41, t42, t51, t52, set uint64
		f11 := o.table.add(func(arg uint64) {
			h.equal(arg, 131)
			for ping1 < 3 || pong1 < 3 {
				ping1++
				call(g.yield)
			}
			call(o.later, t2)
		})
		f12 := o.table.add(func(arg uint64) {
			h.equal(arg, 132)
			for ping1 < 3 || pong1 < 3 {
				pong1++
				call(g.yield)
			}
		})
		f2 := o.table.add(func(arg uint64) { h.equal(arg, 14); call(o.later, t3) })
		f3 := o.table.add(func(arg uint64) {
			h.equal(arg, 15)
			call(o.later, t41)
			call(o.suspend)
		})
		f41 := o.table.add(func(arg uint64) {
			h.equal(arg, 161)
			call(o.later, t3)
			call(o.later, t42)
			set = call(g.setNew)
			h.expect(uint64(EventFutureRead), g.setWait, set, 0)
			call(o.later, t51)
		})
		f42 := o.table.add(func(arg uint64) {
			h.equal(arg, 162)
			r, w := ends(call(futures.make_))
			h.expect(blocked, futures.read, r, 0xdeadbeef)
			call(g.join, r, set)
			h.expect(uint64(CopyCompleted), futures.write, w, 0xdeadbeef)
		})
		f51 := o.table.add(func(arg uint64) {
			h.equal(arg, 171)
			for ping5 < 3 {
				h.equal(uint64(ping5), uint64(pong5))
				call(o.yieldThenPromote, t52)
				h.equal(uint64(ping5), uint64(pong5))
				call(o.later, t52)
				call(o.yieldThenPromote, t52)
				h.equal(uint64(ping5), uint64(pong5-1))
				ping5++
			}
			call(ret, 42)
			call(o.later, t52)
		})
		f52 := o.table.add(func(arg uint64) {
			h.equal(arg, 172)
			for pong5 < 3 {
				pong5++
				call(o.suspendThenPromo, t51)
			}
		})
		ready := h.gate()
		mayRun := false
		other, _ := h.start(g.lift("other", core(func([]uint64) []uint64 {
			ready.wait()
			if !mayRun {
				t.Error("a task that holds the exclusive lock ran within a sync call")
			}
			return []uint64{43}
		}), asyncType(types.U32), &CanonicalOptions{}))
		h.equal(uint64(other.ended), 0)
		ready.set()

		c := &sinkCaller{resolved: func(val.Value) { mayRun = true }}
		h.Invoke(g.lift("f", does(func() {
			t11, t12 := call(o.spawn, f11, 131), call(o.spawn, f12, 132)
			t2, t3 = call(o.spawn, f2, 14), call(o.spawn, f3, 15)
			t41, t42 = call(o.spawn, f41, 161), call(o.spawn, f42, 162)
			t51, t52 = call(o.spawn, f51, 171), call(o.spawn, f52, 172)
			call(o.later, t11)
			call(o.later, t12)
		}), funcType(types.U8), g.async), c, nil)
		h.equal(uint64(c.ended), 1) // a sync function has returned by now
		h.settle()
		if c.err != nil || other.err != nil {
			t.Fatal(c.err, other.err)
		}
		h.equal(c.result.Uint(), 42)
		h.equal(other.result.Uint(), 43)
		if h.Live() != 0 {
			t.Errorf("%d threads are left: %v", h.Live(), h.Blocked())
		}
	})
}

// Spec: run_tests.py test_thread_cancel_callback.
func TestSpecThreadCancelCallback(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		p := h.guest(h.instance("producer", root), newMemory(0), nil)
		ft := asyncType(types.U32)
		var opts1, opts2 *CanonicalOptions
		cancelled := false
		opts1 = p.callbackOpts(func(event, p1, p2 uint64) uint64 {
			if cancelled = event == uint64(EventTaskCancelled); !cancelled {
				h.equal(event, uint64(EventNone))
			}
			h.equal(p1|p2, 0)
			call(p.returns(types.U32, opts1), 42)
			return uint64(callbackExit)
		})
		producer1 := p.lift("producer1", core(func([]uint64) []uint64 { return []uint64{uint64(callbackYield)} }), ft, opts1)
		opts2 = p.callbackOpts(func(_, _, _ uint64) uint64 { t.Error("the callback ran"); return 0 })
		producer2 := p.lift("producer2", core(func([]uint64) []uint64 {
			h.expect(0, p.yield)
			call(p.returns(types.U32, opts2), 43)
			return []uint64{uint64(callbackExit)}
		}), ft, opts2)

		mem := newMemory(24)
		c := h.guest(h.instance("consumer", root), mem, nil)
		low1, low2 := c.lower(producer1, c.async), c.lower(producer2, c.async)
		h.run(c.lift("f", does(func() {
			packed1 := call(low1, 8)
			if packed1 == uint64(SubtaskReturned) {
				return // this order does not block at the YIELD
			}
			sub1 := c.blockedIn(SubtaskStarted, packed1)
			packed2 := call(low2, 12)
			if packed2 == uint64(SubtaskReturned) {
				h.expect(uint64(SubtaskReturned), c.subCancelAsync, sub1)
				return
			}
			sub2 := c.blockedIn(SubtaskStarted, packed2)
			// The second producer holds the exclusive lock, so the request waits.
			h.expect(blocked, c.subCancelAsync, sub1)
			set := call(c.setNew)
			call(c.join, sub1, set)
			c.event(set, EventSubtask, sub1, uint64(SubtaskReturned))
			h.equal(mem.u32(8), 42)
			call(c.join, sub2, set)
			c.event(set, EventSubtask, sub2, uint64(SubtaskReturned))
			h.equal(mem.u32(12), 43)
		}), asyncType(nil), &CanonicalOptions{}))
	})
}
