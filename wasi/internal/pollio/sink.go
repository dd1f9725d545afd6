package pollio

import "context"

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
