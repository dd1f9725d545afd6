package runtime

// A gondolaPair is a stream without payload, both ends in this component. A task whose set holds the reader gets its turn when
// the writer writes: that is how one task's turn wakes another task.
type gondolaPair struct{ reader, writer uint32 }

var gondolaPairs []gondolaPair // idle ones, for reuse

// wakeUp makes the host call t's callback soon. A task that has its turn, or that is woken or yielding already, needs no waking.
func (t *gondolaTask) wakeUp() {
	if t == gondolaCur || t.yielded || t.wake.reader != 0 {
		return
	}
	pair := gondolaTakePair()
	if gondolaWakeRead(pair.reader, 0, 1) != gondolaBlocked {
		throw("gondola: the read of a wake didn't block")
	}
	gondolaJoin(pair.reader, t.needSet())
	t.wake = pair
	if gondolaWakeWrite(pair.writer, 0, 1) != gondolaCopyCompleted|1<<4 {
		throw("gondola: the write of a wake didn't complete")
	}
}

func gondolaTakePair() gondolaPair {
	if n := len(gondolaPairs); n > 0 {
		pair := gondolaPairs[n-1]
		gondolaPairs = gondolaPairs[:n-1]
		return pair
	}
	ends := gondolaWakeNew()
	return gondolaPair{reader: uint32(ends), writer: uint32(ends >> 32)}
}

// wakeDelivered takes the pair back after its event has come.
func (t *gondolaTask) wakeDelivered() {
	gondolaJoin(t.wake.reader, 0)
	gondolaPairs = append(gondolaPairs, t.wake)
	t.wake = gondolaPair{}
}

// endWake takes back the pair of a wake that is no longer needed: its event is pending, and the cancel picks it up.
func (t *gondolaTask) endWake() {
	if t.wake.reader == 0 {
		return
	}
	gondolaJoin(t.wake.reader, 0)
	gondolaWakeCancelRead(t.wake.reader)
	gondolaPairs = append(gondolaPairs, t.wake)
	t.wake = gondolaPair{}
}

// gondolaWakeLingering wakes the other tasks that have nothing left to wait for, so that they exit.
func gondolaWakeLingering(cur *gondolaTask) {
	kept := gondolaLinger[:0]
	for _, t := range gondolaLinger {
		switch {
		case t.state == gondolaTaskExited || t.waits > 0:
			t.lingers = false
		case t != cur && t.canExit():
			t.lingers = false
			t.wakeUp()
		default:
			kept = append(kept, t)
		}
	}
	clear(gondolaLinger[len(kept):])
	gondolaLinger = kept
}
