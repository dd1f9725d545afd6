package gondola

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola/internal/cabi"
)

// Wanted returns when a guest reads the other end, without writing anything. A host
// that gets what it writes from somewhere else calls it first, so as to take nothing
// there that nobody wants. It returns [io.ErrClosedPipe] when the reader is gone,
// and ctx.Err() when ctx ends first. That somebody reads is no promise: the guest may
// have cancelled its read by the time of a Write.
func (w *StreamWriter[T]) Wanted(ctx context.Context) error {
	pipe := w.reader.pipe
	s, err := pipe.wait(ctx)
	if err != nil {
		return err
	}
	if err := pipe.writing.take(ctx); err != nil {
		return err
	}
	defer pipe.writing.give()
	op := newOperation[T](s, pipe.core, nil, nil)
	defer op.release()
	switch result, err := op.run(ctx); {
	case err == cabi.ErrDone, err == nil && result == cabi.CopyDropped:
		return io.ErrClosedPipe
	case err != nil:
		return err
	case result == cabi.CopyCancelled && ctx.Err() == nil: // Close did it
		return io.ErrClosedPipe
	case result == cabi.CopyCancelled:
		return ctx.Err()
	}
	return nil
}
