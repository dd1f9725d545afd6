package pollio

import (
	"context"
	"errors"
	"time"
)

// Source is what a [Pollable] is about.
type Source interface {
	// Ready reports, without waiting, whether it has come. Where it has not, Ready
	// has set going what makes it come.
	Ready() bool

	// Watch sends to wake, if there is room, whenever Ready may have become true,
	// until stop is called. Embed a [Signal].
	Watch(wake chan<- struct{}) (stop func())
}

// Pollable is the resource wasi:io/poll.pollable. It may be asked any number of
// times.
type Pollable struct {
	source Source
	parent *Parent // or nil
}

// NewPollable makes a pollable that is no resource's child.
func NewPollable(s Source) *Pollable { return &Pollable{source: s} }

// Ready reports whether a Block would return at once.
func (p *Pollable) Ready() bool { return p.source.Ready() }

// Block returns when the pollable is ready, or ctx's error if that ends first.
func (p *Pollable) Block(ctx context.Context) error {
	if p.source.Ready() {
		return nil
	}
	return await(ctx, p.source)
}

// Drop ends the pollable, so that its parent may be dropped.
func (p *Pollable) Drop() {
	if p.parent != nil {
		p.parent.release()
	}
}

// ErrEmptyPoll traps a guest that polls nothing, which would never end.
var ErrEmptyPoll = errors.New("wasi:io/poll: poll of an empty list, which would wait for ever")

// Poll waits until one or more of the pollables are ready, or for ctx, and returns
// the indices of all that are. The same one may be there several times.
//
// Spec: wasi:io/poll.poll.
func Poll(ctx context.Context, list []*Pollable) ([]uint32, error) {
	if len(list) == 0 {
		return nil, ErrEmptyPoll
	}
	if ready := readyOf(list); len(ready) > 0 {
		return ready, nil
	}
	wake := make(chan struct{}, 1)
	defer watchAll(list, wake)()
	for {
		// Again, for what came before it was watched.
		if ready := readyOf(list); len(ready) > 0 {
			return ready, nil
		}
		select {
		case <-wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// watchAll watches each pollable once, however often a guest names it.
func watchAll(list []*Pollable, wake chan<- struct{}) (stop func()) {
	stops := map[*Pollable]func(){}
	for _, p := range list {
		if stops[p] == nil {
			stops[p] = p.source.Watch(wake)
		}
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
	}
}

func readyOf(list []*Pollable) (ready []uint32) {
	for i, p := range list {
		if p.source.Ready() {
			ready = append(ready, uint32(i))
		}
	}
	return ready
}

// await returns when s is ready or ctx ends.
func await(ctx context.Context, s Source) error {
	wake := make(chan struct{}, 1)
	defer s.Watch(wake)()
	for !s.Ready() {
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Always is a source that is always ready.
type Always struct{}

// Ready implements [Source].
func (Always) Ready() bool { return true }

// Watch implements [Source].
func (Always) Watch(chan<- struct{}) (stop func()) { return func() {} }

// Event is a source that becomes ready once, for good: that an operation has ended.
// It is safe for use from several goroutines.
type Event struct {
	Signal
	set bool // guarded by the signal's lock
}

// Set makes the event ready.
func (e *Event) Set() {
	e.mu.Lock()
	e.set = true
	e.mu.Unlock()
	e.Broadcast()
}

// Ready implements [Source].
func (e *Event) Ready() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.set
}

// Deadline is a source that becomes ready at a time. It costs a timer only while
// somebody waits.
type Deadline time.Time

// Ready implements [Source].
func (d Deadline) Ready() bool { return time.Until(time.Time(d)) <= 0 }

// Watch implements [Source].
func (d Deadline) Watch(wake chan<- struct{}) (stop func()) {
	t := time.AfterFunc(time.Until(time.Time(d)), func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	return func() { t.Stop() }
}
