package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// ResourceType is a resource type at run time. Two are the same only when their
// pointers are equal.
//
// Spec: CanonicalABI.md#resource-state (definitions.py ResourceType).
type ResourceType struct {
	name string
	impl *ComponentInstance // or nil for the host's
	rep  layout.PtrType     // of the representations of a guest's
	dtor *lifted            // of a guest's, or nil
	drop func(rep uint32)   // of the host's, or nil
}

// NewResourceType makes a resource type that impl implements. The name is what
// errors call it.
func NewResourceType(name string, impl *ComponentInstance) *ResourceType {
	return &ResourceType{name: name, impl: impl}
}

// NewHostResourceType makes a resource type of the host. drop, which may be nil,
// is called with the representation when the owner drops it or goes away with
// its store. It is called while the store is held, must be quick, and must not
// call the store.
func NewHostResourceType(name string, drop func(rep uint32)) *ResourceType {
	return &ResourceType{name: name, drop: drop}
}

// SetRep says how wide the representations of a guest's type are: 32 bits, unless
// it says otherwise. It must be called before anything of the type is made.
func (rt *ResourceType) SetRep(p layout.PtrType) { rt.rep = p }

// repType is the type of a representation.
func repType(p layout.PtrType) *types.Type {
	if p == layout.Ptr64 {
		return types.U64
	}
	return types.U32
}

// SetDtor sets the destructor, a core function of the implementing instance:
// (rep) -> (). It must be called before anything of the type is dropped.
//
// Spec: definitions.py canon_resource_drop (ft).
func (rt *ResourceType) SetDtor(dtor CoreFunc) {
	ft := &types.Func{Params: []types.Field{{Name: "rep", Type: repType(rt.rep)}}}
	rt.dtor = newLifted(rt.name+" destructor", dtor, ft, &CanonicalOptions{}, rt.impl)
}

// Name is what errors call the type.
func (rt *ResourceType) Name() string { return rt.name }

// Host reports whether the host implements the type.
func (rt *ResourceType) Host() bool { return rt.impl == nil }

// Resource is the value of an own or borrow handle outside of an instance: who
// has one knows the representation, nobody else. An owned one must be given to
// a guest again or dropped ([Store.DropResource]), once; one that was borrowed
// is valid until the call that it came with has ended. The layer above sees to
// both.
//
// It implements [val.Resource].
type Resource struct {
	Type *ResourceType
	Rep  uint64
}

// ValResource marks the values that stand for resources.
func (*Resource) ValResource() {}

// ResourceHandle is an entry of a handle table. Handles are used again once they
// are removed.
//
// Spec: definitions.py ResourceHandle.
type ResourceHandle struct {
	rt       *ResourceType
	rep      uint64
	numLends int
	own      bool
	scope    *Task // of a borrowed handle: whose call lends it
	nextFree *ResourceHandle
}

func (h *ResourceHandle) kind() string {
	if h.own {
		return "an owned resource"
	}
	return "a borrowed resource"
}

// origin is how the reference tests call a resource type.
func (rt *ResourceType) origin() string {
	if rt.Host() {
		return "host-defined resource"
	}
	return "guest-defined resource"
}

func (i *ComponentInstance) addResource(h ResourceHandle) uint32 {
	p := i.free
	if p == nil {
		p = &ResourceHandle{}
	} else {
		i.free = p.nextFree
	}
	*p = h
	return i.handles.add(p)
}

func (i *ComponentInstance) removeResource(index uint32) {
	h := i.handles.remove(index).(*ResourceHandle)
	*h = ResourceHandle{nextFree: i.free}
	i.free = h
}

// resourceAt is the handle at an index, which must be one of type rt.
func (i *ComponentInstance) resourceAt(index uint32, rt *ResourceType) *ResourceHandle {
	e := i.handles.get(index)
	h, ok := e.(*ResourceHandle)
	if !ok {
		trap.Throw(trap.WrongHandleType, index, "a resource", e.kind())
	}
	if h.rt != rt {
		expected, found := rt.origin(), h.rt.origin()
		if expected == found {
			found = "different " + found
		}
		trap.Throw(trap.WrongHandleType, index, expected, "a "+found)
	}
	return h
}

// trapIfLent guards the removal of a handle.
func (h *ResourceHandle) trapIfLent() {
	if h.numLends != 0 {
		trap.Throw(trap.ResourceLent)
	}
}
