package cabi

// Threads whose own condition holds stand in one of the queues of their
// instance. Which of the queues may go depends on the instance alone, so that
// taking or leaving the exclusive lock costs the same however many threads wait
// for it. Instances of which some queue may go stand in Store.runnable.
//
// This replaces the predicates that the specification's Store.tick polls.

// queueID names a queue of an instance.
type queueID uint8

const (
	// queueReady is for threads that need nothing but their turn.
	queueReady queueID = iota
	// queueGated is for tasks with a callback, which need the exclusive lock.
	queueGated
	// queueEnterExclusive is for tasks that wait to enter and need the lock.
	queueEnterExclusive
	// queueEnter is for tasks that wait to enter and don't.
	queueEnter

	numQueues
	noQueue = numQueues
)

// threadQueue is a queue of threads.
type threadQueue = list[Thread]

func threadLinks(t *Thread) *links[Thread] { return &t.queueLinks }

func instanceLinks(i *ComponentInstance) *links[ComponentInstance] { return &i.links }

// open reports whether the threads of a queue may go.
//
// Spec: definitions.py has_backpressure, and the ready_funcs of canon_lift.
func (i *ComponentInstance) open(q queueID) bool {
	switch q {
	case queueReady:
		return true
	case queueGated:
		return i.exclusive == nil
	case queueEnterExclusive:
		return i.backpressure == 0 && i.exclusive == nil
	case queueEnter:
		return i.backpressure == 0
	}
	return false
}

// refresh must be called when a queue or the condition of one changed.
func (i *ComponentInstance) refresh() {
	can := false
	for q := range numQueues {
		can = can || i.queues[q].len > 0 && i.open(q)
	}
	switch {
	case can && !i.runnable:
		i.store.runnable.push(i, instanceLinks)
	case !can && i.runnable:
		i.store.runnable.remove(i, instanceLinks)
	}
	i.runnable = can
}

// enqueue puts t, whose condition holds, in a queue.
func (t *Thread) enqueue(q queueID) {
	i := t.task.inst
	t.queue = q
	t.seq = i.store.nextSeq()
	i.queues[q].push(t, threadLinks)
	i.refresh()
}

// dequeue takes t out of whatever queue it is in.
func (t *Thread) dequeue() {
	if t.queue == noQueue {
		return
	}
	i := t.task.inst
	i.queues[t.queue].remove(t, threadLinks)
	t.queue = noQueue
	i.refresh()
}

// next is a thread that may go, or nil. In order that is the one that has waited
// longest.
func (i *ComponentInstance) next() *Thread {
	if i.store.cfg.Chooser != nil {
		return i.chooseNext()
	}
	var first *Thread
	for q := range numQueues {
		t := i.queues[q].head
		if t != nil && i.open(q) && (first == nil || t.seq < first.seq) {
			first = t
		}
	}
	return first
}

// chooseNext lets the chooser pick.
func (i *ComponentInstance) chooseNext() *Thread {
	n := 0
	for q := range numQueues {
		if i.open(q) {
			n += i.queues[q].len
		}
	}
	if n == 0 {
		return nil
	}
	k := i.store.choose(ChoiceThread, n)
	for q := range numQueues {
		if !i.open(q) {
			continue
		}
		if k < i.queues[q].len {
			return i.queues[q].nth(k, threadLinks)
		}
		k -= i.queues[q].len
	}
	panic("unreachable")
}

// readyForSync is a thread that may run while a sync function of i has not
// returned, or nil. The sync function may be using the shadow stack, so it is none that
// needs it to itself: neither the one that holds the exclusive lock nor, as the
// reference tests insist, one that waits for it between callbacks.
//
// Spec: definitions.py canon_lift (candidates).
func (i *ComponentInstance) readyForSync() *Thread {
	n := i.countForSync()
	if n == 0 {
		return nil
	}
	t, held := i.queues[queueReady].nth(i.store.choose(ChoiceThread, n), threadLinks), i.exclusive
	if held != nil && held.queue == queueReady && (t == held || t.seq > held.seq) {
		return t.queueLinks.next
	}
	return t
}

// countForSync is the number of threads that readyForSync chooses among.
func (i *ComponentInstance) countForSync() int {
	n := i.queues[queueReady].len
	if i.exclusive != nil && i.exclusive.queue == queueReady {
		n--
	}
	return n
}
