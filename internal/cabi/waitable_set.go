package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// WaitableSet is a set of waitables that core code waits for together.
//
// Spec: CanonicalABI.md#waitable-state (definitions.py WaitableSet).
type WaitableSet struct {
	store   *Store
	len     int            // waitables in the set
	pending list[waitable] // those with an event
	waiters list[Thread]   // threads that wait for one
}

func (*WaitableSet) kind() string { return "a waitable set" }

func setLinks(t *Thread) *links[Thread] { return &t.setLinks }

// addPending makes all who wait ready: any of them may take the event.
func (s *WaitableSet) addPending(w *waitable) {
	s.pending.push(w, waitableLinks)
	if s.pending.len > 1 {
		return
	}
	for t := s.waiters.head; t != nil; t = t.setLinks.next {
		t.wake()
	}
}

// removePending lets those who still wait go on waiting when the last event is
// gone.
func (s *WaitableSet) removePending(w *waitable) {
	s.pending.remove(w, waitableLinks)
	if s.pending.len > 0 {
		return
	}
	for t := s.waiters.head; t != nil; t = t.setLinks.next {
		t.dequeue()
	}
}

// takeEvent delivers one of the pending events.
//
// Spec: definitions.py WaitableSet.get_pending_event.
func (s *WaitableSet) takeEvent() Event {
	assert(s.pending.len > 0, "an event is pending")
	n := s.store.choose(ChoiceEvent, s.pending.len)
	return s.pending.nth(n, waitableLinks).takeEvent()
}

// waitForEvent blocks the running thread until there is an event in the set or a
// request to cancel.
//
// Spec: definitions.py WaitableSet.wait_for_event.
func (s *WaitableSet) waitForEvent(t *Thread, c Cancellable) Event {
	if t.waitUntil(waitFor{reason: waitSet, set: s}, s.pending.len > 0, c) {
		return Event{Code: EventTaskCancelled}
	}
	return s.takeEvent()
}

// poll is a pending event, or none.
//
// Spec: definitions.py WaitableSet.poll.
func (s *WaitableSet) poll(k *Task, c Cancellable) Event {
	switch {
	case k.deliverPendingCancel(c):
		return Event{Code: EventTaskCancelled}
	case s.pending.len == 0:
		return Event{Code: EventNone}
	}
	return s.takeEvent()
}

// drop takes the set out of use.
//
// Spec: definitions.py WaitableSet.drop.
func (s *WaitableSet) drop() {
	if s.len > 0 {
		trap.Throw(trap.WaitableSetNotEmpty)
	}
	if s.waiters.len > 0 {
		trap.Throw(trap.WaitableSetHasWaiters)
	}
}
