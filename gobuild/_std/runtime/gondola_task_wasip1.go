package runtime

import (
	"internal/abi"
	"unsafe"
)

// A gondolaTask is one call of an async export. Goroutines belong to the task whose goroutine started them; what they wait for
// stands in the task's waitable set.
type gondolaTask struct {
	next, prev *gondolaTask // in gondolaTasks
	first      *g           // its goroutines, linked by gondolaNext
	main       *g           // the one that resolves it
	set        uint32       // its waitable set, 0 before there is one
	waits      int          // waitables that keep it alive
	state      gondolaTaskState
	yielded    bool // its callback comes without an event
	noted      bool // the host gives its address back by context.get
	lingers    bool // is in gondolaLinger
	cancel     func()
	resolver   *g // waits for the task's turn
	wake       gondolaPair
}

type gondolaTaskState uint8

const (
	gondolaTaskRunning  gondolaTaskState = iota // task.return or task.cancel is still due
	gondolaTaskResolved                         // stays while its goroutines wait for the host
	gondolaTaskFinal                            // main has returned: leaves whatever still waits
	gondolaTaskExited
)

var (
	gondolaTasks     *gondolaTask   // the live ones
	gondolaFreeTasks *gondolaTask   // those without goroutines, which nothing refers to, linked by next
	gondolaCur       *gondolaTask   // the one that has its turn, nil in plain exports and package initialization
	gondolaStarted   bool           // an export was called
	gondolaDue       []func()       // to be run in a live task
	gondolaLinger    []*gondolaTask // resolved, without waits, held by goroutines that wait for timers
	gondolaSets      []uint32       // empty waitable sets, for reuse
	gondolaEntry     guintptr       // the goroutine of the entry while it waits for the others to become idle
	gondolaEvent     struct{ p1, p2 uint32 }
)

// gondola_v1_taskStart makes a task, starts run in a goroutine of it, and returns the callback code once nothing is runnable.
//
//go:linkname gondola_v1_taskStart
func gondola_v1_taskStart(run, cancel func()) uint32 {
	gondolaThaw()
	mp := acquirem()
	t := gondolaNewTask(cancel)
	t.spawn(run)
	t.main = t.first
	releasem(mp)
	return t.turn()
}

// gondolaNewTask makes a task and gives it the turn.
func gondolaNewTask(cancel func()) *gondolaTask {
	t := gondolaFreeTasks
	if t == nil {
		t = new(gondolaTask)
	} else {
		gondolaFreeTasks = t.next
		*t = gondolaTask{}
	}
	t.cancel = cancel
	gondolaStarted = true
	gondolaCur = t
	t.link()
	gondolaAdopt(t)
	return t
}

// gondola_v1_taskCallback hands an event to the task whose callback this is.
//
//go:linkname gondola_v1_taskCallback
func gondola_v1_taskCallback(event, handle, payload uint32) uint32 {
	mp := acquirem()
	t := (*gondolaTask)(gondolaAt(gondolaContextGet()))
	gondolaCur = t
	t.yielded = false
	switch event {
	case gondolaEventNone:
		t.poll()
	case gondolaEventTaskCancelled:
		t.requestCancel()
	default:
		gondolaDeliver(t, event, handle, payload)
	}
	if gp := t.resolver; gp != nil {
		t.resolver = nil
		goready(gp, 1)
	}
	releasem(mp)
	return t.turn()
}

// spawn starts f in a goroutine of t.
func (t *gondolaTask) spawn(f func()) {
	gp := getg()
	own := gp.gondolaTask
	gp.gondolaTask = t
	go f()
	gp.gondolaTask = own
}

// requestCancel passes the caller's request on.
func (t *gondolaTask) requestCancel() {
	if f := t.cancel; f != nil {
		t.cancel = nil
		t.spawn(f)
	}
}

// poll delivers the events that came up while t was yielding.
func (t *gondolaTask) poll() {
	for n := 0; t.set != 0 && n < 64; n++ {
		event := gondolaSetPoll(t.set, gondolaAddr(unsafe.Pointer(&gondolaEvent)))
		if event == gondolaEventNone {
			return
		}
		gondolaDeliver(t, event, gondolaEvent.p1, gondolaEvent.p2)
	}
}

// turn lets the goroutines of all tasks run until none is runnable or the turn's budget is used up, and returns the callback
// code of t.
func (t *gondolaTask) turn() uint32 {
	gp := getg()
	// The entry's goroutine shows nothing of the user's: keep it out of tracebacks.
	startpc := gp.startpc
	gp.startpc = abi.FuncPCABIInternal(gondolaIdle)
	code := t.run()
	gp.startpc = startpc
	gondolaCur = nil
	return code
}

// run is the loop of a turn. Its bookkeeping is atomic: with the lock count up, an allocation neither starts nor assists a
// garbage collection, so no other goroutine gets to run in between.
func (t *gondolaTask) run() uint32 {
	mp := acquirem()
	defer releasem(mp)
	for {
		t.startDue()
		releasem(mp)
		until, busy := gondolaIdle()
		acquirem()
		gondolaFlush()
		gondolaWakeLingering(t)
		switch {
		case busy && t.state != gondolaTaskFinal:
			t.yielded = true
			return t.leave(gondolaYield)
		case t.canExit():
			return t.exit(until)
		case until != 0 && !gondolaArm(t, until):
			continue
		case until == 0 && gondolaCommand && t.isDeadlocked():
			gondolaDeadlock = true
			continue
		}
		return t.leave(gondolaWait | t.needSet()<<4)
	}
}

// startDue starts what waited for a live task.
func (t *gondolaTask) startDue() {
	for len(gondolaDue) > 0 {
		due := gondolaDue
		gondolaDue = nil
		for _, f := range due {
			t.spawn(f)
		}
	}
}

