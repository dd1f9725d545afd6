package cabi

import (
	"errors"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// trapsWith runs core code as an async function that is lifted synchronously, and
// checks the text of its trap.
func trapsWith(t *testing.T, want string, f func(h *harness, g *guest)) {
	t.Helper()
	t.Run(want, func(t *testing.T) {
		h := newHarness(t, nil)
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		tr := h.runTrap(g.lift("f", does(func() { f(h, g) }), asyncType(nil), g.sync))
		if !strings.Contains(tr.Error(), "wasm trap: "+want) || tr.Component != "inst" || tr.Func != "f" {
			t.Errorf("got %v", tr)
		}
	})
}

// The wording is that of the reference tests.
func TestTraps(t *testing.T) {
	trapsWith(t, "unknown handle index 5", func(_ *harness, g *guest) { call(g.setDrop, 5) })
	trapsWith(t, "unknown handle index 0", func(_ *harness, g *guest) { call(g.setDrop, 0) })
	trapsWith(t, "unknown handle index 4294967295", func(_ *harness, g *guest) { call(g.subDrop, 0xffffffff) })
	trapsWith(t, "unknown handle index 1", func(_ *harness, g *guest) {
		set := call(g.setNew)
		call(g.setDrop, set)
		call(g.setDrop, set)
	})
	trapsWith(t, "cannot drop busy stream", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		_, w := ends(call(o.make_))
		call(o.write, w, 0, 4)
		call(o.dropWritable, w)
	})
	trapsWith(t, "cannot remove busy stream", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		r, _ := ends(call(o.make_))
		call(o.read, r, 0, 4)
		call(o.dropReadable, r)
	})
	trapsWith(t, "cannot have concurrent operations active on a future/stream", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		_, w := ends(call(o.make_))
		call(o.write, w, 0, 4)
		call(o.write, w, 0, 4)
	})
	trapsWith(t, "cannot drop future write end without first writing a value", func(_ *harness, g *guest) {
		o := g.ops(byteFuture)
		_, w := ends(call(o.make_))
		call(o.dropWritable, w)
	})
	trapsWith(t, "cannot write to future after previous write succeeded", func(_ *harness, g *guest) {
		o := g.ops(byteFuture)
		r, w := ends(call(o.make_))
		call(o.read, r, 0)
		call(o.write, w, 8)
		call(o.write, w, 8)
	})
	trapsWith(t, "cannot write to future after previous write succeeded or readable end dropped", func(_ *harness, g *guest) {
		o := g.ops(byteFuture)
		r, w := ends(call(o.make_))
		call(o.dropReadable, r)
		call(o.write, w, 8)
		call(o.write, w, 8)
	})
	trapsWith(t, "cannot read from future after previous read succeeded", func(_ *harness, g *guest) {
		o := g.ops(byteFuture)
		r, w := ends(call(o.make_))
		call(o.write, w, 0)
		call(o.read, r, 8)
		call(o.read, r, 8)
	})
	trapsWith(t, "cannot read from stream after being notified that the writable end dropped", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		r, w := ends(call(o.make_))
		call(o.dropWritable, w)
		call(o.read, r, 0, 4)
		call(o.read, r, 0, 4)
	})
	trapsWith(t, "cannot write to stream after being notified that the readable end dropped", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		r, w := ends(call(o.make_))
		call(o.dropReadable, r)
		call(o.write, w, 0, 4)
		call(o.write, w, 0, 4)
	})
	for _, what := range []struct {
		typ  *types.Type
		text string
	}{{byteStream, "stream"}, {byteFuture, "future"}} {
		trapsWith(t, "cannot lift "+what.text+" while it's in a waitable set", func(h *harness, g *guest) {
			o := g.ops(what.typ)
			low := g.lower(hostTakes(h, g.inst, what.typ, func(val.Value) {}), g.sync)
			r, _ := ends(call(o.make_))
			call(g.join, r, call(g.setNew))
			call(low, r)
		})
	}
	trapsWith(t, "cannot lift future after previous read succeeded", func(h *harness, g *guest) {
		o := g.ops(byteFuture)
		low := g.lower(hostTakes(h, g.inst, byteFuture, func(val.Value) {}), g.sync)
		r, w := ends(call(o.make_))
		call(o.write, w, 0)
		call(o.read, r, 8)
		call(low, r)
	})
	trapsWith(t, "cannot lift stream after being notified that the writable end dropped", func(h *harness, g *guest) {
		o := g.ops(byteStream)
		low := g.lower(hostTakes(h, g.inst, byteStream, func(val.Value) {}), g.sync)
		r, w := ends(call(o.make_))
		call(o.dropWritable, w)
		call(o.read, r, 0, 4)
		call(low, r)
	})
	trapsWith(t, "waitable cannot be used synchronously while added to a waitable set", func(_ *harness, g *guest) {
		o := g.ops(byteStream)
		r, _ := ends(call(o.make_))
		call(g.join, r, call(g.setNew))
		call(o.readSync, r, 0, 4)
	})
	trapsWith(t, "cannot read from and write to intra-component future", func(_ *harness, g *guest) {
		o := g.ops(types.Future(types.Char))
		r, w := ends(call(o.make_))
		call(o.write, w, 0)
		call(o.read, r, 8)
	})
	trapsWith(t, "cannot read from and write to intra-component stream", func(_ *harness, g *guest) {
		o := g.ops(types.Stream(types.Bool))
		r, w := ends(call(o.make_))
		call(o.write, w, 0, 1)
		call(o.read, r, 8, 1)
	})
	trapsWith(t, "cannot drop a subtask which has not yet resolved", func(h *harness, g *guest) {
		call(g.subDrop, g.blockedIn(SubtaskStarted, call(g.lower(hostNever(h), g.async))))
	})
	trapsWith(t, "`subtask.cancel` called twice", func(h *harness, g *guest) {
		sub := g.blockedIn(SubtaskStarted, call(g.lower(hostNever(h), g.async)))
		call(g.subCancelAsync, sub)
		call(g.subCancelAsync, sub)
	})
	trapsWith(t, "cannot drop a waitable set with elements", func(_ *harness, g *guest) {
		r, _ := ends(call(g.ops(byteStream).make_))
		set := call(g.setNew)
		call(g.join, r, set)
		call(g.setDrop, set)
	})
	trapsWith(t, "unaligned pointer", func(_ *harness, g *guest) { call(g.setPoll, call(g.setNew), 2) })
	trapsWith(t, "pointer out of bounds of memory", func(_ *harness, g *guest) { call(g.setPoll, call(g.setNew), 60) })
	trapsWith(t, "backpressure counter overflow", func(_ *harness, g *guest) { call(g.pressureDec) })
	trapsWith(t, "backpressure counter overflow", func(_ *harness, g *guest) {
		for range 1 << 16 {
			call(g.pressureInc)
		}
	})
	trapsWith(t, "invalid `task.return` signature", func(_ *harness, g *guest) { call(g.returns(nil, g.async)) })
	trapsWith(t, "host function failed: no luck", func(h *harness, g *guest) {
		f := h.NewHostFunc(&HostFunc{Name: "f", Type: funcType(nil), Plain: func(any, []val.Value) (val.Value, error) {
			return val.Value{}, errors.New("no luck")
		}})
		call(g.lower(f, g.sync))
	})
	trapsWith(t, "host function failed: result of f: got a u8, but the function returns nothing", func(h *harness, g *guest) {
		f := h.NewHostFunc(&HostFunc{Name: "f", Type: funcType(nil), Plain: func(any, []val.Value) (val.Value, error) {
			return val.U8(1), nil
		}})
		call(g.lower(f, g.sync))
	})
	trapsWith(t, "host function failed: late is not async and did not answer at once", func(h *harness, g *guest) {
		f := h.NewHostFunc(&HostFunc{Name: "late", Type: funcType(nil), Async: func(*HostCall) {}})
		call(g.lower(f, g.sync))
	})
	trapsWith(t, "the host dropped the write end of a future without writing a value", func(h *harness, g *guest) {
		f := h.NewFuture(types.U8, nil)
		low := g.lower(hostGives(h, g.inst, byteFuture, func() val.Value { return val.OfFuture(f) }), g.sync)
		r := call(low)
		f.DropWritable()
		call(g.ops(byteFuture).read, r, 0)
	})
	trapsWith(t, "string content out-of-bounds", func(h *harness, g *guest) {
		call(g.lower(hostTakes(h, g.inst, types.String, func(val.Value) {}), g.sync), 60, 5)
	})
	trapsWith(t, "list content out-of-bounds", func(h *harness, g *guest) {
		call(g.lower(hostTakes(h, g.inst, types.List(types.U8), func(val.Value) {}), g.sync), 60, 5)
	})
	trapsWith(t, "invalid utf-8", func(h *harness, g *guest) {
		copy(g.sync.Memory.Bytes(), "a\xffb")
		call(g.lower(hostTakes(h, g.inst, types.String, func(val.Value) {}), g.sync), 0, 3)
	})
	trapsWith(t, "incomplete utf-8 byte sequence", func(h *harness, g *guest) {
		copy(g.sync.Memory.Bytes(), "\xe2\x98")
		call(g.lower(hostTakes(h, g.inst, types.String, func(val.Value) {}), g.sync), 0, 2)
	})
	trapsWith(t, "invalid variant discriminant", func(h *harness, g *guest) {
		call(g.lower(hostTakes(h, g.inst, types.Option(types.U8), func(val.Value) {}), g.sync), 2, 0)
	})
}

