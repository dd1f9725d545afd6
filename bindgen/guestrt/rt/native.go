//go:build !wasip1

package rt

import (
	"context"
	"io"
	"sync"
)

// A guard keeps goroutines apart.
type guard = sync.Mutex

// A StreamType stands for stream<T>; natively it holds nothing.
type StreamType[T any] struct{}

// A FutureType stands for future<T>; natively it holds nothing.
type FutureType[T any] struct{}

// UnitStream is the type of a WIT stream without payload.
var UnitStream StreamType[Unit]

// UnitFuture is the type of a WIT future without payload.
var UnitFuture FutureType[Unit]

// NewStream makes a stream in memory. Like a WIT stream it has no buffer.
func NewStream[T any](*StreamType[T]) (*StreamWriter[T], *StreamReader[T]) {
	p := newPipe[T]()
	return &StreamWriter[T]{writeEnd[T]{p}}, &StreamReader[T]{readEnd[T]{p}}
}

// NewByteStream is [NewStream] for bytes.
func NewByteStream(t *StreamType[byte]) (*ByteWriter, *ByteReader) {
	w, r := NewStream(t)
	return &ByteWriter{*w}, &ByteReader{*r}
}

// NewFuture makes a future in memory.
func NewFuture[T any](*FutureType[T]) (*FutureWriter[T], *FutureReader[T]) {
	c := &cell[T]{value: make(chan T), taken: make(chan struct{}), closed: make(chan struct{})}
	return &FutureWriter[T]{futureWriteEnd[T]{c}}, &FutureReader[T]{futureReadEnd[T]{c}}
}

// A pipe is a stream in memory.
type pipe[T any] struct {
	items        chan T
	read, write  chan struct{} // hold a token while an operation runs
	readerClosed chan struct{}
	writerClosed chan struct{}
	closeReader  func()
	closeWriter  func()
}

func newPipe[T any]() *pipe[T] {
	p := &pipe[T]{
		items: make(chan T), read: make(chan struct{}, 1), write: make(chan struct{}, 1),
		readerClosed: make(chan struct{}), writerClosed: make(chan struct{}),
	}
	p.closeReader = sync.OnceFunc(func() { close(p.readerClosed) })
	p.closeWriter = sync.OnceFunc(func() { close(p.writerClosed) })
	return p
}

type readEnd[T any] struct{ *pipe[T] }

func (e readEnd[T]) close() error {
	e.closeReader()
	return nil
}

func (e readEnd[T]) read(ctx context.Context, dst []T) (int, error) {
	select {
	case e.pipe.read <- struct{}{}:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	defer func() { <-e.pipe.read }()
	if isClosed(e.readerClosed) {
		return 0, io.ErrClosedPipe
	}
	select {
	case dst[0] = <-e.items:
	case <-e.writerClosed:
		return 0, io.EOF
	case <-e.readerClosed:
		return 0, io.ErrClosedPipe
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	for n := 1; n < len(dst); n++ {
		select {
		case dst[n] = <-e.items:
		default:
			return n, nil
		}
	}
	return len(dst), nil
}

type writeEnd[T any] struct{ *pipe[T] }

func (e writeEnd[T]) close() error {
	e.closeWriter()
	return nil
}

func (e writeEnd[T]) write(ctx context.Context, src []T) (int, error) {
	select {
	case e.pipe.write <- struct{}{}:
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	defer func() { <-e.pipe.write }()
	for i, v := range src {
		if isClosed(e.writerClosed) || isClosed(e.readerClosed) {
			return i, io.ErrClosedPipe
		}
		select {
		case e.items <- v:
		case <-e.writerClosed:
			return i, io.ErrClosedPipe
		case <-e.readerClosed:
			return i, io.ErrClosedPipe
		case <-ctx.Done():
			return i, context.Cause(ctx)
		}
	}
	return len(src), nil
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// A cell is a future in memory.
type cell[T any] struct {
	value  chan T
	mu     sync.Mutex
	state  cellState
	taken  chan struct{} // closed when the value is delivered
	closed chan struct{} // closed when the reader is
}

type cellState uint8

const (
	cellOpen cellState = iota
	cellWritten
)

type futureReadEnd[T any] struct{ *cell[T] }

func (e futureReadEnd[T]) await(ctx context.Context) (v T, err error) {
	if isClosed(e.closed) || isClosed(e.taken) {
		return v, io.ErrClosedPipe
	}
	select {
	case v = <-e.value:
		return v, nil
	case <-e.taken:
		return v, io.ErrClosedPipe
	case <-e.closed:
		return v, io.ErrClosedPipe
	case <-ctx.Done():
		return v, context.Cause(ctx)
	}
}

func (e futureReadEnd[T]) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !isClosed(e.closed) {
		close(e.closed)
	}
	return nil
}

type futureWriteEnd[T any] struct{ *cell[T] }

func (e futureWriteEnd[T]) write(ctx context.Context, v T) error {
	if !e.claim() {
		return io.ErrClosedPipe
	}
	select {
	case e.value <- v:
		close(e.taken)
		return nil
	case <-e.closed:
		return io.ErrClosedPipe
	case <-ctx.Done():
		e.unclaim()
		return context.Cause(ctx)
	}
}

// claim makes the caller the one writer; it reports false if there is one already.
func (e futureWriteEnd[T]) claim() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == cellWritten || isClosed(e.closed) {
		return false
	}
	e.state = cellWritten
	return true
}

func (e futureWriteEnd[T]) unclaim() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.state = cellOpen
}

func (e futureWriteEnd[T]) closeWith(v T) { go e.write(context.Background(), v) }
