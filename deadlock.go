package gondola

// wakeable is a stream or future through which the host may wake a guest.
type wakeable interface{ Wakeable() bool }

// endSet counts the ends that the host holds of each stream and future. It is nil
// where nobody asks.
type endSet map[wakeable]int

// hold notes that the host has one more end.
func (e endSet) hold(w wakeable) {
	if e != nil {
		e[w]++
	}
}

// letGo notes that the host has one less.
func (e endSet) letGo(w wakeable) {
	switch {
	case e == nil:
	case e[w] > 1:
		e[w]--
	default:
		delete(e, w)
	}
}

// endDeadlock ends everything in the store where tasks wait that nothing can wake
// any more. It is called while the store is held and nothing is left to do.
func (s *store) endDeadlock() {
	if s.awaited == 0 || s.hostCalls > 0 || s.core.Live() == 0 {
		return
	}
	for w := range s.ends {
		if w.Wakeable() {
			return
		}
	}
	s.core.TrapDeadlock()
}
