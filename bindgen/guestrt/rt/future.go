package rt

import "context"

// A FutureReader is the readable end of a WIT future<T>.
type FutureReader[T any] struct{ end futureReadEnd[T] }

// Await waits for the value. It returns ctx's error when ctx ended first, after which it can be called again, and
// [io.ErrClosedPipe] when the reader is closed or the value was taken before.
func (r *FutureReader[T]) Await(ctx context.Context) (T, error) { return r.end.await(ctx) }

// Close tells the writer that the value isn't wanted. An Await in progress is cancelled first.
func (r *FutureReader[T]) Close() error { return r.end.close() }

// A FutureWriter is the writable end of a WIT future<T>. It must be given a value, by [FutureWriter.Write] or
// [FutureWriter.CloseWith], before the program forgets it, or the reader waits for ever.
type FutureWriter[T any] struct{ end futureWriteEnd[T] }

// Write waits until the reader has taken v. It returns [io.ErrClosedPipe] when the reader is closed or a value was written
// before, and ctx's error when ctx ended first: then the writer is as before, and a value must still be written.
func (w *FutureWriter[T]) Write(ctx context.Context, v T) error { return w.end.write(ctx, v) }

// CloseWith hands v over without waiting: it is there for the reader whenever the reader comes. A writer that has been
// written to stays as it is.
func (w *FutureWriter[T]) CloseWith(v T) { w.end.closeWith(v) }
