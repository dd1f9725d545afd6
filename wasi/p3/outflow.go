package p3

import (
	"context"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// stopping returns a context that ends with the instance or by stop, for a
// goroutine that uses streams: ctx itself counts as being in the middle of whatever
// plain function its task calls. stop closes something as well: at once, so that a
// guest that drops what it got finds the address free.
func stopping(ctx context.Context, close func()) (_ context.Context, stop func()) {
	own, cancel := context.WithCancel(context.Background())
	release := context.AfterFunc(ctx, cancel)
	return own, sync.OnceFunc(func() {
		release()
		cancel()
		close()
	})
}

// outlet is where what a guest writes goes.
type outlet interface {
	// TryWrite writes as much as there is room for without waiting.
	TryWrite(p []byte) (int, error)
	// Write writes all of p, waiting as long as that takes or until ctx ends.
	Write(ctx context.Context, p []byte) (int, error)
	// Close is called once, in the end.
	Close()
}

// outflow carries what a guest writes over to an outlet, a piece at a time: a guest that
// writes more gets a short write, and nobody holds a second copy of it. It does so in the guest's turn, as far
// as that takes no waiting, and on a goroutine where it does. While the guest has
// nothing, that costs neither a goroutine nor a buffer. It implements [gondola.Sink].
//
//	idle ◀──▶ filling ──▶ writing      filling: the guest's bytes are on their way to piece
//	  └─────────┴───────────┴──▶ over   writing: a goroutine writes what there was no room for
type outflow struct {
	ctx    context.Context
	stop   func() // closes the outlet too
	to     outlet
	pieces *pollio.Pieces
	done   func(error) // told how it ended, nil at the end of the stream

	mu     sync.Mutex // of what follows
	intake *gondola.Intake
	state  outflowState
	piece  *[]byte // in the states filling and writing
	end    error   // of the stream; nil while it goes on
}

type outflowState uint8

const (
	outflowIdle outflowState = iota
	outflowFilling
	outflowWriting
	outflowOver
)

// pour lets data flow to an outlet. An error is that it does not, and that both are
// closed; otherwise done is called once.
func pour(ctx context.Context, pieces *pollio.Pieces, data *gondola.StreamReader[byte], to outlet, done func(error)) error {
	own, stop := stopping(ctx, to.Close)
	out := &outflow{ctx: own, stop: stop, to: to, pieces: pieces, done: done}
	in, err := gondola.Receive(ctx, data, out)
	if err != nil {
		data.Close()
		stop()
		return err
	}
	out.attach(in)
	return nil
}

// attach says where the bytes come from, some of which may have come by now.
func (o *outflow) attach(in *gondola.Intake) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.intake = in
	if o.state == outflowOver {
		in.Close()
		return
	}
	in.Resume() // where a write has ended that began before
}

// Offer implements [gondola.Sink].
func (o *outflow) Offer(int) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state != outflowIdle {
		return nil
	}
	o.state, o.piece = outflowFilling, o.pieces.Get()
	return *o.piece
}

// Took implements [gondola.Sink].
func (o *outflow) Took(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state != outflowFilling {
		return // it was over in the middle of it
	}
	m, err := 0, error(nil)
	if n > 0 {
		m, err = o.to.TryWrite((*o.piece)[:n])
	}
	switch {
	case err != nil:
		o.fail(err)
	case m < n:
		o.state = outflowWriting
		go o.write((*o.piece)[m:n])
	default:
		o.rest()
	}
}

// rest gives the piece back. The lock is held.
func (o *outflow) rest() {
	o.state = outflowIdle
	o.pieces.Put(o.piece)
	o.piece = nil
}

// write waits until the outlet has taken p.
func (o *outflow) write(p []byte) {
	_, err := o.to.Write(o.ctx, p)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil:
		o.fail(err)
	case o.end != nil:
		o.finish(o.end)
	default:
		o.rest()
		if o.intake != nil {
			o.intake.Resume()
		}
	}
}

// End implements [gondola.Sink].
func (o *outflow) End(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch o.state {
	case outflowWriting:
		o.end = err
	case outflowIdle, outflowFilling:
		o.finish(err)
	}
}

// fail gives the guest's stream up. The lock is held.
func (o *outflow) fail(err error) {
	o.finish(err)
	if o.intake != nil {
		o.intake.Close()
	}
}

// finish is the end of it all. The lock is held.
func (o *outflow) finish(err error) {
	if o.piece != nil {
		o.rest()
	}
	o.state = outflowOver
	o.stop()
	if err == io.EOF {
		err = nil
	}
	o.done(err)
}
