package cabi

import "iter"

// Live is the number of tasks and threads that have not ended.
func (s *Store) Live() int { return s.live }

// Contexts are what the host gave to [Store.Invoke], for each task that has not ended.
func (s *Store) Contexts() iter.Seq[any] {
	return func(yield func(any) bool) {
		for _, i := range s.instances {
			for k := i.live.head; k != nil; k = k.liveLinks.next {
				if !yield(k.context) {
					return
				}
			}
		}
	}
}

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
