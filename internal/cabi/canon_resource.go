package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// CanonResourceNew is canon resource.new of r, which inst implements:
// (rep) -> i32.
//
// Spec: CanonicalABI.md#canon-resourcenew (definitions.py canon_resource_new).
func CanonResourceNew(inst *ComponentInstance, r *types.Resource) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		rt := inst.resource(r)
		h := ResourceHandle{rt: rt, rep: stack[0], own: true}
		if rt.rep == layout.Ptr32 {
			h.rep = uint64(uint32(h.rep))
		}
		stack[0] = uint64(inst.addResource(h))
	}
}

// CanonResourceDrop is canon resource.drop of r: (i32) -> ().
//
// Spec: CanonicalABI.md#canon-resourcedrop (definitions.py canon_resource_drop).
func CanonResourceDrop(inst *ComponentInstance, r *types.Resource) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		i := uint32(stack[0])
		h := inst.resourceAt(i, inst.resource(r))
		h.trapIfLent()
		dropped := *h
		inst.removeResource(i)
		if dropped.own {
			assert(dropped.scope == nil, "an owned handle belongs to no call")
			dropped.rt.destroy(dropped.rep, inst)
		} else {
			dropped.scope.numBorrows--
		}
	}
}

// destroy calls the destructor, as a call of a function that is not async.
func (rt *ResourceType) destroy(rep uint64, from *ComponentInstance) {
	switch {
	case rt.drop != nil:
		rt.drop(uint32(rep))
	case rt.impl != nil && !rt.impl.mayEnterFrom(from):
		trap.Throw(trap.CannotEnter)
	case rt.dtor != nil:
		rt.dtor.call(&dtorCall{val.OfBits(repType(rt.rep).Kind(), rep), from}, from)
	}
}

// dtorCall is the caller's side of a call of a destructor.
type dtorCall struct {
	rep  val.Value
	from *ComponentInstance
}

func (c *dtorCall) OnStart(args []val.Value) []val.Value { return append(args, c.rep) }

func (c *dtorCall) OnResolve(val.Value, Resolution) {}

func (c *dtorCall) OnTrap(err error) {
	if c.from != nil {
		c.from.root.doom(err)
	}
}

// DropResource drops what the host owned. Its destructor may run, and trap; the
// error is its trap then.
func (s *Store) DropResource(r *Resource) error {
	return s.protect(func() { r.Type.destroy(r.Rep, nil) })
}

// CanonResourceRep is canon resource.rep of r, which inst implements:
// (i32) -> rep.
//
// Spec: CanonicalABI.md#canon-resourcerep (definitions.py canon_resource_rep).
func CanonResourceRep(inst *ComponentInstance, r *types.Resource) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		stack[0] = inst.resourceAt(uint32(stack[0]), inst.resource(r)).rep
	}
}
