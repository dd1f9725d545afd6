package cabi

import (
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// Future is a future: a stream of exactly one value. What is said of [Stream]
// holds for it.
//
// It implements [val.Future].
//
// Spec: CanonicalABI.md#future-state (definitions.py SharedFutureImpl).
type Future struct {
	shared
	// abandoned says that the host gave its writable end up without a value.
	abandoned bool
}

// ValFuture marks the values that stand for futures.
func (*Future) ValFuture() {}

// NewFuture makes a future of which the host holds both ends; see
// [Store.NewStream].
func (s *Store) NewFuture(elem *types.Type, scope *ComponentInstance) *Future {
	f := &Future{shared: shared{store: s, scope: scope, elem: elem}}
	f.reader = hostEnd{shared: &f.shared, future: true}
	f.writer = hostEnd{shared: &f.shared, future: true}
	return f
}

// Elem is the type of the value, nil for none.
func (f *Future) Elem() *types.Type { return f.elem }

// Unread reports whether nobody can read the value any more that has not been
// written.
func (f *Future) Unread() bool { return f.dropped && f.writer.state == copyIdle }

// Read copies the value to dst, which has room for one. CopyDropped says that
// there will be none. An error says that it did not start.
func (f *Future) Read(dst *HostBuffer, done func(CopyResult)) error {
	return f.reader.start(dst, false, done, func() { f.read(nil, dst, &f.reader) })
}

// Write copies the value from src, which has one. An error says that it did not
// start.
func (f *Future) Write(src *HostBuffer, done func(CopyResult)) error {
	return f.writer.start(src, true, done, func() { f.write(nil, src, &f.writer) })
}

// CancelRead ends the host's read, unless it has ended.
func (f *Future) CancelRead() { f.reader.cancel() }

// CancelWrite ends the host's write, unless it has ended.
func (f *Future) CancelWrite() { f.writer.cancel() }

// DropReadable gives the readable end up. It fails while a read goes on.
func (f *Future) DropReadable() error { return f.reader.drop() }

// DropWritable gives the writable end up. It fails while a write goes on. Where no
// value was written, a guest that reads the future, now or later, traps.
func (f *Future) DropWritable() error {
	if f.writer.state != copyIdle || f.dropped {
		return f.writer.drop()
	}
	f.writer.state = copyDone
	f.abandon(trap.New(trap.WriterAbandoned))
	return nil
}

// abandon ends a future that nobody will write any more. Core code has no way to
// learn of it, so its reader traps; the host's is told.
func (f *Future) abandon(why error) {
	f.abandoned = true
	inst, pending := f.pendingInst, f.pendingBuffer != nil
	switch {
	case pending && inst != nil:
		f.resetPending()
		f.store.poison(why, inst.root)
	case pending:
		f.resetAndNotifyPending(CopyDropped)
	}
}

// read copies the value that waits to be written, or waits for it.
//
// Spec: definitions.py SharedFutureImpl.read.
func (f *Future) read(inst *ComponentInstance, dst buffer, c copier) {
	assert(dst.remain() == 1, "a future has one value")
	switch {
	case f.abandoned && inst != nil:
		trap.Throw(trap.WriterAbandoned)
	case f.abandoned:
		c.onCopyDone(CopyDropped)
	case f.pendingBuffer == nil:
		assert(!f.dropped, "a future is dropped by its writer after it was read")
		f.setPending(inst, dst, c)
	default:
		f.trapIfIntraComponent(inst, "future")
		transfer(dst, f.pendingBuffer, 1, f.elem)
		f.resetAndNotifyPending(CopyCompleted)
		c.onCopyDone(CopyCompleted)
	}
}

// write copies the value to who waits to read it, or waits for it to be read.
//
// Spec: definitions.py SharedFutureImpl.write.
func (f *Future) write(inst *ComponentInstance, src buffer, c copier) {
	assert(src.remain() == 1, "a future has one value")
	switch {
	case f.dropped:
		c.onCopyDone(CopyDropped)
	case f.pendingBuffer == nil:
		f.setPending(inst, src, c)
	default:
		f.trapIfIntraComponent(inst, "future")
		transfer(f.pendingBuffer, src, 1, f.elem)
		f.resetAndNotifyPending(CopyCompleted)
		c.onCopyDone(CopyCompleted)
	}
}
