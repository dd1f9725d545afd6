package gondola

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// errBothEnds says that nothing can flow through a stream or future yet.
var errBothEnds = errors.New("both ends are the host's: one must be passed to a guest first")

// errGivenAway says that an end has been passed on.
var errGivenAway = errors.New("this end was passed on and is not the host's any more")

// errPinned says that some of a stream is not in it any more.
var errPinned = errors.New("a stream that is received can't be passed on")

// errHeld says that an operation could never end.
var errHeld = errors.New("a host function that holds the instance may not wait for its streams and futures")

// link is what the ends of a stream or future that the host holds share. It is
// made by the host before anybody knows which store it will belong to, or comes
// from a guest and is tied to a store from the start.
type link struct {
	readable atomic.Int32 // whose the readable end is
	pinned   atomic.Bool  // it has been read from, without anybody's asking

	tied  atomic.Bool // store is set, or gone
	store *store      // nil if the readable end was closed before

	mu    sync.Mutex
	tying chan struct{}  // closed when the link is tied; made for who waits for that
	late  []func(*store) // what the writable end did before the link was tied
	lost  []func()       // what is called where it is tied to no store
}

// Whose the readable end is.
const (
	endHeld int32 = iota
	endPassed
	endClosed
)

// tie makes the link one of a store, which is held, or of none.
func (l *link) tie(s *store) {
	l.mu.Lock()
	late, lost := l.late, l.lost
	l.late, l.lost = nil, nil
	l.store = s
	l.tied.Store(true)
	if l.tying != nil {
		close(l.tying)
	}
	l.mu.Unlock()
	if s == nil {
		for _, f := range lost {
			f()
		}
		return
	}
	for _, f := range late {
		f(s)
	}
}

// tieNew is tie for a link that nobody knows yet.
func (l *link) tieNew(s *store) {
	l.store = s
	l.tied.Store(true)
}

func (l *link) isTied() bool { return l.tied.Load() }

// tyingDone is closed when the link is tied.
func (l *link) tyingDone() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tying == nil {
		l.tying = make(chan struct{})
		if l.isTied() {
			close(l.tying)
		}
	}
	return l.tying
}

// whenTied calls f while the store is held that the link belongs to, as soon as it
// belongs to one. Where the readable end is closed before, f is not called.
func (l *link) whenTied(f func(*store)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !l.isTied():
		l.late = append(l.late, f)
	case l.store != nil:
		s := l.store
		s.post(func() { f(s) })
	}
}

// whenLost calls f where the readable end is closed before the link is tied to a
// store.
func (l *link) whenLost(f func()) {
	l.mu.Lock()
	tied := l.isTied()
	if !tied {
		l.lost = append(l.lost, f)
	}
	l.mu.Unlock()
	if tied && l.store == nil {
		f()
	}
}

// wait waits until the link is tied to a store.
func (l *link) wait(ctx context.Context) (*store, error) {
	if !l.isTied() {
		select {
		case <-l.tyingDone():
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	switch {
	case l.store == nil:
		return nil, io.ErrClosedPipe
	case holds(ctx, l.store):
		return nil, errHeld
	}
	return l.store, nil
}

// begin waits until the readable end can be used.
func (l *link) begin(ctx context.Context) (*store, error) {
	if err := l.mayRead(); err != nil {
		return nil, err
	}
	if !l.isTied() {
		return nil, errBothEnds
	}
	return l.wait(ctx)
}

// mayRead says why the readable end can't be used.
func (l *link) mayRead() error {
	switch l.readable.Load() {
	case endPassed:
		return errGivenAway
	case endClosed:
		return io.ErrClosedPipe
	}
	return nil
}

// pass takes the readable end away from the embedder.
func (l *link) pass() error {
	if l.pinned.Load() {
		return errPinned
	}
	if l.readable.CompareAndSwap(endHeld, endPassed) {
		return nil
	}
	return l.mayRead()
}

// takeBack gives the readable end back to the embedder, where it was passed to
// nobody.
func (l *link) takeBack() { l.readable.Store(endHeld) }

// closeReadable gives the readable end up, with drop where it belongs to a store
// by now.
func (l *link) closeReadable(drop func(*store)) {
	switch {
	case !l.readable.CompareAndSwap(endHeld, endClosed):
	case !l.isTied():
		l.tie(nil) // nobody else does, since it can't be passed any more
	default:
		l.whenTied(drop)
	}
}

// turn lets one operation at a time use an end; others queue.
type turn struct {
	once  sync.Once
	taken chan struct{} // has room for one; made by who needs it first
}

func (t *turn) take(ctx context.Context) error {
	t.once.Do(func() { t.taken = make(chan struct{}, 1) })
	select {
	case t.taken <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *turn) give() { <-t.taken }
