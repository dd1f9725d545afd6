package runtime

// A gondolaTimer is a call of monotonic-clock.wait-until that hasn't returned.
type gondolaTimer struct {
	when    int64
	subtask uint32
}

// gondolaTimers holds the armed timers, the earliest last. One that comes too early is harmless, so none is ever cancelled.
var gondolaTimers []gondolaTimer

// gondolaUnarmed reports whether a timer that fires at when (0: none) has no wait-until before it.
func gondolaUnarmed(when int64) bool {
	n := len(gondolaTimers)
	return when != 0 && (n == 0 || gondolaTimers[n-1].when > when)
}

// gondolaArm makes sure that a live task gets its turn at until; t takes the new wait if one is needed. It reports false if
// that time has come already.
func gondolaArm(t *gondolaTask, until int64) bool {
	if !gondolaUnarmed(until) {
		return true
	}
	status := gondolaWaitUntil(until - gondolaClockBase)
	if status&0xf >= gondolaSubtaskReturned {
		return false
	}
	subtask := status >> 4
	gondolaDetach(subtask, gondolaAdopted, t, gondolaTimerFired)
	gondolaTimers = append(gondolaTimers, gondolaTimer{until, subtask})
	return true
}

// gondolaTimerFired removes the timer of subtask. What it was armed for is done by the scheduler.
func gondolaTimerFired(subtask, _ uint32) {
	gondolaSubtaskDrop(subtask)
	for i, timer := range gondolaTimers {
		if timer.subtask == subtask {
			gondolaTimers = append(gondolaTimers[:i], gondolaTimers[i+1:]...)
			return
		}
	}
}
