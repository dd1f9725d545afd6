package rt

import (
	"context"
	"time"
)

// A taskContext is the context of a task. Most exports do no more with it than pass it to imports, so that what package context
// makes, with a channel and children, is made only when it is asked for.
type taskContext struct {
	ended bool
	waits *wait           // that end with it
	whole context.Context // nil until it is needed
	stop  context.CancelFunc
}

// end ends the context, with [context.Canceled].
func (c *taskContext) end() {
	c.ended = true
	for w := c.waits; w != nil; w = w.next {
		w.end()
	}
	if c.stop != nil {
		c.stop()
	}
}

func (c *taskContext) add(w *wait) {
	w.next, w.prev = c.waits, nil
	if w.next != nil {
		w.next.prev = w
	}
	c.waits = w
}

func (c *taskContext) remove(w *wait) {
	if w.next != nil {
		w.next.prev = w.prev
	}
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		c.waits = w.next
	}
	w.next, w.prev = nil, nil
}

// full returns the context that others can wait for and derive from.
func (c *taskContext) full() context.Context {
	if c.whole != nil {
		return c.whole
	}
	whole, stop := context.WithCancel(context.Background())
	if c.whole != nil { // another goroutine came first
		stop()
		return c.whole
	}
	c.whole, c.stop = whole, stop
	if c.ended {
		stop()
	}
	return whole
}

func (c *taskContext) Deadline() (deadline time.Time, ok bool) { return }
func (c *taskContext) Done() <-chan struct{}                   { return c.full().Done() }
func (c *taskContext) Value(key any) any                       { return c.full().Value(key) }

func (c *taskContext) Err() error {
	if c.ended {
		return context.Canceled
	}
	return nil
}

func (c *taskContext) String() string { return "the context of a task" }
