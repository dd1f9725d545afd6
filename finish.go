package gondola

// Finish ends the stream as [StreamWriter.Close] does, but for a guest that reads
// nothing, to wait until there is something: it is told that there is, and gets to
// know the end when it reads. That is what hosts of sockets and files do, where the
// end is something that can be read; there are guests that take no notice of an
// end that they did not ask for.
func (w *StreamWriter[T]) Finish() {
	if w.closed.Swap(true) {
		return
	}
	pipe := w.reader.pipe
	pipe.whenTied(func(s *store) {
		pipe.core.CancelWrite()
		_ = pipe.core.Finish()
		s.ends.letGo(pipe.core)
	})
}
