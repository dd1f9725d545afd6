package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// waitableSetAt is the waitable set at an index.
func (i *ComponentInstance) waitableSetAt(index uint32) *WaitableSet {
	h := i.handles.get(index)
	s, ok := h.(*WaitableSet)
	if !ok {
		trap.Throw(trap.WrongHandleType, index, "a waitable set", h.kind())
	}
	return s
}

// CanonWaitableSetNew is canon waitable-set.new: () -> i32.
//
// Spec: CanonicalABI.md#-canon-waitable-setnew (definitions.py
// canon_waitable_set_new).
func CanonWaitableSetNew(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = uint64(inst.handles.add(&WaitableSet{store: inst.store}))
	}
}

// CanonWaitableSetWait is canon waitable-set.wait: (i32, ptr) -> i32. Of opts
// only the memory counts.
//
// Spec: CanonicalABI.md#-canon-waitable-setwait (definitions.py
// canon_waitable_set_wait).
func CanonWaitableSetWait(inst *ComponentInstance, opts *CanonicalOptions, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		set := inst.waitableSetAt(uint32(stack[0]))
		ptr := stack[1]
		stack[0] = unpackEvent(inst, opts, ptr, set.waitForEvent(t, c))
	}
}

// CanonWaitableSetPoll is canon waitable-set.poll: (i32, ptr) -> i32. Of opts
// only the memory counts.
//
// Spec: CanonicalABI.md#-canon-waitable-setpoll (definitions.py
// canon_waitable_set_poll).
func CanonWaitableSetPoll(inst *ComponentInstance, opts *CanonicalOptions, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		set := inst.waitableSetAt(uint32(stack[0]))
		stack[0] = unpackEvent(inst, opts, stack[1], set.poll(t.task, c))
	}
}

// unpackEvent stores an event's payload and returns its code.
//
// Spec: definitions.py unpack_event.
func unpackEvent(inst *ComponentInstance, opts *CanonicalOptions, ptr uint64, e Event) uint64 {
	cx := newContext(opts, inst)
	ptr = cx.pointer(ptr)
	trapUnlessAligned(ptr, 4)
	if !cx.fits(ptr, 8) {
		trap.Throw(trap.PointerOutOfBounds, 8, ptr, len(cx.memory()))
	}
	cx.storeInt(uint64(e.Index), 4, ptr)
	cx.storeInt(uint64(e.Payload), 4, ptr+4)
	return uint64(e.Code)
}

// CanonWaitableSetDrop is canon waitable-set.drop: (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-waitable-setdrop (definitions.py
// canon_waitable_set_drop).
func CanonWaitableSetDrop(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		i := uint32(stack[0])
		inst.waitableSetAt(i).drop()
		inst.handles.remove(i)
	}
}

// CanonWaitableJoin is canon waitable.join: (i32, i32) -> ().
//
// Spec: CanonicalABI.md#-canon-waitablejoin (definitions.py canon_waitable_join).
func CanonWaitableJoin(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		wi, si := uint32(stack[0]), uint32(stack[1])
		h := inst.handles.get(wi)
		w := asWaitable(h)
		if w == nil {
			trap.Throw(trap.WrongHandleType, wi, "a waitable", h.kind())
		}
		if w.syncWaiter != nil {
			trap.Throw(trap.WaitableSyncAndAsync)
		}
		if si == 0 {
			w.join(nil)
		} else {
			w.join(inst.waitableSetAt(si))
		}
	}
}
