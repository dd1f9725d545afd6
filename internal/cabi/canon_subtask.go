package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// Mode says whether a built-in blocks or answers BLOCKED.
type Mode uint8

// The modes.
const (
	Sync Mode = iota
	Async
)

func (i *ComponentInstance) subtaskAt(index uint32) *Subtask {
	h := i.handles.get(index)
	st, ok := h.(*Subtask)
	if !ok {
		trap.Throw(trap.WrongHandleType, index, "a subtask", h.kind())
	}
	return st
}

// CanonSubtaskCancel is canon subtask.cancel: (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-subtaskcancel (definitions.py canon_subtask_cancel).
func CanonSubtaskCancel(inst *ComponentInstance, m Mode) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		if m == Sync {
			inst.trapIfSyncCantBlock()
		}
		st := inst.subtaskAt(uint32(stack[0]))
		st.trapUnlessCancellable(m)
		stack[0] = st.cancel(t, m)
	}
}

func (st *Subtask) trapUnlessCancellable(m Mode) {
	switch {
	case st.delivered:
		trap.Throw(trap.SubtaskAlreadyResolved)
	case st.cancelRequested:
		trap.Throw(trap.SubtaskAlreadyCancelled)
	case st.set != nil && m == Sync:
		trap.Throw(trap.WaitableSyncAndAsync)
	}
}

// cancel asks the callee to end, and returns what became of it.
func (st *Subtask) cancel(t *Thread, m Mode) uint64 {
	if st.resolved() {
		assert(st.pending, "that a call resolved is delivered by an event")
	} else {
		st.cancelRequested = true
		st.onCancel.request(st.lower.inst)
		if !st.resolved() {
			if m == Async {
				return blocked
			}
			st.waitForResolution(t)
		}
	}
	st.takeEvent()
	assert(st.delivered, "the event of a resolved call delivers that")
	return uint64(st.state)
}

// waitForResolution blocks until the call has resolved. The event that it has
// started may still be pending; it is out of date by now. (definitions.py asserts
// that there is none, but a guest gets there by cancelling before it has looked.)
func (st *Subtask) waitForResolution(t *Thread) {
	for !st.resolved() {
		if st.pending {
			st.takeEvent()
		}
		st.waitForEvent(t)
	}
}

// CanonSubtaskDrop is canon subtask.drop: (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-subtaskdrop (definitions.py canon_subtask_drop).
func CanonSubtaskDrop(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		i := uint32(stack[0])
		st := inst.subtaskAt(i)
		if !st.delivered {
			trap.Throw(trap.SubtaskNotResolved)
		}
		inst.handles.remove(i)
		st.drop()
	}
}
