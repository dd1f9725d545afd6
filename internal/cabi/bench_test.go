package cabi

import (
	"runtime"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

func benchHarness(b *testing.B) *harness {
	h := &harness{Store: NewStore(Config{}), t: b}
	b.Cleanup(h.Close)
	b.ReportAllocs()
	return h
}

// benchCaller is a caller that allocates nothing.
type benchCaller struct {
	args   []val.Value
	result val.Value
	ended  int
}

func (c *benchCaller) OnStart(args []val.Value) []val.Value { return append(args, c.args...) }
func (c *benchCaller) OnResolve(v val.Value, _ Resolution)  { c.result = v; c.ended++ }
func (c *benchCaller) OnTrap(err error)                     { panic(err) }

var addType = funcType(types.U32, types.U32, types.U32)

func addCore(stack []uint64) { stack[0] = uint64(uint32(stack[0]) + uint32(stack[1])) }

// From the host to a guest: a sync call.
func BenchmarkHostToGuestAdd(b *testing.B) {
	h := benchHarness(b)
	i := h.NewInstance("inst", nil)
	f := h.Lift("add", CoreFuncOf(addCore), addType, &CanonicalOptions{}, i)
	c := &benchCaller{args: []val.Value{val.U32(1), val.U32(2)}}
	for b.Loop() {
		h.Invoke(f, c, nil)
	}
	if c.result.Uint() != 3 {
		b.Fatal(c.result)
	}
}

// The same where core code may block, on a stack of its own.
func BenchmarkHostToGuestAddMayBlock(b *testing.B) {
	h := benchHarness(b)
	i := h.instance("inst", nil)
	f := h.Lift("add", CoreFuncOf(addCore), addType, &CanonicalOptions{}, i)
	c := &benchCaller{args: []val.Value{val.U32(1), val.U32(2)}}
	for b.Loop() {
		h.Invoke(f, c, nil)
	}
}

// within runs f b.N times as core code.
func within(b *testing.B, h *harness, g *guest, f func()) {
	var c benchCaller
	h.Invoke(g.lift("loop", does(func() {
		for b.Loop() {
			f()
		}
	}), funcType(nil), g.sync), &c, nil)
	if c.ended != 1 {
		b.Fatal("the loop did not end")
	}
}

// From a guest to the host: a plain function.
func BenchmarkGuestToHostAdd(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	low := g.lower(h.NewHostFunc(&HostFunc{Name: "add", Type: addType, Plain: func(_ any, args []val.Value) (val.Value, error) {
		return val.U32(uint32(args[0].Uint() + args[1].Uint())), nil
	}}), g.sync)
	stack := make([]uint64, 2)
	within(b, h, g, func() {
		stack[0], stack[1] = 1, 2
		low(stack)
	})
}

// From a guest to the host: an async function that is ready.
func BenchmarkGuestToHostReady(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	ft := *addType
	ft.Async = true
	low := g.lower(h.NewHostFunc(&HostFunc{Name: "add", Type: &ft, Plain: func(_ any, args []val.Value) (val.Value, error) {
		return val.U32(uint32(args[0].Uint() + args[1].Uint())), nil
	}}), g.async)
	stack := make([]uint64, 3)
	within(b, h, g, func() {
		stack[0], stack[1], stack[2] = 1, 2, 16
		low(stack)
	})
}

// From a guest to another one: a sync call.
func BenchmarkGuestToGuestAdd(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("a", nil), newMemory(64), nil)
	e := h.guest(h.NewInstance("b", nil), newMemory(64), nil)
	low := g.lower(e.lift("add", CoreFuncOf(addCore), addType, e.sync), g.sync)
	stack := make([]uint64, 2)
	within(b, h, g, func() {
		stack[0], stack[1] = 1, 2
		low(stack)
	})
}

// From a guest to another one: 64 KiB, copied once.
func BenchmarkGuestToGuestBytes64K(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("a", nil), newMemory(1<<17), nil)
	hp := newHeap(1 << 17)
	e := h.guest(h.NewInstance("b", nil), hp, CoreFuncOf(func(stack []uint64) { stack[0] = 0 }))
	low := g.lower(e.lift("f", CoreFuncOf(func([]uint64) {}), funcType(nil, types.List(types.U8)), e.sync), g.sync)
	stack := make([]uint64, 2)
	b.SetBytes(1 << 16)
	within(b, h, g, func() {
		stack[0], stack[1] = 0, 1<<16
		low(stack)
	})
}

// From the host to a guest and back: a string of 1 KiB.
func BenchmarkHostEchoString1K(b *testing.B) {
	h := benchHarness(b)
	hp := newHeap(1 << 12)
	g := h.guest(h.NewInstance("a", nil), hp, CoreFuncOf(func(stack []uint64) { stack[0] = 16 }))
	f := g.lift("echo", CoreFuncOf(func(stack []uint64) {
		hp.b[0], hp.b[4], hp.b[5] = byte(stack[0]), byte(stack[1]), byte(stack[1]>>8)
		stack[0] = 0
	}), funcType(types.String, types.String), g.sync)
	c := &benchCaller{args: []val.Value{val.String(string(make([]byte, 1<<10)))}}
	for b.Loop() {
		h.Invoke(f, c, nil)
	}
}

