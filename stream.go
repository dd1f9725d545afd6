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
}

// NewStream makes a stream. Pass the readable end to a guest, as an argument or
// result; until then writes wait.
func NewStream[T any]() (*StreamWriter[T], *StreamReader[T]) {
	r := &StreamReader[T]{pipe: newPipe()}
	return &StreamWriter[T]{r}, r
}

// StreamOf takes the readable end out of a dynamic value that came from a guest.
// The elements must be convertible to T.
func StreamOf[T any](v val.Value) (*StreamReader[T], error) {
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

// buffer is a place for elements, or elements to write, as the canonical ABI
// takes them.
type buffer[T any] struct {
	host   *cabi.HostBuffer
	bytes  []byte      // the elements themselves, if they are bytes of a stream<u8>
	values []val.Value // else
}

func newBuffer[T any](elem *types.Type, p []T) buffer[T] {
	if elem == nil {
		return buffer[T]{host: cabi.NewUnitsBuffer(len(p))}
	}
	if b, ok := any(p).([]byte); ok && elem == types.U8 {
		return buffer[T]{host: cabi.NewBytesBuffer(b, 1), bytes: b}
	}
	vs := make([]val.Value, len(p))
	return buffer[T]{host: cabi.NewValuesBuffer(vs), values: vs}
}

// Read reads up to len(p) elements, at least one, and waits for them. At the end
// of the stream it returns [io.EOF].
//
// A stream carries no error of its own: where one can occur, WIT pairs the stream
// with a future that says how it ended.
func (r *StreamReader[T]) Read(p []T) (int, error) { return r.ReadContext(context.Background(), p) }

// ReadContext is Read until ctx ends. It may then have read something all the
// same, which comes with ctx.Err(). An empty p returns at once.
func (r *StreamReader[T]) ReadContext(ctx context.Context, p []T) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	s, err := r.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer r.pipe.reading.give()
	core := r.pipe.core
	for {
		buf := newBuffer(core.Elem(), p)
		op := operation{
			store: s,
			start: func(done func(cabi.CopyResult)) error {
				return core.Read(buf.host, func(r cabi.CopyResult) {
					s.wrapAll(buf.values[:min(buf.host.Progress(), len(buf.values))], core.Elem())
					done(r)
				})
			},
			cancel: core.CancelRead,
		}
		result, err := op.run(ctx)
		n, err = r.took(buf, p, result, err)
		// A writer may offer nothing, to see whether anybody reads.
		if n > 0 || err != nil {
			return n, err
		}
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
	}
}

// begin waits until the end can be used.
func (r *StreamReader[T]) begin(ctx context.Context) (*store, error) {
	if r.given.Load() {
		return nil, errGivenAway
	}
	if !r.pipe.isTied() {
		return nil, errBothEnds
	}
	s, err := r.pipe.wait(ctx)
	if err != nil {
		return nil, err
	}
	return s, r.pipe.reading.take(ctx)
}

// took turns how a read ended into what Read returns.
func (r *StreamReader[T]) took(buf buffer[T], p []T, result cabi.CopyResult, err error) (int, error) {
	n := buf.host.Progress()
	switch {
	case err == cabi.ErrDone:
		return 0, io.EOF
	case err != nil:
		return 0, err
	}
	if c := r.codec.Load(); c != nil && buf.bytes == nil {
		for i, v := range buf.values[:n] {
			if err := c.set(reflect.ValueOf(&p[i]).Elem(), v); err != nil {
				return i, err
			}
		}
	}
	if n == 0 && result == cabi.CopyDropped {
		return 0, io.EOF
	}
	return n, nil
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
	if !r.given.Swap(true) {
		r.pipe.closeReadable()
	}
	return nil
}

// Write writes all of p and waits until the reader has taken it. When the reader
// goes away it returns [io.ErrClosedPipe] with the number of elements that were
// taken.
func (w *StreamWriter[T]) Write(p []T) (int, error) { return w.WriteContext(context.Background(), p) }

// WriteContext is Write until ctx ends. The number of elements that were taken by
// then comes with ctx.Err(). An empty p returns at once.
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
		m, err = w.writeOnce(ctx, s, p[n:])
		n += m
	}
	return n, err
}

