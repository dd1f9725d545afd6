package cabi

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Both ends with the host: dynamic values and bytes meet, piece by piece.
func TestHostToHostStream(t *testing.T) {
	h := newHarness(t, nil)
	s := h.NewStream(types.U16, nil)
	room := NewValuesBuffer(make([]val.Value, 3))
	var reads, writes []CopyResult
	read := func(r CopyResult) { reads = append(reads, r) }
	write := func(r CopyResult) { writes = append(writes, r) }
	if err := s.Read(room, read); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(room, read); err != ErrBusy {
		t.Errorf("a second read: %v", err)
	}
	if err := s.DropReadable(); err != ErrBusy {
		t.Errorf("a drop during a read: %v", err)
	}
	src := NewBytesBuffer([]byte{1, 0, 2, 1, 3, 0, 4, 0}, 2)
	if err := s.Write(src, write); err != nil {
		t.Fatal(err)
	}
	if room.Progress() != 3 || src.Progress() != 3 || len(reads) != 1 || len(writes) != 1 {
		t.Fatalf("%d and %d were copied, %v, %v", room.Progress(), src.Progress(), reads, writes)
	}
	if got := val.List(room.values...); !val.Equal(got, listOf(val.U16, 1, 258, 3)) {
		t.Errorf("got %v", got)
	}
	back := make([]byte, 4)
	if err := s.Write(NewValuesBuffer([]val.Value{val.U16(7), val.U16(0x0908)}), write); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(NewBytesBuffer(back, 2), read); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(back, []byte{7, 0, 8, 9}) {
		t.Errorf("got % x", back)
	}
	if err := s.Write(NewBytesBuffer([]byte{1, 0}, 2), write); err != nil {
		t.Fatal(err)
	}
	s.CancelWrite()
	s.CancelWrite()
	if len(writes) != 3 || writes[2] != CopyCancelled {
		t.Errorf("writes ended %v", writes)
	}
	if err := s.DropWritable(); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(NewBytesBuffer(back, 2), read); err != nil || reads[2] != CopyDropped {
		t.Errorf("a read after the end: %v, %v", err, reads)
	}
	if err := s.Read(NewBytesBuffer(back, 2), read); err != ErrDone {
		t.Errorf("a read after that: %v", err)
	}
}

func TestHostBufferErrors(t *testing.T) {
	h := newHarness(t, nil)
	none := func(CopyResult) { t.Error("an operation that did not start ended") }
	for _, c := range []struct {
		elem *types.Type
		b    *HostBuffer
		want string
	}{
		{types.String, NewBytesBuffer([]byte{1}, 1), "hold numbers only"},
		{types.U32, NewBytesBuffer([]byte{1, 2, 3}, 1), "whole elements"},
		{types.U32, NewBytesBuffer([]byte{1, 2, 3, 4, 5}, 4), "whole elements"},
		{nil, NewBytesBuffer([]byte{1}, 1), "not one for no payload"},
		{types.U8, NewUnitsBuffer(1), "not one for u8"},
		{types.U8, NewValuesBuffer([]val.Value{val.U8(1), val.U16(1)}), "[1]: got a u16, want u8"},
		{nil, NewUnitsBuffer(1 << 28), "at most 268435455"},
	} {
		err := h.NewStream(c.elem, nil).Write(c.b, none)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
	f := h.NewFuture(types.U8, nil)
	if err := f.Write(NewBytesBuffer([]byte{1, 2}, 1), none); err == nil {
		t.Error("two values went into a future")
	}
}

func TestHostFuture(t *testing.T) {
	h := newHarness(t, nil)
	f := h.NewFuture(types.String, nil)
	room := []val.Value{{}}
	var ends []CopyResult
	end := func(r CopyResult) { ends = append(ends, r) }
	if err := f.Read(NewValuesBuffer(room), end); err != nil {
		t.Fatal(err)
	}
	f.CancelRead()
	if err := f.Read(NewValuesBuffer(room), end); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(NewValuesBuffer([]val.Value{val.String("hi")}), end); err != nil {
		t.Fatal(err)
	}
	if room[0].Str() != "hi" || !slices.Equal(ends, []CopyResult{CopyCancelled, CopyCompleted, CopyCompleted}) {
		t.Errorf("got %v, %v", room[0], ends)
	}
	if err := errors.Join(f.DropReadable(), f.DropWritable()); err != nil {
		t.Error(err)
	}

	f = h.NewFuture(types.String, nil)
	ends = nil
	f.Read(NewValuesBuffer(room), end)
	f.DropWritable()
	if !slices.Equal(ends, []CopyResult{CopyDropped}) {
		t.Errorf("the reader of an abandoned future got %v", ends)
	}
}

// The host abandons a future while a guest reads it: the guest traps.
func TestAbandonedWhileRead(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	f := h.NewFuture(types.U8, nil)
	read := g.ops(byteFuture).readSync
	c, _ := h.start(g.lift("f", core(func(args []uint64) []uint64 { call(read, args[0], 0); return nil }), asyncType(nil, byteFuture), g.sync), val.OfFuture(f))
	h.settle()
	f.DropWritable()
	if c.err == nil || !strings.Contains(c.err.Error(), "the host dropped the write end of a future") || h.Live() != 0 {
		t.Errorf("got %v", c.err)
	}
}

// A guest whose bytes are no value traps when the host reads them.
func TestHostReadsGarbage(t *testing.T) {
	h := newHarness(t, nil)
	mem := newMemory(64)
	g := h.guest(h.instance("inst", nil), mem, nil)
	chars := types.Stream(types.Option(types.U8))
	var s *Stream
	take := g.lower(hostTakes(h, g.inst, chars, func(v val.Value) { s = v.Stream().(*Stream) }), g.sync)
	o := g.ops(chars)
	mem.b[0] = 9
	h.run(g.lift("f", does(func() {
		r, w := ends(call(o.make_))
		call(o.write, w, 0, 2)
		call(take, r)
	}), funcType(nil), g.sync))
	err := s.Read(NewValuesBuffer(make([]val.Value, 2)), func(CopyResult) { t.Error("the read ended") })
	if err == nil || !strings.Contains(err.Error(), "invalid variant discriminant") || g.inst.Poisoned() == nil {
		t.Errorf("got %v", err)
	}
}

// done may start the next operation.
func TestOperationsInDone(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(64)
		g := h.guest(h.instance("inst", nil), mem, nil)
		o := g.ops(byteStream)
		s := h.NewStream(types.U8, nil)
		next := byte(0)
		var pump func(CopyResult)
		pump = func(r CopyResult) {
			if r != CopyCompleted || next == 20 {
				return
			}
			next++
			n := 1 - int(next%2) // every second piece is empty
			if err := s.Write(NewBytesBuffer([]byte{next}[:n], 1), pump); err != nil {
				t.Error(err)
			}
		}
		pump(CopyCompleted)
		h.run(g.lift("f", core(func(args []uint64) []uint64 {
			for want := byte(2); want <= 20; want += 2 {
				h.expect(copied(1, CopyCompleted), o.readSync, args[0], 0, 1)
				mem.expect(t, 0, want)
			}
			return nil
		}), asyncType(nil, byteStream), g.sync), val.OfStream(s))
	})
}

