package stdio

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Input shares a reader between streams of any version of WASI. What it has read and
// no stream has taken is for the next that wants something. For streams of 0.2 it is
// the [pollio.Origin] and the [pollio.Source]: they take no goroutine each.
type Input struct {
	r       io.Reader
	changed pollio.Signal

	piece   int           // how much is read at a time, at most
	copies  chan struct{} // has an element for each CopyTo that is promised or under way
	mu      sync.Mutex
	reading bool   // somebody reads r
	buf     []byte // what r is read into
	rest    []byte // read, and not taken; part of buf
	want    int    // how much was last asked for
	err     error  // what ended the reader; it comes after the rest

	// withdraw ends the offer of the rest to a stream of 0.3 that does not take it;
	// nil while there is none. The rest is the offer's until that has ended.
	withdraw context.CancelFunc
}

// NewInput shares r, which is read only while a stream wants something, a piece at a
// time, by at most so many streams of 0.3 at a time, since each takes a goroutine. A nil
// r is at its end.
func NewInput(r io.Reader, piece, streams int) *Input {
	in := &Input{r: r, piece: piece, copies: make(chan struct{}, streams), want: piece}
	if r == nil {
		in.err = io.EOF
	}
	return in
}

// Ready implements [pollio.Source]: it sees to it that there will be something to
// take, where there is not.
func (in *Input) Ready() bool {
	in.mu.Lock()
	want := in.want
	in.mu.Unlock()
	return in.readyOrRead(want)
}

// Watch implements [pollio.Source].
func (in *Input) Watch(wake chan<- struct{}) (stop func()) { return in.changed.Watch(wake) }

// ready reports whether there is something to take. The lock is held.
func (in *Input) ready() bool {
	return in.withdraw == nil && (len(in.rest) > 0 || in.err != nil)
}

// Take implements [pollio.Origin].
func (in *Input) Take(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(p) > 0 {
		in.want = len(p)
	}
	if !in.ready() {
		return 0, nil
	}
	if len(in.rest) == 0 {
		return 0, in.err
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	return n, nil
}

// Wait implements [pollio.Origin]. A read of the reader that has begun goes on after
// ctx has ended: nobody can stop it.
func (in *Input) Wait(ctx context.Context, want int) {
	wake := make(chan struct{}, 1)
	defer in.changed.Watch(wake)()
	for !in.readyOrRead(want) {
		select {
		case <-wake:
		case <-ctx.Done():
			return
		}
	}
}

// Close implements [pollio.Origin]. The reader stays open, for other streams.
func (in *Input) Close() {}

// readyOrRead reports whether there is something to take; if not, it sees to it that
// there will be.
func (in *Input) readyOrRead(want int) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case in.withdraw != nil:
		in.withdraw()
	case in.ready():
		return true
	case !in.reading:
		in.reading = true
		if len(in.buf) < want {
			in.buf = make([]byte, want)
		}
		go in.read(in.buf[:want])
	}
	return false
}

// maxEmptyReads is how often a reader is asked again that gives neither a byte nor an error.
const maxEmptyReads = 100

// read reads a piece, on a goroutine of its own.
func (in *Input) read(p []byte) {
	n, err := 0, error(nil)
	perr := pollio.Guard("reading standard input", func() {
		for range maxEmptyReads {
			if n, err = in.r.Read(p); n > 0 || err != nil {
				return
			}
		}
		err = io.ErrNoProgress
	})
	if perr != nil {
		n, err = 0, perr
	}
	in.mu.Lock()
	in.reading, in.rest, in.err = false, p[:n], err
	in.mu.Unlock()
	in.changed.Broadcast()
}

// Writer is the writable end of a stream of 0.3, a *gondola.StreamWriter[byte].
type Writer interface {
	// Wanted returns when somebody reads, with an error when nobody ever will.
	Wanted(ctx context.Context) error
	// WriteContext writes until ctx ends.
	WriteContext(ctx context.Context, p []byte) (int, error)
}

// Reserve lets one stream more be copied to. The error is that there are too many, for
// the guest to be trapped with.
func (in *Input) Reserve() error {
	select {
	case in.copies <- struct{}{}:
		return nil
	default:
		return fmt.Errorf("too many streams of the standard input are open: the limit is %d", cap(in.copies))
	}
}

// CopyTo, before which Reserve must have been called, gives a stream what it reads, until the input is at its end, or cannot be
// read, or nobody reads the stream any more, or ctx ends. readErr is nil but in the
// second case.
func (in *Input) CopyTo(ctx context.Context, w Writer) (readErr error) {
	defer func() { <-in.copies }()
	for w.Wanted(ctx) == nil {
		in.Wait(ctx, in.piece)
		if ctx.Err() != nil {
			return nil
		}
		if end, err := in.offer(ctx, w); end {
			return err
		}
	}
	return nil
}

// offer writes what there is into a stream, unless it is withdrawn before. end says
// that there is nothing more.
func (in *Input) offer(ctx context.Context, w Writer) (end bool, readErr error) {
	in.mu.Lock()
	if !in.ready() {
		in.mu.Unlock()
		return false, nil // another stream was faster
	}
	if len(in.rest) == 0 {
		defer in.mu.Unlock()
		if in.err == io.EOF {
			return true, nil
		}
		return true, in.err
	}
	p := in.rest
	ctx, in.withdraw = context.WithCancel(ctx)
	in.mu.Unlock()
	n, _ := w.WriteContext(ctx, p) // what is wrong Wanted says too
	in.mu.Lock()
	in.withdraw()
	in.withdraw, in.rest = nil, p[n:]
	in.mu.Unlock()
	in.changed.Broadcast()
	return false, nil
}
