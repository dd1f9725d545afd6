package cabi

// Wakeable reports whether a guest waits for an operation on the stream, so that
// the host, which holds the other end, can wake it.
func (s *Stream) Wakeable() bool { return s.wakeable() }

// Wakeable is like that of [Stream].
func (f *Future) Wakeable() bool { return f.wakeable() }

func (s *shared) wakeable() bool { return s.pendingBuffer != nil && s.pendingInst != nil }

// Ended reports whether the call has nothing left that goes on, so that nobody
// refers to its [Caller] or its context any more. A call of an async host function
// never says so.
func (c OnCancel) Ended() bool { return c.host == nil && (c.task == nil || c.task.gen != c.gen) }

// Shuts reports whether core code waits for the call on its stack and shuts, until
// it is answered, the door of its instance to other tasks that must be alone.
func (c *HostCall) Shuts() bool {
	st, ok := c.caller.(*Subtask)
	return ok && !c.Ended() && st.syncWaiter != nil && st.syncWaiter == c.from.exclusive
}
