package gondola

import (
	"context"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
)

// operation is a read or write on an end, seen from a goroutine of the
// embedder's.
type operation struct {
	store  *store
	start  func(done func(cabi.CopyResult)) error // called while the store is held
	cancel func()                                 // likewise
}

// outcome is how an operation ended, or why it did not start.
type outcome struct {
	result cabi.CopyResult
	err    error
}

// run starts the operation and waits until it has ended. When ctx ends first, it
// is cancelled. Afterwards nobody touches its buffer any more. Where the other end
// is gone because its instance is, that is the error.
func (op *operation) run(ctx context.Context) (cabi.CopyResult, error) {
	done := make(chan outcome, 1)
	ended := false // used while the store is held
	end := func(o outcome) {
		ended = true
		if o.result == cabi.CopyDropped && o.err == nil {
			o.err = op.store.poisoned()
		}
		done <- o
	}
	op.store.post(func() {
		op.store.as(&task{values: ctx}, func() {
			err := op.start(func(r cabi.CopyResult) { end(outcome{r, nil}) })
			if err != nil {
				end(outcome{0, err})
			}
		})
	})
	cancelled := ctx.Done()
	for {
		select {
		case o := <-done:
			return o.result, o.err
		case <-cancelled:
			cancelled = nil
			op.store.post(func() {
				if !ended {
					op.cancel()
				}
			})
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
	s.ends.hold(core)
	return p
}

// bind makes the stream one of a store, which is held, because its readable end
// goes to a guest there.
func (p *pipe) bind(s *store, elem *types.Type) {
	p.core = s.core.NewStream(elem, s.root())
	s.ends.hold(p.core)
	p.tie(s)
}

// moved is the pipe under a new name, for who passes on what comes out of it.
func (p *pipe) moved() *pipe {
	m := newPipe()
	m.core = p.core
	m.tie(p.store)
	return m
}

// closeReader gives the readable end up.
func (p *pipe) closeReader() {
	p.closeReadable(func(s *store) {
		p.core.CancelRead()
		_ = p.core.DropReadable() // nothing goes on that it could disturb
		s.ends.letGo(p.core)
	})
}

// closeWriter gives the writable end up: the reader sees the end of the stream.
// Where the readable end has not been passed to a guest yet, that happens when it
// is.
func (p *pipe) closeWriter() {
	p.whenTied(func(s *store) {
		p.core.CancelWrite()
		_ = p.core.DropWritable()
		s.ends.letGo(p.core)
	})
}
