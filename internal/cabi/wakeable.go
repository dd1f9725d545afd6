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
