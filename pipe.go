package gondola

import (
	"context"
	"sync"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// operation is a read or write on an end, seen from a goroutine of the embedder's.
// It is the entry that starts it.
type operation struct {
	store *store
	end   copier
	mine  *link // for a read, what says whether its end is still the host's; else nil
	buffer
	task *task

	// Used while the store is held.
	out   outgoing // what a write has given away
	ended bool

	done   func(cabi.CopyResult) // copied, bound once
	result chan outcome          // has room for one; used once, since a test may be in a bubble of package synctest
	lost   bool                  // the store may still know it, when it has ended
}

// copier is a stream or a future.
type copier interface {
	Elem() *types.Type
	Read(dst *cabi.HostBuffer, done func(cabi.CopyResult)) error
	Write(src *cabi.HostBuffer, done func(cabi.CopyResult)) error
	CancelRead()
	CancelWrite()
}

// outcome is how an operation ended, or why it did not start.
type outcome struct {
	result cabi.CopyResult
	err    error
}

// operations are those that can be used again.
var operations = sync.Pool{New: func() any {
	o := new(operation)
	o.done = o.copied
	return o
}}

// newOperation makes an operation on the elements of p. mine makes it a read.
func newOperation[T any](s *store, end copier, mine *link, p []T) *operation {
	o := operations.Get().(*operation)
	o.store, o.end, o.mine, o.buffer = s, end, mine, bufferOf(end.Elem(), p)
	o.result = make(chan outcome, 1)
	return o
}

// buffer is a place for elements, or elements to write, as the canonical ABI
// takes them.
type buffer struct {
	host   cabi.HostBuffer
	values []val.Value // what it holds, unless that is bytes or nothing
}

func bufferOf[T any](elem *types.Type, p []T) buffer { return bufferIn(nil, elem, p) }

// bufferIn is bufferOf with room for the values, if it is as long as p.
func bufferIn[T any](room []val.Value, elem *types.Type, p []T) buffer {
	if elem == nil {
		return buffer{host: *cabi.NewUnitsBuffer(len(p))}
	}
	if b, ok := any(p).([]byte); ok && elem == types.U8 {
		return buffer{host: *cabi.NewBytesBuffer(b, 1)}
	}
	if len(room) != len(p) {
		room = make([]val.Value, len(p))
	}
	return buffer{*cabi.NewValuesBuffer(room), room}
}

// release ends the use of the operation, which has run or never will.
func (o *operation) release() {
	if !o.lost {
		*o = operation{done: o.done}
		operations.Put(o)
	}
}

// run starts the operation and waits until it has ended. When ctx ends first, it
// is cancelled. Afterwards nobody touches its buffer any more. Where the other end
// is gone because its instance is, that is the error.
func (o *operation) run(ctx context.Context) (cabi.CopyResult, error) {
	o.task = &task{values: ctx}
	o.store.submit(o)
	cancelled := ctx.Done()
	for {
		select {
		case end := <-o.result:
			return end.result, end.err
		case <-cancelled:
			cancelled, o.lost = nil, true
			o.store.post(o.cancel)
		case <-o.store.closed:
			o.lost = true
			select {
			case end := <-o.result:
				return end.result, end.err
			default:
				return cabi.CopyDropped, ErrClosed
			}
		}
	}
}

// enter starts the operation, while the store is held. Once it has ended it may be
// another one at any time.
func (o *operation) enter() {
	o.store.as(o.task, func() {
		if err := o.start(); err != nil {
			o.finish(outcome{0, err})
		}
	})
}

func (o *operation) start() (err error) {
	if o.mine != nil {
		if err := o.mine.mayRead(); err != nil {
			return err
		}
		return o.end.Read(&o.host, o.done)
	}
	if o.out, err = o.store.send(o.values, o.end.Elem()); err != nil {
		return err
	}
	if err = o.end.Write(&o.host, o.done); err != nil {
		o.out.takeBack()
	}
	return err
}

// cancel ends the operation, while the store is held.
func (o *operation) cancel() {
	switch {
	case o.ended:
	case o.mine != nil:
		o.end.CancelRead()
	default:
		o.end.CancelWrite()
	}
}

// copied is called while the store is held, when the operation has ended.
func (o *operation) copied(r cabi.CopyResult) {
	n := o.host.Progress()
	switch {
	case o.mine != nil:
		o.store.wrapAll(o.values[:min(n, len(o.values))], o.end.Elem())
	case n == 0:
		o.out.takeBack()
	}
	end := outcome{r, nil}
	if r == cabi.CopyDropped {
		end.err = o.store.poisoned()
	}
	o.finish(end)
}

func (o *operation) finish(end outcome) {
	o.ended = true
	o.result <- end
}

// pipe is a stream of which the host holds one end or both.
type pipe struct {
	link
	core *cabi.Stream // nil before the link is tied

	reading, writing turn
}

// newBoundStream is the host's end of a stream that comes from a guest.
func newBoundStream(s *store, core *cabi.Stream) *Stream {
	b := new(struct { // they live as long as one another
		Stream
		pipe pipe
	})
	b.pipe.tieNew(s)
	b.pipe.core = core
	b.Stream.pipe = &b.pipe
	s.ends.hold(core)
	return &b.Stream
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
	m := new(pipe)
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
