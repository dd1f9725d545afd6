package pollio

import (
	"context"
	"io"
)

// ToWriter makes a sink of a writer. If it has a method Flush() error, that is its
// Flush. If it is an [io.Closer] it is closed when the stream is dropped, which must
// end a Write that is under way.
func ToWriter(w io.Writer) Sink { return writerSink{w} }

type writerSink struct{ w io.Writer }

func (s writerSink) Write(_ context.Context, p []byte) (int, error) { return s.w.Write(p) }

func (s writerSink) Flush(context.Context) error {
	if f, ok := s.w.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

func (s writerSink) Close() {
	if c, ok := s.w.(io.Closer); ok {
		_ = c.Close()
	}
}

// FromReader makes an origin of a reader. If it is an [io.Closer] it is closed when
// the stream is dropped, which must end a Read that is under way.
func FromReader(r io.Reader) *Buffered {
	b := NewBuffered(func(_ context.Context, p []byte) (int, error) { return r.Read(p) }, nil)
	if c, ok := r.(io.Closer); ok {
		b.close = func() { _ = c.Close() }
	}
	return b
}
