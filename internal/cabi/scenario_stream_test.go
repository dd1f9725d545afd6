package cabi

import (
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// hostSource writes bytes to a stream, at most chunk at a time.
//
// Spec: run_tests.py HostSource.
type hostSource struct {
	*Stream
	queue         []byte
	chunk         int
	busy, closing bool
}

func (h *harness) source(contents []byte, chunk int, closing bool) *hostSource {
	s := &hostSource{Stream: h.NewStream(types.U8, nil), queue: contents, chunk: chunk, closing: closing}
	s.pump()
	return s
}

func (s *hostSource) value() val.Value { return val.OfStream(s.Stream) }

func (s *hostSource) send(b ...byte) {
	s.queue = append(s.queue, b...)
	s.pump()
}

func (s *hostSource) closeOnceEmpty() {
	s.closing = true
	s.pump()
}

func (s *hostSource) pump() {
	switch {
	case s.busy:
	case len(s.queue) > 0:
		s.busy = true
		b := NewBytesBuffer(s.queue[:min(s.chunk, len(s.queue))], 1)
		err := s.Write(b, func(r CopyResult) {
			s.busy = r == CopyDropped
			s.queue = s.queue[b.Progress():]
			s.pump()
		})
		if err != nil {
			panic(err)
		}
	case s.closing:
		s.closing = false
		s.DropWritable()
	}
}

// hostSink reads bytes from a stream, as many as it was told to.
//
// Spec: run_tests.py HostSink.
type hostSink struct {
	*Stream
	received     []byte
	remain       int
	busy, closed bool
	got          func() // after each read
}

func sink(v val.Value, remain int) *hostSink {
	s := &hostSink{Stream: v.Stream().(*Stream), remain: remain, got: func() {}}
	s.pump()
	return s
}

func (s *hostSink) setRemain(n int) {
	s.remain = n
	s.pump()
}

func (s *hostSink) pump() {
	if s.busy || s.remain == 0 || s.closed {
		return
	}
	s.busy = true
	room := make([]byte, min(s.remain, 64))
	b := NewBytesBuffer(room, 1)
	err := s.Read(b, func(r CopyResult) {
		s.busy, s.closed = false, r == CopyDropped
		s.remain -= b.Progress()
		s.received = append(s.received, room[:b.Progress()]...)
		s.got()
		s.pump()
	})
	if err != nil {
		panic(err)
	}
}

// take is the next n bytes, or nil where they have not come.
func (s *hostSink) take(n int) []byte {
	if len(s.received) < n {
		return nil
	}
	b := s.received[:n:n]
	s.received = s.received[n:]
	return b
}

var (
	byteStream = types.Stream(types.U8)
	unitStream = types.Stream(nil)
	byteFuture = types.Future(types.U8)
)

// streamOps are the built-ins for streams or futures of one type.
type streamOps struct {
	*guest
	typ                                  *types.Type
	make_, read, write                   CoreBuiltin
	readSync, writeSync                  CoreBuiltin
	cancelRead, cancelWrite              CoreBuiltin
	cancelReadAsync, cancelWriteAsync    CoreBuiltin
	dropReadable, dropWritable, returned CoreBuiltin
}

func (g *guest) ops(t *types.Type) *streamOps {
	return &streamOps{
		guest: g, typ: t,
		make_:            CanonNew(g.inst, t),
		read:             CanonRead(g.inst, t, g.async),
		write:            CanonWrite(g.inst, t, g.async),
		readSync:         CanonRead(g.inst, t, g.sync),
		writeSync:        CanonWrite(g.inst, t, g.sync),
		cancelRead:       CanonCancelRead(g.inst, t, Sync),
		cancelWrite:      CanonCancelWrite(g.inst, t, Sync),
		cancelReadAsync:  CanonCancelRead(g.inst, t, Async),
		cancelWriteAsync: CanonCancelWrite(g.inst, t, Async),
		dropReadable:     CanonDropReadable(g.inst, t),
		dropWritable:     CanonDropWritable(g.inst, t),
		returned:         CanonTaskReturn(g.inst, t, g.async),
	}
}

// event waits for one in a set and checks it.
func (g *guest) event(set uint64, code EventCode, index, payload uint64) {
	g.h.t.Helper()
	mem := g.sync.Memory.(interface{ u32(int) uint64 })
	const at = 16
	g.h.expect(uint64(code), g.setWait, set, at)
	g.h.equal(mem.u32(at), index)
	g.h.equal(mem.u32(at+4), payload)
}

func (m *memory) expect(t testing.TB, at int, want ...byte) {
	t.Helper()
	if got := m.b[at:][:len(want)]; !slices.Equal(got, want) {
		t.Errorf("memory has % x at %d, want % x", got, at, want)
	}
}

// addTen is a host function that reads a stream, adds 10 to each byte, and
// returns the stream of that. The host does its work when later says.
func addTen(h *harness, inst *ComponentInstance, incoming *hostSink, later func(func())) FuncInst {
	ft := asyncType(byteStream, byteStream)
	return h.NewHostFunc(&HostFunc{Name: "add ten", Type: ft, Scope: inst, Async: func(c *HostCall) {
		remain := incoming.remain
		out := h.source(nil, 4, false)
		c.Return(out.value())
		*incoming = *sink(c.Args()[0], 0)
		incoming.got = func() {
			later(func() {
				for {
					vs := incoming.take(4)
					if vs == nil {
						break
					}
					for i := range vs {
						vs[i] += 10
					}
					out.send(vs...)
				}
				if incoming.closed {
					out.closeOnceEmpty()
				}
			})
		}
		incoming.setRemain(remain)
	}})
}

// Spec: run_tests.py test_eager_stream_completion.
func TestSpecEagerStreamCompletion(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		in := &hostSink{remain: 1 << 30}
		low := g.lower(addTen(h, g.inst, in, func(f func()) { f() }), g.async)
		src := h.source([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 4, true)
		var dst *hostSink
		c := &sinkCaller{hostCaller: hostCaller{args: []val.Value{src.value()}}, resolved: func(v val.Value) { dst = sink(v, 1<<30) }}
		full := copied(4, CopyCompleted)
		h.runCaller(c, g.lift("f", core(func(args []uint64) []uint64 {
			rsi1 := args[0]
			h.equal(rsi1, 1)
			rsi2, wsi2 := ends(call(o.make_))
			call(o.returned, rsi2)
			h.expect(full, o.read, rsi1, 0, 4)
			mem.expect(t, 0, 1, 2, 3, 4)
			rsi3, wsi3 := ends(call(o.make_))
			h.expect(uint64(SubtaskReturned), low, rsi3, 12)
			rsi4 := mem.u32(12)
			h.expect(full, o.write, wsi3, 0, 4)
			h.expect(full, o.readSync, rsi4, 0, 4)
			h.expect(full, o.write, wsi2, 0, 4)
			h.expect(copied(4, CopyDropped), o.read, rsi1, 0, 4)
			mem.expect(t, 0, 5, 6, 7, 8)
			h.expect(full, o.writeSync, wsi3, 0, 4)
			h.expect(full, o.readSync, rsi4, 0, 4)
			h.expect(full, o.writeSync, wsi2, 0, 4)
			call(o.dropReadable, rsi1)
			call(o.dropReadable, rsi4)
			call(o.dropWritable, wsi2)
			call(o.dropWritable, wsi3)
			return nil
		}), asyncType(byteStream, byteStream), g.async))
		if !slices.Equal(dst.received, []byte{11, 12, 13, 14, 15, 16, 17, 18}) {
			t.Errorf("the host received %d", dst.received)
		}
	})
}

