package httpio

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// incoming is a body that comes from Go's client or server. It is read only when
// the guest wants something that is not there, a buffer at a time. It is an
// [pollio.Origin].
type incoming struct {
	body     io.Reader
	close    func()               // ends a read under way; nil where whoever reads may not
	trailers func() *httpx.Fields // after io.EOF; may return nil
	code     func(error) httpx.ErrorCode

	reading sync.Mutex // held while the body is read

	mu     sync.Mutex
	buffer *[bufferSize]byte // has rest in it; nil where that is empty
	rest   []byte            // read and not taken
	err    error             // what comes after rest; nil while there may be more
	closed bool
}

const bufferSize = 32 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// Take implements [pollio.Origin].
func (b *incoming) Take(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if len(b.rest) > 0 {
		return n, nil
	}
	b.emptied()
	return n, b.err
}

// emptied gives the buffer away. The lock is held.
func (b *incoming) emptied() {
	if b.buffer != nil {
		buffers.Put(b.buffer)
	}
	b.buffer, b.rest = nil, nil
}

// Ready implements [pollio.Origin].
func (b *incoming) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rest) > 0 || b.err != nil
}

// Wait implements [pollio.Origin]. It does not end with ctx, but when there is
// something or the body is closed: what follows may still be wanted then.
func (b *incoming) Wait(context.Context, int) {
	b.reading.Lock()
	defer b.reading.Unlock()
	if b.Ready() {
		return
	}
	buffer := buffers.Get().(*[bufferSize]byte)
	n, err := b.read(buffer[:])
	if err != nil && err != io.EOF {
		err = b.code(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buffer, b.rest, b.err = buffer, buffer[:n], err
	if n == 0 {
		b.emptied()
	}
}

// read guards against panics: this goroutine is nobody's who would know better.
func (b *incoming) read(p []byte) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("reading a body panicked: %v", p)
		}
	}()
	return b.body.Read(p)
}

// Close implements [pollio.Origin]. There may be trailers to come.
func (b *incoming) Close() {}

// drain reads what is left, for nobody.
func (b *incoming) drain(ctx context.Context) {
	for ctx.Err() == nil && !b.discard() {
		b.Wait(ctx, bufferSize)
	}
}

// discard forgets what was read, and reports whether that is all.
func (b *incoming) discard() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.emptied()
	return b.err != nil
}

// ended is what ended the body, if anything has and all was taken.
func (b *incoming) ended() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.rest) > 0 {
		return nil
	}
	return b.err
}

// end says that the rest is not wanted. A read under way ends.
func (b *incoming) end() {
	b.mu.Lock()
	closed, over := b.closed, b.err != nil
	b.closed = true
	b.mu.Unlock()
	switch {
	case closed || b.close == nil:
	case over:
		b.close()
	default:
		go b.close() // it may have to wait, for which the instance must not be held
	}
}

// closer closes a body of the embedder's, whose panics nobody could be told of.
func closer(body io.Closer) func() {
	return func() {
		defer func() { _ = recover() }()
		_ = body.Close()
	}
}

// IncomingBody is the resource incoming-body.
type IncomingBody struct {
	pollio.Parent
	incoming *incoming
	streamed bool // the stream was taken
}

// Stream makes the stream, a child of the body. The error is [ErrTaken].
//
// Spec: wasi:http/types.incoming-body.stream.
func (b *IncomingBody) Stream() (*pollio.InputStream, error) {
	if b.streamed {
		return nil, ErrTaken
	}
	b.streamed = true
	stream := pollio.DefaultLimits.NewInputStream(b.incoming)
	stream.ChildOf(&b.Parent)
	return stream, nil
}

// Finish makes the trailers' future of the body. The error is of a guest that has
// not dropped the stream.
//
// Spec: wasi:http/types.incoming-body.finish.
func (b *IncomingBody) Finish() (*FutureTrailers, error) {
	if b.HasChildren() {
		b.incoming.end()
		return nil, b.CheckDrop()
	}
	t := &FutureTrailers{incoming: b.incoming}
	t.waiter = pollio.NewWaiter(func() bool { return t.incoming.ended() != nil }, t.incoming.drain)
	return t, nil
}

// Drop says that the rest of the body is not wanted.
func (b *IncomingBody) Drop() error {
	b.incoming.end()
	return b.CheckDrop()
}

// FutureTrailers is the resource future-trailers. What is left of the body is read
// and forgotten once somebody asks for them.
type FutureTrailers struct {
	pollio.Parent
	incoming *incoming
	waiter   *pollio.Waiter
	taken    bool
}

// Subscribe makes a pollable that is ready when Get is.
func (t *FutureTrailers) Subscribe() *pollio.Pollable { return t.Parent.Subscribe(t.waiter) }

// Get returns the trailers, nil where the body has none; ready means that they, or
// an error, are there. The error is [ErrTaken] the second time, or a
// [httpx.ErrorCode].
//
// Spec: wasi:http/types.future-trailers.get.
func (t *FutureTrailers) Get() (trailers *httpx.Fields, ready bool, err error) {
	switch {
	case t.taken:
		return nil, true, ErrTaken
	case !t.waiter.Ready():
		return nil, false, nil
	}
	t.taken = true
	if err := t.incoming.ended(); err != io.EOF {
		return nil, true, httpx.CodeOf(err)
	}
	return t.incoming.trailers(), true, nil
}

// Drop says that the trailers are not wanted.
func (t *FutureTrailers) Drop() error {
	t.waiter.Close()
	t.incoming.end()
	return t.CheckDrop()
}

// IncomingRequest is the resource incoming-request.
type IncomingRequest struct {
	httpx.Target
	Method string

	header   map[string][]string // nil where fields are there
	rules    *httpx.FieldRules
	fields   *httpx.Fields
	incoming *incoming // nil where it was consumed
}

// Fields are the headers, which can't be changed.
func (r *IncomingRequest) Fields() *httpx.Fields {
	if r.fields == nil {
		r.fields, r.header = r.rules.Received(r.header), nil
	}
	return r.fields
}

// Consume makes the body. The error is [ErrTaken].
func (r *IncomingRequest) Consume() (*IncomingBody, error) { return consume(&r.incoming) }

func consume(place **incoming) (*IncomingBody, error) {
	if *place == nil {
		return nil, ErrTaken
	}
	b := &IncomingBody{incoming: *place}
	*place = nil
	return b, nil
}

// Drop says that a body that was not consumed is not wanted.
func (r *IncomingRequest) Drop() {
	if r.incoming != nil {
		r.incoming.end()
	}
}

// IncomingResponse is the resource incoming-response.
type IncomingResponse struct {
	Status uint16
	Fields *httpx.Fields

	incoming *incoming // nil where it was consumed
}

// Consume makes the body. The error is [ErrTaken].
func (r *IncomingResponse) Consume() (*IncomingBody, error) { return consume(&r.incoming) }

// Drop says that a body that was not consumed is not wanted.
func (r *IncomingResponse) Drop() {
	if r.incoming != nil {
		r.incoming.end()
	}
}