// hostNever is an async function that is never answered.
func hostNever(h *harness) FuncInst {
	return h.NewHostFunc(&HostFunc{Name: "never", Type: asyncType(nil), Async: func(*HostCall) {}})
}

func TestReallocTraps(t *testing.T) {
	for _, c := range []struct {
		ptr  uint64
		list val.Value
		want []string
	}{
		{64, listOf(val.U32, 1, 2), []string{"wasm trap: list content out-of-bounds", "realloc return: beyond end of memory"}},
		{68, listOf[uint32](val.U32), []string{"wasm trap: list content out-of-bounds", "realloc return: beyond end of memory"}},
		{2, listOf(val.U32, 1, 2), []string{"wasm trap: unaligned pointer", "realloc return: result not aligned"}},
	} {
		h := newHarness(t, nil)
		realloc := core(func([]uint64) []uint64 { return []uint64{c.ptr} })
		g := h.guest(h.instance("inst", nil), newMemory(64), realloc)
		tr := h.runTrap(g.lift("f", does(func() {}), funcType(nil, types.List(types.U32)), g.sync), c.list)
		for _, want := range c.want {
			if !strings.Contains(tr.Error(), want) {
				t.Errorf("%v lacks %q", tr, want)
			}
		}
	}
}

// Everything but a few built-ins traps while core code may not leave.
func TestMayLeave(t *testing.T) {
	r := types.NewResource("r", 0)
	builtins := map[string]func(h *harness, g *guest) CoreBuiltin{
		"resource.new":   func(_ *harness, g *guest) CoreBuiltin { return CanonResourceNew(g.inst, r) },
		"resource.drop":  func(_ *harness, g *guest) CoreBuiltin { return CanonResourceDrop(g.inst, r) },
		"task.return":    func(_ *harness, g *guest) CoreBuiltin { return g.returns(nil, g.async) },
		"task.cancel":    func(_ *harness, g *guest) CoreBuiltin { return g.taskCancel },
		"set.new":        func(_ *harness, g *guest) CoreBuiltin { return g.setNew },
		"set.wait":       func(_ *harness, g *guest) CoreBuiltin { return g.setWait },
		"set.poll":       func(_ *harness, g *guest) CoreBuiltin { return g.setPoll },
		"set.drop":       func(_ *harness, g *guest) CoreBuiltin { return g.setDrop },
		"join":           func(_ *harness, g *guest) CoreBuiltin { return g.join },
		"subtask.cancel": func(_ *harness, g *guest) CoreBuiltin { return g.subCancel },
		"subtask.drop":   func(_ *harness, g *guest) CoreBuiltin { return g.subDrop },
		"stream.new":     func(_ *harness, g *guest) CoreBuiltin { return g.ops(byteStream).make_ },
		"stream.read":    func(_ *harness, g *guest) CoreBuiltin { return g.ops(byteStream).read },
		"stream.cancel":  func(_ *harness, g *guest) CoreBuiltin { return g.ops(byteStream).cancelRead },
		"stream.drop":    func(_ *harness, g *guest) CoreBuiltin { return g.ops(byteStream).dropReadable },
		"future.write":   func(_ *harness, g *guest) CoreBuiltin { return g.ops(byteFuture).write },
		"thread.yield":   func(_ *harness, g *guest) CoreBuiltin { return g.yield },
		"thread.index":   func(_ *harness, g *guest) CoreBuiltin { return g.threads().index },
		"thread.spawn":   func(_ *harness, g *guest) CoreBuiltin { return g.threads().spawn },
		"error-context":  func(_ *harness, g *guest) CoreBuiltin { return CanonErrorContextDrop(g.inst) },
		"an import":      func(h *harness, g *guest) CoreBuiltin { return g.lower(hostNever(h), g.async) },
	}
	for name, of := range builtins {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, nil)
			g := h.guest(h.instance("inst", nil), newMemory(8), nil)
			g.inst.SetResource(0, NewResourceType("r", g.inst))
			b := of(h, g)
			opts := *g.sync
			opts.PostReturn = does(func() { call(b, 1, 0, 0) })
			tr := h.runTrap(g.lift("f", does(func() {}), funcType(nil), &opts))
			if tr.Code != trap.CannotLeave || !strings.Contains(tr.Error(), "cannot leave component instance") {
				t.Errorf("got %v", tr)
			}
		})
	}
}

