package pollio

import (
	"context"
	"sync"
)

// Waiter is a [Source] for what can only be waited for: it costs a goroutine from
// the first time that somebody asks and it is not ready, until it is. Make it with
// [NewWaiter].
type Waiter struct {
	Signal
	ready func() bool
	wait  func(ctx context.Context)

	mu      sync.Mutex // of what follows
	waiting bool
	closed  bool
	cancel  context.CancelFunc // of the wait under way
}

// NewWaiter makes a source of two functions. ready reports without waiting whether
// it has come. wait returns when it may have, or soon after ctx has ended; it is
// called on a goroutine of its own, once at a time, beside ready.
func NewWaiter(ready func() bool, wait func(ctx context.Context)) *Waiter {
	return &Waiter{ready: ready, wait: wait}
}

// Ready implements [Source].
func (w *Waiter) Ready() bool {
	if w.ready() {
		return true
	}
	w.start()
	return w.isClosed()
}

// Waiting reports whether a wait is under way.
func (w *Waiter) Waiting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waiting
}

func (w *Waiter) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}

func (w *Waiter) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting || w.closed {
		return
	}
	w.waiting = true
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() {
		defer w.ended()
		w.wait(ctx)
	}()
}

func (w *Waiter) ended() {
	w.mu.Lock()
	w.waiting = false
	w.cancel()
	w.mu.Unlock()
	w.Broadcast()
}

// Close ends the wait under way. A source that is closed is ready.
func (w *Waiter) Close() {
	w.mu.Lock()
	w.closed = true
	if w.cancel != nil {
		w.cancel()
	}
	w.mu.Unlock()
	w.Broadcast()
}