// Resources travel through a stream between trees that name them differently.
func TestStreamOfResources(t *testing.T) {
	h := newHarness(t, nil)
	rt, other := NewHostResourceType("file", nil), NewHostResourceType("file", nil)
	mem := newMemory(64)
	a, b := h.guest(h.instance("a", nil), mem, nil), h.guest(h.instance("b", nil), newMemory(64), nil)
	ra, rb := types.NewResource("file", 0), types.NewResource("datei", 3)
	a.inst.SetResource(0, rt)
	b.inst.SetResource(3, rt)
	oa, ob := a.ops(types.Stream(types.Own(ra))), b.ops(types.Stream(types.Own(rb)))
	mine := uint64(a.inst.addResource(ResourceHandle{rt: rt, rep: 7, own: true}))
	reader := b.lift("reader", core(func(args []uint64) []uint64 {
		h.expect(copied(1, CopyCompleted), ob.read, args[0], 0, 4)
		h.equal(uint64(b.inst.resourceAt(uint32(b.sync.Memory.Bytes()[0]), rt).rep), 7)
		return nil
	}), funcType(nil, ob.typ), b.sync)
	low := a.h.Lower(reader, funcType(nil, oa.typ), a.sync, a.inst)
	write := func() {
		r, w := ends(call(oa.make_))
		mem.b[0] = byte(mine)
		call(oa.write, w, 0, 1)
		call(low, r)
	}
	h.run(a.lift("f", does(write), funcType(nil), a.sync))
	b.inst.SetResource(3, other)
	if sameElem(a.inst, oa.typ.Elem(), b.inst, ob.typ.Elem()) {
		t.Error("two resource types of one name are one")
	}
	pair := func(r, s *types.Resource) *types.Type { return types.Tuple(types.Own(r), types.Own(s)) }
	rb2 := types.NewResource("b2", 4)
	b.inst.SetResource(3, rt)
	b.inst.SetResource(4, other)
	if !sameElem(a.inst, pair(ra, ra), b.inst, pair(rb, rb)) || sameElem(a.inst, pair(ra, ra), b.inst, pair(rb, rb2)) {
		t.Error("resources are compared one by one")
	}
}

// What the host does to a stream between giving it away and the start of the call.
func TestEndGivenAwayTwice(t *testing.T) {
	h := newHarness(t, nil)
	g := h.guest(h.instance("inst", nil), newMemory(64), nil)
	o := g.ops(byteStream)
	var ends []uint64
	f := g.lift("f", core(func(args []uint64) []uint64 { ends = append(ends, args[0]); return nil }), asyncType(nil, byteStream), g.sync)
	g.inst.backpressure = 1
	s := h.NewStream(types.U8, nil)
	a, _ := h.start(f, val.OfStream(s))
	b, _ := h.start(f, val.OfStream(s))
	result := CopyResult(99)
	s.Read(NewBytesBuffer(make([]byte, 4), 1), func(r CopyResult) { result = r })
	g.inst.backpressure = 0
	g.inst.refresh()
	h.settle()
	if a.ended != 1 || b.ended != 1 || a.err != nil || b.err != nil || result != CopyCancelled {
		t.Fatalf("%v, %v, the read ended with %d", a.err, b.err, result)
	}
	for _, err := range []error{
		s.Read(NewBytesBuffer(make([]byte, 4), 1), nil),
		s.DropReadable(),
		CheckArgs(f, []val.Value{val.OfStream(s)}),
	} {
		if !errors.Is(err, ErrAway) {
			t.Errorf("got %v", err)
		}
	}
	if err := s.Write(NewBytesBuffer([]byte{1, 2}, 1), func(CopyResult) {}); err != nil {
		t.Fatal(err)
	}
	h.run(g.lift("read", does(func() {
		h.expect(copied(2, CopyCompleted), o.read, ends[0], 0, 4)
		h.expect(copied(0, CopyDropped), o.read, ends[1], 0, 4)
	}), funcType(nil), g.sync))
}