func TestPostReturnGetsTheResults(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(8), nil)
	opts := *g.sync
	var got []uint64
	get := CanonContextGet(g.inst, layout.Ptr32, 0)
	opts.PostReturn = CoreFuncOf(func(stack []uint64) {
		got = append(got, stack[0])
		call(g.pressureInc) // may be called even now
		call(g.pressureDec)
		call(get)
	})
	f := g.lift("f", core(func([]uint64) []uint64 { return []uint64{7} }), funcType(types.U32), &opts)
	h.equal(h.run(f).Uint(), 7)
	if len(got) != 1 || got[0] != 7 {
		t.Errorf("post-return got %d", got)
	}
}

func TestSyncTaskMayNotBlock(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	tr := h.runTrap(g.lift("f", does(func() { call(g.setWait, call(g.setNew), 0) }), funcType(nil), g.sync))
	if !strings.Contains(tr.Error(), "cannot block a synchronous task before returning") {
		t.Errorf("got %v", tr)
	}
	h = newHarness(t, nil)
	g = h.guest(h.instance("inst", nil), newMemory(64), nil)
	err := h.RunStart(g.inst, func() { call(g.setWait, call(g.setNew), 0) })
	if err == nil || !strings.Contains(err.Error(), "cannot block a synchronous task before returning") {
		t.Errorf("a start function: got %v", err)
	}
}

