package serve

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// receiving is the body of a request whose client may send nothing of it for a time, while
// somebody waits for more, before it breaks off. One goroutine reads it.
//
// The connection is given an end only when that has come: one that is set before might
// meet what net/http reads from the connection after the body.
type receiving struct {
	io.ReadCloser
	w    http.ResponseWriter
	span time.Duration

	mu    sync.Mutex
	timer *time.Timer // goes off while set
	set   bool
	since time.Time // when the read began that is under way, or zero
	over  bool      // nothing came in time
}

// stalledError says that nothing came of a request's body for a time. It is a timeout to
// those who ask as of a [net.Error], but not the end of the connection.
type stalledError struct{ span time.Duration }

func (e *stalledError) Error() string {
	return "the client sent nothing of the request's body for " + e.span.String()
}
func (e *stalledError) Timeout() bool   { return true }
func (e *stalledError) Temporary() bool { return false }

// Read implements [io.Reader].
func (b *receiving) Read(p []byte) (int, error) {
	if !b.begin() {
		return 0, &stalledError{b.span}
	}
	n, err := b.ReadCloser.Read(p)
	if b.end() && err != nil {
		err = &stalledError{b.span}
	}
	return n, err
}

// begin reports whether there is something to read.
func (b *receiving) begin() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	b.since = time.Now()
	switch {
	case b.set: // for a read before: it will look again
		return true
	case b.timer == nil:
		b.timer = time.AfterFunc(b.span, b.look)
	default:
		b.timer.Reset(b.span)
	}
	b.set = true
	return true
}

// end reports whether the read that is under way has taken too long.
func (b *receiving) end() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since = time.Time{}
	return b.over
}

// look ends a read that takes too long.
func (b *receiving) look() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.set = false
	if b.since.IsZero() {
		return
	}
	if left := b.span - time.Since(b.since); left > 0 {
		b.timer.Reset(left)
		b.set = true
		return
	}
	b.over = http.NewResponseController(b.w).SetReadDeadline(time.Unix(1, 0)) == nil
}

// stop leaves the body alone, which nobody reads any more.
func (b *receiving) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
	b.since = time.Time{}
}

// stalled reports whether the body has broken off.
func (b *receiving) stalled() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.over
}
