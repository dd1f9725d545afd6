package gondola

import (
	"context"
	"errors"
	"io"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
)

// errBothEnds says that nothing can flow through a stream or future yet.
var errBothEnds = errors.New("both ends are the host's: one must be passed to a guest first")

// errGivenAway says that an end has been passed on.
var errGivenAway = errors.New("this end was passed on and is not the host's any more")

// errHeld says that an operation could never end.
var errHeld = errors.New("a host function that holds the instance may not wait for its streams and futures")

// link is what the ends of a stream or future that the host holds share. It is
// made by the host before anybody knows which store it will belong to, or comes
// from a guest and is tied to a store from the start.
type link struct {
	tied  chan struct{} // closed when store is set, or gone
	store *store        // nil if the readable end was closed before
}

func newLink() link { return link{tied: make(chan struct{})} }

func (l *link) tie(s *store) {
	l.store = s
	close(l.tied)
}

func (l *link) isTied() bool {
	select {
	case <-l.tied:
		return true
	default:
		return false
	}
}

// wait waits until the link is tied to a store.
func (l *link) wait(ctx context.Context) (*store, error) {
	select {
	case <-l.tied:
	default:
		select {
		case <-l.tied:
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

// turn lets one operation at a time use an end; others queue.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// operation is a read or write on an end, seen from a goroutine of the
// embedder's.
type operation struct {
	store  *store
	start  func(done func(cabi.CopyResult)) error // called while the store is held
	cancel func()                                 // likewise
}

// run starts the operation and waits until it has ended. When ctx ends first, it
// is cancelled. Afterwards nobody touches its buffer any more.
func (op *operation) run(ctx context.Context) (cabi.CopyResult, error) {
	type outcome struct {
		result cabi.CopyResult
		err    error
	}
	done := make(chan outcome, 1)
	op.store.post(func() {
		err := op.start(func(r cabi.CopyResult) { done <- outcome{r, nil} })
		if err != nil {
			done <- outcome{0, err}
		}
	})
	cancelled := ctx.Done()
	for {
		select {
		case o := <-done:
			return o.result, o.err
		case <-cancelled:
			cancelled = nil
			op.store.post(op.cancel)
		case <-op.store.closed:
			select {
			case o := <-done:
				return o.result, o.err
			default:
				return cabi.CopyDropped, ErrClosed
			}
		}
	}
}

// pipe is a stream of which the host holds one end or both.
type pipe struct {
	link
	core *cabi.Stream // nil before the link is tied

	reading, writing turn
}

func newPipe() *pipe { return &pipe{link: newLink(), reading: newTurn(), writing: newTurn()} }

// newBoundPipe is the host's end of a stream that comes from a guest.
func newBoundPipe(s *store, core *cabi.Stream) *pipe {
	p := newPipe()
	p.core = core
	p.tie(s)
	return p
}

// bind makes the stream one of a store, which is held, because its readable end
// goes to a guest there.
func (p *pipe) bind(s *store, elem *types.Type) {
	p.core = s.core.NewStream(elem, s.root())
	p.tie(s)
}

// closeReadable gives the readable end up.
func (p *pipe) closeReadable() {
	if !p.isTied() {
		p.tie(nil)
		return
	}
	if p.store == nil {
		return
	}
	p.store.post(func() {
		p.core.CancelRead()
		_ = p.core.DropReadable() // nothing goes on that it could disturb
	})
}

// closeWritable gives the writable end up: the reader sees the end of the
// stream. Where the readable end has not been passed to a guest yet, that
// happens when it is.
func (p *pipe) closeWritable() {
	finish := func() {
		if p.store == nil {
			return
		}
		p.store.post(func() {
			p.core.CancelWrite()
			_ = p.core.DropWritable()
		})
	}
	if p.isTied() {
		finish()
		return
	}
	go func() {
		<-p.tied
		finish()
	}()
}
