package runtime

import _ "unsafe" // for go:linkname

// A gondolaWaiter waits for the event of one waitable.
type gondolaWaiter struct {
	chain      *gondolaWaiter // in its bucket of gondolaWaiters, or in gondolaFreeWaiters
	next, prev *gondolaWaiter // in gondolaAdopted
	handle     uint32
	payload    uint32
	gp         *g                           // is made ready, or, if nil,
	done       func(handle, payload uint32) // is called in a turn
	task       *gondolaTask                 // whose set the waitable is in
	kind       gondolaWaiterKind
}

type gondolaWaiterKind uint8

const (
	gondolaOwned   gondolaWaiterKind = iota // keeps the task of its goroutine alive
	gondolaAdopted                          // has no task of its own; any live task's set will do
	gondolaHolding                          // the same, but keeps the task whose set it is in alive
)

var (
	gondolaWaiting     int // waiters that an event will end
	gondolaBuckets     []*gondolaWaiter
	gondolaHomeless    *gondolaWaiter // those not owned, linked by next
	gondolaFreeWaiters *gondolaWaiter
)

// gondola_v1_await parks the calling goroutine until waitable handle has an event, and returns its payload; for a subtask,
// until it is resolved. It returns BLOCKED if gondola_v1_interrupt came first.
//
//go:linkname gondola_v1_await
func gondola_v1_await(handle uint32) uint32 {
	gp := getg()
	mp := acquirem()
	kind := gondolaOwned
	t := gp.gondolaTask
	if t == nil || t.state == gondolaTaskExited {
		kind, t = gondolaAdopted, gondolaHome()
	}
	w := gondolaNewWaiter(handle, kind)
	w.gp = gp
	w.join(t)
	releasem(mp)
	gopark(nil, nil, waitReasonIOWait, traceBlockNet, 1)
	payload := w.payload
	w.free()
	return payload
}

// gondolaDetach lets done be called, in some turn, with the payload of the event of handle.
func gondolaDetach(handle uint32, kind gondolaWaiterKind, t *gondolaTask, done func(handle, payload uint32)) {
	w := gondolaNewWaiter(handle, kind)
	w.done = done
	w.join(t)
}

// gondola_v1_interrupt ends the await of handle, if there is one.
//
//go:linkname gondola_v1_interrupt
func gondola_v1_interrupt(handle uint32) {
	mp := acquirem()
	if w := gondolaFindWaiter(handle); w != nil && w.gp != nil {
		w.leave()
		w.payload = gondolaBlocked
		goready(w.gp, 1)
	}
	releasem(mp)
}

// gondolaDeliver hands an event of t's set to who waits for it.
func gondolaDeliver(t *gondolaTask, event, handle, payload uint32) {
	if t.wake.reader == handle {
		t.wakeDelivered()
		return
	}
	w := gondolaFindWaiter(handle)
	switch {
	case w == nil:
		println("gondola: event", event, "of waitable", handle, "which nobody waits for")
		throw("gondola: unexpected event")
	case event == gondolaEventSubtask && payload < gondolaSubtaskReturned:
		return
	}
	w.leave()
	w.payload = payload
	if w.gp != nil {
		goready(w.gp, 1)
		return
	}
	done := w.done
	w.free()
	done(handle, payload)
}

// gondolaHome returns the task that takes in what has no task of its own: the one that has its turn, else any, else nil.
func gondolaHome() *gondolaTask {
	if gondolaCur != nil {
		return gondolaCur
	}
	return gondolaTasks
}

// join enters w, with its waitable in the set of t, or in none if t is nil.
func (w *gondolaWaiter) join(t *gondolaTask) {
	gondolaWaiting++
	if gondolaWaiting > len(gondolaBuckets) {
		gondolaGrowBuckets()
	}
	bucket := gondolaBucket(w.handle)
	w.chain = *bucket
	*bucket = w
	if w.kind != gondolaOwned {
		w.next = gondolaHomeless
		if w.next != nil {
			w.next.prev = w
		}
		gondolaHomeless = w
	}
	w.moveTo(t)
}

// moveTo puts the waitable of w into the set of t, or into none.
func (w *gondolaWaiter) moveTo(t *gondolaTask) {
	w.task = t
	if t == nil {
		gondolaJoin(w.handle, 0)
		return
	}
	if w.kind != gondolaAdopted {
		t.waits++
	}
	gondolaJoin(w.handle, t.needSet())
}

// leave takes w out of the table and its waitable out of its set.
func (w *gondolaWaiter) leave() {
	gondolaWaiting--
	bucket := gondolaBucket(w.handle)
	for *bucket != w {
		bucket = &(*bucket).chain
	}
	*bucket = w.chain
	w.chain = nil
	if w.kind != gondolaOwned {
		w.leaveHomeless()
	}
	if t := w.task; t != nil {
		w.task = nil
		gondolaJoin(w.handle, 0)
		if w.kind != gondolaAdopted {
			t.waits--
			if t != gondolaCur {
				t.linger()
			}
		}
	}
}

func (w *gondolaWaiter) leaveHomeless() {
	if w.next != nil {
		w.next.prev = w.prev
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		gondolaHomeless = w.next
	}
	w.next, w.prev = nil, nil
}

// gondolaAdopt gives t what waits without a live task.
func gondolaAdopt(t *gondolaTask) {
	for w := gondolaHomeless; w != nil; w = w.next {
		if w.task == nil {
			w.moveTo(t)
		}
	}
}

// gondolaRehome moves what t had adopted to another task, or out of every set if home is nil.
func gondolaRehome(t, home *gondolaTask) {
	for w := gondolaHomeless; w != nil; w = w.next {
		if w.task == t {
			w.moveTo(home)
		}
	}
}

func gondolaNewWaiter(handle uint32, kind gondolaWaiterKind) *gondolaWaiter {
	w := gondolaFreeWaiters
	if w == nil {
		w = new(gondolaWaiter)
	} else {
		gondolaFreeWaiters = w.chain
		w.chain = nil
	}
	w.handle, w.kind = handle, kind
	return w
}

func (w *gondolaWaiter) free() {
	*w = gondolaWaiter{chain: gondolaFreeWaiters}
	gondolaFreeWaiters = w
}

// gondolaBucket returns the chain of the waiters whose handles share a bucket. The number of buckets is a power of two.
func gondolaBucket(handle uint32) **gondolaWaiter {
	return &gondolaBuckets[int(handle)&(len(gondolaBuckets)-1)]
}

func gondolaFindWaiter(handle uint32) *gondolaWaiter {
	if len(gondolaBuckets) == 0 {
		return nil
	}
	w := *gondolaBucket(handle)
	for w != nil && w.handle != handle {
		w = w.chain
	}
	return w
}

func gondolaGrowBuckets() {
	old := gondolaBuckets
	grown := make([]*gondolaWaiter, max(64, 2*len(old)))
	old, gondolaBuckets = gondolaBuckets, grown
	for _, w := range old {
		for w != nil {
			next := w.chain
			bucket := gondolaBucket(w.handle)
			w.chain = *bucket
			*bucket = w
			w = next
		}
	}
}
