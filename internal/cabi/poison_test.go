package cabi

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/coro"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// parked is an async function that blocks on its stack until it is abandoned.
func (g *guest) parked(unwound *int) FuncInst {
	set := func() { call(g.setWait, call(g.setNew), 16) }
	return g.lift("parked", does(func() {
		defer func() {
			if p := recover(); p == coro.Abandoned {
				*unwound++
				panic(p)
			}
		}()
		set()
	}), asyncType(nil), g.sync)
}

// A trap ends every call of the host in the tree, and those in other trees that
// wait for it, and nothing else.
func TestTrapEndsTheTree(t *testing.T) {
	h := newHarness(t, nil)
	root := h.guest(h.instance("root", nil), newMemory(64), nil)
	child := h.guest(h.instance("child", root.inst), newMemory(64), nil)
	user := h.guest(h.instance("user", nil), newMemory(64), nil)
	bystander := h.guest(h.instance("bystander", nil), newMemory(64), nil)
	unwound, spared := 0, 0
	pending, _ := h.start(root.parked(&unwound))
	other, _ := h.start(bystander.parked(&spared))
	waits := user.lower(child.parked(&unwound), user.sync)
	viaUser, _ := h.start(user.lift("user", does(func() { call(waits) }), asyncType(nil), user.sync))
	tr := h.runTrap(child.lift("trap", does(func() { trap.Throw(trap.Unreachable) }), funcType(nil), child.sync))
	if tr.Component != "child" || tr.Func != "trap" || !strings.Contains(tr.Error(), "wasm trap: wasm `unreachable` instruction executed") {
		t.Errorf("got %v", tr)
	}
	for _, c := range []*hostCaller{pending, viaUser} {
		if c.err != error(tr) || c.ended != 1 {
			t.Errorf("a pending call ended %d times, by %v", c.ended, c.err)
		}
	}
	h.equal(uint64(unwound), 2)
	if other.ended != 0 || spared != 0 || bystander.inst.Poisoned() != nil {
		t.Error("a tree that had nothing to do with it went down")
	}
	for _, g := range []*guest{root, child, user} {
		if g.inst.Poisoned() != error(tr) {
			t.Errorf("%s is not poisoned", g.inst.Name())
		}
		if tr := h.runTrap(g.parked(&unwound)); tr.Code != trap.CannotEnter {
			t.Errorf("got %v", tr)
		}
	}
	h.equal(uint64(h.Live()), 1)
	h.Close()
	if other.err != ErrClosed || spared != 1 {
		t.Errorf("closed: %v, unwound %d", other.err, spared)
	}
	var late hostCaller
	h.Invoke(bystander.parked(&spared), &late, nil)
	if late.err != ErrClosed {
		t.Errorf("a call after Close: %v", late.err)
	}
}

// A trap on a stack of its own, several calls deep, unwinds all of them.
func TestTrapThroughStacks(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		a := h.guest(h.instance("a", nil), newMemory(64), nil)
		b := h.guest(h.instance("b", nil), newMemory(64), nil)
		gate := h.gate()
		low := a.lower(b.lift("b", does(func() { gate.wait(); trap.Throw(trap.Unreachable) }), asyncType(nil), b.sync), a.sync)
		c, _ := h.start(a.lift("a", does(func() { call(low) }), asyncType(nil), a.sync))
		h.settle()
		gate.set()
		h.settle()
		if tr, _ := c.err.(*trap.Trap); tr == nil || tr.Component != "b" || a.inst.Poisoned() == nil || h.Live() != 0 {
			t.Errorf("got %v", c.err)
		}
	})
}

