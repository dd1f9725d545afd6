package pollio

import (
	"context"
	"sync"
)

// Buffered is an [Origin] for what can only be read by waiting. Make it with
// [NewBuffered].
type Buffered struct {
	read  func(ctx context.Context, p []byte) (int, error)
	close func()

	mu   sync.Mutex
	rest []byte // read and not taken
	err  error  // what comes after the rest; nil while there may be more
}

// NewBuffered makes an origin of a function that reads at least a byte, waiting for
// it, as [io.Reader] says, and returns soon after ctx has ended. It is asked only
// when the guest wants something that is not there, for as much as the guest wants,
// on a goroutine of its own, and by nobody else at that time. close, which may be
// nil, is called when the stream is dropped, maybe beside a read whose ctx has just
// ended.
func NewBuffered(read func(ctx context.Context, p []byte) (int, error), close func()) *Buffered {
	return &Buffered{read: read, close: close}
}

// Take implements [Origin].
func (b *Buffered) Take(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if len(b.rest) > 0 {
		return n, nil
	}
	b.rest = nil
	return n, b.err
}

// Ready implements [Origin].
func (b *Buffered) Ready() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.rest) > 0 || b.err != nil
}

// Wait implements [Origin].
func (b *Buffered) Wait(ctx context.Context, want int) {
	if b.Ready() {
		return
	}
	p := make([]byte, want)
	n, err := 0, error(nil)
	if perr := Guard("reading a stream", func() { n, err = b.read(ctx, p) }); perr != nil {
		n, err = 0, perr
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest, b.err = p[:n], err
}

// Close implements [Origin].
func (b *Buffered) Close() {
	if b.close != nil {
		b.close()
	}
}
