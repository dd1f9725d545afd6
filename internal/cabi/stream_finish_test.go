package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// A guest that reads nothing learns that there is something to read, as often as it
// asks, and what that is when it reads: the end.
func TestFinish(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		for _, elem := range []*types.Type{types.U8, types.String, nil} {
			st := types.Stream(elem)
			for _, waiting := range []uint64{0, 1, 2} { // elements that are asked for when it finishes; 2 is no read
				finish := func(s *Stream) {
					if err := s.Finish(); err != nil {
						t.Error(err)
					}
				}
				mem := newHeap(256)
				g := h.guest(h.instance("inst", nil), mem, mem).ops(st)
				s := h.NewStream(elem, nil)
				c, _ := h.start(g.lift("f", core(func(args []uint64) []uint64 {
					r, set := args[0], call(g.setNew)
					call(g.join, r, set)
					if waiting < 2 {
						h.equal(call(g.read, r, 64, waiting), blocked)
						end := map[uint64]uint64{0: copied(0, CopyCompleted), 1: copied(0, CopyDropped)}[waiting]
						g.event(set, EventStreamRead, r, end)
					} else {
						finish(s)
					}
					if waiting != 1 {
						h.expect(copied(0, CopyCompleted), g.read, r, 64, 0)
						h.expect(copied(0, CopyCompleted), g.read, r, 64, 0)
						h.expect(copied(0, CopyDropped), g.read, r, 64, 1)
					}
					call(g.dropReadable, r)
					return nil
				}), asyncType(nil, st), g.sync), val.OfStream(s))
				if waiting < 2 {
					h.inbox = append(h.inbox, func() { finish(s) })
				}
				h.settle()
				if c.ended != 1 || c.err != nil {
					t.Errorf("the call ended %d times, with %v", c.ended, c.err)
				}
			}
		}
	})
}

// A host that waits for something by reading nothing is told of the end: where both
// ends are the host's, each could keep the other busy for ever.
func TestFinishToHost(t *testing.T) {
	h := newHarness(t, nil)
	for _, early := range []bool{false, true} {
		s := h.NewStream(types.U8, nil)
		var got []CopyResult
		read := func() {
			if err := s.Read(NewBytesBuffer(nil, 1), func(r CopyResult) { got = append(got, r) }); err != nil {
				t.Error(err)
			}
		}
		if early {
			read()
		}
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		if !early {
			read()
		}
		if len(got) == 0 || got[len(got)-1] != CopyDropped {
			t.Errorf("early %v: %v", early, got)
		}
	}
	s := h.NewStream(types.U8, nil)
	if err := s.Write(NewBytesBuffer([]byte{1}, 1), func(CopyResult) {}); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(); err != ErrBusy {
		t.Errorf("while a write goes on: %v", err)
	}
}
