package pollio

import (
	"context"
	"io"
)

// Sink is where the bytes of an [OutputStream] go. Its methods but Close are called
// one at a time.
type Sink interface {
	// Write writes all of p, waiting as long as that takes or until ctx ends. An
	// error that is ErrClosed says that nobody reads any more; any other is the
	// guest's to see.
	Write(ctx context.Context, p []byte) (int, error)

	// Flush returns when all that was written is where the guest may expect it to
	// be.
	Flush(ctx context.Context) error

	// Close is called once when the stream is dropped, maybe beside a Write or Flush
	// whose ctx has just ended, or after the last of them if the stream lingers.
	Close()
}

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