// sinkCaller does something with the result at once.
type sinkCaller struct {
	hostCaller
	resolved func(val.Value)
}

func (c *sinkCaller) OnResolve(v val.Value, how Resolution) {
	c.hostCaller.OnResolve(v, how)
	c.resolved(v)
}

func (h *harness) runCaller(c *sinkCaller, f FuncInst) {
	h.t.Helper()
	h.Invoke(f, c, nil)
	h.settle()
	if c.ended != 1 || c.err != nil {
		h.t.Fatalf("the call ended %d times, with %v", c.ended, c.err)
	}
	if n := h.Live(); n != 0 {
		h.t.Errorf("%d tasks are left: %v", n, h.Blocked())
	}
}

// Spec: run_tests.py test_async_stream_ops.
func TestSpecAsyncStreamOps(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		in := &hostSink{}
		low := g.lower(addTen(h, g.inst, in, func(f func()) { h.inbox = append(h.inbox, f) }), g.async)
		src := h.source(nil, 4, false)
		var dst *hostSink
		c := &sinkCaller{hostCaller: hostCaller{args: []val.Value{src.value()}}, resolved: func(v val.Value) { dst = sink(v, 0) }}
		full := copied(4, CopyCompleted)
		h.runCaller(c, g.lift("f", core(func(args []uint64) []uint64 {
			rsi1 := args[0]
			rsi2, wsi2 := ends(call(o.make_))
			call(o.returned, rsi2)
			h.expect(blocked, o.read, rsi1, 0, 4)
			src.send(1, 2, 3, 4)
			set := call(g.setNew)
			call(g.join, rsi1, set)
			g.event(set, EventStreamRead, rsi1, full)
			mem.expect(t, 0, 1, 2, 3, 4)
			rsi3, wsi3 := ends(call(o.make_))
			h.expect(uint64(SubtaskReturned), low, rsi3, 16)
			rsi4 := mem.u32(16)
			h.equal(rsi4, 4)
			h.expect(blocked, o.write, wsi3, 0, 4)
			in.setRemain(100)
			call(g.join, wsi3, set)
			g.event(set, EventStreamWrite, wsi3, full)
			h.expect(full, o.readSync, rsi4, 0, 4)
			h.expect(blocked, o.write, wsi2, 0, 4)
			dst.setRemain(100)
			call(g.join, wsi2, set)
			g.event(set, EventStreamWrite, wsi2, full)
			src.send(5, 6, 7, 8)
			src.closeOnceEmpty()
			h.expect(copied(4, CopyDropped), o.read, rsi1, 0, 4)
			call(o.dropReadable, rsi1)
			mem.expect(t, 0, 5, 6, 7, 8)
			h.expect(full, o.write, wsi3, 0, 4)
			call(o.dropWritable, wsi3)
			h.expect(blocked, o.read, rsi4, 0, 4)
			call(g.join, rsi4, set)
			h.expect(uint64(EventStreamRead), g.setWait, set, 16)
			h.equal(mem.u32(16), rsi4)
			call(g.join, rsi4, 0)
			// The last bytes and the end may come together.
			result, n := unpack(mem.u32(20))
			h.equal(n, 4)
			if result == uint64(CopyCompleted) {
				h.expect(uint64(CopyDropped), o.readSync, rsi4, 0, 4)
			}
			call(o.dropReadable, rsi4)
			h.expect(full, o.write, wsi2, 0, 4)
			call(o.dropWritable, wsi2)
			call(g.setDrop, set)
			return nil
		}), asyncType(byteStream, byteStream), g.async))
		if !slices.Equal(dst.received, []byte{11, 12, 13, 14, 15, 16, 17, 18}) {
			t.Errorf("the host received %d", dst.received)
		}
	})
}

