package cabi

// Finish gives the writable end up when the end of the stream is read: a guest that
// reads no elements, to wait until there are some, is told that there are, as by
// a write that is cancelled at once. A read of the host's, and any other of a guest's,
// gets the end. It fails while a write goes on.
func (s *Stream) Finish() error {
	s.readerGone = nil
	if err := s.writer.idle(); err != nil {
		return err
	}
	f := &finishing{stream: s}
	f.nothing.form = s.formOfNothing()
	f.asked = f.onAsk
	f.arm()
	return nil
}

// finishing is a write of nothing that waits for the end to be read.
type finishing struct {
	stream  *Stream
	nothing HostBuffer
	asked   func(CopyResult) // the method, bound once
}

func (s *Stream) formOfNothing() bufferForm {
	if s.elem == nil {
		return formUnits
	}
	return formValues
}

func (f *finishing) arm() {
	s := f.stream
	s.endEmptyRead()
	if s.pendingBuffer != nil || s.Write(&f.nothing, f.asked) != nil {
		_ = s.writer.drop() // no write goes on
	}
}

func (f *finishing) onAsk(r CopyResult) {
	switch r {
	case CopyCompleted:
		f.arm()
	case CopyDropped:
		_ = f.stream.writer.drop()
	}
}

// endEmptyRead ends a guest's read of no elements.
func (s *Stream) endEmptyRead() {
	if s.pendingBuffer != nil && s.pendingBuffer.zeroLength() && s.pendingCopier != &s.reader {
		s.resetAndNotifyPending(CopyCompleted)
	}
}