func TestCallbackCodes(t *testing.T) {
	for _, packed := range []uint64{3, 15, 0xfffffff3} {
		h := newHarness(t, nil)
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		opts := g.callbackOpts(func(_, _, _ uint64) uint64 { return 0 })
		tr := h.runTrap(g.lift("f", core(func([]uint64) []uint64 { return []uint64{packed} }), asyncType(nil), opts))
		if !strings.Contains(tr.Error(), "unsupported callback code") {
			t.Errorf("got %v", tr)
		}
	}
}

func TestNoAsyncResult(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	tr := h.runTrap(g.lift("f", does(func() {}), asyncType(nil), g.async))
	if tr.Code != trap.NoAsyncResult {
		t.Errorf("got %v", tr)
	}
}

func TestResourceTraps(t *testing.T) {
	setUp := func(t *testing.T) (*harness, *guest, [2]*types.Resource) {
		h := newHarness(t, nil)
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		r := [2]*types.Resource{types.NewResource("a", 0), types.NewResource("b", 1)}
		g.inst.SetResource(0, NewResourceType("a", g.inst))
		g.inst.SetResource(1, NewResourceType("b", g.inst))
		return h, g, r
	}
	check := func(want string, core func(h *harness, g *guest, r [2]*types.Resource)) {
		t.Run(want, func(t *testing.T) {
			h, g, r := setUp(t)
			tr := h.runTrap(g.lift("f", does(func() { core(h, g, r) }), funcType(nil), g.sync))
			if !strings.Contains(tr.Error(), want) {
				t.Errorf("got %v", tr)
			}
		})
	}
	check("handle index 1 used with the wrong type, expected guest-defined resource but found a different guest-defined resource",
		func(_ *harness, g *guest, r [2]*types.Resource) {
			call(CanonResourceNew(g.inst, r[0]), 7)
			call(CanonResourceRep(g.inst, r[1]), 1)
		})
	check("cannot remove owned resource while borrowed", func(h *harness, g *guest, r [2]*types.Resource) {
		f := h.NewHostFunc(&HostFunc{Name: "lend", Type: asyncType(nil, types.Borrow(r[0])), Scope: g.inst, Async: func(*HostCall) {}})
		i := call(CanonResourceNew(g.inst, r[0]), 7)
		call(g.lower(f, g.async), i)
		call(CanonResourceDrop(g.inst, r[0]), i)
	})
	t.Run("borrows remain", func(t *testing.T) {
		h, g, _ := setUp(t)
		r := types.NewResource("host's", 2)
		rt := NewHostResourceType("host's", nil)
		g.inst.SetResource(2, rt)
		tr := h.runTrap(g.lift("f", does(func() {}), funcType(nil, types.Borrow(r)), g.sync), val.Borrow(&Resource{rt, 1}))
		if !strings.Contains(tr.Error(), "borrow handles still remain at the end of the call") {
			t.Errorf("got %v", tr)
		}
	})
}
