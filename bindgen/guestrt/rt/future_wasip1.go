package rt

import (
	"context"
	"io"
)

// A FutureType holds the intrinsics of future<T> and the layout of its value. For a future without payload see [UnitFuture].
type FutureType[T any] struct {
	New          func() uint64                     // [future-new-N]
	Read         func(handle, p uint32) uint32     // [async-lower][future-read-N]
	Write        func(handle, p uint32) uint32     // [async-lower][future-write-N]
	CancelRead   func(handle uint32) uint32        // [future-cancel-read-N]
	CancelWrite  func(handle uint32) uint32        // [future-cancel-write-N]
	DropReadable func(handle uint32)               // [future-drop-readable-N]
	DropWritable func(handle uint32)               // [future-drop-writable-N]
	Size, Align  uint32                            // of the value in linear memory
	Lift         func(p uint32) T                  // takes the value at p; nil if T is a Scalar or Unit
	Lower        func(s *Scope, p uint32, value T) // puts the value to p; nil if T is a Scalar or Unit
}

// NewFuture makes a future: its readable end can be passed on, or awaited here if T is a number.
func NewFuture[T any](t *FutureType[T]) (*FutureWriter[T], *FutureReader[T]) {
	pair := t.New()
	w := &FutureWriter[T]{futureWriteEnd[T]{t: t}}
	w.end.open(uint32(pair>>32), t.DropWritable)
	return w, LiftFuture(t, uint32(pair))
}

// LiftFuture wraps the readable end of a future that was lifted.
func LiftFuture[T any](t *FutureType[T], handle uint32) *FutureReader[T] {
	r := &FutureReader[T]{futureReadEnd[T]{t: t}}
	r.end.open(handle, t.DropReadable)
	r.end.keep()
	return r
}

// Lower moves r into a call, as an argument or in a result. If the call never starts it comes back.
func (r *FutureReader[T]) Lower(s *Scope) uint32 {
	if r == nil {
		panic("a nil *rt.FutureReader was passed: WIT has no null future")
	}
	return r.end.give(s, "a *rt.FutureReader")
}

type futureReadEnd[T any] struct {
	end
	t *FutureType[T]
}

func (e *futureReadEnd[T]) await(ctx context.Context) (v T, err error) {
	if err := e.turn.acquire(ctx); err != nil {
		return v, err
	}
	defer e.turn.release()
	if e.state != endOpen {
		return v, io.ErrClosedPipe
	}
	s := NewScope()
	defer s.Free()
	p := s.Block(e.t.Size, e.t.Align)
	if _, result := e.copy(ctx, e.t.Read(e.handle, p), e.t.CancelRead); result != copyCompleted {
		return v, e.cancelled(ctx)
	}
	e.state = max(e.state, endDone)
	if e.t.Lift != nil {
		return e.t.Lift(p), nil
	}
	return *(*T)(at(p)), nil
}

type futureWriteEnd[T any] struct {
	end
	t *FutureType[T]
}

func (e *futureWriteEnd[T]) write(ctx context.Context, v T) error {
	if err := e.turn.acquire(ctx); err != nil {
		return err
	}
	defer e.turn.release()
	if e.state != endOpen {
		return io.ErrClosedPipe
	}
	s := NewScope()
	defer s.Free()
	_, result := e.copy(ctx, e.t.Write(e.handle, e.lower(s, v)), e.t.CancelWrite)
	return e.written(ctx, s, result)
}

// written ends a write that had the given result.
func (e *futureWriteEnd[T]) written(ctx context.Context, s *Scope, result uint32) error {
	if result != copyCompleted {
		s.settle(false)
	}
	if result == copyCancelled {
		return e.cancelled(ctx)
	}
	e.state = endGone
	e.t.DropWritable(e.handle)
	if result == copyDropped {
		return io.ErrClosedPipe
	}
	return nil
}

// lower puts v into a block of s and returns its address.
func (e *futureWriteEnd[T]) lower(s *Scope, v T) uint32 {
	p := s.Block(e.t.Size, e.t.Align)
	if e.t.Lower != nil {
		e.t.Lower(s, p, v)
	} else if e.t.Size > 0 {
		*(*T)(at(p)) = v
	}
	return p
}

// closeWith writes v, behind the writes that are in progress. What has to wait does so in a goroutine of its own.
func (e *futureWriteEnd[T]) closeWith(v T) {
	if e.state != endOpen {
		return
	}
	if !e.turn.try() {
		go func() {
			e.write(context.Background(), v)
		}()
		return
	}
	s, waits := NewScope(), false
	defer func() {
		if !waits {
			e.endWrite(s)
		}
	}()
	code := e.t.Write(e.handle, e.lower(s, v))
	if code == blocked {
		waits = true
		go e.awaitWritten(s)
		return
	}
	_, result := e.copied(code)
	e.written(context.Background(), s, result)
}

// awaitWritten ends a write of closeWith that waits.
func (e *futureWriteEnd[T]) awaitWritten(s *Scope) {
	defer e.endWrite(s)
	_, result := e.copy(context.Background(), blocked, e.t.CancelWrite)
	e.written(context.Background(), s, result)
}

func (e *futureWriteEnd[T]) endWrite(s *Scope) {
	s.Free()
	e.turn.release()
}
