package pollio

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// OutputOptions say how an [OutputStream] works. The zero OutputOptions are good for
// a sink that may have to wait: what is written goes out on a goroutine that lives
// while there is something to write, and is lost if the stream is dropped first.
type OutputOptions struct {
	// Permit is how much the guest may write before anything of it is out, at most:
	// that of the limits if it is 0.
	Permit int

	// Prompt says that the sink does not wait, or for a disk at most: it is written
	// in the guest's call, without a goroutine and without a copy.
	Prompt bool

	// Room, unless it is nil, says how much a Prompt sink takes without waiting, in
	// place of Permit. Where that grows the sink calls [OutputStream.Changed].
	Room func() int

	// Promised, unless it is nil, is told how much more, or with a minus less, the
	// guest has been permitted and has not written yet. It may not wait.
	Promised func(n int)

	// Linger says that what was written goes out although the stream is dropped.
	Linger bool

	// Shared, unless it is nil, is what several streams share.
	Shared *Shared
}

// Shared is shared by streams that go to the same place in the end. What they carry
// goes out in the order in which it was written, and what is not out yet counts
// against one permit.
type Shared struct {
	queue  *Queue
	permit int

	mu       sync.Mutex // of the streams as well
	used     int        // written by guests, not out yet
	promised int        // permitted, not written yet
	pieces   int        // in the queue
	changed  Signal     // some stream may be ready
}

// maxPieces is how many pieces may be in a queue: each costs something, however short
// it is.
const maxPieces = 1 << 13

// NewShared makes what is to be shared by streams that go out over q, which may
// serve others too.
func NewShared(q *Queue, permit int) *Shared { return &Shared{queue: q, permit: permit} }

// OutputStream is the resource wasi:io/streams.output-stream. Its methods but
// [OutputStream.End] are called while the instance is held.
//
//	open ◀──▶ flushing ──▶ failed ──▶ closed     failed: the error is still to be reported
//	  └──────────┴─────────────────────▲
type OutputStream struct {
	Parent
	*Shared
	sink   Sink
	opts   OutputOptions
	ctx    context.Context // of the sink's calls
	cancel context.CancelFunc

	// The lock of Shared guards what follows.
	state     outputState
	err       error // what was lost by, if anything was
	permitted int   // for the next write, whatever others have written meanwhile
	queued    int   // pieces of this stream in the queue
	unflushed bool  // something was written since the last flush
}

type outputState uint8

const (
	outputOpen outputState = iota
	outputFlushing
	outputFailed
	outputClosed
)

// NewOutputStream makes a stream that writes to s.
func (l Limits) NewOutputStream(s Sink, opts OutputOptions) *OutputStream {
	if opts.Permit == 0 {
		opts.Permit = l.Permit
	}
	o := &OutputStream{sink: s, opts: opts, Shared: opts.Shared}
	if o.Shared == nil {
		o.Shared = NewShared(&Queue{}, opts.Permit)
	}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

// Ready implements [Source]: it reports whether CheckWrite returns something else
// than 0.
func (o *OutputStream) Ready() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.state > outputFlushing || o.room() > 0
}

// Watch implements [Source].
func (o *OutputStream) Watch(wake chan<- struct{}) (stop func()) { return o.changed.Watch(wake) }

// minPermit is what a stream gets at least while there is room: what is permitted to
// streams that don't write is no reason for others to wait.
const minPermit = 512

// room is how much may be written now. The lock is held.
func (o *OutputStream) room() int {
	switch {
	case o.state != outputOpen || o.pieces >= maxPieces:
		return 0
	case o.opts.Room != nil:
		return o.opts.Room()
	}
	left := max(o.permit-o.used, 0)
	ofOthers := o.promised - o.permitted
	return min(max(left-ofOthers, min(left, minPermit)), o.opts.Permit)
}

// promise permits n bytes for the next write, in place of what was permitted before.
// The lock is held.
func (o *OutputStream) promise(n int) {
	more := n - o.permitted
	o.permitted = n
	o.promised += more
	if o.opts.Promised != nil && more != 0 {
		o.opts.Promised(more)
	}
}

// take takes the error that is to be reported. The lock is held.
func (o *OutputStream) take() error {
	switch o.state {
	case outputFailed:
		o.state = outputClosed
		return Failed(o.err)
	case outputClosed:
		return ErrClosed
	}
	return nil
}

// CheckWrite says how much may be written without waiting; 0 while nothing may be.
//
// Spec: wasi:io/streams.output-stream.check-write.
func (o *OutputStream) CheckWrite() (uint64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.promise(o.room())
	return uint64(o.permitted), o.take()
}

// Write writes p, which it keeps, without waiting. An error that is neither
// [ErrClosed] nor an [*Error] is for the guest to be trapped with: it may not write
// more than CheckWrite has permitted.
//
// Spec: wasi:io/streams.output-stream.write.
func (o *OutputStream) Write(p []byte) error {
	if err := o.reserve("write", uint64(len(p))); err != nil || len(p) == 0 {
		return err
	}
	if o.opts.Prompt {
		o.write(p)
		return o.done()
	}
	if !o.queue.write(o, p) {
		o.count(1)
	}
	return nil
}

