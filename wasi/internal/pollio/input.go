package pollio

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Origin is where the bytes of an [InputStream] come from.
type Origin interface {
	// Take reads what is there, without waiting, into p. It returns 0, nil where
	// nothing is there yet, and io.EOF at the end. Where p is empty it only says
	// whether the end, or an error, comes next. After an error, which may come with
	// bytes, it is not called again.
	Take(p []byte) (int, error)

	// Ready reports, without waiting, whether Take would return a byte or an error.
	Ready() bool

	// Wait returns when Ready may have become true, or soon after ctx has ended.
	// want is how many bytes the guest last asked for, at most a piece. It is called
	// on a goroutine of its own, once at a time, beside the other methods. An origin
	// that is always ready is never asked to wait, nor is one that is a [Source].
	Wait(ctx context.Context, want int)

	// Close is called once, when the stream is dropped. A Wait that is under way has
	// been told to end.
	Close()
}

// InputStream is the resource wasi:io/streams.input-stream. Its methods but
// [InputStream.End] are called while the instance is held.
//
//	open ──▶ failed ──▶ closed      failed: the error is still to be reported
//	  └───────────────────▲
type InputStream struct {
	Parent
	origin Origin
	pieces *Pieces
	source Source // of its pollables
	ending func() // tells them that the stream was ended

	mu   sync.Mutex
	want int
	err  error // what the next read returns: io.EOF, or a failure; nil while open
}

// NewInputStream makes a stream that reads from o. It costs nothing until the guest
// reads or polls and nothing is there, and one goroutine then. One read returns a piece
// at most: the interface lets it be less than was asked for.
func (l Limits) NewInputStream(o Origin) *InputStream {
	s := &InputStream{origin: o, pieces: l.Pieces, want: l.Pieces.Size()}
	if source, ok := o.(Source); ok {
		e := &endable{Source: source, stream: s}
		s.source, s.ending = e, e.end.Broadcast
		return s
	}
	w := NewWaiter(s.ready, func(ctx context.Context) { o.Wait(ctx, s.wanted()) })
	s.source, s.ending = w, w.Close
	return s
}

// endable is the source of a stream whose origin is one.
type endable struct {
	Source
	stream *InputStream
	end    Signal
}

// Ready implements [Source].
func (e *endable) Ready() bool { return e.stream.ended() || e.Source.Ready() }

// Watch implements [Source].
func (e *endable) Watch(wake chan<- struct{}) (stop func()) {
	one, other := e.Source.Watch(wake), e.end.Watch(wake)
	return func() {
		one()
		other()
	}
}

func (s *InputStream) wanted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.want
}

// End makes the stream end at once, whatever there may still be to read: with
// io.EOF, or with a failure. It may be called from any goroutine.
func (s *InputStream) End(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.ending()
}

func (s *InputStream) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err != nil
}

func (s *InputStream) ready() bool { return s.ended() || s.origin.Ready() }

// Read returns what there is to read without waiting, at most n bytes and at most a
// piece; nothing where nothing is there yet. The error is [ErrClosed] at the
// end, or an [*Error], once.
//
// Spec: wasi:io/streams.input-stream.read.
func (s *InputStream) Read(n uint64) ([]byte, error) {
	want := int(min(n, uint64(s.pieces.Size())))
	if err := s.take(); err != nil {
		return nil, err
	}
	scratch := s.pieces.Get()
	defer s.pieces.Put(scratch)
	got, err := s.origin.Take((*scratch)[:want])
	s.note(want, err)
	if got > 0 {
		return bytes.Clone((*scratch)[:got]), nil
	}
	if err := s.take(); err != nil {
		return nil, err
	}
	if want > 0 {
		s.source.Ready() // sets it going
	}
	return nil, nil
}

// note remembers how a read went.
func (s *InputStream) note(want int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if want > 0 {
		s.want = want
	}
	if s.err == nil {
		s.err = err
	}
}

// take takes the error that is to be reported.
func (s *InputStream) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch err := s.err; err {
	case nil:
		return nil
	case io.EOF:
		return ErrClosed
	default:
		s.err = io.EOF
		return Failed(err)
	}
}

// BlockingRead is Read after waiting for something to read.
//
// Spec: wasi:io/streams.input-stream.blocking-read.
func (s *InputStream) BlockingRead(ctx context.Context, n uint64) ([]byte, error) {
	for {
		b, err := s.Read(n)
		if len(b) > 0 || err != nil {
			return b, err
		}
		if err := await(ctx, s.source); err != nil {
			return nil, err
		}
		if n == 0 {
			return s.Read(0)
		}
	}
}

// Skip is Read for a guest that does not want the bytes.
//
// Spec: wasi:io/streams.input-stream.skip.
func (s *InputStream) Skip(n uint64) (uint64, error) {
	b, err := s.Read(n)
	return uint64(len(b)), err
}

// BlockingSkip is BlockingRead for a guest that does not want the bytes.
//
// Spec: wasi:io/streams.input-stream.blocking-skip.
func (s *InputStream) BlockingSkip(ctx context.Context, n uint64) (uint64, error) {
	b, err := s.BlockingRead(ctx, n)
	return uint64(len(b)), err
}

// Subscribe makes a pollable that is ready when there is something to read, the
// end included. It is a child of the stream.
//
// Spec: wasi:io/streams.input-stream.subscribe.
func (s *InputStream) Subscribe() *Pollable { return s.Parent.Subscribe(s.source) }

// Drop closes the stream. The error is of a guest that has not dropped its
// pollables.
func (s *InputStream) Drop() error {
	s.End(io.EOF)
	s.origin.Close()
	return s.CheckDrop()
}