func (w *StreamWriter[T]) writeOnce(ctx context.Context, s *store, p []T) (int, error) {
	core := w.reader.pipe.core
	buf := newBuffer(core.Elem(), p)
	if c := w.reader.codec.Load(); c != nil && buf.bytes == nil {
		for i := range p {
			var err error
			if buf.values[i], err = c.toVal(reflect.ValueOf(&p[i]).Elem()); err != nil {
				return 0, within(indexStep(i), err)
			}
		}
	}
	op := operation{
		store: s,
		start: func(done func(cabi.CopyResult)) error {
			if err := s.unwrapAll(buf.values, core.Elem()); err != nil {
				return err
			}
			return core.Write(buf.host, done)
		},
		cancel: core.CancelWrite,
	}
	result, err := op.run(ctx)
	n := buf.host.Progress()
	switch {
	case err == cabi.ErrDone:
		return 0, io.ErrClosedPipe
	case err != nil:
		return n, err
	case result == cabi.CopyDropped:
		return n, io.ErrClosedPipe
	}
	return n, ctx.Err()
}

// Close ends the stream: the reader sees its end after what was written.
func (w *StreamWriter[T]) Close() error {
	w.reader.pipe.closeWritable()
	return nil
}

// streamEnd is a *StreamReader[T], whatever T is.
type streamEnd interface {
	val.Stream
	give() (*pipe, error)
	setElem(elem *types.Type, ext handleMatcher) error
	adopt(p *pipe)
}

// give takes the end away from the embedder.
func (r *StreamReader[T]) give() (*pipe, error) {
	if r.given.Swap(true) {
		return nil, errGivenAway
	}
	return r.pipe, nil
}

func (r *StreamReader[T]) adopt(p *pipe) { r.pipe = p }

func (s *Stream) give() (*pipe, error) { return s.pipe, nil }

// unwrapStream is what a guest gets for a stream of the embedder's value.
func (s *store) unwrapStream(v val.Stream, t *types.Type) (*cabi.Stream, error) {
	end, ok := v.(interface{ give() (*pipe, error) })
	if !ok {
		return nil, errForeign(v, "a *gondola.StreamReader")
	}
	if r, ok := v.(streamEnd); ok {
		if err := r.setElem(t.Elem(), s.handles); err != nil {
			return nil, err
		}
	}
	p, err := end.give()
	switch {
	case err != nil:
		return nil, err
	case !p.isTied():
		p.bind(s, t.Elem())
	case p.store == nil:
		return nil, errGivenAway
	case p.store != s:
		return s.relayStream(p, t), nil
	case p.core.Elem() != t.Elem():
		return nil, errForeign(v, t.String())
	}
	return p.core, nil
}

// relayStream makes a stream of this store that carries what one of another
// store does.
func (s *store) relayStream(from *pipe, t *types.Type) *cabi.Stream {
	to := newPipe()
	to.bind(s, t.Elem())
	if t.Elem() == types.U8 {
		go relay[byte](from, to)
	} else {
		go relay[val.Value](from, to)
	}
	return to.core
}

func relay[T any](from, to *pipe) {
	r, w := &StreamReader[T]{pipe: from}, &StreamWriter[T]{&StreamReader[T]{pipe: to}}
	defer w.Close()
	defer r.Close()
	if r.setElem(from.core.Elem(), from.store.handles) != nil || w.reader.setElem(to.core.Elem(), to.store.handles) != nil {
		return // the types are the same and were converted before
	}
	buf := make([]T, 4096)
	for {
		n, err := r.Read(buf)
		if _, werr := w.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// streamCodec converts between a *StreamReader[T] and a stream.
func (h handleTypes) stream(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Pointer {
		return nil, &matchError{t: t, gt: gt}
	}
	probe, ok := reflect.New(gt.Elem()).Interface().(streamEnd)
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
			end := r.Interface().(streamEnd)
			end.adopt(s.pipe)
			dst.Set(r)
			return end.setElem(t.Elem(), h)
		},
	}, nil
}
