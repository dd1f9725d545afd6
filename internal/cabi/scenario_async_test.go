package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// guest bundles the built-ins that the scenarios' core code uses.
type guest struct {
	h                         *harness
	inst                      *ComponentInstance
	sync, async               *CanonicalOptions
	setNew, setWait, setPoll  CoreBuiltin
	setDrop, join             CoreBuiltin
	subCancel, subCancelAsync CoreBuiltin
	subDrop, yield, yieldCan  CoreBuiltin
	pressureInc, pressureDec  CoreBuiltin
	taskCancel                CoreBuiltin
}

func (h *harness) guest(inst *ComponentInstance, mem Memory, realloc CoreFunc) *guest {
	sync := &CanonicalOptions{Memory: mem, Realloc: realloc}
	async := &CanonicalOptions{Memory: mem, Realloc: realloc, Async: true}
	return &guest{
		h: h, inst: inst, sync: sync, async: async,
		setNew:         CanonWaitableSetNew(inst),
		setWait:        CanonWaitableSetWait(inst, sync, true),
		setPoll:        CanonWaitableSetPoll(inst, sync, true),
		setDrop:        CanonWaitableSetDrop(inst),
		join:           CanonWaitableJoin(inst),
		subCancel:      CanonSubtaskCancel(inst, Sync),
		subCancelAsync: CanonSubtaskCancel(inst, Async),
		subDrop:        CanonSubtaskDrop(inst),
		yield:          CanonThreadYield(inst, false),
		yieldCan:       CanonThreadYield(inst, true),
		pressureInc:    CanonBackpressureInc(inst),
		pressureDec:    CanonBackpressureDec(inst),
		taskCancel:     CanonTaskCancel(inst),
	}
}

func (g *guest) lift(name string, f CoreFunc, ft *types.Func, opts *CanonicalOptions) FuncInst {
	return g.h.Lift(name, f, ft, opts, g.inst)
}

func (g *guest) lower(f FuncInst, opts *CanonicalOptions) CoreBuiltin {
	return g.h.Lower(f, f.Type(), opts, g.inst)
}

// returns is task.return for tasks with these options.
func (g *guest) returns(t *types.Type, opts *CanonicalOptions) CoreBuiltin {
	return CanonTaskReturn(g.inst, t, opts)
}

// started checks that an async call blocked in a state, and returns its index.
func (g *guest) blockedIn(want SubtaskState, packed uint64) uint64 {
	g.h.t.Helper()
	state, i := unpack(packed)
	g.h.equal(state, uint64(want))
	return i
}

// Spec: run_tests.py test_async_to_async.
func TestSpecAsyncToAsync(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		ph := newHeap(10)
		p := h.guest(h.instance("producer", root), ph, nil)
		eager := p.lift("eager", does(func() { call(p.returns(types.U8, p.async), 43) }), asyncType(types.U8), p.async)

		fut11, fut12 := h.gate(), h.gate()
		toggle := p.lift("toggle", does(func() {
			call(p.pressureInc)
			fut11.wait()
			call(p.returns(nil, p.async))
			fut12.wait()
			call(p.pressureDec)
		}), asyncType(nil), p.async)

		fut2, fut3, fut4 := h.gate(), h.gate(), h.gate()
		blocking := p.lift("blocking", core(func(args []uint64) []uint64 {
			h.equal(args[0], 83)
			fut2.wait()
			call(p.returns(types.U8, p.async), 44)
			fut3.wait()
			fut4.set()
			return nil
		}), asyncType(types.U8, types.U8), p.async)

		ch := newHeap(20)
		c := h.guest(h.instance("consumer", root), ch, nil)
		lowEager, lowToggle, lowBlocking := c.lower(eager, c.async), c.lower(toggle, c.async), c.lower(blocking, c.async)
		consumer := core(func(args []uint64) []uint64 {
			set := call(c.setNew)
			ptr := ch.realloc(0, 0, 1, 1)
			h.expect(uint64(SubtaskReturned), lowEager, ptr)
			h.equal(ch.byteAt(int(ptr)), 43)
			sub1 := c.blockedIn(SubtaskStarted, call(lowToggle))
			h.equal(sub1, 2)
			call(c.join, sub1, set)
			ch.b[ptr] = 13
			sub2 := c.blockedIn(SubtaskStarting, call(lowBlocking, 83, ptr))
			h.equal(sub2, 3)
			h.equal(ch.byteAt(int(ptr)), 13)
			call(c.join, sub2, set)
			fut11.set()

			at := ch.realloc(0, 0, 8, 4)
			ch.last = 20
			wait := func(sub uint64, state SubtaskState) {
				t.Helper()
				h.expect(uint64(EventSubtask), c.setWait, set, at)
				h.equal(ch.u32(int(at)), sub)
				h.equal(ch.u32(int(at+4)), uint64(state))
			}
			wait(sub1, SubtaskReturned)
			call(c.subDrop, sub1)
			fut12.set()
			wait(sub2, SubtaskStarted)
			h.equal(ch.byteAt(int(ptr)), 13)
			fut2.set()
			wait(sub2, SubtaskReturned)
			h.equal(ch.byteAt(int(ptr)), 44)
			call(c.subDrop, sub2)
			fut3.set()
			fut4.wait()
			call(c.returns(types.U8, c.async), 42)
			return nil
		})
		got := h.run(c.lift("consumer", consumer, asyncType(types.U8, types.Bool), c.async), val.Bool(true))
		h.equal(got.Uint(), 42)
	})
}

