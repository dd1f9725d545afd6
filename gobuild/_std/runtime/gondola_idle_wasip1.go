package runtime

import _ "unsafe" // for go:linkname

// gondolaBudget is how long a turn may go on while goroutines are runnable, in nanoseconds; gondolaTicks is how many scheduler
// points pass between two looks at the clock.
const (
	gondolaBudget = 1e6
	gondolaTicks  = 16
)

var (
	gondolaBusy     bool  // the entry was resumed because its budget was used up
	gondolaUntil    int64 // the next timer when the entry was resumed because all was idle, 0 if none
	gondolaTick     uint32
	gondolaDeadline int64  // when the turn's budget ends; 0 before the first look
	gondolaDeadlock bool   // the entry found that nothing can wake the program
	gondolaSync     string // the plain export that runs, "" if none
)

// gondolaIdle parks the entry until no goroutine is runnable or the budget is used up. until is when the next timer fires, 0
// if none does.
func gondolaIdle() (until int64, busy bool) {
	gondolaTick, gondolaDeadline, gondolaBusy, gondolaUntil = 0, 0, false, 0
	gondolaEntry.set(getg())
	gopark(nil, nil, waitReasonZero, traceBlockGeneric, 1)
	return gondolaUntil, gondolaBusy
}

// beforeIdle is called by the scheduler, on g0, when no goroutine is runnable.
func beforeIdle(now, pollUntil int64) (*g, bool) {
	if gondolaDeadlock {
		gondolaReportDeadlock()
	}
	if gondolaSync != "" {
		gondolaReportSync()
	}
	if gp := gondolaEntry.ptr(); gp != nil {
		gondolaEntry = 0
		gondolaUntil = pollUntil
		return gp, false
	}
	if pollUntil != 0 {
		// Package initialization outside of a task: nobody can wait, so spin.
		gondolaStartClock()
		for nanotime() < pollUntil {
		}
		return nil, true
	}
	return nil, false
}

// gondolaReportSync ends the program because a plain export can't go on.
func gondolaReportSync() {
	getg().m.throwing = throwTypeUser
	print("fatal error: ", gondolaSync, " would have to wait, which a plain function of a component can't do: make it `async` in WIT\n")
	fatalthrow(throwTypeUser)
}

// gondolaReportDeadlock ends the program the way checkdead does.
func gondolaReportDeadlock() {
	getg().m.throwing = throwTypeUser
	for gp := gondolaTasks.first; gp != nil; gp = gp.gondolaNext {
		if !isSystemGoroutine(gp, false) {
			fatal("all goroutines are asleep - deadlock!")
		}
	}
	fatal("no goroutines (main called runtime.Goexit) - deadlock!")
}

// checkTimeouts is called at every scheduling point of a goroutine. When goroutines keep the scheduler busy it resumes the
// entry, so that the host's events are seen.
func checkTimeouts() {
	if gondolaEntry == 0 {
		return
	}
	gondolaTick++
	if gondolaTick%gondolaTicks != 0 {
		return
	}
	now := nanotime()
	if gondolaDeadline == 0 {
		gondolaDeadline = now + gondolaBudget
	}
	if now < gondolaDeadline {
		return
	}
	gp := gondolaEntry.ptr()
	gondolaEntry = 0
	gondolaBusy = true
	goready(gp, 1)
}

// gondolaOuter is what a plain export interrupted: the turn of a task, if one blocks the component on its stack.
var gondolaOuter struct {
	cur   *gondolaTask
	entry guintptr
}

// gondola_v1_syncEnter notes that the plain export name runs, on the goroutine of the entry or on the one whose import blocks.
//
//go:linkname gondola_v1_syncEnter
func gondola_v1_syncEnter(name string) {
	gondolaThaw()
	gondolaStarted = true
	gondolaSync = name
	gondolaOuter.cur, gondolaOuter.entry = gondolaCur, gondolaEntry
	gondolaCur, gondolaEntry = nil, 0
}

// gondola_v1_syncLeave ends a plain export. What it left to do is done in the turn of a live task, if there is one.
//
//go:linkname gondola_v1_syncLeave
func gondola_v1_syncLeave() {
	mp := acquirem()
	gondolaFlush()
	gondolaSync = ""
	gondolaCur, gondolaEntry = gondolaOuter.cur, gondolaOuter.entry
	gondolaOuter.cur, gondolaOuter.entry = nil, 0
	pp := mp.p.ptr()
	if t := gondolaTasks; t != nil && (!runqempty(pp) || !sched.runq.empty() || gondolaUnarmed(pp.timers.wakeTime())) {
		t.wakeUp()
	}
	releasem(mp)
}

// gondola_v1_pin keeps the scheduler on the calling goroutine until gondola_v1_unpin.
//
//go:linkname gondola_v1_pin
func gondola_v1_pin() { acquirem() }

//go:linkname gondola_v1_unpin
func gondola_v1_unpin() { releasem(getg().m) }
