package rt

import (
	"context"
	"io"
	"iter"
	"unsafe"
)

// A StreamReader is the readable end of a WIT stream<T>. It may be used from several goroutines: one operation runs at a
// time, the rest queue.
type StreamReader[T any] struct{ end readEnd[T] }

// Read waits until at least one element has come, and returns how many it has put into dst. It returns 0 and [io.EOF] when
// the writer is closed, 0 and ctx's error when ctx ended first, 0 and [io.ErrClosedPipe] when the reader itself is closed.
// An empty dst gives 0 and nil at once.
func (r *StreamReader[T]) Read(ctx context.Context, dst []T) (int, error) {
	if len(dst) == 0 {
		return 0, nil
	}
	return r.end.read(ctx, dst)
}

// All yields the elements as they come. It ends when the writer is closed; another end is yielded as an error. It doesn't
// close the reader.
func (r *StreamReader[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var buf [1]T
		for {
			n, err := r.Read(ctx, buf[:])
			switch {
			case n > 0:
				if !yield(buf[0], nil) {
					return
				}
			case err == io.EOF:
				return
			default:
				yield(buf[0], err)
				return
			}
		}
	}
}

// Close tells the writer that nothing more will be read. A read in progress is cancelled first.
func (r *StreamReader[T]) Close() error { return r.end.close() }

// A StreamWriter is the writable end of a WIT stream<T>. It may be used from several goroutines: one operation runs at a
// time, the rest queue.
type StreamWriter[T any] struct{ end writeEnd[T] }

// Write waits until all of src is taken and returns how many elements were. Less than all comes with an error:
// [io.ErrClosedPipe] when the reader or the writer is closed, ctx's error when ctx ended first.
// The elements that were taken, and the handles in them, belong to the reader.
func (w *StreamWriter[T]) Write(ctx context.Context, src []T) (int, error) {
	if len(src) == 0 {
		return 0, nil
	}
	return w.end.write(ctx, src)
}

// Close ends the stream. A write in progress is cancelled first.
func (w *StreamWriter[T]) Close() error { return w.end.close() }

// A ByteReader is the readable end of a WIT stream<u8>: an [io.ReadCloser]. See [StreamReader].
type ByteReader struct{ stream StreamReader[byte] }

// Read is [ByteReader.ReadContext] without a context.
func (r *ByteReader) Read(p []byte) (int, error) { return r.stream.Read(context.Background(), p) }

// ReadContext is [StreamReader.Read] for bytes.
func (r *ByteReader) ReadContext(ctx context.Context, p []byte) (int, error) {
	return r.stream.Read(ctx, p)
}

// Close is [StreamReader.Close].
func (r *ByteReader) Close() error { return r.stream.Close() }

// A ByteWriter is the writable end of a WIT stream<u8>: an [io.WriteCloser]. See [StreamWriter].
type ByteWriter struct{ stream StreamWriter[byte] }

// Write is [ByteWriter.WriteContext] without a context.
func (w *ByteWriter) Write(p []byte) (int, error) { return w.stream.Write(context.Background(), p) }

// WriteString is [ByteWriter.Write] of a string, which is not copied for it.
func (w *ByteWriter) WriteString(s string) (int, error) {
	return w.stream.Write(context.Background(), unsafe.Slice(unsafe.StringData(s), len(s)))
}

// WriteContext is [StreamWriter.Write] for bytes.
func (w *ByteWriter) WriteContext(ctx context.Context, p []byte) (int, error) {
	return w.stream.Write(ctx, p)
}

// Close is [StreamWriter.Close].
func (w *ByteWriter) Close() error { return w.stream.Close() }

var (
	_ io.ReadCloser   = (*ByteReader)(nil)
	_ io.WriteCloser  = (*ByteWriter)(nil)
	_ io.StringWriter = (*ByteWriter)(nil)
)
