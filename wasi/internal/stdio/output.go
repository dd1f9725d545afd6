package stdio

import (
	"context"
	"errors"
	"io"
	"sync"
	"syscall"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Outputs writes what several streams carry, to several writers, in the order in
// which it came: what a guest writes to its standard output and then to its
// standard error comes out in that order where both are one terminal. It costs a
// goroutine only while there is something to write.
type Outputs struct {
	queue  pollio.Queue
	limits pollio.Limits
	shared *pollio.Shared // by the streams of 0.2

	mu      sync.Mutex
	room    int                // how much more the streams of 0.3 may carry
	waiting map[*Sink]struct{} // for room
}

// NewOutputs makes one without writers.
func NewOutputs(limits pollio.Limits) *Outputs {
	pending := max(MaxPending, limits.Permit, limits.Pieces.Size()+pieceCost)
	o := &Outputs{limits: limits, room: pending, waiting: map[*Sink]struct{}{}}
	o.shared = pollio.NewShared(&o.queue, pending)
	return o
}

// MaxPending is how much the streams of one version carry together that is not out,
// however many there are, unless the limits let one of them carry more.
const MaxPending = 1 << 20

// Flush returns when everything is out that guests have written so far, as far as
// they can tell, or when ctx ends.
func (o *Outputs) Flush(ctx context.Context) error {
	done := make(chan struct{})
	o.queue.Add(func() { close(done) })
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Output is one writer among [Outputs].
type Output struct {
	all *Outputs
	w   io.Writer
}

// NewOutput writes to w. A nil w takes everything and keeps nothing.
func (o *Outputs) NewOutput(w io.Writer) *Output {
	if w == nil {
		w = io.Discard
	}
	return &Output{o, w}
}

// NewStream makes a stream of 0.2. What is written to it goes out even if it is
// dropped.
func (out *Output) NewStream() *pollio.OutputStream {
	return out.all.limits.NewOutputStream(sharedWriter{out.w}, pollio.OutputOptions{Shared: out.all.shared, Linger: true})
}

// sharedWriter is a sink that stays open when a stream is dropped.
type sharedWriter struct{ w io.Writer }

func (s sharedWriter) Write(_ context.Context, p []byte) (int, error) {
	n, err := s.w.Write(p)
	if IsBrokenPipe(err) {
		err = pollio.ErrClosed
	}
	return n, err
}

func (sharedWriter) Flush(context.Context) error { return nil }
func (sharedWriter) Close()                      {}

// IsBrokenPipe reports whether a writer failed because nobody reads what it writes.
func IsBrokenPipe(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
