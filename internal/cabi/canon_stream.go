package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// The built-ins of streams and of futures are the same but for the length that
// a stream's have, so here each serves both: t says which.

// endsOf are the kinds of the ends of a stream or future type.
func endsOf(t typ) (readable, writable endKind) {
	if t.Kind() == types.KindFuture {
		return readableFuture, writableFuture
	}
	assert(t.Kind() == types.KindStream, "the type is a stream or a future")
	return readableStream, writableStream
}

// CanonNew is canon stream.new or future.new of t: () -> i64, the index of the
// readable end in its lower half, of the writable one in the upper.
//
// Spec: CanonicalABI.md#-canon-streamfuturenew (definitions.py canon_stream_new,
// canon_future_new).
func CanonNew(inst *ComponentInstance, t *types.Type) CoreBuiltin {
	r, w := endsOf(t)
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		var s sharedEnd
		if r.future() {
			s = inst.store.NewFuture(t.Elem(), inst)
		} else {
			s = inst.store.NewStream(t.Elem(), inst)
		}
		s.base().reader.state, s.base().writer.state = copyAway, copyAway
		ri := inst.addEnd(r, s)
		wi := inst.addEnd(w, s)
		stack[0] = uint64(ri) | uint64(wi)<<32
	}
}

// CanonRead is canon stream.read of t: (i32, ptr, ptr) -> ptr, or future.read:
// (i32, ptr) -> i32. It blocks unless opts.Async.
//
// Spec: CanonicalABI.md#-canon-streamreadwrite, #-canon-futurereadwrite
// (definitions.py canon_stream_read, canon_future_read).
func CanonRead(inst *ComponentInstance, t *types.Type, opts *CanonicalOptions) CoreBuiltin {
	r, _ := endsOf(t)
	return canonCopy(inst, t, opts, r)
}

// CanonWrite is canon stream.write of t: (i32, ptr, ptr) -> ptr, or
// future.write: (i32, ptr) -> i32. It blocks unless opts.Async.
//
// Spec: CanonicalABI.md#-canon-streamreadwrite, #-canon-futurereadwrite
// (definitions.py canon_stream_write, canon_future_write).
func CanonWrite(inst *ComponentInstance, t *types.Type, opts *CanonicalOptions) CoreBuiltin {
	_, w := endsOf(t)
	return canonCopy(inst, t, opts, w)
}

// Spec: definitions.py stream_copy, future_copy.
func canonCopy(inst *ComponentInstance, t typ, opts *CanonicalOptions, k endKind) CoreBuiltin {
	elem := t.Elem()
	return func(stack []uint64) {
		thread := inst.currentThread()
		inst.trapUnlessMayLeave()
		if !opts.Async {
			inst.trapIfSyncCantBlock()
		}
		e := inst.endAt(uint32(stack[0]), k, elem)
		e.trapUnlessIdle()
		if e.set != nil && !opts.Async {
			trap.Throw(trap.WaitableSyncAndAsync)
		}
		length := uint64(1)
		if !k.future() {
			length = stack[2]
		}
		ptr := stack[1]
		if opts.Ptr == layout.Ptr32 {
			ptr, length = uint64(uint32(ptr)), uint64(uint32(length))
		}
		e.buffer = newGuestBuffer(elem, opts, inst, ptr, length)
		e.copy()
		stack[0] = e.finish(thread, modeOf(opts))
	}
}

func modeOf(opts *CanonicalOptions) Mode {
	if opts.Async {
		return Async
	}
	return Sync
}

// finish is what an operation answers: its event, after waiting for it if need
// be, or BLOCKED.
func (e *CopyEnd) finish(t *Thread, m Mode) uint64 {
	if !e.pending {
		if m == Async {
			return blocked
		}
		e.waitForEvent(t)
	}
	return uint64(e.takeEvent().Payload)
}

// trapUnlessIdle guards the beginning of an operation.
func (e *CopyEnd) trapUnlessIdle() {
	switch {
	case e.copying():
		trap.Throw(trap.ConcurrentCopy)
	case e.state == copyDone:
		trap.Throw([...]trap.Code{
			readableStream: trap.ReadAfterDropped,
			writableStream: trap.WriteAfterDropped,
			readableFuture: trap.ReadAfterRead,
			writableFuture: trap.WriteAfterWrite,
		}[e.end])
	}
}

// CanonCancelRead is canon stream.cancel-read or future.cancel-read of t:
// (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-streamfuturecancel-readwrite (definitions.py
// canon_stream_cancel_read, canon_future_cancel_read).
func CanonCancelRead(inst *ComponentInstance, t *types.Type, m Mode) CoreBuiltin {
	r, _ := endsOf(t)
	return cancelCopy(inst, t, m, r)
}

// CanonCancelWrite is canon stream.cancel-write or future.cancel-write of t:
// (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-streamfuturecancel-readwrite (definitions.py
// canon_stream_cancel_write, canon_future_cancel_write).
func CanonCancelWrite(inst *ComponentInstance, t *types.Type, m Mode) CoreBuiltin {
	_, w := endsOf(t)
	return cancelCopy(inst, t, m, w)
}

// Spec: definitions.py cancel_copy.
func cancelCopy(inst *ComponentInstance, t typ, m Mode, k endKind) CoreBuiltin {
	elem := t.Elem()
	return func(stack []uint64) {
		thread := inst.currentThread()
		inst.trapUnlessMayLeave()
		if m == Sync {
			inst.trapIfSyncCantBlock()
		}
		e := inst.endAt(uint32(stack[0]), k, elem)
		if e.state != copyCopying || e.syncWaiter != nil {
			trap.Throw(trap.NoCopyInProgress, e.kind())
		}
		if e.set != nil && m == Sync {
			trap.Throw(trap.WaitableSyncAndAsync)
		}
		e.state = copyCancelling
		e.cancel()
		stack[0] = e.finish(thread, m)
	}
}

// CanonDropReadable is canon stream.drop-readable or future.drop-readable of t:
// (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-streamfuturedrop-readablewritable (definitions.py
// canon_stream_drop_readable, canon_future_drop_readable).
func CanonDropReadable(inst *ComponentInstance, t *types.Type) CoreBuiltin {
	r, _ := endsOf(t)
	return dropEnd(inst, t, r)
}

// CanonDropWritable is canon stream.drop-writable or future.drop-writable of t:
// (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-streamfuturedrop-readablewritable (definitions.py
// canon_stream_drop_writable, canon_future_drop_writable).
func CanonDropWritable(inst *ComponentInstance, t *types.Type) CoreBuiltin {
	_, w := endsOf(t)
	return dropEnd(inst, t, w)
}

// Spec: definitions.py drop.
func dropEnd(inst *ComponentInstance, t typ, k endKind) CoreBuiltin {
	elem := t.Elem()
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		e := inst.endAt(uint32(stack[0]), k, elem)
		e.drop()
		inst.removeEnd(e)
	}
}