// Spec: run_tests.py test_stream_forward.
func TestSpecStreamForward(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(0), nil)
	src := h.source([]byte{1, 2, 3, 4}, 4, true)
	got := h.run(g.lift("f", core(func(args []uint64) []uint64 {
		h.equal(args[0], 1)
		return args
	}), funcType(byteStream, byteStream), &CanonicalOptions{}), src.value())
	if got.Stream() != val.Stream(src.Stream) {
		t.Error("another stream came back")
	}
}

// Spec: run_tests.py test_receive_own_stream.
func TestSpecReceiveOwnStream(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		host := h.NewHostFunc(&HostFunc{Name: "back", Type: funcType(byteStream, byteStream), Scope: g.inst,
			Plain: func(_ any, args []val.Value) (val.Value, error) { return args[0], nil }})
		low := g.lower(host, g.async)
		h.run(g.lift("f", does(func() {
			rsi, wsi := ends(call(o.make_))
			h.equal(rsi, 1)
			h.equal(wsi, 2)
			h.expect(blocked, o.write, wsi, 0, 4)
			h.expect(uint64(SubtaskReturned), low, rsi, 8)
			h.equal(mem.u32(8), 1)
			h.expect(copied(0, CopyCancelled), o.cancelWrite, wsi)
			call(o.dropWritable, wsi)
		}), asyncType(nil), &CanonicalOptions{}))
	})
}

