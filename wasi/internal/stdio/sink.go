package stdio

import (
	"io"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Intake is what brings a stream of 0.3 to its [Sink], a *gondola.Intake.
type Intake interface {
	// Resume has the sink asked again, after it had no room.
	Resume()
	// Close ends the stream.
	Close()
}

// Sink is the gondola.Sink of a stream of 0.3: it writes what the stream carries to an
// [Output]. Nobody waits for the writer but the stream, and that only when there is too
// much to be written.
type Sink struct {
	out   *Output
	ended func(error)

	bound  chan struct{} // closed when intake is set
	intake Intake

	buf []byte // that is being filled; used while the instance is held

	// The lock of Outputs guards what follows.
	queued int  // pieces in the queue
	over   bool // nothing is written any more
}

// NewSink makes a sink. When the stream has ended and all of it is out, or the writer has
// failed, ended is called once, with nil in the first case; nothing is taken after that.
// Bind must be called next.
func (out *Output) NewSink(ended func(error)) *Sink {
	return &Sink{out: out, ended: ended, bound: make(chan struct{})}
}

// Bind says what brings the stream, which may have brought some already.
func (s *Sink) Bind(in Intake) {
	s.intake = in
	close(s.bound)
}

// Offer implements gondola.Sink.
func (s *Sink) Offer(n int) []byte {
	if n = min(n, s.out.all.limits.Pieces.Size()); !s.out.all.reserve(s, n+pieceCost) {
		return nil
	}
	s.buf = make([]byte, n)
	return s.buf
}

// pieceCost is what a piece costs besides its bytes.
const pieceCost = 128

// Took implements gondola.Sink.
func (s *Sink) Took(n int) {
	p := s.buf[:n]
	cost := len(s.buf) + pieceCost
	s.buf = nil
	s.count(1)
	s.out.all.queue.Add(func() {
		s.write(p)
		s.count(-1)
		s.out.all.release(cost)
	})
}

// End implements gondola.Sink. A stream of which nothing is on its way takes no place in
// the queue: a guest can make any number of those.
func (s *Sink) End(err error) {
	if s.buf != nil {
		s.out.all.release(len(s.buf) + pieceCost)
		s.buf = nil
	}
	if err == io.EOF {
		err = nil
	}
	if s.out.all.leave(s) {
		s.end(err)
		return
	}
	s.out.all.queue.Add(func() { s.end(err) })
}

// write writes a piece, in the queue.
func (s *Sink) write(p []byte) {
	if s.isOver() {
		return
	}
	var err error
	perr := pollio.Guard("writing standard output", func() { _, err = s.out.w.Write(p) })
	if perr != nil {
		err = perr
	}
	if err != nil && s.end(err) {
		<-s.bound // which it is in a moment
		s.intake.Close()
	}
}

// end says how the stream ended, unless that was said before.
func (s *Sink) end(err error) (first bool) {
	if first = s.setOver(); first {
		s.ended(err)
	}
	return first
}

func (s *Sink) setOver() (first bool) {
	s.out.all.mu.Lock()
	defer s.out.all.mu.Unlock()
	first = !s.over
	s.over = true
	return first
}

func (s *Sink) isOver() bool {
	s.out.all.mu.Lock()
	defer s.out.all.mu.Unlock()
	return s.over
}

func (s *Sink) count(n int) {
	s.out.all.mu.Lock()
	defer s.out.all.mu.Unlock()
	s.queued += n
}

// reserve takes room. Where there is too little, s is told when there is more.
func (o *Outputs) reserve(s *Sink, n int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.room < n {
		o.waiting[s] = struct{}{}
		return false
	}
	o.room -= n
	return true
}

// leave takes note that nothing more comes of s, and reports whether nothing of it is on
// its way.
func (o *Outputs) leave(s *Sink) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.waiting, s)
	return s.queued == 0
}

// release gives room back.
func (o *Outputs) release(n int) {
	o.mu.Lock()
	o.room += n
	waiting := o.waiting
	o.waiting = map[*Sink]struct{}{}
	o.mu.Unlock()
	for s := range waiting {
		s.resume()
	}
}

// resume does not wait: s may be bound by who calls.
func (s *Sink) resume() {
	select {
	case <-s.bound:
		s.intake.Resume()
	default:
		s.out.all.queue.Add(s.resume)
	}
}
