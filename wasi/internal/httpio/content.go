package httpio

import (
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// content is what an outgoing body says, on its way from the guest, which must not
// wait, to whoever sends it. One goroutine reads it, by Read or by Next.
//
//	open ──▶ finished     the guest has said all
//	  ├────▶ aborted      it won't, or said too much; err says why
//	  └────▶ unwanted     nobody reads any more
type content struct {
	most   int // how much is kept that nobody has read
	budget *httpx.Budget

	length  uint64 // by Content-Length
	fixed   bool   // there is one
	badSize func(size uint64) httpx.ErrorCode

	mu       sync.Mutex
	state    contentState
	written  uint64
	kept     []byte
	err      error
	trailers *httpx.Fields
	stream   *pollio.OutputStream // nil before the guest asks for it
	wake     chan struct{}        // of the reader; has room for one

	// Used by the reader alone.
	lent []byte // what Next returned last, to be used again
	rest []byte // of what Next returned, for Read
}

type contentState uint8

const (
	contentOpen contentState = iota
	contentFinished
	contentAborted
	contentUnwanted
)

// DefaultBuffer is how much of an outgoing body is kept that nobody has read yet.
const DefaultBuffer = 1 << 20

// largeBuffer is what a buffer may be to be used again: one slow reader should not
// cost a large buffer for the rest of a long body.
const largeBuffer = 128 << 10

func newContent(most int, budget *httpx.Budget) *content {
	return &content{most: most, budget: budget, wake: make(chan struct{}, 1)}
}

// room is how much may be written now.
func (c *content) room() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(min(c.most, c.budget.Share())-len(c.kept), 0)
}

// Write implements [pollio.Sink]. What is too much for the Content-Length fails and
// goes nowhere.
func (c *content) Write(_ context.Context, p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.written += uint64(len(p))
	if c.fixed && c.written > c.length {
		c.end(contentAborted, c.badSize(c.written))
		return 0, c.badSize(c.written)
	}
	if c.state == contentOpen {
		c.kept = append(c.kept, p...)
		c.budget.Add(len(p))
		c.tell()
	}
	return len(p), nil
}

// Flush implements [pollio.Sink]. A body that nobody reads yet, such as that of a
// request that was not sent, does not hold up the guest.
func (c *content) Flush(context.Context) error { return nil }

// Close implements [pollio.Sink]. That the stream is dropped ends nothing yet.
func (c *content) Close() {}

// finish ends the body. Its size must be right by then.
func (c *content) finish(trailers *httpx.Fields) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fixed && c.written != c.length {
		err = c.badSize(c.written)
		c.end(contentAborted, err)
		return err
	}
	if c.state == contentOpen {
		c.trailers = trailers
	}
	c.end(contentFinished, nil)
	return nil
}

// abort says that the rest will never come.
func (c *content) abort(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.end(contentAborted, err)
}

// leave ends the body of a handler that has returned: what it has not finished by then
// it will not. One that has said all that it had to, by its own account, but that it
// has, is taken at its word.
func (c *content) leave(err error) {
	if err != nil {
		c.abort(err)
		return
	}
	_ = c.finish(nil)
}

// end leaves the state open. The lock is held.
func (c *content) end(state contentState, err error) {
	if c.state != contentOpen {
		return
	}
	c.state, c.err = state, err
	c.tell()
}

// tell wakes the reader. The lock is held.
func (c *content) tell() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Done says that nobody will read any more, for whatever reason. The guest finds
// its stream closed. It may be called from any goroutine, several times.
func (c *content) Done(error) {
	c.mu.Lock()
	stream := c.stream
	if c.state != contentOpen {
		stream = nil // it is dropped, or fails
	}
	c.end(contentUnwanted, nil)
	c.budget.Add(-len(c.kept))
	c.kept = nil
	c.mu.Unlock()
	if stream != nil {
		stream.End(nil)
	}
}

// open makes the stream for the guest.
func (c *content) open() *pollio.OutputStream {
	stream := pollio.DefaultLimits.NewOutputStream(c, pollio.OutputOptions{Prompt: true, Room: c.room, Promised: c.budget.Add})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stream = stream
	if c.state == contentUnwanted {
		stream.End(nil)
	}
	return stream
}

// Next returns the next bytes, which are good until the next call: it waits for
// them. The error is io.EOF at the end, why the body breaks off, or ctx's.
func (c *content) Next(ctx context.Context) ([]byte, error) {
	for {
		if p, err := c.take(); len(p) > 0 || err != nil {
			return p, err
		}
		select {
		case <-c.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take exchanges the buffers.
func (c *content) take() ([]byte, error) {
	c.mu.Lock()
	p := c.kept
	if len(p) == 0 {
		defer c.mu.Unlock()
		switch c.state {
		case contentFinished, contentUnwanted:
			return nil, io.EOF
		case contentAborted:
			return nil, c.err
		}
		return nil, nil
	}
	c.budget.Add(-len(p))
	c.kept, c.lent = c.lent[:0], p
	if cap(c.kept) > largeBuffer {
		c.kept = nil
	}
	stream := c.stream
	c.mu.Unlock()
	if stream != nil {
		stream.Changed()
	}
	return p, nil
}

// Ready reports whether Next would return at once.
func (c *content) Ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.kept) > 0 || c.state != contentOpen
}

// Trailers are what was given at the end, or nil.
func (c *content) Trailers() *httpx.Fields {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.trailers
}

// Read implements [io.Reader].
func (c *content) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		var err error
		if c.rest, err = c.Next(context.Background()); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
