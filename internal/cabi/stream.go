package cabi

import "github.com/gondola-wasm/gondola/types"

// Stream is a stream. As a value it stands for the readable end; who makes one
// holds the writable end too. The host's operations need the store to be held;
// done is called then or later, while it is held and perhaps in the middle of
// guest code; it must be quick, may start the next operation on this end or on
// any other, and must not call the store.
//
// It implements [val.Stream].
//
// Spec: CanonicalABI.md#stream-state (definitions.py SharedStreamImpl).
type Stream struct{ shared }

// ValStream marks the values that stand for streams.
func (*Stream) ValStream() {}

// NewStream makes a stream of elements of a type, nil for none, of which the host
// holds both ends. Where the type has resources, scope is an instance that
// means by them what the type does; else it may be nil.
func (s *Store) NewStream(elem *types.Type, scope *ComponentInstance) *Stream {
	st := &Stream{shared{store: s, scope: scope, elem: elem}}
	st.reader.shared, st.writer.shared = &st.shared, &st.shared
	return st
}

// Elem is the type of the elements, nil for none.
func (s *Stream) Elem() *types.Type { return s.elem }

// Read copies elements to dst. An error says that it did not start.
func (s *Stream) Read(dst *HostBuffer, done func(CopyResult)) error {
	return s.reader.start(dst, false, done, func() { s.read(nil, dst, &s.reader) })
}

// Write copies elements from src. An error says that it did not start.
func (s *Stream) Write(src *HostBuffer, done func(CopyResult)) error {
	return s.writer.start(src, true, done, func() { s.write(nil, src, &s.writer) })
}

// CancelRead ends the host's read, unless it has ended.
func (s *Stream) CancelRead() { s.reader.cancel() }

// CancelWrite ends the host's write, unless it has ended.
func (s *Stream) CancelWrite() { s.writer.cancel() }

// DropReadable gives the readable end up. It fails while a read goes on.
func (s *Stream) DropReadable() error {
	s.writerGone = nil
	return s.reader.drop()
}

// DropWritable gives the writable end up. It fails while a write goes on.
func (s *Stream) DropWritable() error {
	s.readerGone = nil
	return s.writer.drop()
}

// OnReaderDropped has f called once when the readable end is gone, at once if it is,
// unless the host drops the writable end first. f is called as done is of a write.
func (s *Stream) OnReaderDropped(f func()) { s.onDropped(&s.readerGone, f) }

// OnWriterDropped is to the readable end what OnReaderDropped is to the writable one. It
// is for a reader that does not read for now.
func (s *Stream) OnWriterDropped(f func()) { s.onDropped(&s.writerGone, f) }

func (s *Stream) onDropped(hook *func(), f func()) {
	if s.dropped {
		f()
		return
	}
	*hook = f
}

// Offered is how many elements a read of the host's would get at once.
func (s *Stream) Offered() int {
	if s.pendingBuffer == nil || s.pendingCopier == &s.reader {
		return 0
	}
	return s.pendingBuffer.remain()
}

// read copies from a pending write, or waits for one.
//
// Spec: definitions.py SharedStreamImpl.read.
func (s *Stream) read(inst *ComponentInstance, dst buffer, c copier) {
	switch {
	case s.dropped:
		c.onCopyDone(CopyDropped)
	case s.pendingBuffer == nil:
		s.setPending(inst, dst, c)
	default:
		s.trapIfIntraComponent(inst, "stream")
		src := s.pendingBuffer
		if src.remain() == 0 {
			s.replacePending(inst, dst, c)
			return
		}
		if dst.remain() > 0 {
			transfer(dst, src, min(dst.remain(), src.remain()), s.elem)
			s.pendingCopier.onCopy()
		}
		c.onCopyDone(s.completed())
	}
}

// write copies to a pending read, or waits for one.
//
// Spec: definitions.py SharedStreamImpl.write.
func (s *Stream) write(inst *ComponentInstance, src buffer, c copier) {
	switch {
	case s.dropped:
		c.onCopyDone(CopyDropped)
	case s.pendingBuffer == nil:
		s.setPending(inst, src, c)
	default:
		s.trapIfIntraComponent(inst, "stream")
		dst := s.pendingBuffer
		switch {
		case dst.remain() > 0:
			if src.remain() > 0 {
				transfer(dst, src, min(dst.remain(), src.remain()), s.elem)
				s.pendingCopier.onCopy()
			}
			c.onCopyDone(s.completed())
		case src.zeroLength() && dst.zeroLength():
			c.onCopyDone(CopyCompleted)
		default:
			s.replacePending(inst, src, c)
		}
	}
}