// callbackOpts are options of an async lift with a callback.
func (g *guest) callbackOpts(f func(event, p1, p2 uint64) uint64) *CanonicalOptions {
	opts := *g.async
	opts.Callback = core(func(args []uint64) []uint64 { return []uint64{f(args[0], args[1], args[2])} })
	return &opts
}

func waitOn(set uint64) uint64 { return uint64(callbackWait) | set<<4 }

// Spec: run_tests.py test_async_callback.
func TestSpecAsyncCallback(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		p := h.guest(h.instance("producer", root), newMemory(0), nil)
		producer := func(g *gate) FuncInst {
			return p.lift("producer", does(func() { g.wait(); call(p.returns(nil, p.async)) }), asyncType(nil), p.async)
		}
		fut1, fut2 := h.gate(), h.gate()
		// The consumer has no built-in that blocks on its stack.
		c := h.guest(h.NewInstance("consumer", nil), newMemory(0), nil)
		low1, low2 := c.lower(producer(fut1), c.async), c.lower(producer(fut2), c.async)
		get, set := CanonContextGet(c.inst, layout.Ptr32, 0), CanonContextSet(c.inst, layout.Ptr32, 0)
		seti := uint64(0)
		var opts *CanonicalOptions
		opts = c.callbackOpts(func(event, p1, p2 uint64) uint64 {
			switch call(get) {
			case 42:
				h.equal(event, uint64(EventSubtask))
				h.equal(p1, 1)
				h.equal(p2, uint64(SubtaskReturned))
				call(c.subDrop, p1)
				call(set, 52)
				return uint64(callbackYield)
			case 52:
				h.equal(event|p1|p2, 0)
				fut2.set()
				call(set, 62)
				return waitOn(seti)
			case 62:
				h.equal(event, uint64(EventSubtask))
				h.equal(p1, 2)
				h.equal(p2, uint64(SubtaskReturned))
				call(c.subDrop, p1)
				call(c.returns(types.U32, opts), 83)
				return uint64(callbackExit)
			}
			t.Error("a wrong context")
			return 0
		})
		consumer := core(func([]uint64) []uint64 {
			h.equal(c.blockedIn(SubtaskStarted, call(low1)), 1)
			h.equal(c.blockedIn(SubtaskStarted, call(low2)), 2)
			seti = call(c.setNew)
			h.equal(seti, 3)
			call(c.join, 1, seti)
			call(c.join, 2, seti)
			fut1.set()
			call(set, 42)
			return []uint64{waitOn(seti)}
		})
		got := h.run(c.lift("consumer", consumer, asyncType(types.U32), opts))
		h.equal(got.Uint(), 83)
	})
}

var unitFuture = types.Future(nil)

