package rt

import "fmt"

// List returns the address of a new zeroed block for n elements of size bytes each, aligned to align (at most 8).
func (s *Scope) List(n int, size, align uint32) uint32 {
	if uint64(n)*uint64(size) > 1<<31 {
		panic(fmt.Sprintf("a list of %d elements of %d bytes each is too long for linear memory", n, size))
	}
	return s.Block(uint32(n)*size, align)
}

// GiveNew moves v, a value of an exported resource, into a call, as a new handle. resourceNew and resourceDrop are the
// resource.new and resource.drop imports of its type. If the call never starts, or a stream's reader doesn't take the
// element, v is the component's again.
func GiveNew[T any](s *Scope, t *Table[T], v T, resourceNew func(rep uint32) uint32, resourceDrop func(handle uint32)) uint32 {
	if any(v) == nil {
		panic("a nil resource was passed: WIT has no null handle, only option<…>")
	}
	rep := t.Add(v)
	handle := resourceNew(rep)
	s.given = append(s.given, &newHandle[T]{t, rep, handle, resourceDrop})
	return handle
}

// newHandle is a handle in a scope that was made for it.
type newHandle[T any] struct {
	table       *Table[T]
	rep, handle uint32
	drop        func(handle uint32)
}

func (h *newHandle[T]) returned(started bool) {
	if !started {
		h.table.remove(h.rep)
		h.drop(h.handle)
	}
}

// TakeOwn makes the value behind an owned handle of an exported resource the component's own: the handle goes, and its
// destructor finds nothing to close. resourceRep and resourceDrop are the resource.rep and resource.drop imports of its type.
func TakeOwn[T any](t *Table[T], handle uint32, resourceRep func(handle uint32) uint32, resourceDrop func(handle uint32)) T {
	v := t.Take(resourceRep(handle))
	resourceDrop(handle)
	return v
}
