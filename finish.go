package gondola

import "github.com/gondola-wasm/gondola/internal/cabi"

// Finish ends the stream as [StreamWriter.Close] does, but for a reader who asks for
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
		s.ends.letGo(pipe.core)
		f := &finish{core: pipe.core, nothing: bufferOf[T](pipe.core.Elem(), nil)}
		f.asked = f.onAsk
		pipe.core.CancelWrite()
		f.arm()
	})
}

// finish waits, by a write of nothing, until the end of a stream is read.
type finish struct {
	core    *cabi.Stream
	nothing buffer
	asked   func(cabi.CopyResult) // the method, bound once
}

// arm is called while the store is held.
func (f *finish) arm() {
	n, ok := f.core.Asked()
	if ok && n == 0 {
		f.core.EndEmptyRead()
	}
	if n > 0 || f.core.Write(&f.nothing.host, f.asked) != nil {
		_ = f.core.DropWritable()
	}
}

func (f *finish) onAsk(r cabi.CopyResult) {
	switch r {
	case cabi.CopyCompleted:
		f.arm()
	case cabi.CopyDropped:
		_ = f.core.DropWritable()
	}
}
