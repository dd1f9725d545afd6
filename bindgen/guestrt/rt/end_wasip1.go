package rt

import (
	"context"
	"io"
	"runtime"
)

// The results of a copy (definitions.py: CopyResult).
const (
	copyCompleted = 0
	copyDropped   = 1
	copyCancelled = 2
)

// An end is a readable or writable end of a stream or future in the component's handle table.
type end struct {
	handle  uint32
	state   endState
	turn    chan struct{} // holds a token while an operation runs
	wait    *wait         // of the operation that runs
	drop    func(handle uint32)
	cleanup runtime.Cleanup
}

type endState uint8

const (
	endOpen    endState = iota
	endDone             // the other end is gone or the future has its value: only drop is left
	endClosing          // Close was called
	endGone             // dropped or given away
)

// open fills in a fresh end. drop is called when the end is closed; owner is the value whose garbage drops it, nil if never.
func (e *end) open(handle uint32, drop func(handle uint32)) {
	e.handle, e.drop, e.state = handle, drop, endOpen
	e.turn = make(chan struct{}, 1)
}

// arm drops e some time after owner, which holds e, became garbage.
func arm[T any](e *end, owner *T) {
	handle, drop := e.handle, e.drop
	e.cleanup = runtime.AddCleanup(owner, func(struct{}) { inTask(func() { drop(handle) }) }, struct{}{})
}

// acquire waits for the end's turn.
func (e *end) acquire(ctx context.Context) error {
	select {
	case e.turn <- struct{}{}:
		return nil
	default:
	}
	select {
	case e.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *end) release() { <-e.turn }

// copy waits for the end of a copy whose intrinsic returned code. When ctx ends or the end is closed, it cancels the copy, which
// blocks the component until the other side lets go of the buffer.
func (e *end) copy(ctx context.Context, code uint32, cancel func(handle uint32) uint32) (progress, result uint32) {
	if code == blocked {
		code = e.awaitCopy(ctx, cancel)
	} else {
		pause()
	}
	progress, result = code>>4, code&0xf
	if result == copyDropped && e.state == endOpen {
		e.state = endDone
	}
	return progress, result
}

func (e *end) awaitCopy(ctx context.Context, cancel func(handle uint32) uint32) uint32 {
	e.wait = new(wait)
	code, done := e.wait.until(ctx, e.handle)
	e.wait = nil
	if !done {
		return cancel(e.handle)
	}
	return code
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
	e.cleanup.Stop()
	e.state = endClosing
	if e.wait != nil {
		e.wait.end()
	}
	e.turn <- struct{}{}
	defer e.release()
	e.state = endGone
	e.drop(e.handle)
	return nil
}

// give moves e into a call. what names it in a panic.
func (e *end) give(s *Scope, what string, back func()) uint32 {
	select {
	case e.turn <- struct{}{}:
		defer e.release()
	default:
		panic(what + " is given away while it is read")
	}
	if e.state >= endClosing {
		panic(what + " is given away after it was closed or given away")
	}
	e.cleanup.Stop()
	s.given = append(s.given, &gift{e, e.state, back})
	e.state = endGone
	return e.handle
}

// gift is a readable end in a scope that it was given to.
type gift struct {
	end   *end
	state endState
	back  func()
}

func (g *gift) returned(started bool) {
	if !started {
		g.end.state = g.state
		g.back()
	}
}