// From the host to a guest: an async lift with a callback that returns at once.
func BenchmarkAsyncLiftImmediate(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	var opts *CanonicalOptions
	opts = g.callbackOpts(func(_, _, _ uint64) uint64 { return 0 })
	ret := g.returns(types.U32, opts)
	ft := *addType
	ft.Async = true
	f := g.lift("add", CoreFuncOf(func(stack []uint64) {
		addCore(stack)
		ret(stack)
		stack[0] = uint64(callbackExit)
	}), &ft, opts)
	c := &benchCaller{args: []val.Value{val.U32(1), val.U32(2)}}
	for b.Loop() {
		h.Invoke(f, c, nil)
	}
}

// A YIELD of a callback and back.
func BenchmarkYieldCallback(b *testing.B) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	opts := *g.async
	opts.Callback = CoreFuncOf(func(stack []uint64) { stack[0] = uint64(callbackYield) })
	h.Invoke(g.lift("f", CoreFuncOf(func(stack []uint64) { stack[0] = uint64(callbackYield) }), asyncType(nil), &opts), &benchCaller{}, nil)
	for b.Loop() {
		h.Tick()
	}
	h.live = 0
	h.instances = nil
}

// waiter is a guest whose tasks with a callback each wait for a call of the
// host's of their own, and return when it is answered.
func waiter(h *harness) (f FuncInst, calls *[]*HostCall) {
	g := h.guest(h.NewInstance("inst", nil), newMemory(64), nil)
	calls = new([]*HostCall)
	join := make([]uint64, 2)
	low := g.lower(h.NewHostFunc(&HostFunc{Name: "sleep", Type: asyncType(nil), Async: func(c *HostCall) {
		*calls = append(*calls, c)
	}}), g.async)
	opts := *g.async
	ret := g.returns(nil, &opts)
	get, put := CanonContextGet(g.inst, layout.Ptr32, 0), CanonContextSet(g.inst, layout.Ptr32, 0)
	opts.Callback = CoreFuncOf(func(stack []uint64) {
		stack[0] = stack[1]
		g.subDrop(stack)
		get(stack)
		g.setDrop(stack)
		ret(stack)
		stack[0] = uint64(callbackExit)
	})
	return g.lift("f", CoreFuncOf(func(stack []uint64) {
		low(stack)
		sub := stack[0] >> 4
		g.setNew(stack)
		set := stack[0]
		put(stack)
		join[0], join[1] = sub, set
		g.join(join)
		stack[0] = waitOn(set)
	}), asyncType(nil), &opts), calls
}

// 10,000 tasks start, wait, wake up and end: the time and, while they wait, the
// bytes of each.
func BenchmarkTenThousandWaitingTasks(b *testing.B) {
	const n = 10_000
	h := benchHarness(b)
	f, calls := waiter(h)
	c := &benchCaller{}
	var bytes uint64
	for b.Loop() {
		*calls = (*calls)[:0]
		b.StopTimer()
		before := heapBytes()
		b.StartTimer()
		for range n {
			h.Invoke(f, c, nil)
		}
		b.StopTimer()
		if bytes == 0 {
			bytes = heapBytes() - before
		}
		b.StartTimer()
		for _, call := range *calls {
			call.Return(val.Value{})
		}
		for h.Tick() {
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	b.ReportMetric(float64(bytes)/n, "B/task")
	if h.Live() != 0 || c.ended != b.N*n {
		b.Fatal("some have not ended")
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A chunk goes from one guest to another through a stream: a read that waits, a
// write that finds it, and the event.
func benchmarkStreamChunk(b *testing.B, size int) {
	h := benchHarness(b)
	g := h.guest(h.NewInstance("inst", nil), newMemory(1<<17), nil)
	e := h.guest(h.NewInstance("other", nil), newMemory(1<<17), nil)
	s := h.NewStream(types.U8, nil)
	wi := e.inst.addEnd(writableStream, s)
	write := e.ops(byteStream).write
	writer := e.lift("write", CoreFuncOf(func(stack []uint64) {
		args := [3]uint64{uint64(wi), 0, uint64(size)}
		write(args[:])
	}), funcType(nil), e.sync)
	low := g.lower(writer, g.sync)
	ri := g.inst.addEnd(readableStream, s)
	o := g.ops(byteStream)
	stack := make([]uint64, 3)
	b.SetBytes(int64(size))
	within(b, h, g, func() {
		stack[0], stack[1], stack[2] = uint64(ri), 0, uint64(size)
		o.read(stack)
		low(stack)
		g.inst.handles.get(ri).(*CopyEnd).takeEvent()
	})
}

func BenchmarkStreamChunk1(b *testing.B)   { benchmarkStreamChunk(b, 1) }
func BenchmarkStreamChunk64K(b *testing.B) { benchmarkStreamChunk(b, 1<<16) }
