package rt

import "context"

// A turn is a lock whose waiters queue and may give up. Nothing runs in parallel in a wasm guest, but any allocation may let other
// goroutines run.
type turn struct {
	taken bool
	queue *queued
}

// queued is who waits for a turn.
type queued struct {
	ready chan struct{} // closed when the turn is handed over
	next  *queued
}

// try takes the turn if it is free, and reports whether it did.
func (t *turn) try() bool {
	if t.taken {
		return false
	}
	t.taken = true
	return true
}

// acquire waits for the turn.
func (t *turn) acquire(ctx context.Context) error {
	if t.try() {
		return nil
	}
	q := &queued{ready: make(chan struct{})}
	if t.try() {
		return nil
	}
	t.push(q)
	select {
	case <-q.ready:
		return nil
	case <-ctx.Done():
		if !t.remove(q) {
			t.release() // it was handed over meanwhile
		}
		return context.Cause(ctx)
	}
}

// release hands the turn to whoever has waited longest.
func (t *turn) release() {
	if q := t.queue; q != nil {
		t.queue = q.next
		close(q.ready)
		return
	}
	t.taken = false
}

func (t *turn) push(q *queued) {
	last := &t.queue
	for *last != nil {
		last = &(*last).next
	}
	*last = q
}

// remove takes q out of the queue and reports whether it was there.
func (t *turn) remove(q *queued) bool {
	for at := &t.queue; *at != nil; at = &(*at).next {
		if *at == q {
			*at = q.next
			return true
		}
	}
	return false
}
