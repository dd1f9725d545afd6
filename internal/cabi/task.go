package cabi

import (
	"github.com/gondola-wasm/gondola/internal/coro"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// Task is one call of a lifted function.
//
//	initial --start--> started --return/cancel--> resolved
//	   |                  |                          ^
//	   |                  | request that can't be    |
//	   |                  v delivered yet            |
//	   |              pendingCancel                  |
//	   | request          | delivered                |
//	   +--------> cancelDelivered -------------------+
//
// Its implicit thread is a state machine (see taskPhase): nothing of it is on a
// stack while it waits to enter or between callbacks. Tasks are used again; gen
// tells the uses apart.
//
// Spec: CanonicalABI.md#tasks (definitions.py Task).
type Task struct {
	lift       *lifted
	inst       *ComponentInstance
	caller     Caller
	context    any // what the host gave to Invoke
	state      taskState
	phase      taskPhase
	gen        uint32
	numBorrows int
	implicit   Thread
	threads    list[Thread] // that have entered and not exited
	set        *WaitableSet // that the event loop waits for
	event      Event        // for the next callback
	entry      func()       // body, bound once
	liveLinks  links[Task]  // in ComponentInstance.live
	nextFree   *Task
}

type taskState uint8

const (
	taskInitial taskState = iota
	taskStarted
	taskPendingCancel
	taskCancelDelivered
	taskResolved
)

// taskPhase is where the implicit thread is.
type taskPhase uint8

const (
	phaseNew      taskPhase = iota // has not run
	phaseEntering                  // waits for backpressure to end
	phaseCalling                   // core code runs, or blocks on its stack
	phaseYielding                  // the callback returned YIELD
	phaseWaiting                   // the callback returned WAIT
)

func taskLinks(k *Task) *links[Task] { return &k.liveLinks }

func threadsLinks(t *Thread) *links[Thread] { return &t.taskLinks }

// newTask takes a task for a call.
func (s *Store) newTask(l *lifted, c Caller, from *ComponentInstance) *Task {
	if s.live >= s.cfg.MaxTasks {
		trap.Throw(trap.TooManyTasks, s.cfg.MaxTasks)
	}
	k := s.freeTasks
	if k == nil {
		k = &Task{}
		k.entry = k.body
		k.implicit.task, k.implicit.queue = k, noQueue
	} else {
		s.freeTasks = k.nextFree
		k.nextFree = nil
	}
	s.live++
	k.lift, k.inst, k.caller, k.context = l, l.inst, c, s.contextFor(from)
	l.inst.live.push(k, taskLinks)
	return k
}

// recycle ends the task if no thread of it is left.
func (k *Task) recycle() {
	if k.threads.len > 0 || k.implicit.state != threadDone {
		return
	}
	s := k.inst.store
	assert(k.state == taskResolved && k.numBorrows == 0, "a task ends resolved")
	k.inst.live.remove(k, taskLinks)
	s.live--
	k.gen++
	k.lift, k.caller, k.context = nil, nil, nil
	k.state, k.phase = taskInitial, phaseNew
	k.implicit.state, k.implicit.storage = threadSuspended, [2]uint64{}
	k.nextFree = s.freeTasks
	s.freeTasks = k
}

// step takes the implicit thread from one phase to the next.
func (k *Task) step() {
	t := &k.implicit
	switch k.phase {
	case phaseNew:
		if !k.tryEnter() {
			return
		}
	case phaseEntering:
		k.inst.waiting--
		if t.cancelled {
			k.cancel()
			t.state = threadDone
			return
		}
		k.enter()
	case phaseYielding:
		k.event = Event{Code: EventNone}
		if t.cancelled {
			k.event = Event{Code: EventTaskCancelled}
		}
	case phaseWaiting:
		if t.cancelled {
			k.event = Event{Code: EventTaskCancelled}
		} else {
			k.event = k.set.takeEvent()
		}
		k.set = nil
	case phaseCalling:
		bugf("a thread in core code is resumed on its stack")
	}
	if k.inst.mayBlock {
		t.switchIn(coro.New(k.entry))
	} else {
		k.body()
	}
}

// body is what runs on a stack of its own where core code may block.
func (k *Task) body() {
	first := k.phase == phaseNew || k.phase == phaseEntering
	k.phase = phaseCalling
	if first {
		k.callCore()
	} else {
		k.eventLoop(k.callCallback())
	}
}

// needsExclusive reports whether the implicit thread runs only while it holds the
// instance's lock.
//
// Spec: definitions.py Task.needs_exclusive.
func (k *Task) needsExclusive() bool {
	assert(k.lift.ft.Async, "only async functions take the lock")
	return k.lift.needsExclusive
}

// hasBackpressure reports whether the task has to wait to enter.
//
// Spec: definitions.py has_backpressure.
func (k *Task) hasBackpressure() bool {
	return k.inst.backpressure > 0 || k.needsExclusive() && k.inst.exclusive != nil
}

// tryEnter enters, or leaves the thread waiting to.
//
// Spec: definitions.py Task.enter_implicit_thread.
func (k *Task) tryEnter() (entered bool) {
	assert(k.state == taskInitial, "a task enters first")
	k.letHolderGo()
	if !k.lift.ft.Async || !k.hasBackpressure() && k.inst.waiting == 0 {
		k.enter()
		return true
	}
	k.inst.waiting++
	k.phase = phaseEntering
	t := &k.implicit
	t.cancellable = true
	t.startWaiting(waitEnter)
	if k.needsExclusive() {
		t.enqueue(queueEnterExclusive)
	} else {
		t.enqueue(queueEnter)
	}
	return false
}

// letHolderGo lets the thread go on that holds the exclusive lock, if it is ready to,
// before a call from a guest finds the door shut. The specification does not; a
// reference test counts on it (async/sync-streams.wast).
func (k *Task) letHolderGo() {
	_, fromGuest := k.caller.(*Subtask)
	if !fromGuest || !k.lift.ft.Async || !k.needsExclusive() {
		return
	}
	if held := k.inst.exclusive; held != nil && held.queue == queueReady && k.inst.waiting == 0 && k.inst.backpressure == 0 {
		held.resume(false)
	}
}

// enter is what follows when nothing holds the task back.
func (k *Task) enter() {
	k.implicit.cancellable = false
	if k.lift.ft.Async && k.needsExclusive() {
		k.inst.acquire(&k.implicit)
	}
	k.registerThread(&k.implicit)
}

// acquire gives t the exclusive lock.
func (i *ComponentInstance) acquire(t *Thread) {
	assert(i.exclusive == nil, "the exclusive lock has one holder")
	i.exclusive = t
	i.refresh()
}

// release takes the lock back from t.
func (i *ComponentInstance) release(t *Thread) {
	assert(i.exclusive == t, "the holder of the exclusive lock releases it")
	i.exclusive = nil
	i.refresh()
}

// Spec: definitions.py Task.register_thread.
func (k *Task) registerThread(t *Thread) {
	assert(t.task == k && t.index == 0, "a thread is registered once")
	if k.inst.mayBlock {
		t.index = k.inst.threads.add(t)
	}
	k.threads.push(t, threadsLinks)
}

// indexOf is t's index. Where no other thread can do anything with it, it gets
// one only when it asks.
func (k *Task) indexOf(t *Thread) uint32 {
	if t.index == 0 {
		t.index = k.inst.threads.add(t)
	}
	return t.index
}

// Spec: definitions.py Task.unregister_thread.
func (k *Task) unregisterThread(t *Thread) {
	k.threads.remove(t, threadsLinks)
	if k.threads.len == 0 {
		if k.state != taskResolved {
			trap.Throw(trap.NoAsyncResult)
		}
		assert(k.numBorrows == 0, "a resolved task has dropped its borrows")
	}
	if t.index != 0 {
		k.inst.threads.remove(t.index)
		t.index = 0
	}
}

// Spec: definitions.py Task.exit_implicit_thread.
func (k *Task) exitImplicitThread() {
	t := &k.implicit
	k.unregisterThread(t)
	if k.lift.ft.Async && k.needsExclusive() {
		k.inst.release(t)
	}
	t.state = threadDone
}

// requestCancellation asks the task to resolve soon. A request that comes when
// the task has resolved, or a second one, does nothing: the specification
// asserts that there is none, but a host can't know.
//
// Spec: definitions.py Task.request_cancellation.
func (k *Task) requestCancellation(from *ComponentInstance) {
	switch k.state {
	case taskInitial:
		k.state = taskCancelDelivered
		k.implicit.resume(true)
	case taskStarted:
		t := k.cancelCandidate()
		if t == nil || !k.inst.mayEnterFrom(from) {
			k.state = taskPendingCancel
			return
		}
		k.state = taskCancelDelivered
		inst := k.inst
		inst.enterFrom(from)
		t.resume(true)
		inst.leaveTo(from)
	}
}

// cancelCandidate is a thread that may be woken by a request to cancel, or nil.
func (k *Task) cancelCandidate() *Thread {
	held := k.inst.exclusive
	n := 0
	for t := k.threads.head; t != nil; t = t.taskLinks.next {
		if k.cancellableNow(t, held) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	n = k.inst.store.choose(ChoiceCancel, n)
	for t := k.threads.head; ; t = t.taskLinks.next {
		if !k.cancellableNow(t, held) {
			continue
		}
		if n == 0 {
			return t
		}
		n--
	}
}

// cancellableNow leaves out the implicit thread while another task's holds the
// exclusive lock.
func (k *Task) cancellableNow(t, held *Thread) bool {
	if !t.cancellable || t.running() {
		return false
	}
	return t != &k.implicit || held == nil || held == t || !k.needsExclusive()
}

// Spec: definitions.py Task.deliver_pending_cancel.
func (k *Task) deliverPendingCancel(c Cancellable) bool {
	if bool(c) && k.state == taskPendingCancel {
		k.state = taskCancelDelivered
		return true
	}
	return false
}

// start asks the caller for the arguments.
//
// Spec: definitions.py Task.start.
func (k *Task) start(args []val.Value) []val.Value {
	assert(k.state == taskInitial, "a task starts once")
	k.state = taskStarted
	return k.caller.OnStart(args)
}

// returnValue resolves the task with a value.
//
// Spec: definitions.py Task.return_.
func (k *Task) returnValue(v val.Value) {
	k.trapUnlessMayReturn()
	k.resolve(v, Returned)
}

// resolve tells the caller, which is no concern of the task's any more then: a
// subtask may have another use by the time that the task ends.
func (k *Task) resolve(v val.Value, how Resolution) {
	k.caller.OnResolve(v, how)
	k.state = taskResolved
	k.caller = nil
}

func (k *Task) trapUnlessMayReturn() {
	if k.state == taskResolved {
		trap.Throw(trap.TaskResolvedTwice)
	}
	k.trapIfBorrows()
}

// cancel resolves the task without a value.
//
// Spec: definitions.py Task.cancel.
func (k *Task) cancel() {
	switch k.state {
	case taskCancelDelivered:
	case taskResolved:
		trap.Throw(trap.TaskResolvedTwice)
	default:
		trap.Throw(trap.TaskNotCancelled)
	}
	k.trapIfBorrows()
	k.resolve(val.Value{}, Cancelled)
}

func (k *Task) trapIfBorrows() {
	if k.numBorrows > 0 {
		trap.Throw(trap.BorrowsRemain, k.numBorrows)
	}
}
