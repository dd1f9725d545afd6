package stdio

import (
	"context"
	"errors"
	"io"
	"syscall"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Outputs writes what several streams carry, to several writers, in the order in
// which it came: what a guest writes to its standard output and then to its
// standard error comes out in that order where both are one terminal. It costs a
// goroutine only while there is something to write.
type Outputs struct {
	queue  pollio.Queue
	shared *pollio.Shared // by the streams of 0.2
}

// NewOutputs makes one without writers.
func NewOutputs() *Outputs {
	o := &Outputs{}
	o.shared = pollio.NewShared(&o.queue, permit)
	return o
}

// permit is how much the streams of 0.2 may carry together that is not out.
const permit = 4 * pollio.DefaultPermit

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
	return pollio.NewOutputStream(sharedWriter{out.w}, pollio.OutputOptions{Shared: out.all.shared, Linger: true})
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

// Sink writes what one stream carries.
type Sink struct {
	out   *Output
	read  func([]byte) (int, error)
	ended func(error)
	done  bool
}

// NewSink writes what read returns. When the stream has ended, or the writer has
// failed, ended is called once, with nil in the first case; nothing is read after
// that.
func (out *Output) NewSink(read func([]byte) (int, error), ended func(error)) *Sink {
	return &Sink{out: out, read: read, ended: ended}
}

// Arrived says that n more bytes can be read without waiting, or that the stream
// has ended with an error, which is [io.EOF] where it ended well. It does not wait
// for anything.
func (s *Sink) Arrived(n int, err error) {
	if err != nil {
		s.out.all.queue.Add(func() { s.end(err) })
		return
	}
	s.out.all.queue.Add(func() { s.copy(n) })
}

func (s *Sink) end(err error) {
	if s.done {
		return
	}
	s.done = true
	if err == io.EOF {
		err = nil
	}
	s.ended(err)
}

func (s *Sink) copy(n int) {
	for buf := make([]byte, n); len(buf) > 0 && !s.done; {
		m, err := s.read(buf)
		if m > 0 {
			if werr := s.write(buf[:m]); werr != nil {
				s.end(werr)
				return
			}
		}
		if err != nil {
			s.end(err)
		}
		buf = buf[m:]
	}
}

func (s *Sink) write(p []byte) (err error) {
	perr := pollio.Guard("writing standard output", func() { _, err = s.out.w.Write(p) })
	if perr != nil {
		return perr
	}
	return err
}
