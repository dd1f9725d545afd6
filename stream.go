package gondola

import (
	"context"
	"io"
	"iter"
	"reflect"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Stream is the readable end of a stream in a dynamic value. It implements
// [val.Stream]. [StreamOf] reads from it.
type Stream struct{ pipe *pipe }

// ValStream marks the values that stand for streams.
func (*Stream) ValStream() {}

// Close gives the stream up, as [StreamReader.Close] does.
func (s *Stream) Close() error {
	s.pipe.closeReader()
	return nil
}

// StreamReader is the readable end of a stream of T that the host holds. A
// *StreamReader[byte] is an [io.ReadCloser]. Values of component types are read
// as the Go types that host functions have for them, or as [val.Value].
//
// It is safe for use from several goroutines; one operation goes on at a time
// and others wait for it. Passed to a guest, it belongs to the guest.
type StreamReader[T any] struct {
	pipe  *pipe
	codec atomic.Pointer[codec] // of the elements; nil for bytes, and before the type is known
	given atomic.Bool
}

// StreamWriter is the writable end of a stream of T that the host made. A
// *StreamWriter[byte] is an [io.WriteCloser]. It is safe for use from several
// goroutines; one operation goes on at a time and others wait for it.
type StreamWriter[T any] struct {
	reader *StreamReader[T]
	closed atomic.Bool
}

// NewStream makes a stream. Pass the readable end to a guest, as an argument or
// result; until then writes wait.
func NewStream[T any]() (*StreamWriter[T], *StreamReader[T]) {
	r := &StreamReader[T]{pipe: new(pipe)}
	return &StreamWriter[T]{reader: r}, r
}

// StreamOf takes the readable end out of a dynamic value that came from a guest.
// The elements must be convertible to T.
func StreamOf[T any](v val.Value) (*StreamReader[T], error) {
	if v.Kind() != types.KindStream {
		return nil, &val.TypeError{Want: types.Stream(nil), Got: "a " + v.Kind().String()}
	}
	r := &StreamReader[T]{}
	switch s := v.Stream().(type) {
	case *StreamReader[T]:
		return s, nil
	case *Stream:
		r.pipe = s.pipe
	default:
		return nil, errForeign(s, "a stream that came from a guest")
	}
	return r, r.setElem(r.pipe.core.Elem(), r.pipe.store.handles)
}

// ValStream marks the values that stand for streams.
func (*StreamReader[T]) ValStream() {}

// Value is the readable end as an argument for [Func.Call].
func (r *StreamReader[T]) Value() val.Value { return val.OfStream(r) }

// setElem finds out how to convert elements, now that their type is known.
func (r *StreamReader[T]) setElem(elem *types.Type, ext handleMatcher) error {
	gt := reflect.TypeFor[T]()
	if elem == nil {
		if gt != reflect.TypeFor[struct{}]() && gt != valueType {
			return &matchError{t: types.Stream(nil), gt: gt, reason: "its elements are struct{}"}
		}
		return nil
	}
	c, err := newCodec(gt, elem, ext)
	if err != nil {
		return within("element", err)
	}
	r.codec.Store(c)
	return nil
}

// Read reads up to len(p) elements, at least one, and waits for them. At the end
// of the stream it returns [io.EOF].
//
// A stream carries no error of its own: where one can occur, WIT pairs the stream
// with a future that says how it ended.
func (r *StreamReader[T]) Read(p []T) (int, error) { return r.ReadContext(context.Background(), p) }

// ReadContext is Read until ctx ends, when it returns ctx.Err() and has read
// nothing. An empty p returns at once. Where the instance at the other end trapped
// or was closed, that is the error, and not io.EOF.
func (r *StreamReader[T]) ReadContext(ctx context.Context, p []T) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	s, err := r.pipe.begin(ctx)
	if err != nil {
		return 0, err
	}
	if err := r.pipe.reading.take(ctx); err != nil {
		return 0, err
	}
	defer r.pipe.reading.give()
	for {
		n, err := r.readOnce(ctx, s, p)
		// A writer may offer nothing, to see whether anybody reads.
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (r *StreamReader[T]) readOnce(ctx context.Context, s *store, p []T) (int, error) {
	op := newOperation(s, r.pipe.core, &r.pipe.link, p)
	defer op.release()
	result, err := op.run(ctx)
	n := op.host.Progress()
	switch {
	case err == cabi.ErrDone:
		return 0, io.EOF
	case n > 0:
		return r.took(op, p[:n])
	case err != nil:
		return 0, err
	case result == cabi.CopyDropped:
		return 0, io.EOF
	case result == cabi.CopyCancelled:
		return 0, ctx.Err() // nil where the end was closed, which the next read says
	}
	return 0, nil
}

// took converts what was read to p. What can't be converted is closed, with
// everything behind it.
func (r *StreamReader[T]) took(op *operation, p []T) (int, error) {
	c := r.codec.Load()
	if c == nil || op.values == nil {
		return len(p), nil
	}
	for i := range p {
		if err := c.set(reflect.ValueOf(&p[i]).Elem(), op.values[i]); err != nil {
			for _, v := range op.values[i:] {
				op.store.closeHandles(v, r.pipe.core.Elem())
			}
			return i, within(indexStep(i), err)
		}
	}
	return len(p), nil
}

// All ranges over the elements to the end of the stream, or until ctx ends or
// something is wrong, which comes as an error with a zero T.
func (r *StreamReader[T]) All(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var buf [1]T
		for {
			n, err := r.ReadContext(ctx, buf[:])
			if n == 1 && !yield(buf[0], nil) {
				return
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
		}
	}
}

// Close gives the readable end up: the writer is told that nobody reads. A read
// that is under way ends. Closing an end again, or one that was passed on, does
// nothing.
func (r *StreamReader[T]) Close() error {
	r.pipe.closeReader()
	return nil
}

// Write writes all of p and waits until the reader has taken it. When the reader
// goes away it returns [io.ErrClosedPipe] with the number of elements that were
// taken.
func (w *StreamWriter[T]) Write(p []T) (int, error) { return w.WriteContext(context.Background(), p) }

// WriteContext is Write until ctx ends. The number of elements that were taken by
// then comes with ctx.Err(). An empty p returns at once. What elements hold that
// were taken is the reader's; the rest is still the caller's. Where the instance at
// the other end trapped or was closed, that is the error.
func (w *StreamWriter[T]) WriteContext(ctx context.Context, p []T) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	pipe := w.reader.pipe
	s, err := pipe.wait(ctx)
	if err != nil {
		return 0, err
	}
	if err := pipe.writing.take(ctx); err != nil {
		return 0, err
	}
	defer pipe.writing.give()
	for n < len(p) && err == nil {
		var m int
		m, err = w.writeOnce(ctx, s, p[n:w.most(n, len(p))])
		n += m
	}
	return n, err
}

// most is where to end a piece that begins at n. Elements with handles are written
// one by one, so that it is clear whose they are afterwards.
func (w *StreamWriter[T]) most(n, end int) int {
	if elem := w.reader.pipe.core.Elem(); elem != nil && elem.ContainsHandle() {
		return n + 1
	}
	return end
}

func (w *StreamWriter[T]) writeOnce(ctx context.Context, s *store, p []T) (int, error) {
	op := newOperation(s, w.reader.pipe.core, nil, p)
	defer op.release()
	if err := w.convert(op, p); err != nil {
		return 0, err
	}
	result, err := op.run(ctx)
	return written(ctx, op.host.Progress(), len(p), result, err)
}

// written is what a write of n out of all elements returns.
func written(ctx context.Context, n, all int, result cabi.CopyResult, err error) (int, error) {
	switch {
	case err == cabi.ErrDone:
		return 0, io.ErrClosedPipe
	case err != nil || n == all:
		return n, err
	case result == cabi.CopyDropped:
		return n, io.ErrClosedPipe
	case result == cabi.CopyCancelled:
		return n, ctx.Err() // nil where the end was closed, which the next write says
	}
	return n, nil
}

// convert makes p values, unless they are bytes.
func (w *StreamWriter[T]) convert(op *operation, p []T) (err error) {
	c := w.reader.codec.Load()
	if c == nil || op.values == nil {
		return nil
	}
	for i := range p {
		if op.values[i], err = c.toVal(reflect.ValueOf(&p[i]).Elem()); err != nil {
			return within(indexStep(i), err)
		}
	}
	return nil
}

// OnReaderGone has f called once when the reader goes away, at once if it has, unless
// the stream is closed first. It is for a host that has nothing to write yet and
// waits for something else, such as a connection: it need not wait any longer. The
// reader goes away too when its instance traps or is closed.
//
// f is called while the instance is held, so it must be quick and may not use the
// stream. Call it once.
func (w *StreamWriter[T]) OnReaderGone(f func()) {
	pipe := w.reader.pipe
	pipe.whenLost(f)
	pipe.whenTied(func(*store) { pipe.core.OnReaderDropped(f) })
}

// Close ends the stream: the reader sees its end after what was written. A write
// that is under way ends. Closing an end again does nothing.
func (w *StreamWriter[T]) Close() error {
	if !w.closed.Swap(true) {
		w.reader.pipe.closeWriter()
	}
	return nil
}

// streamEnd is a *Stream or a *StreamReader[T], whatever T is.
type streamEnd interface {
	val.Stream
	end() *pipe
	setElem(elem *types.Type, ext handleMatcher) error
}

// typedStream is a *StreamReader[T], whatever T is.
type typedStream interface {
	streamEnd
	adopt(p *pipe)
}

func (r *StreamReader[T]) end() *pipe    { return r.pipe }
func (r *StreamReader[T]) adopt(p *pipe) { r.pipe = p }

func (s *Stream) end() *pipe                             { return s.pipe }
func (*Stream) setElem(*types.Type, handleMatcher) error { return nil }

// unwrapStream is what a guest gets for a stream of the embedder's value.
func (s *store) unwrapStream(v val.Stream, t *types.Type) (*cabi.Stream, error) {
	end, ok := v.(streamEnd)
	if !ok {
		return nil, errForeign(v, "a *gondola.StreamReader")
	}
	if err := end.setElem(t.Elem(), s.handles); err != nil {
		return nil, err
	}
	p := end.end()
	if err := p.pass(); err != nil {
		return nil, err
	}
	switch {
	case !p.isTied():
		p.bind(s, t.Elem())
	case p.store != s:
		return s.relayStream(p.moved(), t), nil
	case p.core.Elem() != t.Elem():
		p.takeBack()
		return nil, errForeign(v, t.String())
	default:
		s.ends.letGo(p.core)
	}
	return p.core, nil
}

// relayStream makes a stream of this store that carries what one of another
// store does.
func (s *store) relayStream(from *pipe, t *types.Type) *cabi.Stream {
	to := new(pipe)
	to.bind(s, t.Elem())
	switch t.Elem() {
	case nil:
		go relay[struct{}](from, to)
	case types.U8:
		go relay[byte](from, to)
	default:
		go relay[val.Value](from, to)
	}
	return to.core
}

// relay carries elements over until either end is gone. A handle can't be carried
// over to another store, which ends the stream too.
func relay[T any](from, to *pipe) {
	r, w := &StreamReader[T]{pipe: from}, &StreamWriter[T]{reader: &StreamReader[T]{pipe: to}}
	defer w.Close()
	defer r.Close()
	if r.setElem(from.core.Elem(), from.store.handles) != nil || w.reader.setElem(to.core.Elem(), to.store.handles) != nil {
		return // the types are the same and were converted before
	}
	buf := make([]T, relaySize)
	for {
		n, err := r.ReadContext(to.store.ctx, buf)
		if _, werr := w.WriteContext(to.store.ctx, buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// relaySize is how many elements wait in a relay at most.
const relaySize = 4096

// stream converts between a *StreamReader[T] and a stream.
func (h *handleTypes) stream(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Pointer {
		return nil, &matchError{t: t, gt: gt}
	}
	probe, ok := reflect.New(gt.Elem()).Interface().(typedStream)
	if !ok {
		return nil, &matchError{t: t, gt: gt}
	}
	if err := probe.setElem(t.Elem(), h); err != nil {
		return nil, err
	}
	return &codec{
		toVal: func(src reflect.Value) (val.Value, error) {
			if src.IsNil() {
				return val.Value{}, errForeign(nil, gt.String())
			}
			return val.OfStream(src.Interface().(val.Stream)), nil
		},
		set: func(dst reflect.Value, v val.Value) error {
			s, ok := v.Stream().(*Stream)
			if !ok {
				return errForeign(v.Stream(), "a stream of a guest")
			}
			r := reflect.New(gt.Elem())
			end := r.Interface().(typedStream)
			end.adopt(s.pipe)
			dst.Set(r)
			return end.setElem(t.Elem(), h)
		},
	}, nil
}
