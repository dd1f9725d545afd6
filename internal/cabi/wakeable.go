package cabi

// Wakeable reports whether a guest waits for an operation on the stream, so that
// the host, which holds the other end, can wake it.
func (s *Stream) Wakeable() bool { return s.wakeable() }

// Wakeable is like that of [Stream].
func (f *Future) Wakeable() bool { return f.wakeable() }

func (s *shared) wakeable() bool { return s.pendingBuffer != nil && s.pendingInst != nil }