// reserve takes n bytes from the permit.
func (o *OutputStream) reserve(what string, n uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.take(); err != nil {
		return err
	}
	if most := max(o.room(), o.permitted); n > uint64(most) {
		return fmt.Errorf("wasi:io/streams: %s of %d bytes, more than the %d that check-write permits", what, n, most)
	}
	if n > 0 {
		o.promise(0)
		o.used += int(n)
		o.unflushed = true
	}
	return nil
}

// do lets the sink work: now, or in its turn.
func (o *OutputStream) do(work func()) error {
	if o.opts.Prompt {
		work()
		return o.done()
	}
	o.enqueue(work)
	return nil
}

func (o *OutputStream) enqueue(work func()) {
	o.count(1)
	o.queue.Add(func() {
		work()
		o.count(-1)
	})
}

// count notes that pieces of the stream have come into the queue, or with a minus that
// they have been done.
func (o *OutputStream) count(n int) {
	o.mu.Lock()
	o.queued += n
	o.pieces += n
	o.mu.Unlock()
	if n < 0 {
		o.changed.Broadcast()
	}
}

// done is how work went that was done in the call.
func (o *OutputStream) done() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.take()
}

// write writes out what was reserved. Whatever becomes of it, it counts no more.
func (o *OutputStream) write(p []byte) {
	err := o.use(func() error {
		_, err := o.sink.Write(o.ctx, p)
		return err
	})
	o.mu.Lock()
	o.used -= len(p)
	o.mu.Unlock()
	o.worked(err)
}

// zeroes are what write-zeroes writes.
var zeroes [MaxBlockingWrite]byte

func (o *OutputStream) writeZeroes(n int) {
	for n > 0 {
		m := min(n, len(zeroes))
		o.write(zeroes[:m])
		n -= m
	}
}

// flush ends the state flushing.
func (o *OutputStream) flush() {
	err := o.use(func() error { return o.sink.Flush(o.ctx) })
	o.mu.Lock()
	if o.state == outputFlushing {
		o.state = outputOpen
	}
	o.mu.Unlock()
	o.worked(err)
}

// use lets the sink do something, unless it has failed or nobody wants it any more.
func (o *OutputStream) use(f func() error) (err error) {
	if o.ctx.Err() != nil {
		return nil
	}
	if perr := Guard("writing a stream", func() { err = f() }); perr != nil {
		err = perr
	}
	return err
}

// worked notes how it went and tells those who wait.
func (o *OutputStream) worked(err error) {
	if err != nil {
		o.fail(err)
	}
	o.changed.Broadcast()
}

// fail puts the stream into the state failed, or closed where err is [ErrClosed], if
// it isn't closed or failed before. The sink is not used any more.
func (o *OutputStream) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.state > outputFlushing:
	case errors.Is(err, ErrClosed):
		o.state, o.err = outputClosed, err
	default:
		o.state, o.err = outputFailed, err
	}
	o.cancel()
}

// WriteZeroes is Write of n zeroes.
//
// Spec: wasi:io/streams.output-stream.write-zeroes.
func (o *OutputStream) WriteZeroes(n uint64) error {
	if err := o.reserve("write-zeroes", n); err != nil || n == 0 {
		return err
	}
	return o.do(func() { o.writeZeroes(int(n)) })
}

// Flush begins a flush: nothing may be written until it has ended. Where nothing was
// written since the last, there is nothing to do.
//
// Spec: wasi:io/streams.output-stream.flush.
func (o *OutputStream) Flush() error {
	if begin, err := o.startFlush(); !begin {
		return err
	}
	return o.do(o.flush)
}

func (o *OutputStream) startFlush() (begin bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.take(); err != nil || !o.unflushed {
		return false, err
	}
	o.promise(0)
	o.state, o.unflushed = outputFlushing, false
	return true, nil
}

// Subscribe makes a pollable that is ready when something may be written, or an
// error is to be reported. It is a child of the stream.
//
// Spec: wasi:io/streams.output-stream.subscribe.
func (o *OutputStream) Subscribe() *Pollable { return o.Parent.Subscribe(o) }

// Changed says that there may be more [OutputOptions].Room. It may be called from
// any goroutine.
func (o *OutputStream) Changed() { o.changed.Broadcast() }

// End closes the stream for the guest at once: what was written before still goes
// out, and then f, unless it is nil, is called, on another goroutine. Where the
// stream has ended or failed before, f is not called. End may be called from any
// goroutine.
func (o *OutputStream) End(f func()) {
	if o.end() && f != nil {
		o.enqueue(f)
	}
}

// end reports whether the stream was open.
func (o *OutputStream) end() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state > outputFlushing {
		return false
	}
	o.promise(0)
	o.state = outputClosed
	o.changed.Broadcast()
	return true
}

// Drop closes the stream. The error is of a guest that has not dropped its
// pollables.
func (o *OutputStream) Drop() error {
	if o.lingers() {
		o.queue.Add(o.close)
	} else {
		o.close()
	}
	return o.CheckDrop()
}

// lingers reports whether the stream is to be closed when what it has written is out.
func (o *OutputStream) lingers() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.promise(0)
	return o.opts.Linger && o.queued > 0
}

func (o *OutputStream) close() {
	o.cancel()
	o.sink.Close()
}
