package rt

import (
	"context"
	"io"
)

// The results of a copy (definitions.py: CopyResult).
const (
	copyCompleted = 0
	copyDropped   = 1
	copyCancelled = 2
)

// An end is a readable or writable end of a stream or future in the component's handle table.
type end struct {
	handle uint32
	state  endState
	before endState // what state was when the end was given away
	turn   turn     // of the operation that runs
	wait   wait     // of the operation that runs
	drop   func(handle uint32)
	keeper *keeper // drops an end that was forgotten; nil in an end that must not be
}

type endState uint8

const (
	endOpen    endState = iota
	endDone             // the other end is gone or the future has its value: only drop is left
	endClosing          // Close was called
	endGone             // dropped or given away
)

// open fills in a fresh end. drop is called when the end is closed.
func (e *end) open(handle uint32, drop func(handle uint32)) {
	e.handle, e.drop, e.state = handle, drop, endOpen
}

// keep lets e be dropped some time after it became garbage.
func (e *end) keep() { e.keeper = keep(e.handle, e.drop) }

// letGo ends what keep began.
func (e *end) letGo() {
	if e.keeper != nil {
		e.keeper.release()
		e.keeper = nil
	}
}

// copy waits for the end of a copy whose intrinsic returned code. When ctx ends or the end is closed, it cancels the copy, which
// blocks the component until the other side lets go of the buffer.
func (e *end) copy(ctx context.Context, code uint32, cancel func(handle uint32) uint32) (progress, result uint32) {
	if code == blocked {
		code = e.awaitCopy(ctx, cancel)
	} else {
		pause()
	}
	return e.copied(code)
}

// copied notes what came of a copy.
func (e *end) copied(code uint32) (progress, result uint32) {
	progress, result = code>>4, code&0xf
	if result == copyDropped && e.state == endOpen {
		e.state = endDone
	}
	return progress, result
}

func (e *end) awaitCopy(ctx context.Context, cancel func(handle uint32) uint32) uint32 {
	if e.state < endClosing {
		if code, done := e.wait.until(ctx, e.handle); done {
			return code
		}
	}
	awaitTurn()
	return cancel(e.handle)
}

// cancelled is the error of an operation that was cancelled.
func (e *end) cancelled(ctx context.Context) error {
	if e.state >= endClosing {
		return io.ErrClosedPipe
	}
	return context.Cause(ctx)
}

// close cancels the operation in progress, waits for its end and drops e.
func (e *end) close() error {
	if e.state >= endClosing {
		return nil
	}
	e.letGo()
	e.state = endClosing
	e.wait.end()
	e.turn.acquire(context.Background())
	defer e.turn.release()
	e.state = endGone
	e.drop(e.handle)
	return nil
}

// give moves e into a call. what names it in a panic.
func (e *end) give(s *Scope, what string) uint32 {
	switch {
	case e.turn.taken:
		panic(what + " is given away while it is read")
	case e.state >= endClosing:
		panic(what + " is given away after it was closed or given away")
	}
	e.letGo()
	e.before, e.state = e.state, endGone
	s.given = append(s.given, (*gift)(e))
	return e.handle
}

// gift is a readable end in a scope that it was given to.
type gift end

func (g *gift) returned(started bool) {
	if e := (*end)(g); !started {
		e.state = e.before
		e.keep()
	}
}
