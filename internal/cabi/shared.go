package cabi

import (
	"errors"
	"fmt"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// CopyResult is how an operation on a stream or future ended.
//
// Spec: definitions.py CopyResult.
type CopyResult uint32

// The results. Each may come with progress.
const (
	CopyCompleted CopyResult = iota
	CopyDropped              // the other end is gone
	CopyCancelled
)

// blocked is what an operation that goes on answers.
//
// Spec: definitions.py BLOCKED.
const blocked = 0xffff_ffff

// copier is who started an operation: a guest's end or the host.
//
// Spec: definitions.py OnCopy, OnCopyDone.
type copier interface {
	// onCopy says that some was copied. The buffer may be used further until
	// the copier takes it back with resetPending.
	onCopy()

	// onCopyDone says that the operation has ended.
	onCopyDone(CopyResult)
}

// shared is what both ends of a stream or future share: at most one operation
// that waits for its counterpart.
//
// Spec: CanonicalABI.md#stream-state, #future-state (definitions.py SharedBase,
// SharedStreamImpl, SharedFutureImpl).
type shared struct {
	store   *Store
	scope   *ComponentInstance // whose resource types elem means, or nil
	elem    typ                // or nil
	dropped bool

	// Of the host's ends, called when the other one is gone; or nil.
	readerGone, writerGone func()

	pendingInst   *ComponentInstance // nil for the host
	pendingBuffer buffer             // nil where nothing is pending
	pendingCopier copier

	reader, writer hostEnd
}

// sharedEnd is what an end needs of its stream or future.
type sharedEnd interface {
	base() *shared
	cancel()
	read(inst *ComponentInstance, dst buffer, c copier)
	write(inst *ComponentInstance, src buffer, c copier)
}

func (s *shared) base() *shared { return s }

// Spec: definitions.py set_pending.
func (s *shared) setPending(inst *ComponentInstance, b buffer, c copier) {
	s.pendingInst, s.pendingBuffer, s.pendingCopier = inst, b, c
}

// Spec: definitions.py reset_pending.
func (s *shared) resetPending() { s.setPending(nil, nil, nil) }

// Spec: definitions.py reset_and_notify_pending.
func (s *shared) resetAndNotifyPending(r CopyResult) {
	c := s.pendingCopier
	s.resetPending()
	c.onCopyDone(r)
}

// replacePending ends the pending operation, which has nothing to copy, and
// leaves another one pending. The order matters where the host starts its next
// operation when it is told.
func (s *shared) replacePending(inst *ComponentInstance, b buffer, c copier) {
	old := s.pendingCopier
	s.setPending(inst, b, c)
	old.onCopyDone(CopyCompleted)
}

// completed is the result of an operation after its counterpart was told: the
// host may have dropped its end then.
func (s *shared) completed() CopyResult {
	if s.dropped {
		return CopyDropped
	}
	return CopyCompleted
}

// cancel ends the pending operation.
//
// Spec: definitions.py SharedStreamImpl.cancel, SharedFutureImpl.cancel.
func (s *shared) cancel() { s.resetAndNotifyPending(CopyCancelled) }

// drop notes that one end is gone.
//
// Spec: definitions.py SharedStreamImpl.drop, SharedFutureImpl.drop.
func (s *shared) drop() {
	if s.dropped {
		return
	}
	s.dropped = true
	if s.pendingBuffer != nil {
		s.resetAndNotifyPending(CopyDropped)
	}
	for _, hook := range [...]*func(){&s.readerGone, &s.writerGone} {
		if f := *hook; f != nil {
			*hook = nil
			f()
		}
	}
}

// trapIfIntraComponent is a restriction that the specification calls temporary.
func (s *shared) trapIfIntraComponent(inst *ComponentInstance, what string) {
	if inst != nil && inst == s.pendingInst && !noneOrNumber(s.elem) {
		trap.Throw(trap.IntraComponentCopy, what)
	}
}

// ErrBusy says that an end of a stream or future that the host holds is in the
// middle of another operation.
var ErrBusy = errors.New("another operation on this end has not ended")

// ErrDone says that a future has been read or written, or an end dropped.
var ErrDone = errors.New("this end of the stream or future is used up")

// ErrAway says that a guest has the end.
var ErrAway = errors.New("this end of the stream or future is with a guest")

// hostEnd is an end that the host holds, or held before it gave it to a guest.
type hostEnd struct {
	shared *shared
	state  copyState
	future bool
	done   func(CopyResult)
}

// idle reports why an operation can't begin.
func (e *hostEnd) idle() error {
	switch e.state {
	case copyIdle:
		return nil
	case copyDone:
		return ErrDone
	case copyAway:
		return ErrAway
	}
	return ErrBusy
}

// start begins an operation, which op is.
func (e *hostEnd) start(b *HostBuffer, w writing, done func(CopyResult), op func()) error {
	if err := e.idle(); err != nil {
		return err
	}
	if e.future && b.length != 1 {
		return fmt.Errorf("a future has one value, the buffer %d", b.length)
	}
	if err := b.check(e.shared.elem, e.shared.scope, w); err != nil {
		return err
	}
	e.state, e.done = copyCopying, done
	guest := e.shared.pendingInst
	err := e.shared.store.protect(op)
	if err != nil && e.done != nil {
		e.state, e.done = copyDone, nil
	}
	if t, ok := err.(*trap.Trap); ok && guest != nil {
		// What trapped was the guest's memory or its realloc.
		e.shared.store.poison(t, guest.root)
	}
	return err
}

func (e *hostEnd) onCopy() {
	e.shared.resetPending()
	e.onCopyDone(CopyCompleted)
}

func (e *hostEnd) onCopyDone(r CopyResult) {
	done := e.done
	e.done, e.state = nil, copyIdle
	if r == CopyDropped || e.future && r == CopyCompleted {
		e.state = copyDone
	}
	done(r)
}

// giveAway hands a readable end to a guest. [CheckArgs] has seen that it could be,
// but a call may start much later: an operation that the host began meanwhile is
// cancelled, and where the end is gone by now (false) the guest gets one whose
// other end is dropped.
func (e *hostEnd) giveAway() bool {
	if e.state == copyCopying {
		e.cancel()
	}
	if e.state != copyIdle {
		return false
	}
	e.state = copyAway
	return true
}

// cancel ends the operation, unless it has ended.
func (e *hostEnd) cancel() {
	if e.shared.pendingCopier == e {
		e.shared.cancel()
	}
}

// drop gives the end up.
func (e *hostEnd) drop() error {
	if err := e.idle(); err != nil && err != ErrDone {
		return err
	}
	e.state = copyDone
	e.shared.drop()
	return nil
}