func TestBugPoisonsTheStore(t *testing.T) {
	h := &harness{Store: NewStore(Config{}), t: t}
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	unwound := 0
	pending, _ := h.start(h.guest(h.instance("other", nil), newMemory(64), nil).parked(&unwound))
	var c hostCaller
	h.Invoke(g.lift("f", does(func() { assert(false, "pigs fly") }), funcType(nil), g.sync), &c, nil)
	b, ok := errors.AsType[*Bug](c.err)
	if !ok || b.Text != "pigs fly" || pending.err != c.err || unwound != 1 {
		t.Errorf("got %v and %v", c.err, pending.err)
	}
	c = hostCaller{}
	h.Invoke(g.lift("f", does(func() {}), funcType(nil), g.sync), &c, nil)
	if c.err != error(b) {
		t.Errorf("a later call: %v", c.err)
	}
}

func TestHostPanicAndGoexit(t *testing.T) {
	for name, f := range map[string]func(){
		"panic: oops":                         func() { panic("oops") },
		"a host function ended its goroutine": runtime.Goexit,
	} {
		h := &harness{Store: NewStore(Config{}), t: t}
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		host := h.NewHostFunc(&HostFunc{Name: "f", Type: funcType(nil), Plain: func(any, []val.Value) (val.Value, error) {
			f()
			return val.Value{}, nil
		}})
		low := g.lower(host, g.sync)
		var c hostCaller
		done := make(chan bool)
		go func() {
			defer close(done)
			h.Invoke(g.lift("f", does(func() { call(low) }), funcType(nil), g.sync), &c, nil)
		}()
		<-done
		if c.err == nil || !strings.Contains(c.err.Error(), name) || c.ended != 1 {
			t.Errorf("got %v", c.err)
		}
		if h.Running() {
			t.Error("the store is still entered")
		}
	}
}

// What a dead instance owned is given up: the host learns of it.
func TestPoisonDropsHandles(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	var dropped []uint32
	rt := NewHostResourceType("file", func(rep uint32) { dropped = append(dropped, rep) })
	r := types.NewResource("file", 0)
	g.inst.SetResource(0, rt)
	src := h.source([]byte{1, 2}, 1, false)
	future := h.NewFuture(types.U8, nil)
	var mine *Future
	cancelled := 0
	never := h.NewHostFunc(&HostFunc{Name: "never", Type: asyncType(nil), Async: func(c *HostCall) {
		c.SetCanceller(cancelFunc(func() {
			cancelled++
			if !c.Ended() {
				t.Error("a call of a dead guest has not ended")
			}
			c.Return(val.Value{})
		}))
	}})
	low := g.lower(never, g.async)
	take := g.lower(hostTakes(h, g.inst, byteFuture, func(v val.Value) { mine = v.Future().(*Future) }), g.sync)
	ops := g.ops(byteFuture)
	f := g.lift("f", does(func() {
		call(low)
		rd, _ := ends(call(ops.make_))
		call(take, rd)
		var got CopyResult = 99
		mine.Read(NewBytesBuffer(make([]byte, 1), 1), func(r CopyResult) { got = r })
		h.inbox = append(h.inbox, func() {
			if got != CopyDropped {
				t.Errorf("the reader of a future whose writer is gone got %d", got)
			}
		})
		trap.Throw(trap.Unreachable)
	}), funcType(nil, types.Own(r), byteStream, byteFuture), g.sync)
	h.runTrap(f, val.Own(&Resource{rt, 7}), src.value(), val.OfFuture(future))
	if fmt.Sprint(dropped) != "[7]" || cancelled != 1 {
		t.Errorf("dropped %d, cancelled %d", dropped, cancelled)
	}
	result := CopyResult(99)
	if err := future.Write(NewBytesBuffer([]byte{1}, 1), func(r CopyResult) { result = r }); err != nil || result != CopyDropped {
		t.Errorf("a write to a dead reader: %v, %d", err, result)
	}
	if !src.dropped {
		t.Error("the stream was not dropped")
	}
}

