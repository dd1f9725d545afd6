package gondola

import (
	"cmp"
	"context"
	"errors"
	"io"
	"reflect"
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

// Close gives the future up, as [FutureReader.Close] does.
func (f *Future) Close() error {
	f.promise.closeReader()
	return nil
}

// promise is a future of which the host holds one end or both.
type promise struct {
	link
	core *cabi.Future // nil before the link is tied
}

// newBoundFuture is the host's end of a future that comes from a guest.
func newBoundFuture(s *store, core *cabi.Future) *Future {
	b := new(struct { // they live as long as one another
		Future
		promise promise
	})
	b.promise.tieNew(s)
	b.promise.core = core
	b.Future.promise = &b.promise
	s.ends.hold(core)
	return &b.Future
}

// bind makes the future one of a store, which is held, because its readable end
// goes to a guest there.
func (p *promise) bind(s *store, elem *types.Type) {
	p.core = s.core.NewFuture(elem, s.root())
	s.ends.hold(p.core)
	p.tie(s)
}

// moved is the promise under a new name, for who passes its value on.
func (p *promise) moved() *promise {
	m := &promise{core: p.core}
	m.tie(p.store)
	return m
}

func (p *promise) closeReader() {
	p.closeReadable(func(s *store) {
		p.core.CancelRead()
		_ = p.core.DropReadable() // nothing goes on that it could disturb
		s.ends.letGo(p.core)
	})
}

// FutureReader is the readable end of a future of T that the host holds. It is
// safe for use from several goroutines. Passed to a guest, it belongs to the
// guest.
type FutureReader[T any] struct {
	promise *promise
	codec   atomic.Pointer[codec]
	turn    turn // one Await at a time
	value   *T   // what came, for who asks again
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
	f := new(struct { // they live as long as one another
		promise promise
		reader  FutureReader[T]
		writer  FutureWriter[T]
	})
	f.reader.promise, f.writer.reader = &f.promise, &f.reader
	return &f.writer, &f.reader
}

func newFutureReader[T any](p *promise) *FutureReader[T] {
	return &FutureReader[T]{promise: p}
}

// FutureOf takes the readable end out of a dynamic value that came from a guest.
// The value must be convertible to T.
func FutureOf[T any](v val.Value) (*FutureReader[T], error) {
	if v.Kind() != types.KindFuture {
		return nil, &val.TypeError{Want: types.Future(nil), Got: "a " + v.Kind().String()}
	}
	f, ok := v.Future().(*Future)
	if !ok {
		if r, ok := v.Future().(*FutureReader[T]); ok {
			return r, nil
		}
		return nil, errForeign(v.Future(), "a future that came from a guest")
	}
	r := newFutureReader[T](f.promise)
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
// the same value every time; what that holds belongs to who asks first. Where the
// instance at the other end trapped or was closed, that is the error.
func (r *FutureReader[T]) Await(ctx context.Context) (T, error) {
	var zero T
	s, err := r.promise.begin(ctx)
	if err != nil && r.promise.readable.Load() != endClosed {
		return zero, err
	}
	if err := r.turn.take(ctx); err != nil {
		return zero, err
	}
	defer r.turn.give()
	switch {
	case r.value != nil:
		return *r.value, nil
	case err != nil:
		return zero, err
	}
	v, err := r.read(ctx, s)
	if err != nil {
		return zero, err
	}
	r.value = &v
	return v, nil
}

// Then has f called with what Await would return, once, while the instance is held:
// f must be quick, and may not wait for anything of the instance's. No goroutine
// waits. The future can't be awaited besides. A host function that is given the
// future may call Then with its own context before it returns, and then misses no
// turn. Where the future is closed before it has a value, f is called with
// [io.ErrClosedPipe].
func (r *FutureReader[T]) Then(ctx context.Context, f func(T, error)) {
	var zero T
	p := r.promise
	if !p.isTied() {
		f(zero, errBothEnds)
		return
	}
	s := p.store
	if s == nil {
		f(zero, io.ErrClosedPipe)
		return
	}
	e := &expected[T]{reader: r, store: s, tell: f}
	if holds(ctx, s) {
		e.enter()
	} else {
		s.submit(e)
	}
}

// expected is a read of a future for [FutureReader.Then]. It is the entry that starts it.
type expected[T any] struct {
	reader *FutureReader[T]
	store  *store
	tell   func(T, error)

	room [1]T
	one  [1]val.Value
	buffer
}

// enter starts the read, while the store is held.
func (e *expected[T]) enter() {
	p := e.reader.promise
	err := p.mayRead()
	if err == nil {
		e.buffer = bufferIn(e.one[:], p.core.Elem(), e.room[:])
		err = p.core.Read(&e.host, e.came)
	}
	if err == cabi.ErrDone {
		err = ErrNoValue
	}
	if err != nil {
		e.fail(err)
	}
}

func (e *expected[T]) fail(err error) {
	var zero T
	e.tell(zero, err)
}

// came is called while the store is held, when the read has ended.
func (e *expected[T]) came(r cabi.CopyResult) {
	switch r {
	case cabi.CopyDropped:
		e.fail(cmp.Or(e.store.poisoned(), ErrNoValue))
	case cabi.CopyCancelled:
		e.fail(io.ErrClosedPipe)
	default:
		e.store.wrapAll(e.values, e.reader.promise.core.Elem())
		e.tell(e.reader.took(e.store, e.values, e.room[0]))
	}
}

func (r *FutureReader[T]) read(ctx context.Context, s *store) (v T, err error) {
	room := make([]T, 1)
	op := newOperation(s, r.promise.core, &r.promise.link, room)
	defer op.release()
	result, err := op.run(ctx)
	switch {
	case err == cabi.ErrDone || err == nil && result == cabi.CopyDropped:
		return v, ErrNoValue
	case err != nil:
		return v, err
	case result == cabi.CopyCancelled && ctx.Err() == nil:
		return v, io.ErrClosedPipe
	case result == cabi.CopyCancelled:
		return v, ctx.Err()
	}
	return r.took(s, op.values, room[0])
}

// took converts what was read to values, unless it is a byte, v.
func (r *FutureReader[T]) took(s *store, values []val.Value, v T) (T, error) {
	c := r.codec.Load()
	if c == nil || values == nil {
		return v, nil
	}
	into := new(T) // not v, which need not be on the heap
	err := c.set(reflect.ValueOf(into).Elem(), values[0])
	if err != nil {
		s.closeHandles(values[0], r.promise.core.Elem())
	}
	return *into, within("value", err)
}

// Close gives the readable end up. An Await that is under way ends. Closing an
// end again, or one that was passed on, does nothing.
func (r *FutureReader[T]) Close() error {
	r.promise.closeReader()
	return nil
}

// Set gives the future its value and does not wait for anybody to read it. It
// returns an error if it was set or closed before. Nobody is told if the reader
// goes away; what the value holds is closed then. A value that can't be converted
// to the future's type leaves the future without one.
func (w *FutureWriter[T]) Set(v T) error {
	if w.used.Swap(true) {
		return errors.New("the future was set or closed before")
	}
	w.reader.promise.whenTied(func(s *store) { w.write(s, v) })
	return nil
}

// write writes the value, while the store is held.
func (w *FutureWriter[T]) write(s *store, v T) {
	core := w.reader.promise.core
	drop := func() {
		_ = core.DropWritable() // who reads it without a value is told that it was abandoned
		s.ends.letGo(core)
	}
	buf, err := w.buffer(v)
	if err == nil && buf.values != nil {
		buf.values[0], err = s.unwrap(buf.values[0], core.Elem())
	}
	if err != nil {
		drop()
		return
	}
	giveUp := func() {
		if buf.values != nil {
			s.release(buf.values[0], core.Elem())
		}
	}
	err = core.Write(&buf.host, func(r cabi.CopyResult) {
		if r != cabi.CopyCompleted {
			s.post(giveUp) // guest code may be in the middle of something
		}
		drop()
	})
	if err != nil {
		giveUp()
		drop()
	}
}

// buffer holds the value as the canonical ABI takes it.
func (w *FutureWriter[T]) buffer(v T) (buf buffer, err error) {
	buf = bufferOf(w.reader.promise.core.Elem(), []T{v})
	if c := w.reader.codec.Load(); c != nil && buf.values != nil {
		buf.values[0], err = c.toVal(reflect.ValueOf(&v).Elem())
	}
	return buf, err
}

// CloseUnread gives the writable end up where the guest has dropped the readable one,
// and so no value will be wanted, and reports whether that is so. Only a function
// that holds the instance finds out, with its own context; to others it is false.
func (w *FutureWriter[T]) CloseUnread(ctx context.Context) bool {
	p := w.reader.promise
	if !p.isTied() || p.store == nil || !holds(ctx, p.store) || !p.core.Unread() || w.used.Swap(true) {
		return false
	}
	_ = p.core.DropWritable()
	p.store.ends.letGo(p.core)
	return true
}

// Close gives the writable end up. Where no value was set, a guest that reads the
// future traps, since guests have no way to learn of it. Closing an end again, or
// after Set, does nothing.
func (w *FutureWriter[T]) Close() error {
	if !w.used.Swap(true) {
		core := func() *cabi.Future { return w.reader.promise.core }
		w.reader.promise.whenTied(func(s *store) {
			_ = core().DropWritable()
			s.ends.letGo(core())
		})
	}
	return nil
}

// futureEnd is a *Future or a *FutureReader[T], whatever T is.
type futureEnd interface {
	val.Future
	end() *promise
	setElem(elem *types.Type, ext handleMatcher) error
}

// typedFuture is a *FutureReader[T], whatever T is.
type typedFuture interface {
	futureEnd
	adopt(p *promise)
}

func (r *FutureReader[T]) end() *promise { return r.promise }

func (r *FutureReader[T]) adopt(p *promise) { r.promise = p }

func (f *Future) end() *promise                          { return f.promise }
func (*Future) setElem(*types.Type, handleMatcher) error { return nil }

// unwrapFuture is what a guest gets for a future of the embedder's value.
func (s *store) unwrapFuture(v val.Future, t *types.Type) (*cabi.Future, error) {
	end, ok := v.(futureEnd)
	if !ok {
		return nil, errForeign(v, "a *gondola.FutureReader")
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
		return s.relayFuture(p.moved(), t), nil
	case p.core.Elem() != t.Elem():
		p.takeBack()
		return nil, errForeign(v, t.String())
	default:
		s.ends.letGo(p.core)
	}
	return p.core, nil
}

// relayFuture makes a future of this store that carries what one of another store
// does.
func (s *store) relayFuture(from *promise, t *types.Type) *cabi.Future {
	w, r := NewFuture[val.Value]()
	source := newFutureReader[val.Value](from)
	if t.Elem() != nil {
		r.codec.Store(dynamicCodec(t.Elem()))
		source.codec.Store(dynamicCodec(t.Elem()))
	}
	r.promise.bind(s, t.Elem())
	go func() {
		defer source.Close()
		defer w.Close()
		if v, err := source.Await(s.ctx); err == nil {
			_ = w.Set(v)
		}
	}()
	return r.promise.core
}

// future converts between a *FutureReader[T] and a future.
func (h *handleTypes) future(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt.Kind() != reflect.Pointer {
		return nil, &matchError{t: t, gt: gt}
	}
	probe, ok := reflect.New(gt.Elem()).Interface().(typedFuture)
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
			end := r.Interface().(typedFuture)
			end.adopt(f.promise)
			dst.Set(r)
			return end.setElem(t.Elem(), h)
		},
	}, nil
}
