package cabi

// Live is the number of tasks and threads that have not ended.
func (s *Store) Live() int { return s.live }

// Handles is the number of entries of all handle tables.
func (s *Store) Handles() int {
	n := 0
	for _, i := range s.instances {
		n += i.handles.len()
	}
	return n
}

// Admits reports whether a call of f by the host would begin at once.
//
// Spec: definitions.py Task.enter_implicit_thread, has_backpressure.
func Admits(f FuncInst) bool {
	l, guest := f.(*lifted)
	if !guest {
		return true
	}
	if !l.prepared {
		l.prepare()
	}
	i := l.inst
	shut := i.backpressure > 0 || i.waiting > 0 || l.needsExclusive && i.exclusive != nil
	return i.mayEnterFrom(nil) && i.root.poison == nil && !(l.ft.Async && shut)
}