// hostGives makes a host function that returns a value.
func hostGives(h *harness, inst *ComponentInstance, t *types.Type, v func() val.Value) FuncInst {
	return h.NewHostFunc(&HostFunc{Name: "give", Type: funcType(t), Scope: inst,
		Plain: func(any, []val.Value) (val.Value, error) { return v(), nil }})
}

// hostTakes makes a host function that takes a value.
func hostTakes(h *harness, inst *ComponentInstance, t *types.Type, take func(val.Value)) FuncInst {
	return h.NewHostFunc(&HostFunc{Name: "take", Type: funcType(nil, t), Scope: inst,
		Plain: func(_ any, args []val.Value) (val.Value, error) { take(args[0]); return val.Value{}, nil }})
}

// Spec: run_tests.py test_host_partial_reads_writes.
func TestSpecHostPartialReadsWrites(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		src := h.source([]byte{1, 2, 3, 4}, 2, false)
		var dst *hostSink
		lowSource := g.lower(hostGives(h, g.inst, byteStream, src.value), g.async)
		lowSink := g.lower(hostTakes(h, g.inst, byteStream, func(v val.Value) { dst = sink(v, 2) }), g.async)
		h.run(g.lift("f", does(func() {
			h.expect(uint64(SubtaskReturned), lowSource, 4)
			rsi := mem.u32(4)
			h.equal(rsi, 1)
			h.expect(copied(2, CopyCompleted), o.read, rsi, 0, 4)
			mem.expect(t, 0, 1, 2)
			h.expect(copied(2, CopyCompleted), o.read, rsi, 0, 4)
			mem.expect(t, 0, 3, 4)
			h.expect(blocked, o.read, rsi, 0, 4)
			src.send(5, 6)
			set := call(g.setNew)
			call(g.join, rsi, set)
			g.event(set, EventStreamRead, rsi, copied(2, CopyCompleted))
			call(o.dropReadable, rsi)

			rsi, wsi := ends(call(o.make_))
			h.equal(rsi, 1)
			h.equal(wsi, 3)
			h.expect(uint64(SubtaskReturned), lowSink, rsi)
			copy(mem.b, "\x01\x02\x03\x04\x05\x06")
			h.expect(copied(2, CopyCompleted), o.write, wsi, 0, 6)
			h.expect(blocked, o.write, wsi, 2, 4)
			dst.setRemain(4)
			call(g.join, wsi, set)
			g.event(set, EventStreamWrite, wsi, copied(4, CopyCompleted))
			if !slices.Equal(dst.received, []byte{1, 2, 3, 4, 5, 6}) {
				t.Errorf("the host received %d", dst.received)
			}
			call(o.dropWritable, wsi)
			call(g.setDrop, set)
			dst.setRemain(100)
			if !dst.closed {
				t.Error("the host was not told that the writer dropped")
			}
		}), asyncType(nil), &CanonicalOptions{}))
	})
}

