package httpx

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
)

// Body is the body of a message of WASI 0.3, with its trailers. It is used once: one
// of its methods is called, and only once.
type Body interface {
	// consume gives the body to a guest, which says through res how reading it went.
	consume(ctx context.Context, res *gondola.FutureReader[Outcome]) (*gondola.StreamReader[byte], *gondola.FutureReader[TrailersOutcome])

	// content is the body to be sent. n tells who waits for it.
	content(ctx context.Context, n news, size sizeRule, keep Keep) Content

	// drop gives the body up.
	drop()

	// empty reports whether there is no body at all.
	empty() bool
}

// guestBody is a body that a guest made.
type guestBody struct {
	contents *gondola.StreamReader[byte] // nil for none
	trailers *gondola.FutureReader[TrailersOutcome]
	sent     *gondola.FutureWriter[Outcome]
	outgoing guestContent // once it is sent
}

// NewGuestBody makes a body of what a guest gives. The future tells it what became of
// the message.
func NewGuestBody(contents *gondola.StreamReader[byte], trailers *gondola.FutureReader[TrailersOutcome]) (Body, *gondola.FutureReader[Outcome]) {
	sent, outcome := gondola.NewFuture[Outcome]()
	return &guestBody{contents: contents, trailers: trailers, sent: sent}, outcome
}

// errUnsent is what guests learn of messages that they gave up.
var errUnsent = errors.New("the message was dropped and never sent")

func (b *guestBody) empty() bool { return b.contents == nil }

func (b *guestBody) drop() {
	if b.contents != nil {
		b.contents.Close()
	}
	b.trailers.Close()
	_ = b.sent.Set(OutcomeOf(errUnsent))
}

func (b *guestBody) consume(ctx context.Context, res *gondola.FutureReader[Outcome]) (*gondola.StreamReader[byte], *gondola.FutureReader[TrailersOutcome]) {
	res.Then(ctx, func(o Outcome, err error) {
		if err != nil {
			o = OutcomeOf(err)
		}
		_ = b.sent.Set(o)
	})
	if b.contents == nil {
		return emptyStream(), b.trailers
	}
	return b.contents, b.trailers
}

func emptyStream() *gondola.StreamReader[byte] {
	w, r := gondola.NewStream[byte]()
	w.Finish()
	return r
}

func (b *guestBody) content(ctx context.Context, n news, size sizeRule, keep Keep) Content {
	b.outgoing = guestContent{news: n, size: size, keep: keep, sent: b.sent, trailers: b.trailers}
	b.outgoing.start(ctx, b.contents)
	return &b.outgoing
}

// reporter is told what became of a body. It must be quick.
type reporter interface{ report(ErrorCode) }

// HostBody is a body that came from outside.
type HostBody struct {
	// Reader is the body; nil for an empty one, which has no trailers either. Only one
	// goroutine reads it. Errors other than io.EOF break the body off.
	Reader io.Reader

	// Trailer is called after io.EOF.
	Trailer func() *Fields

	// Close is called once, when nobody needs the body any more, perhaps in the middle
	// of a read, which it must end then. It may be nil.
	Close func()

	// Failed is told, at most once, when a guest says that it could not make use of
	// the body. It may be nil.
	Failed reporter

	closing sync.Once
}

func (b *HostBody) close() {
	b.closing.Do(func() {
		if b.Close != nil {
			b.Close()
		}
	})
}

func (b *HostBody) empty() bool { return b.Reader == nil }

func (b *HostBody) drop() { b.close() }

func (b *HostBody) consume(ctx context.Context, res *gondola.FutureReader[Outcome]) (*gondola.StreamReader[byte], *gondola.FutureReader[TrailersOutcome]) {
	res.Then(ctx, func(o Outcome, err error) {
		if err == nil && o.Err != nil && b.Failed != nil {
			b.Failed.report(*o.Err)
		}
	})
	trailers, future := gondola.NewFuture[TrailersOutcome]()
	if b.Reader == nil {
		b.close()
		_ = trailers.Set(TrailersOutcome{})
		return emptyStream(), future
	}
	data, stream := gondola.NewStream[byte]()
	if b.Close != nil {
		// A read may be under way that would last for as long as the other end is silent.
		data.OnReaderGone(func() { go b.close() })
	}
	go b.copyTo(data, trailers)
	return stream, future
}

// copyPiece is how much of a body is read at a time.
const copyPiece = 64 << 10

var copyBuffers = sync.Pool{New: func() any { return new([copyPiece]byte) }}

// copyTo writes the body into a stream until either is at its end.
func (b *HostBody) copyTo(data *gondola.StreamWriter[byte], trailers *gondola.FutureWriter[TrailersOutcome]) {
	defer b.close()
	buf := copyBuffers.Get().(*[copyPiece]byte)
	err := copyBody(data, b.Reader, buf[:])
	copyBuffers.Put(buf)
	data.Finish()
	var t TrailersOutcome
	switch {
	case err == io.EOF:
		if fields := b.Trailer(); fields != nil {
			t.OK = &fields
		}
	case err != nil:
		code := CodeOf(err)
		t.Err = &code
	}
	_ = trailers.Set(t)
}

// copyBody returns what ended the body, or nil when the stream takes no more.
func copyBody(data *gondola.StreamWriter[byte], body io.Reader, buf []byte) error {
	for {
		n, err := body.Read(buf)
		if _, werr := data.Write(buf[:n]); werr != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// content is the body to be passed on without the guest's seeing it.
func (b *HostBody) content(_ context.Context, _ news, size sizeRule, _ Keep) Content {
	return &hostContent{body: b, size: size}
}

// hostContent is the content of a message with a body of the host's.
type hostContent struct {
	body   *HostBody
	size   sizeRule
	buf    *[copyPiece]byte
	read   uint64
	end    error
	fields *Fields
}

// Next implements [Content]. It waits for as long as the body's reader does.
func (c *hostContent) Next(context.Context) ([]byte, error) {
	if c.body.Reader == nil && c.end == nil {
		c.end = io.EOF
		if err := c.size.complete(0); err != nil {
			c.end = err
		}
	}
	if c.buf == nil && c.end == nil {
		c.buf = copyBuffers.Get().(*[copyPiece]byte)
	}
	for c.end == nil {
		n, err := c.body.Reader.Read(c.buf[:])
		c.read += uint64(n)
		if wrong := c.size.allows(c.read); wrong != nil {
			n, err = 0, wrong
		}
		if err == io.EOF {
			c.fields = c.body.Trailer()
			if wrong := c.size.complete(c.read); wrong != nil {
				err = wrong
			}
		}
		if c.end = err; err != nil && n == 0 {
			copyBuffers.Put(c.buf)
			c.buf = nil
		}
		if n > 0 {
			return c.buf[:n], nil
		}
	}
	return nil, c.end
}

// Ready implements [Content].
func (c *hostContent) Ready() bool { return c.end != nil }

// Trailers implements [Content].
func (c *hostContent) Trailers() *Fields { return c.fields }

// Done implements [Content].
func (c *hostContent) Done(err error) {
	c.body.close()
	if err != nil && c.body.Failed != nil {
		c.body.Failed.report(CodeOf(err))
	}
}
