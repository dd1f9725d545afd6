package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// endKind tells the four ends apart.
type endKind uint8

const (
	readableStream endKind = iota
	writableStream
	readableFuture
	writableFuture
)

var endNames = [...]string{
	readableStream: "the readable end of a stream",
	writableStream: "the writable end of a stream",
	readableFuture: "the readable end of a future",
	writableFuture: "the writable end of a future",
}

var endEvents = [...]EventCode{
	readableStream: EventStreamRead,
	writableStream: EventStreamWrite,
	readableFuture: EventFutureRead,
	writableFuture: EventFutureWrite,
}

func (k endKind) readable() bool { return k == readableStream || k == readableFuture }
func (k endKind) future() bool   { return k >= readableFuture }

// copyState is what an end is doing.
//
// Spec: definitions.py CopyState.
type copyState uint8

const (
	copyIdle copyState = iota
	copyCopying
	copyCancelling
	copyDone
	copyAway // only of the host's: a guest has the end
)

// CopyEnd is an end of a stream or future in a handle table. Ends are used again once
// they are removed.
//
// Spec: definitions.py CopyEnd, ReadableStreamEnd, WritableStreamEnd,
// ReadableFutureEnd, WritableFutureEnd.
type CopyEnd struct {
	waitable
	end    endKind
	state  copyState
	shared sharedEnd

	// Of the operation that goes on, or of its event:
	buffer  guestBuffer
	result  CopyResult
	reclaim bool // the buffer is taken back when the event is delivered
}

func (e *CopyEnd) kind() string { return endNames[e.end] }

// Spec: definitions.py CopyEnd.copying.
func (e *CopyEnd) copying() bool { return e.state == copyCopying || e.state == copyCancelling }

// addEnd puts an end in the handle table.
func (i *ComponentInstance) addEnd(k endKind, s sharedEnd) uint32 {
	var e *CopyEnd
	if n := len(i.freeEnds); n > 0 {
		e = i.freeEnds[n-1]
		i.freeEnds = i.freeEnds[:n-1]
	} else {
		e = new(CopyEnd)
	}
	e.end, e.shared, e.source = k, s, e
	e.index = i.handles.add(e)
	return e.index
}

// removeEnd takes an end out of the handle table that nobody refers to any more.
func (i *ComponentInstance) removeEnd(e *CopyEnd) {
	i.handles.remove(e.index)
	*e = CopyEnd{}
	i.freeEnds = append(i.freeEnds, e)
}

// endAt is the end at an index, which must be of kind k and of payload type elem.
func (i *ComponentInstance) endAt(index uint32, k endKind, elem typ) *CopyEnd {
	h := i.handles.get(index)
	e, ok := h.(*CopyEnd)
	if !ok || e.end != k {
		trap.Throw(trap.WrongHandleType, index, endNames[k], h.kind())
	}
	if s := e.shared.base(); !sameElem(s.scope, s.elem, i, elem) {
		trap.Throw(trap.PayloadMismatch, index, elemName(elem), elemName(s.elem))
	}
	return e
}

// liftEnd takes a readable end out of the table. It returns its stream or future.
//
// Spec: definitions.py lift_async_value.
func (i *ComponentInstance) liftEnd(index uint32, k endKind, t typ) sharedEnd {
	e := i.endAt(index, k, t.Elem())
	what := "stream"
	if k.future() {
		what = "future"
	}
	switch {
	case e.copying():
		trap.Throw(trap.LiftBusy, what)
	case e.state == copyDone && k.future():
		trap.Throw(trap.LiftAfterDone, "future after previous read succeeded")
	case e.state == copyDone:
		trap.Throw(trap.LiftAfterDone, "stream after being notified that the writable end dropped")
	case e.set != nil:
		trap.Throw(trap.LiftInWaitableSet, what)
	}
	s := e.shared
	i.removeEnd(e)
	return s
}

// copy begins an operation.
//
// Spec: definitions.py ReadableStreamEnd.copy and its siblings.
func (e *CopyEnd) copy() {
	e.state = copyCopying
	if e.end.readable() {
		e.shared.read(e.buffer.inst, &e.buffer, e)
	} else {
		e.shared.write(e.buffer.inst, &e.buffer, e)
	}
}

// Spec: definitions.py stream_copy (on_copy).
func (e *CopyEnd) onCopy() {
	e.result, e.reclaim = CopyCompleted, true
	e.setPending()
}

// Spec: definitions.py stream_copy (on_copy_done), future_copy (on_copy_done).
func (e *CopyEnd) onCopyDone(r CopyResult) {
	assert(r != CopyDropped || e.end != readableFuture, "a future's reader is never told that the writer dropped")
	e.result, e.reclaim = r, false
	e.setPending()
}

// cancel ends an operation. One that has copied a part of its buffer, of which core code
// has not heard yet, counts as cancelled too: the reference tests say so,
// where definitions.py lets it complete.
//
// Spec: definitions.py cancel_copy.
func (e *CopyEnd) cancel() {
	switch {
	case !e.pending:
		e.shared.cancel()
	case e.reclaim && e.buffer.remain() > 0:
		e.result = CopyCancelled
	}
}

// event is what core code learns of an operation.
//
// Spec: definitions.py stream_copy (stream_event), future_copy (future_event).
func (e *CopyEnd) event() Event {
	assert(e.copying(), "an event ends an operation")
	if e.reclaim {
		e.shared.base().resetPending()
		e.reclaim = false
	}
	e.state = copyIdle
	if e.result == CopyDropped || e.end.future() && e.result == CopyCompleted {
		e.state = copyDone
	}
	payload := uint32(e.result)
	if !e.end.future() {
		payload |= uint32(e.buffer.progress) << 4
	}
	return Event{endEvents[e.end], e.index, payload}
}

// drop takes the end out of use.
//
// Spec: definitions.py CopyEnd.drop, WritableFutureEnd.drop.
func (e *CopyEnd) drop() {
	if e.copying() {
		trap.Throw(e.busy())
	}
	if e.end == writableFuture && e.state != copyDone {
		trap.Throw(trap.FutureNotWritten)
	}
	e.shared.base().drop()
	e.waitable.drop()
}

func (e *CopyEnd) busy() trap.Code {
	return [...]trap.Code{
		readableStream: trap.RemoveBusyStream,
		writableStream: trap.DropBusyStream,
		readableFuture: trap.RemoveBusyFuture,
		writableFuture: trap.DropBusyFuture,
	}[e.end]
}
