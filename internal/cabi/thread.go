package cabi

import (
	"github.com/gondola-wasm/gondola/internal/coro"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// Thread is a thread of a task: the implicit one that its call makes, or one that
// core code made with thread.new-indirect.
//
//	          resume                      resumeLater
//	suspended ------> running   suspended ----------> waiting
//	    ^               |  |                             | its condition
//	    |    suspend    |  |         waitUntil           v holds
//	    +---------------+  +-------------------------> waiting, in a queue
//	                    ^                                |
//	                    +--------------------------------+ resume
//
// The specification gives each thread a continuation. Here a thread has a
// coroutine only while core frames that may block are on it: a task between
// callbacks, or at the gate, is a few words.
//
// Spec: CanonicalABI.md#threads (definitions.py Thread).
type Thread struct {
	task        *Task
	state       threadState
	queue       queueID
	wait        waitReason // while waiting: for what
	cancellable bool       // a request to cancel may wake it
	cancelled   bool       // such a request did
	index       uint32     // in the instance's threads; 0 before it is registered
	seq         uint64     // orders the threads of all queues
	storage     [2]uint64  // thread-local storage

	parked   *coro.Coro // the stack that it left, while it doesn't run
	stack    *coro.Coro // the stack that it runs on, if it has one of its own
	switchTo *Thread    // whom to resume when this one blocks
	resumer  *Thread    // who ran when this one was resumed

	explicit *explicitThread // nil for an implicit thread
	set      *WaitableSet    // that it waits for
	on       *waitable       // that it waits for

	queueLinks, setLinks, taskLinks links[Thread]
}

type threadState uint8

const (
	threadSuspended threadState = iota
	threadWaiting
	threadRunning
	threadDone
)

// waitReason is what a waiting thread waits for.
type waitReason uint8

const (
	waitNothing    waitReason = iota
	waitEnter                 // for backpressure to end
	waitYield                 // for its turn
	waitYieldGated            // for its turn and the exclusive lock
	waitSet                   // for an event in a waitable set
	waitSetGated              // for that and the exclusive lock
	waitEvent                 // for the event of one waitable
	waitSubtask               // for a sync call to resolve
	waitHost                  // for something that the host does
	numWaitReasons
)

// explicitThread is what thread.new-indirect was told.
type explicitThread struct {
	f       CoreFunc
	context uint64
	entry   func()
}

func (t *Thread) running() bool   { return t.state == threadRunning }
func (t *Thread) suspended() bool { return t.state == threadSuspended }
func (t *Thread) waiting() bool   { return t.state == threadWaiting }

// ready reports whether t waits, and for nothing but to be chosen.
//
// Spec: definitions.py Thread.ready.
func (t *Thread) ready() bool {
	return t.waiting() && t.queue != noQueue && t.task.inst.open(t.queue)
}

// startWaiting leaves t waiting for what wake will say.
//
// Spec: definitions.py start_waiting_internal.
func (t *Thread) startWaiting(r waitReason) {
	assert(t.state != threadWaiting, "a thread waits for one thing at a time")
	t.state, t.wait = threadWaiting, r
}

// stopWaiting forgets what t waits for.
//
// Spec: definitions.py stop_waiting_internal.
func (t *Thread) stopWaiting() {
	assert(t.waiting(), "only a waiting thread stops to")
	t.dequeue()
	if t.set != nil {
		t.set.waiters.remove(t, setLinks)
		t.set = nil
	}
	if t.on != nil {
		t.on.syncWaiter = nil
		t.on = nil
	}
	t.state, t.wait = threadSuspended, waitNothing
}

// wake says that what t waits for has come.
func (t *Thread) wake() {
	assert(t.waiting(), "only a waiting thread is woken")
	if t.queue != noQueue {
		return
	}
	switch t.wait {
	case waitYieldGated, waitSetGated:
		t.enqueue(queueGated)
	default:
		t.enqueue(queueReady)
	}
}

// resumeLater makes a suspended thread ready.
//
// Spec: definitions.py Thread.resume_later.
func (t *Thread) resumeLater() {
	assert(t.suspended(), "only a suspended thread is resumed later")
	t.startWaiting(waitYield)
	t.wake()
}

// resume runs t until it blocks or ends, and then those that it and they switch
// to. cancelled says that a request to cancel is the reason.
//
// Spec: definitions.py Thread.resume.
func (t *Thread) resume(cancelled bool) {
	assert(!t.running() && (t.cancellable || !cancelled), "only a cancellable thread is cancelled")
	if t.waiting() {
		t.stopWaiting()
	}
	for t != nil {
		t = t.run(cancelled)
		cancelled = false
	}
}

// run runs t until it blocks or ends and returns the thread that it switches to,
// if any.
func (t *Thread) run(cancelled bool) (switchTo *Thread) {
	s := t.task.inst.store
	t.state, t.cancelled = threadRunning, cancelled
	t.resumer, s.current = s.current, t
	switch {
	case t.parked != nil:
		t.switchIn(t.parked)
	case t.explicit != nil && t.task.inst.mayBlock:
		t.switchIn(coro.New(t.explicit.entry))
	case t.explicit != nil:
		t.runExplicit()
	default:
		t.task.step()
	}
	s.current, t.resumer = t.resumer, nil
	switchTo, t.switchTo = t.switchTo, nil
	if t.state == threadDone {
		t.task.recycle()
	}
	return switchTo
}

// switchIn runs t on a stack of its own until that is left. A trap leaves t
// without one: nothing of it is left to unwind.
func (t *Thread) switchIn(c *coro.Coro) {
	t.parked, t.stack = nil, c
	done := c.Resume()
	t.stack = nil
	if !done {
		t.parked = c
	}
}

// block leaves the running thread's stack until t is resumed, and reports
// whether that was to cancel it. Its state says what it waits for.
//
// Spec: definitions.py block_internal, switch_to_internal.
func (t *Thread) block(c Cancellable, switchTo *Thread) (cancelled bool) {
	assert(t.stack != nil, "core code blocks only where SetMayBlock was called")
	if t.state == threadRunning {
		t.state = threadSuspended
	}
	t.cancellable = bool(c)
	t.switchTo = switchTo
	t.stack.Block()
	t.cancellable = false
	return t.cancelled
}

// Cancellable says whether a built-in that blocks may be woken by a request to
// cancel its task.
type Cancellable bool

// suspend leaves t suspended.
//
// Spec: definitions.py Thread.suspend.
func (t *Thread) suspend(c Cancellable) (cancelled bool) {
	assert(t.running(), "only the running thread suspends")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	return t.block(c, nil)
}

// waitFor says what a thread waits for and what will wake it.
type waitFor struct {
	reason waitReason
	set    *WaitableSet // or nil
	on     *waitable    // or nil
}

// startWaitingFor leaves t waiting where it will be found.
func (t *Thread) startWaitingFor(w waitFor) {
	t.startWaiting(w.reason)
	if w.set != nil {
		t.set = w.set
		w.set.waiters.push(t, setLinks)
	}
	if w.on != nil {
		t.on = w.on
		w.on.syncWaiter = t
	}
}

// waitUntil leaves t waiting, unless what it waits for has come already (ready)
// and it may go on.
//
// Spec: definitions.py Thread.wait_until.
func (t *Thread) waitUntil(w waitFor, ready bool, c Cancellable) (cancelled bool) {
	assert(t.running(), "only the running thread waits")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	if ready && t.task.inst.store.choose(ChoiceWait, 2) == 0 {
		return false
	}
	t.startWaitingFor(w)
	if ready {
		t.wake()
	}
	return t.block(c, nil)
}

// yield lets others run.
//
// Spec: definitions.py Thread.yield_.
func (t *Thread) yield(c Cancellable) (cancelled bool) {
	assert(t.running(), "only the running thread yields")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	if t.task.inst.store.choose(ChoiceYield, 2) == 1 {
		return false
	}
	t.startWaiting(waitYield)
	t.wake()
	return t.block(c, nil)
}

// suspendThenResume switches to other and leaves t suspended.
//
// Spec: definitions.py Thread.suspend_then_resume.
func (t *Thread) suspendThenResume(c Cancellable, other *Thread) (cancelled bool) {
	assert(t.running() && other.suspended(), "a thread switches to a suspended one")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	return t.block(c, other)
}

// yieldThenResume switches to other and leaves t ready.
//
// Spec: definitions.py Thread.yield_then_resume.
func (t *Thread) yieldThenResume(c Cancellable, other *Thread) (cancelled bool) {
	assert(t.running() && other.suspended(), "a thread switches to a suspended one")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	t.startWaiting(waitYield)
	t.wake()
	return t.block(c, other)
}

// suspendThenPromote switches to other if that is ready, else only suspends.
//
// Spec: definitions.py Thread.suspend_then_promote.
func (t *Thread) suspendThenPromote(c Cancellable, other *Thread) (cancelled bool) {
	assert(t.running(), "only the running thread suspends")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	if !other.ready() {
		return t.suspend(c)
	}
	other.stopWaiting()
	return t.suspendThenResume(c, other)
}

// yieldThenPromote switches to other if that is ready, else only yields.
//
// Spec: definitions.py Thread.yield_then_promote.
func (t *Thread) yieldThenPromote(c Cancellable, other *Thread) (cancelled bool) {
	assert(t.running(), "only the running thread yields")
	if t.task.deliverPendingCancel(c) {
		return true
	}
	if !other.ready() {
		return t.yield(c)
	}
	other.stopWaiting()
	return t.yieldThenResume(c, other)
}

// abandon unwinds the stack that t left, if there is one.
func (t *Thread) abandon() {
	if t.waiting() {
		t.stopWaiting()
	}
	t.state = threadDone
	if c := t.parked; c != nil {
		t.parked = nil
		c.Abandon()
	}
}

// spawn makes a thread of the task that will call f.
//
// Spec: definitions.py canon_thread_new_indirect.
func (k *Task) spawn(f CoreFunc, context uint64) *Thread {
	s := k.inst.store
	if s.live >= s.cfg.MaxTasks {
		trap.Throw(trap.TooManyThreads, s.cfg.MaxTasks)
	}
	t := &Thread{task: k, queue: noQueue, explicit: &explicitThread{f: f, context: context}}
	t.explicit.entry = t.runExplicit
	k.registerThread(t)
	s.live++
	return t
}

// runExplicit is an explicit thread's life.
func (t *Thread) runExplicit() {
	stack := [1]uint64{t.explicit.context}
	t.explicit.f.Call(stack[:])
	t.task.unregisterThread(t)
	t.state = threadDone
	t.task.inst.store.live--
}
