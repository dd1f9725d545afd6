package httpx

import "context"

// Content is a body on its way out of a guest, and what comes after it.
type Content interface {
	// Next waits for the next piece of the body, which is good until Next is called
	// again. At the end, when the trailers are there too, it returns io.EOF. Any
	// other error means that the message must break off.
	Next(ctx context.Context) ([]byte, error)

	// Ready reports whether Next would not wait.
	Ready() bool

	// Trailers are what came after the body, after io.EOF; nil for nothing.
	Trailers() *Fields

	// Done is called once: with nil where the message is out with all that belongs to
	// it, else with the reason why it isn't. What Next does then, perhaps at the same
	// time, doesn't matter, but that it doesn't wait for longer than its context.
	Done(err error)
}

// contentReader makes a reader of a content. Close may be called during a read.
type contentReader struct {
	c      Content
	ctx    context.Context
	cancel context.CancelFunc
	piece  []byte
	end    error
}

func newContentReader(c Content) *contentReader {
	r := &contentReader{c: c}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	return r
}

func (r *contentReader) Close() error {
	r.cancel()
	return nil
}

func (r *contentReader) Read(p []byte) (int, error) {
	for len(r.piece) == 0 && r.end == nil {
		r.piece, r.end = r.c.Next(r.ctx)
	}
	if len(r.piece) == 0 {
		return 0, r.end
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}
