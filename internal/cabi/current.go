package cabi

// Context is what the host gave to [Store.Invoke] for the task whose code runs,
// or nil where none does. It is for who is called by running code: a host
// function, or a check of how long it may go on.
func (s *Store) Context() any {
	if s.current == nil {
		return nil
	}
	return s.current.task.context
}