// Spec: run_tests.py test_callback_interleaving.
func TestSpecCallbackInterleaving(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		p := h.guest(h.instance("producer", root), newMemory(0), nil)
		readSync := CanonRead(p.inst, unitFuture, p.sync)
		readAsync := CanonRead(p.inst, unitFuture, p.async)
		get, put := CanonContextGet(p.inst, layout.Ptr32, 0), CanonContextSet(p.inst, layout.Ptr32, 0)
		var fut3s [2]uint64
		var opts *CanonicalOptions
		opts = p.callbackOpts(func(event, p1, p2 uint64) uint64 {
			h.equal(event, uint64(EventFutureRead))
			h.equal(p2, uint64(CopyCompleted))
			i := call(get)
			call(p.returns(types.U32, opts), 42+i)
			h.expect(uint64(CopyCompleted), readSync, fut3s[i], 0xdeadbeef)
			return uint64(callbackExit)
		})
		producer := p.lift("producer", core(func(args []uint64) []uint64 {
			i, fut1, fut2 := args[0], args[1], args[2]
			fut3s[i] = args[3]
			call(put, i)
			h.expect(uint64(CopyCompleted), readSync, fut1, 0xdeadbeef)
			set := call(p.setNew)
			h.expect(blocked, readAsync, fut2, 0xdeadbeef)
			call(p.join, fut2, set)
			return []uint64{waitOn(set)}
		}), asyncType(types.U32, types.U32, unitFuture, unitFuture, unitFuture), opts)
		syncCallee := p.lift("sync callee", core(func([]uint64) []uint64 { return []uint64{100} }), asyncType(types.U32), &CanonicalOptions{})

		mem := newMemory(24)
		c := h.guest(h.instance("consumer", root), mem, nil)
		newFuture, write := CanonNew(c.inst, unitFuture), CanonWrite(c.inst, unitFuture, c.async)
		lowProducer, lowSync := c.lower(producer, c.async), c.lower(syncCallee, c.async)
		args := func(i uint64, r [3]uint64, retp uint64) []uint64 {
			return []uint64{i, r[0], r[1], r[2], retp}
		}
		consumer := does(func() {
			var r, w [2][3]uint64
			for i := range 2 {
				for j := range 3 {
					r[i][j], w[i][j] = ends(call(newFuture))
				}
			}
			cancelStarting := func(i int) {
				t.Helper()
				sub := c.blockedIn(SubtaskStarting, call(lowProducer, args(uint64(i), r[i], 0xdeadbeef)...))
				h.expect(uint64(SubtaskCancelledBeforeStarted), c.subCancel, sub)
			}
			p.inst.backpressure = 1
			p.inst.refresh()
			cancelStarting(0)
			p.inst.backpressure = 0
			p.inst.refresh()

			sub1 := c.blockedIn(SubtaskStarted, call(lowProducer, args(0, r[0], 12)...))
			cancelStarting(1)
			sub2 := c.blockedIn(SubtaskStarting, call(lowProducer, args(1, r[1], 16)...))
			set := call(c.setNew)
			call(c.join, sub1, set)
			call(c.join, sub2, set)
			write1 := func(w uint64) { t.Helper(); h.expect(uint64(CopyCompleted), write, w, 0xdeadbeef) }
			event := func(sub uint64, state SubtaskState) {
				t.Helper()
				h.expect(uint64(EventSubtask), c.setWait, set, 0)
				h.equal(mem.u32(0), sub)
				h.equal(mem.u32(4), uint64(state))
			}
			nothing := func() {
				t.Helper()
				for range 10 {
					h.expect(0, c.yieldCan)
					h.expect(uint64(EventNone), c.setPoll, set, 0)
				}
			}
			write1(w[0][0])
			event(sub2, SubtaskStarted)
			write1(w[0][1])
			nothing()
			write1(w[1][0])
			event(sub1, SubtaskReturned)
			h.equal(mem.u32(12), 42)
			call(c.subDrop, sub1)
			write1(w[1][1])
			nothing()
			write1(w[0][2])
			event(sub2, SubtaskReturned)
			h.equal(mem.u32(16), 43)
			call(c.subDrop, sub2)

			sub3 := c.blockedIn(SubtaskStarting, call(lowSync, 20))
			call(c.join, sub3, set)
			write1(w[1][2])
			event(sub3, SubtaskReturned)
			h.equal(mem.u32(20), 100)
		})
		h.run(c.lift("consumer", consumer, asyncType(nil), &CanonicalOptions{}))
	})
}

// Spec: run_tests.py test_sync_ignores_backpressure.
func TestSpecSyncIgnoresBackpressure(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		e := h.guest(h.instance("callee", root), newMemory(0), nil)
		read := CanonRead(e.inst, unitFuture, e.sync)
		asyncCallee := e.lift("async callee", core(func(args []uint64) []uint64 {
			h.expect(uint64(CopyCompleted), read, args[1], 0xdeadbeef)
			return []uint64{42 + args[0]}
		}), asyncType(types.U32, types.U32, unitFuture), e.sync)
		syncCallee := e.lift("sync callee", core(func(args []uint64) []uint64 { return []uint64{84 + args[0]} }), funcType(types.U32, types.U32), e.sync)

		mem := newMemory(24)
		c := h.guest(h.instance("caller", root), mem, nil)
		low1, low2 := c.lower(asyncCallee, c.async), c.lower(syncCallee, c.async)
		newFuture, write := CanonNew(c.inst, unitFuture), CanonWrite(c.inst, unitFuture, c.sync)
		caller := does(func() {
			r, w := ends(call(newFuture))
			sub := c.blockedIn(SubtaskStarted, call(low1, 1, r, 4))
			h.expect(uint64(SubtaskReturned), low2, 2, 8)
			h.equal(mem.u32(8), 86)
			h.expect(uint64(CopyCompleted), write, w, 0xdeadbeef)
			set := call(c.setNew)
			call(c.join, sub, set)
			h.expect(uint64(EventSubtask), c.setWait, set, 12)
			h.equal(mem.u32(12), sub)
			h.equal(mem.u32(16), uint64(SubtaskReturned))
			h.equal(mem.u32(4), 43)
			call(c.subDrop, sub)
		})
		h.run(c.lift("caller", caller, asyncType(nil), &CanonicalOptions{}))
	})
}