// Spec: run_tests.py test_wasm_to_wasm_stream.
func TestSpecWasmToWasmStream(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		fut1, fut2, fut3, fut4 := h.gate(), h.gate(), h.gate(), h.gate()
		mem1 := newMemory(24)
		g1 := h.guest(h.instance("writer", root), mem1, nil)
		o1 := g1.ops(byteStream)
		errNew, errDrop := CanonErrorContextNew(g1.inst, g1.async), CanonErrorContextDrop(g1.inst)
		full := copied(4, CopyCompleted)
		func1 := g1.lift("writer", does(func() {
			rsi, wsi := ends(call(o1.make_))
			call(o1.returned, rsi)
			fut1.wait()
			copy(mem1.b, "\x01\x02\x03\x04")
			h.expect(full, o1.write, wsi, 0, 4)
			h.expect(full, o1.write, wsi, 0, 4)
			h.expect(blocked, o1.write, wsi, 0, 0)
			h.expect(copied(0, CopyCancelled), o1.cancelWriteAsync, wsi)
			fut2.wait()
			copy(mem1.b, "\x05\x06\x07\x08\x09\x0a\x0b\x0c")
			h.expect(blocked, o1.write, wsi, 0, 8)
			fut3.set()
			set := call(g1.setNew)
			call(g1.join, wsi, set)
			g1.event(set, EventStreamWrite, wsi, full)
			h.expect(blocked, o1.write, wsi, 12345, 0)
			fut4.set()
			g1.event(set, EventStreamWrite, wsi, 0)
			h.expect(0, o1.write, wsi, 12345, 0)
			e := call(errNew, 0, 0)
			call(o1.dropWritable, wsi)
			call(g1.setDrop, set)
			call(errDrop, e)
		}), funcType(byteStream), g1.async)

		hp := newHeap(24)
		g2 := h.guest(h.instance("reader", root), hp, hp)
		o2 := g2.ops(byteStream)
		low := g2.lower(func1, g2.async)
		h.run(g2.lift("reader", does(func() {
			call(g2.returns(nil, g2.async))
			h.expect(uint64(SubtaskReturned), low, 16)
			rsi := hp.u32(16)
			h.equal(rsi, 1)
			h.expect(blocked, o2.read, rsi, 0, 8)
			fut1.set()
			set := call(g2.setNew)
			call(g2.join, rsi, set)
			g2.event(set, EventStreamRead, rsi, copied(8, CopyCompleted))
			hp.expect(t, 0, 1, 2, 3, 4, 1, 2, 3, 4)
			fut2.set()
			fut3.wait()
			h.expect(0, o2.read, rsi, 12345, 0)
			clear(hp.b[:8])
			h.expect(copied(2, CopyCompleted), o2.read, rsi, 0, 2)
			hp.expect(t, 0, 5, 6, 0, 0, 0, 0)
			h.expect(copied(2, CopyCompleted), o2.read, rsi, 2, 2)
			hp.expect(t, 0, 5, 6, 7, 8, 0, 0)
			fut4.wait()
			h.expect(blocked, o2.read, rsi, 12345, 0)
			g2.event(set, EventStreamRead, rsi, copied(0, CopyDropped))
			call(o2.dropReadable, rsi)
			call(g2.setDrop, set)
		}), funcType(nil), g2.async))
		if n := h.Live(); n != 0 {
			t.Errorf("%d tasks are left: %v", n, h.Blocked())
		}
	})
}