// leave ends the turn of a task that stays alive.
func (t *gondolaTask) leave(code uint32) uint32 {
	if !t.noted {
		t.noted = true
		gondolaContextSet(gondolaAddr(unsafe.Pointer(t)))
	}
	t.linger()
	return code
}

// linger notes a resolved task that only timers hold, so that other tasks' turns look after it.
func (t *gondolaTask) linger() {
	if t.state == gondolaTaskResolved && t.waits == 0 && !t.lingers {
		t.lingers = true
		gondolaLinger = append(gondolaLinger, t)
	}
}

// canExit reports whether t is resolved and none of its goroutines waits for the host or a timer.
func (t *gondolaTask) canExit() bool {
	switch t.state {
	case gondolaTaskFinal:
		return true
	case gondolaTaskResolved:
		return t.waits == 0 && !t.waitsForTimer()
	}
	return false
}

// waitsForTimer reports whether a goroutine of t sleeps or waits on the channel of a timer that hasn't been stopped.
func (t *gondolaTask) waitsForTimer() bool {
	for gp := t.first; gp != nil; gp = gp.gondolaNext {
		if readgstatus(gp)&^_Gscan != _Gwaiting || gp.waitreason == waitReasonSleep {
			return true
		}
		for sg := gp.waiting; sg != nil; sg = sg.waitlink {
			if c := sg.c.get(); c != nil && c.timer != nil && c.timer.when != 0 {
				return true
			}
		}
	}
	return false
}

// isDeadlocked reports whether nothing can ever wake t, in a program without other exports.
func (t *gondolaTask) isDeadlocked() bool {
	return t.state == gondolaTaskRunning && gondolaWaiting == len(gondolaTimers) && t.next == nil && t.prev == nil
}

// exit ends t in its own turn. until is when the next timer fires, 0 if none does.
func (t *gondolaTask) exit(until int64) uint32 {
	final := t.state == gondolaTaskFinal
	t.state = gondolaTaskExited
	t.unlink()
	if final {
		return gondolaExit
	}
	t.endWake()
	home := gondolaTasks
	gondolaRehome(t, home)
	if home != nil && until != 0 && !gondolaArm(home, until) {
		home.wakeUp()
	}
	if t.set != 0 {
		gondolaSets = append(gondolaSets, t.set)
	}
	if t.first == nil && !t.lingers {
		*t = gondolaTask{next: gondolaFreeTasks, state: gondolaTaskExited}
		gondolaFreeTasks = t
	}
	return gondolaExit
}

func (t *gondolaTask) link() {
	t.next = gondolaTasks
	if t.next != nil {
		t.next.prev = t
	}
	gondolaTasks = t
}

func (t *gondolaTask) unlink() {
	if t.next != nil {
		t.next.prev = t.prev
	}
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		gondolaTasks = t.next
	}
	t.next, t.prev = nil, nil
}

// needSet returns the task's waitable set.
func (t *gondolaTask) needSet() uint32 {
	if t.set == 0 {
		if n := len(gondolaSets); n > 0 {
			t.set = gondolaSets[n-1]
			gondolaSets = gondolaSets[:n-1]
		} else {
			t.set = gondolaSetNew()
		}
	}
	return t.set
}

// gondola_v1_taskResolve parks the calling goroutine until its task has its turn, and marks the task as resolved.
//
//go:linkname gondola_v1_taskResolve
func gondola_v1_taskResolve() {
	gp := getg()
	t := gp.gondolaTask
	if t == nil || t.state != gondolaTaskRunning {
		throw("gondola: a task is resolved twice, or by a goroutine that isn't its own")
	}
	for gondolaCur != t {
		t.resolver = gp
		mp := acquirem()
		t.wakeUp()
		releasem(mp)
		gopark(nil, nil, waitReasonZero, traceBlockGeneric, 1)
	}
	t.state = gondolaTaskResolved
}

// gondola_v1_inTask runs f in a goroutine of a live task: at once if a task has its turn, else of the next.
//
//go:linkname gondola_v1_inTask
func gondola_v1_inTask(f func()) {
	mp := acquirem()
	if t := gondolaCur; t != nil {
		t.spawn(f)
	} else {
		gondolaDue = append(gondolaDue, f)
		if t := gondolaTasks; t != nil {
			t.wakeUp()
		}
	}
	releasem(mp)
}

// gondolaNewG makes newg a goroutine of its creator's task. Called by newproc1.
func gondolaNewG(newg, creator *g) {
	if t := creator.gondolaTask; t != nil {
		t.add(newg)
	}
}

// add makes gp a goroutine of t.
func (t *gondolaTask) add(gp *g) {
	gp.gondolaTask = t
	gp.gondolaPrev, gp.gondolaNext = nil, t.first
	if t.first != nil {
		t.first.gondolaPrev = gp
	}
	t.first = gp
}

// gondolaDeadG takes gp out of its task. Called by gdestroy.
func gondolaDeadG(gp *g) {
	t := gp.gondolaTask
	if t == nil {
		return
	}
	if gp.gondolaNext != nil {
		gp.gondolaNext.gondolaPrev = gp.gondolaPrev
	}
	if gp.gondolaPrev != nil {
		gp.gondolaPrev.gondolaNext = gp.gondolaNext
	} else {
		t.first = gp.gondolaNext
	}
	gp.gondolaTask, gp.gondolaNext, gp.gondolaPrev = nil, nil, nil
	if t.main == gp {
		t.main = nil
		if t.state == gondolaTaskRunning {
			fatal("the goroutine of an export ended without a result: runtime.Goexit can't be used there")
		}
	}
}