// twoProducers is what test_async_to_sync and test_async_backpressure share: a
// consumer that starts two tasks, of which the second has to wait for the first.
func twoProducers(h *harness, p *guest, opts *CanonicalOptions, first, second func(fut *gate)) {
	fut := h.gate()
	done := [2]bool{}
	producer := func(i int, f func(*gate)) FuncInst {
		return p.lift("producer", does(func() { f(fut); done[i] = true }), asyncType(nil), opts)
	}
	ch := newHeap(20)
	c := h.guest(h.instance("consumer", p.inst.parent), ch, nil)
	low1, low2 := c.lower(producer(0, first), c.async), c.lower(producer(1, func(g *gate) {
		if !done[0] {
			h.t.Error("the second producer ran before the first had ended")
		}
		second(g)
	}), c.async)
	consumer := does(func() {
		sub1 := c.blockedIn(SubtaskStarted, call(low1))
		sub2 := c.blockedIn(SubtaskStarting, call(low2))
		h.equal(sub1, 1)
		h.equal(sub2, 2)
		set := call(c.setNew)
		call(c.join, sub1, set)
		call(c.join, sub2, set)
		fut.set()
		if done[0] || done[1] {
			h.t.Error("a producer ran while another thread did")
		}
		for remain := map[uint64]bool{sub1: true, sub2: true}; len(remain) > 0; {
			h.expect(0, c.yieldCan)
			if call(c.setPoll, set, 8) == uint64(EventNone) {
				continue
			}
			sub, state := ch.u32(8), ch.u32(12)
			if state == uint64(SubtaskStarted) {
				continue // a seeded order may poll between start and return
			}
			h.equal(state, uint64(SubtaskReturned))
			delete(remain, sub)
			call(c.subDrop, sub)
		}
		if !done[0] || !done[1] {
			h.t.Error("the producers have not ended")
		}
		call(c.setDrop, set)
		call(c.returns(types.U8, c.async), 83)
	})
	got := h.run(c.lift("consumer", consumer, asyncType(types.U8), c.async))
	h.equal(got.Uint(), 83)
}

// Spec: run_tests.py test_async_to_sync.
func TestSpecAsyncToSync(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		p := h.guest(h.instance("producer", h.instance("root", nil)), newMemory(0), nil)
		twoProducers(h, p, p.sync, func(g *gate) { g.wait() }, func(*gate) {})
	})
}

// Spec: run_tests.py test_async_backpressure.
func TestSpecAsyncBackpressure(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		p := h.guest(h.instance("producer", h.instance("root", nil)), newMemory(0), nil)
		ret := p.returns(nil, p.async)
		twoProducers(h, p, p.async, func(g *gate) {
			call(p.pressureInc)
			g.wait()
			call(p.pressureDec)
			call(ret)
		}, func(*gate) { call(ret) })
	})
}

// Spec: run_tests.py test_sync_using_wait.
func TestSpecSyncUsingWait(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		p := h.guest(h.instance("producer", root), newMemory(0), nil)
		producer := func(g *gate) FuncInst {
			return p.lift("producer", does(func() { g.wait(); call(p.returns(nil, p.async)) }), asyncType(nil), p.async)
		}
		fut1, fut2 := h.gate(), h.gate()
		mem := newMemory(20)
		c := h.guest(h.instance("consumer", root), mem, nil)
		low1, low2 := c.lower(producer(fut1), c.async), c.lower(producer(fut2), c.async)
		f := does(func() {
			sub1 := c.blockedIn(SubtaskStarted, call(low1))
			sub2 := c.blockedIn(SubtaskStarted, call(low2))
			set := call(c.setNew)
			call(c.join, sub1, set)
			call(c.join, sub2, set)
			for _, g := range []struct {
				gate *gate
				sub  uint64
			}{{fut1, sub1}, {fut2, sub2}} {
				g.gate.set()
				h.expect(uint64(EventSubtask), c.setWait, set, 8)
				h.equal(mem.u32(8), g.sub)
				h.equal(mem.u32(12), uint64(SubtaskReturned))
			}
			call(c.subDrop, sub1)
			call(c.subDrop, sub2)
			call(c.setDrop, set)
		})
		h.run(c.lift("f", f, asyncType(nil), &CanonicalOptions{}))
	})
}
