package cabi

// Event is what core code learns of a waitable.
//
// Spec: definitions.py EventTuple.
type Event struct {
	Code    EventCode
	Index   uint32 // of the waitable in the handle table
	Payload uint32
}

// EventCode is the kind of an event.
//
// Spec: definitions.py EventCode.
type EventCode uint32

// The event codes.
const (
	EventNone EventCode = iota
	EventSubtask
	EventStreamRead
	EventStreamWrite
	EventFutureRead
	EventFutureWrite
	EventTaskCancelled
)

// waitable is what subtasks and the ends of streams and futures have in common:
// at most one pending event, and somebody who may be waiting for it. The event
// is computed when it is delivered.
//
// Spec: CanonicalABI.md#waitable-state (definitions.py Waitable).
type waitable struct {
	index      uint32 // in the handle table
	pending    bool   // an event is
	set        *WaitableSet
	syncWaiter *Thread // that waits for this waitable alone, or nil
	links      links[waitable]
	source     eventSource
}

// eventSource computes a waitable's event, with whatever happens right before it
// is delivered.
type eventSource interface{ event() Event }

func waitableLinks(w *waitable) *links[waitable] { return &w.links }

// asWaitable is the waitable of a handle, or nil.
func asWaitable(h handle) *waitable {
	switch h := h.(type) {
	case *Subtask:
		return &h.waitable
	case *CopyEnd:
		return &h.waitable
	}
	return nil
}

// setPending says that there is an event, or a newer one.
//
// Spec: definitions.py Waitable.set_pending_event.
func (w *waitable) setPending() {
	if w.pending {
		return
	}
	w.pending = true
	if w.syncWaiter != nil {
		w.syncWaiter.wake()
	}
	if w.set != nil {
		w.set.addPending(w)
	}
}

// takeEvent delivers the pending event.
//
// Spec: definitions.py Waitable.get_pending_event.
func (w *waitable) takeEvent() Event {
	assert(w.pending, "an event is delivered once")
	w.pending = false
	if w.set != nil {
		w.set.removePending(w)
	}
	return w.source.event()
}

// waitForEvent blocks the running thread until there is an event.
//
// Spec: definitions.py Waitable.wait_for_pending_event.
func (w *waitable) waitForEvent(t *Thread) {
	assert(w.set == nil && w.syncWaiter == nil, "a waitable has one kind of waiter")
	t.waitUntil(waitFor{reason: waitEvent, on: w}, w.pending, false)
}

// join moves w to another set, or to none.
//
// Spec: definitions.py Waitable.join.
func (w *waitable) join(set *WaitableSet) {
	assert(w.syncWaiter == nil, "a waitable has one kind of waiter")
	if old := w.set; old != nil {
		old.len--
		w.set = nil
		if w.pending {
			old.removePending(w)
		}
	}
	if set != nil {
		set.len++
		w.set = set
		if w.pending {
			set.addPending(w)
		}
	}
}

// drop takes w out of use.
//
// Spec: definitions.py Waitable.drop.
func (w *waitable) drop() {
	assert(!w.pending && w.syncWaiter == nil, "nobody waits for a dropped waitable")
	w.join(nil)
}