func TestFailTrapsTheCaller(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		g := h.guest(h.instance("inst", nil), newMemory(64), nil)
		gate := h.gate()
		host := h.NewHostFunc(&HostFunc{Name: "f", Type: asyncType(nil), Async: func(c *HostCall) {
			gate.after(func() {
				c.Fail(errors.New("disk on fire"))
				c.Fail(errors.New("twice"))
				c.Return(val.Value{})
			})
		}})
		low := g.lower(host, g.sync)
		c, _ := h.start(g.lift("f", does(func() { call(low) }), asyncType(nil), g.sync))
		h.settle()
		gate.set()
		h.settle()
		if c.ended != 1 || c.err == nil || !strings.Contains(c.err.Error(), "host function failed: disk on fire") {
			t.Errorf("ended %d times: %v", c.ended, c.err)
		}
	})
}

func TestDeadlockReport(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	o := g.ops(unitFuture)
	never := g.lower(hostNever(h), g.sync)
	calls := []struct {
		f    func()
		want string
	}{
		{func() { call(g.setWait, call(g.setNew), 16) }, "for an event in a waitable set of 0"},
		{func() { call(never) }, "for a call of never to return"},
		{func() { r, _ := ends(call(o.make_)); call(o.readSync, r, 0) }, "for the readable end of a future"},
		{func() { call(g.threads().suspend) }, "to be resumed by another thread"},
	}
	var cs []*hostCaller
	opts := *g.async
	for i, c := range calls {
		hc, _ := h.start(g.lift(fmt.Sprint("f", i), does(c.f), asyncType(nil), &opts))
		cs = append(cs, hc)
	}
	sync, _ := h.start(g.lift("first", does(calls[0].f), asyncType(nil), g.sync))
	second, _ := h.start(g.lift("second", does(func() {}), asyncType(nil), g.sync))
	h.settle()
	h.TrapDeadlock()
	for i, c := range append(cs, sync, second) {
		if c.err == nil || c.ended != 1 {
			t.Fatalf("call %d: %v", i, c.err)
		}
	}
	text := sync.err.Error()
	for i, c := range calls {
		if want := fmt.Sprintf("f%d of inst waits %s", i, c.want); !strings.Contains(text, want) {
			t.Errorf("%s\nlacks %s", text, want)
		}
	}
	for _, want := range []string{
		"wasm trap: deadlock detected: event loop cannot make further progress",
		"second of inst waits to enter, while another task runs exclusively",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nlacks %s", text, want)
		}
	}
}

func TestCaps(t *testing.T) {
	h := &harness{Store: NewStore(Config{MaxHandles: 10, MaxTasks: 3, MaxValueBytes: 1 << 10, PanicOnBug: true}), t: t}
	g := h.guest(h.instance("inst", nil), newMemory(1<<12), nil)
	tr := h.runTrap(g.lift("f", does(func() {
		for range 11 {
			call(g.setNew)
		}
	}), funcType(nil), g.sync))
	if tr.Code != trap.TableFull {
		t.Errorf("got %v", tr)
	}

	g = h.guest(h.instance("inst", nil), newMemory(1<<12), nil)
	tr = h.runTrap(g.lift("f", core(func([]uint64) []uint64 {
		g.sync.Memory.Bytes()[1] = 4 // a list of 1024 bools at 0
		return []uint64{0}
	}), funcType(types.List(types.Bool)), &CanonicalOptions{Memory: withLength(g, 0, 1024)}))
	if tr.Code != trap.ValueTooLarge {
		t.Errorf("got %v", tr)
	}

	g = h.guest(h.instance("inst", nil), newMemory(64), nil)
	var cs []*hostCaller
	for range 4 {
		c, _ := h.start(g.lift("f", does(func() { call(g.setWait, call(g.setNew), 16) }), asyncType(nil), g.async))
		cs = append(cs, c)
	}
	if cs[2].ended != 0 || cs[3].err != ErrTooManyTasks || g.inst.Poisoned() != nil {
		t.Errorf("the fourth call: %v", cs[3].err)
	}
	h.Close()
}

// withLength is the guest's memory with a pointer and a length stored at 0.
func withLength(g *guest, ptr, n uint32) Memory {
	m := g.sync.Memory.(*memory)
	m.b[0], m.b[1] = byte(ptr), byte(ptr>>8)
	m.b[4], m.b[5] = byte(n), byte(n>>8)
	return m
}
