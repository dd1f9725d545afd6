package stdio

import (
	"context"
	"io"
	"sync"
)

// Outputs writes what several streams carry, to several writers, in the order in
// which it came: what a guest writes to its standard output and then to its
// standard error comes out in that order where both are one terminal. It costs a
// goroutine only while there is something to write.
type Outputs struct {
	mu      sync.Mutex
	queue   []func()
	writing bool
}

// add adds a piece of work, to be done after all that was added before.
func (o *Outputs) add(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.queue = append(o.queue, f)
	if !o.writing {
		o.writing = true
		go o.write()
	}
}

func (o *Outputs) write() {
	for f := o.next(); f != nil; f = o.next() {
		f()
	}
}

func (o *Outputs) next() func() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.queue) == 0 {
		o.writing, o.queue = false, nil
		return nil
	}
	f := o.queue[0]
	o.queue[0] = nil
	o.queue = o.queue[1:]
	return f
}

// Flush returns when everything is out that guests have written so far, as far as
// they can tell, or when ctx ends.
func (o *Outputs) Flush(ctx context.Context) error {
	done := make(chan struct{})
	o.add(func() { close(done) })
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
		s.out.all.add(func() { s.end(err) })
		return
	}
	s.out.all.add(func() { s.copy(n) })
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
			if _, werr := s.out.w.Write(buf[:m]); werr != nil {
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
