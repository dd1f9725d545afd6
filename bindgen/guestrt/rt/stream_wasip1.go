package rt

import (
	"context"
	"io"
	"unsafe"
)

// A StreamType holds the intrinsics of stream<T> and the layout of its elements. For a stream without payload see [UnitStream].
type StreamType[T any] struct {
	New          func() uint64                       // [stream-new-N]
	Read         func(handle, p, n uint32) uint32    // [async-lower][stream-read-N]
	Write        func(handle, p, n uint32) uint32    // [async-lower][stream-write-N]
	CancelRead   func(handle uint32) uint32          // [stream-cancel-read-N]
	CancelWrite  func(handle uint32) uint32          // [stream-cancel-write-N]
	DropReadable func(handle uint32)                 // [stream-drop-readable-N]
	DropWritable func(handle uint32)                 // [stream-drop-writable-N]
	Size, Align  uint32                              // of an element in linear memory
	Lift         func(p uint32) T                    // takes the element at p; nil if T is a Scalar or Unit
	Lower        func(s *Scope, p uint32, element T) // puts the element to p; nil if T is a Scalar or Unit
}

// maxCopy is how many elements are lifted or lowered at a time.
const maxCopy = 1024

// maxDirect is the greatest length of a copy (definitions.py: Buffer.MAX_LENGTH).
const maxDirect = 1<<28 - 1

// NewStream makes a stream: its readable end can be passed on, or read here if T is a number.
func NewStream[T any](t *StreamType[T]) (*StreamWriter[T], *StreamReader[T]) {
	pair := t.New()
	w := &StreamWriter[T]{writeEnd[T]{t: t}}
	w.end.open(uint32(pair>>32), t.DropWritable)
	w.end.keep()
	return w, LiftStream(t, uint32(pair))
}

// LiftStream wraps the readable end of a stream that was lifted.
func LiftStream[T any](t *StreamType[T], handle uint32) *StreamReader[T] {
	r := &StreamReader[T]{readEnd[T]{t: t}}
	r.end.open(handle, t.DropReadable)
	r.end.keep()
	return r
}

// Lower moves r into a call, as an argument or in a result. If the call never starts it comes back.
func (r *StreamReader[T]) Lower(s *Scope) uint32 {
	if r == nil {
		panic("a nil *rt.StreamReader was passed: WIT has no null stream")
	}
	return r.end.give(s, "a *rt.StreamReader")
}

// NewByteStream is [NewStream] for bytes.
func NewByteStream(t *StreamType[byte]) (*ByteWriter, *ByteReader) {
	pair := t.New()
	w := &ByteWriter{StreamWriter[byte]{writeEnd[byte]{t: t}}}
	w.stream.end.open(uint32(pair>>32), t.DropWritable)
	w.stream.end.keep()
	return w, LiftByteStream(t, uint32(pair))
}

// LiftByteStream is [LiftStream] for bytes.
func LiftByteStream(t *StreamType[byte], handle uint32) *ByteReader {
	r := &ByteReader{StreamReader[byte]{readEnd[byte]{t: t}}}
	r.stream.end.open(handle, t.DropReadable)
	r.stream.end.keep()
	return r
}

// Lower is [StreamReader.Lower].
func (r *ByteReader) Lower(s *Scope) uint32 {
	if r == nil {
		panic("a nil *rt.ByteReader was passed: WIT has no null stream")
	}
	return r.stream.end.give(s, "a *rt.ByteReader")
}

type readEnd[T any] struct {
	end
	t   *StreamType[T]
	buf unsafe.Pointer // lent to the host; storing it here keeps it off the goroutine's stack, which moves
}

func (e *readEnd[T]) read(ctx context.Context, dst []T) (int, error) {
	if err := e.turn.acquire(ctx); err != nil {
		return 0, err
	}
	defer e.turn.release()
	switch {
	case e.state >= endClosing:
		return 0, io.ErrClosedPipe
	case e.state == endDone:
		return 0, io.EOF
	}
	n, result := e.readCopy(ctx, dst)
	switch {
	case n > 0:
		return n, nil
	case result == copyDropped:
		return 0, io.EOF
	}
	return 0, e.cancelled(ctx)
}

// readCopy is one stream.read, straight into dst where the layouts agree.
func (e *readEnd[T]) readCopy(ctx context.Context, dst []T) (int, uint32) {
	if e.t.Lift == nil {
		e.buf = unsafe.Pointer(unsafe.SliceData(dst))
		n := uint32(min(len(dst), maxDirect))
		progress, result := e.copy(ctx, e.t.Read(e.handle, addr(e.buf), n), e.t.CancelRead)
		e.buf = nil
		return int(progress), result
	}
	s := NewScope()
	defer s.Free()
	n := uint32(min(len(dst), maxCopy))
	p := s.Block(n*e.t.Size, e.t.Align)
	progress, result := e.copy(ctx, e.t.Read(e.handle, p, n), e.t.CancelRead)
	for i := range progress {
		dst[i] = e.t.Lift(p + i*e.t.Size)
	}
	return int(progress), result
}

type writeEnd[T any] struct {
	end
	t   *StreamType[T]
	buf unsafe.Pointer // see readEnd
}

func (e *writeEnd[T]) write(ctx context.Context, src []T) (written int, err error) {
	if err := e.turn.acquire(ctx); err != nil {
		return 0, err
	}
	defer e.turn.release()
	for written < len(src) {
		if e.state != endOpen {
			return written, io.ErrClosedPipe
		}
		n, result := e.writeCopy(ctx, src[written:])
		written += n
		if result == copyCancelled && written < len(src) {
			return written, e.cancelled(ctx)
		}
	}
	return written, nil
}

// writeCopy is one stream.write, straight from src where the layouts agree.
func (e *writeEnd[T]) writeCopy(ctx context.Context, src []T) (int, uint32) {
	if e.t.Lower == nil {
		e.buf = unsafe.Pointer(unsafe.SliceData(src))
		n := uint32(min(len(src), maxDirect))
		progress, result := e.copy(ctx, e.t.Write(e.handle, addr(e.buf), n), e.t.CancelWrite)
		e.buf = nil
		return int(progress), result
	}
	s := NewScope()
	defer s.Free()
	n := min(len(src), maxCopy)
	p := s.Block(uint32(n)*e.t.Size, e.t.Align)
	marks := make([]int, n+1)
	for i, v := range src[:n] {
		e.t.Lower(s, p+uint32(i)*e.t.Size, v)
		marks[i+1] = len(s.given)
	}
	progress, result := e.copy(ctx, e.t.Write(e.handle, p, uint32(n)), e.t.CancelWrite)
	s.settleFrom(marks[progress])
	return int(progress), result
}
