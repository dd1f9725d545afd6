package gondola

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// ErrNoValue says that a future's writing end is gone and no value will come.
var ErrNoValue = errors.New("the future was dropped without a value")

// Future is the readable end of a future in a dynamic value. It implements
// [val.Future]. [FutureOf] reads from it.
type Future struct{ promise *promise }

// ValFuture marks the values that stand for futures.
func (*Future) ValFuture() {}

// promise is a future of which the host holds one end or both.
type promise struct {
	link
	core *cabi.Future // nil before the link is tied

	mu  sync.Mutex                // until the link is tied
	set func(*store, *types.Type) // writes the value that was set before, or drops the end
}

func newBoundPromise(s *store, core *cabi.Future) *promise {
	p := &promise{link: newLink(), core: core}
	p.tie(s)
	return p
}

// bind makes the future one of a store, which is held, because its readable end
// goes to a guest there.
func (p *promise) bind(s *store, elem *types.Type) {
	p.mu.Lock()
	p.core = s.core.NewFuture(elem, s.root())
	p.tie(s)
	set := p.set
	p.mu.Unlock()
	if set != nil {
		set(s, elem)
	}
}

// write calls set while the store is held that the future belongs to, as soon as
// it belongs to one.
func (p *promise) write(set func(*store, *types.Type)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.isTied():
		p.set = set
	case p.store != nil:
		s := p.store
		s.post(func() { set(s, p.core.Elem()) })
	}
}

func (p *promise) closeReadable() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !p.isTied():
		p.tie(nil)
	case p.store != nil:
		p.store.post(func() {
			p.core.CancelRead()
			_ = p.core.DropReadable() // nothing goes on that it could disturb
		})
	}
}

// FutureReader is the readable end of a future of T that the host holds. It is
// safe for use from several goroutines. Passed to a guest, it belongs to the
// guest.
type FutureReader[T any] struct {
	promise *promise
	codec   atomic.Pointer[codec]
	given   atomic.Bool

	mu    sync.Mutex // one Await at a time
	value *T         // what came, for who asks again
}

// FutureWriter is the writable end of a future of T that the host made. It is
// safe for use from several goroutines.
type FutureWriter[T any] struct {
	reader *FutureReader[T]
	used   atomic.Bool
}

// NewFuture makes a future. Pass the readable end to a guest, as an argument or
// result.
func NewFuture[T any]() (*FutureWriter[T], *FutureReader[T]) {
	r := &FutureReader[T]{promise: &promise{link: newLink()}}
	return &FutureWriter[T]{reader: r}, r
}

// FutureOf takes the readable end out of a dynamic value that came from a guest.
// The value must be convertible to T.
func FutureOf[T any](v val.Value) (*FutureReader[T], error) {
	r := &FutureReader[T]{}
	switch f := v.Future().(type) {
	case *FutureReader[T]:
		return f, nil
	case *Future:
		r.promise = f.promise
	default:
		return nil, errForeign(f, "a future that came from a guest")
	}
	return r, r.setElem(r.promise.core.Elem(), r.promise.store.handles)
}

// ValFuture marks the values that stand for futures.
func (*FutureReader[T]) ValFuture() {}

// Value is the readable end as an argument for [Func.Call].
func (r *FutureReader[T]) Value() val.Value { return val.OfFuture(r) }

func (r *FutureReader[T]) setElem(elem *types.Type, ext handleMatcher) error {
	gt := reflect.TypeFor[T]()
	if elem == nil {
		if gt != reflect.TypeFor[struct{}]() && gt != valueType {
			return &matchError{t: types.Future(nil), gt: gt, reason: "its value is struct{}"}
		}
		return nil
	}
	c, err := newCodec(gt, elem, ext)
	if err != nil {
		return within("value", err)
	}
	r.codec.Store(c)
	return nil
}