// Spec: run_tests.py test_wasm_to_wasm_stream_empty.
func TestSpecWasmToWasmStreamEmpty(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		root := h.instance("root", nil)
		fut1, fut2, fut3, fut4 := h.gate(), h.gate(), h.gate(), h.gate()
		g1 := h.guest(h.instance("writer", root), newMemory(24), nil)
		o1 := g1.ops(unitStream)
		two := copied(2, CopyCompleted)
		func1 := g1.lift("writer", does(func() {
			rsi, wsi := ends(call(o1.make_))
			call(o1.returned, rsi)
			fut1.wait()
			h.expect(two, o1.write, wsi, 10000, 2)
			h.expect(two, o1.write, wsi, 10000, 2)
			fut2.wait()
			h.expect(blocked, o1.write, wsi, 0, 8)
			fut3.set()
			set := call(g1.setNew)
			call(g1.join, wsi, set)
			g1.event(set, EventStreamWrite, wsi, copied(4, CopyCompleted))
			fut4.set()
			call(o1.dropWritable, wsi)
		}), funcType(unitStream), g1.async)
		mem := newMemory(24)
		g2 := h.guest(h.instance("reader", root), mem, nil)
		o2 := g2.ops(unitStream)
		low := g2.lower(func1, g2.async)
		h.run(g2.lift("reader", does(func() {
			call(g2.returns(nil, g2.async))
			h.expect(uint64(SubtaskReturned), low, 0)
			rsi := mem.u32(0)
			h.expect(blocked, o2.read, rsi, 0, 8)
			fut1.set()
			set := call(g2.setNew)
			call(g2.join, rsi, set)
			g2.event(set, EventStreamRead, rsi, copied(4, CopyCompleted))
			fut2.set()
			fut3.wait()
			h.expect(two, o2.read, rsi, 1000000, 2)
			h.expect(two, o2.read, rsi, 1000000, 2)
			fut4.wait()
			h.expect(copied(0, CopyDropped), o2.read, rsi, 1000000, 2)
			call(o2.dropReadable, rsi)
		}), funcType(nil), g2.async))
	})
}

// slowSource is a stream of the host's whose cancellation takes its time.
//
// Spec: run_tests.py HostSource.block_cancel.
type slowSource struct {
	*hostSource
	asked bool
}

func (s *slowSource) cancel() { s.asked = true }

func (s *slowSource) confirm() { s.hostSource.cancel() }

// Spec: run_tests.py test_cancel_copy.
func TestSpecCancelCopy(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		var in *hostSink
		lowSink := g.lower(hostTakes(h, g.inst, byteStream, func(v val.Value) { in = sink(v, 0) }), g.async)
		lowSource := g.lower(hostGives(h, g.inst, byteStream, func() val.Value { return h.source(nil, 2, false).value() }), g.async)
		h.run(g.lift("f", does(func() {
			for _, cancel := range []CoreBuiltin{o.cancelWrite, o.cancelWriteAsync} {
				rsi, wsi := ends(call(o.make_))
				h.expect(uint64(SubtaskReturned), lowSink, rsi)
				copy(mem.b, "\x0a\x0b\x0c\x0d")
				h.expect(blocked, o.write, wsi, 0, 4)
				in.setRemain(2)
				if got := in.take(2); !slices.Equal(got, []byte{10, 11}) {
					t.Errorf("the host received %d", got)
				}
				h.expect(copied(2, CopyCancelled), cancel, wsi) // run_tests.py: CopyCompleted; see CopyEnd.cancel
				call(o.dropWritable, wsi)
				in.setRemain(100)
				if !in.closed {
					t.Error("the host was not told that the writer dropped")
				}
			}
			h.expect(uint64(SubtaskReturned), lowSource, 16)
			rsi := mem.u32(16)
			h.expect(blocked, o.read, rsi, 0, 4)
			h.expect(copied(0, CopyCancelled), o.cancelRead, rsi)
			call(o.dropReadable, rsi)

			slow := &slowSource{hostSource: h.source(nil, 2, false)}
			rsi = uint64(g.inst.addEnd(readableStream, slow))
			h.expect(blocked, o.read, rsi, 0, 4)
			h.expect(blocked, o.cancelReadAsync, rsi)
			h.traps(func() { call(o.cancelReadAsync, rsi) })
			// The host writes into the buffer once more before it confirms.
			end := g.inst.handles.get(uint32(rsi)).(*CopyEnd)
			copy(end.buffer.raw(2, types.U8), "\x07\x08")
			end.buffer.advance(2)
			slow.confirm()
			set := call(g.setNew)
			call(g.join, rsi, set)
			g.event(set, EventStreamRead, rsi, copied(2, CopyCancelled))
			mem.expect(t, 0, 7, 8)
			call(o.dropReadable, rsi)
			call(g.setDrop, set)
		}), asyncType(nil), &CanonicalOptions{}))
	})
}

