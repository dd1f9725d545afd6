package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// starter is the error of a function that answers later.
type starter struct{ start func(*HostCall) }

func (*starter) Error() string       { return "later" }
func (s *starter) Start(c *HostCall) { s.start(c) }

// What a function of the host returns later goes to where the guest said, although
// the guest has used its stack for other things meanwhile.
func TestReadyFunctionAnswersLater(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		mem := newMemory(64)
		g := h.guest(h.instance("inst", nil), mem, nil)
		result := types.Tuple(types.U32, types.U32)
		host := h.NewHostFunc(&HostFunc{Name: "f", Type: asyncType(result, types.U32), Plain: func(_ any, args []val.Value) (val.Value, error) {
			x := uint32(args[0].Uint())
			return val.Value{}, &starter{func(c *HostCall) {
				h.inbox = append(h.inbox, func() {
					if err := c.Return(val.Tuple(val.U32(x), val.U32(x+1))); err != nil {
						t.Error(err)
					}
				})
			}}
		}})
		low := g.lower(host, g.async)
		h.run(g.lift("f", does(func() {
			stack := []uint64{7, 16}
			low(stack)
			sub := g.blockedIn(SubtaskStarted, stack[0])
			stack[0], stack[1] = 1<<40, 1<<41
			set := call(g.setNew)
			call(g.join, sub, set)
			h.expect(uint64(EventSubtask), g.setWait, set, 32)
			call(g.subDrop, sub)
		}), asyncType(nil), g.sync))
		h.equal(mem.u32(16), 7)
		h.equal(mem.u32(20), 8)
	})
}