// Await waits for the value. It returns [ErrNoValue] where none will come, or
// ctx.Err() when ctx ends first, after which it can be called again. It returns
// the same value every time; what that holds belongs to who asks first.
func (r *FutureReader[T]) Await(ctx context.Context) (T, error) {
	var zero T
	switch {
	case r.given.Load():
		return zero, errGivenAway
	case !r.promise.isTied():
		return zero, errBothEnds
	}
	s, err := r.promise.wait(ctx)
	if err != nil {
		return zero, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.value != nil {
		return *r.value, nil
	}
	v, err := r.read(ctx, s)
	if err != nil {
		return zero, err
	}
	r.value = &v
	return v, nil
}

func (r *FutureReader[T]) read(ctx context.Context, s *store) (v T, err error) {
	core := r.promise.core
	buf := newBuffer(core.Elem(), make([]T, 1))
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
	switch {
	case err == cabi.ErrDone || err == nil && result == cabi.CopyDropped:
		return v, ErrNoValue
	case err != nil:
		return v, err
	case result == cabi.CopyCancelled:
		return v, ctx.Err()
	}
	if buf.bytes != nil {
		return any(buf.bytes[0]).(T), nil
	}
	if c := r.codec.Load(); c != nil {
		err = c.set(reflect.ValueOf(&v).Elem(), buf.values[0])
	}
	return v, err
}

// Close gives the readable end up. An Await that is under way ends. Closing an
// end again, or one that was passed on, does nothing.
func (r *FutureReader[T]) Close() error {
	if !r.given.Swap(true) {
		r.promise.closeReadable()
	}
	return nil
}

// Set gives the future its value and does not wait for anybody to read it. It
// returns an error if it was set or closed before. Nobody is told if the reader
// goes away.
func (w *FutureWriter[T]) Set(v T) error {
	if w.used.Swap(true) {
		return errors.New("the future was set or closed before")
	}
	w.reader.promise.write(func(s *store, elem *types.Type) { w.write(s, elem, v) })
	return nil
}

// write writes the value, while the store is held.
func (w *FutureWriter[T]) write(s *store, elem *types.Type, v T) {
	core := w.reader.promise.core
	buf := newBuffer(elem, []T{v})
	err := error(nil)
	if c := w.reader.codec.Load(); c != nil && buf.bytes == nil {
		if buf.values[0], err = c.toVal(reflect.ValueOf(&v).Elem()); err == nil {
			err = s.unwrapAll(buf.values, elem)
		}
	}
	if err == nil {
		err = core.Write(buf.host, func(cabi.CopyResult) { _ = core.DropWritable() })
	}
	if err != nil {
		_ = core.DropWritable() // who reads it is told that it was abandoned
	}
}

// Close gives the writable end up. Where no value was set, a guest that reads the
// future traps, since guests have no way to learn of it. Closing an end again, or
// after Set, does nothing.
func (w *FutureWriter[T]) Close() error {
	if !w.used.Swap(true) {
		w.reader.promise.write(func(*store, *types.Type) { _ = w.reader.promise.core.DropWritable() })
	}
	return nil
}

// futureEnd is a *FutureReader[T], whatever T is.
type futureEnd interface {
	val.Future
	give() (*promise, error)
	setElem(elem *types.Type, ext handleMatcher) error
	adopt(p *promise)
}

// give takes the end away from the embedder.
func (r *FutureReader[T]) give() (*promise, error) {
	if r.given.Swap(true) {
		return nil, errGivenAway
	}
	return r.promise, nil
}

func (r *FutureReader[T]) adopt(p *promise) { r.promise = p }

func (f *Future) give() (*promise, error) { return f.promise, nil }

// unwrapFuture is what a guest gets for a future of the embedder's value.
func (s *store) unwrapFuture(v val.Future, t *types.Type) (*cabi.Future, error) {
	end, ok := v.(interface{ give() (*promise, error) })
	if !ok {
		return nil, errForeign(v, "a *gondola.FutureReader")
	}
	if r, ok := v.(futureEnd); ok {
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
		return s.relayFuture(p, t), nil
	case p.core.Elem() != t.Elem():
		return nil, errForeign(v, t.String())
	}
	return p.core, nil
}

// relayFuture makes a future of this store that carries what one of another store
// does.
func (s *store) relayFuture(from *promise, t *types.Type) *cabi.Future {
	w, r := NewFuture[val.Value]()
	if t.Elem() != nil {
		r.codec.Store(dynamicCodec(t.Elem()))
	}
	r.promise.bind(s, t.Elem())
	go func() {
		source := &FutureReader[val.Value]{promise: from}
		if t.Elem() != nil {
			source.codec.Store(dynamicCodec(t.Elem()))
		}
		v, err := source.Await(s.ctx)
		if err != nil {
			_ = source.Close()
			_ = w.Close()
			return
		}
		_ = w.Set(v)
	}()
	return r.promise.core
}

// future converts between a *FutureReader[T] and a future.
func (h handleTypes) future(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Pointer {
		return nil, &matchError{t: t, gt: gt}
	}
	probe, ok := reflect.New(gt.Elem()).Interface().(futureEnd)
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
			return val.OfFuture(src.Interface().(val.Future)), nil
		},
		set: func(dst reflect.Value, v val.Value) error {
			f, ok := v.Future().(*Future)
			if !ok {
				return errForeign(v.Future(), "a future of a guest")
			}
			r := reflect.New(gt.Elem())
			end := r.Interface().(futureEnd)
			end.adopt(f.promise)
			dst.Set(r)
			return end.setElem(t.Elem(), h)
		},
	}, nil
}

// errorContext: error contexts are behind a gate of the specification that is
// not supported at run time yet.
func (h handleTypes) errorContext(gt reflect.Type, t *types.Type) (*codec, error) {
	return nil, &matchError{t: t, gt: gt, reason: "error-context is not supported yet"}
}
