package cabi

// Context is what the host gave to [Store.Invoke] for the task whose code runs,
// or nil where none does. It is for who is called by running code: a host
// function, or a check of how long it may go on. While realloc runs on behalf of
// a task, that is the one.
func (s *Store) Context() any {
	for t := s.current; t != nil; t = t.resumer {
		if c := t.task.context; c != nil {
			return c
		}
	}
	return nil
}