// Spec: run_tests.py test_futures.
func TestSpecFutures(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(24)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteFuture)
		host := h.NewHostFunc(&HostFunc{Name: "f", Type: asyncType(byteFuture, byteFuture), Scope: g.inst, Async: func(c *HostCall) {
			in := c.Args()[0].Future().(*Future)
			out := h.NewFuture(types.U8, nil)
			c.Return(val.OfFuture(out))
			room := make([]byte, 1)
			in.Read(NewBytesBuffer(room, 1), func(CopyResult) {
				h.equal(uint64(room[0]), 42)
				h.inbox = append(h.inbox, func() { out.Write(NewBytesBuffer([]byte{43}, 1), func(CopyResult) {}) })
			})
		}})
		low := g.lower(host, g.async)
		h.run(g.lift("f", does(func() {
			roundTrip := func() (rfi, wfi uint64) {
				rfi, wfi = ends(call(o.make_))
				h.expect(uint64(SubtaskReturned), low, rfi, 16)
				rfi = mem.u32(16)
				h.expect(blocked, o.read, rfi, 0)
				mem.b[8] = 42
				h.expect(uint64(CopyCompleted), o.write, wfi, 8)
				return rfi, wfi
			}
			rfi, wfi := roundTrip()
			set := call(g.setNew)
			call(g.join, rfi, set)
			g.event(set, EventFutureRead, rfi, uint64(CopyCompleted))
			h.equal(mem.byteAt(0), 43)
			call(o.dropWritable, wfi)
			call(o.dropReadable, rfi)
			call(g.setDrop, set)

			rfi, wfi = roundTrip()
			for !g.inst.handles.get(uint32(rfi)).(*CopyEnd).pending {
				call(g.yieldCan)
			}
			h.expect(uint64(CopyCompleted), o.cancelRead, rfi)
			h.equal(mem.byteAt(0), 43)
			call(o.dropWritable, wfi)
			call(o.dropReadable, rfi)

			_, wfi = ends(call(o.make_))
			h.traps(func() { call(o.dropWritable, wfi) })
		}), asyncType(nil), &CanonicalOptions{}))
	})
}

// Spec: run_tests.py test_self_copy.
func TestSpecSelfCopy(t *testing.T) {
	for _, elem := range []*types.Type{nil, types.U8, types.F64} {
		everyOrder(t, func(t *testing.T, h *harness) {
			g := h.guest(h.instance("inst", nil), newMemory(40), nil)
			f, s := g.ops(types.Future(elem)), g.ops(types.Stream(elem))
			h.run(g.lift("f", does(func() {
				set := call(g.setNew)
				rfi, wfi := ends(call(f.make_))
				h.expect(blocked, f.write, wfi, 0)
				h.expect(uint64(CopyCompleted), f.read, rfi, 0)
				call(f.dropReadable, rfi)
				call(g.join, wfi, set)
				g.event(set, EventFutureWrite, wfi, uint64(CopyCompleted))
				call(f.dropWritable, wfi)

				rsi, wsi := ends(call(s.make_))
				h.expect(blocked, s.write, wsi, 0, 3)
				h.expect(copied(1, CopyCompleted), s.read, rsi, 0, 1)
				h.expect(copied(2, CopyCompleted), s.read, rsi, 0, 4)
				call(s.dropReadable, rsi)
				call(g.join, wsi, set)
				g.event(set, EventStreamWrite, wsi, copied(3, CopyDropped))
				call(s.dropWritable, wsi)
				call(g.setDrop, set)
			}), asyncType(nil), g.sync))
		})
	}
}
