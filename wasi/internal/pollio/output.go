package pollio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// MaxBlockingWrite is how much the blocking writes take.
//
// Spec: wasi:io/streams.output-stream.blocking-write-and-flush.
const MaxBlockingWrite = 4096

// DefaultPermit is how much a guest may write before anything of it is out.
const DefaultPermit = 64 << 10

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

// OutputOptions say how an [OutputStream] works. The zero OutputOptions are good for
// a sink that may have to wait: what is written goes out on a goroutine that lives
// while there is something to write, and is lost if the stream is dropped first.
type OutputOptions struct {
	// Permit is how much the guest may write before anything of it is out, at most:
	// DefaultPermit if it is 0.
	Permit int

	// Prompt says that the sink does not wait, or for a disk at most: it is written
	// in the guest's call, without a goroutine and without a copy.
	Prompt bool

	// Room, unless it is nil, says how much a Prompt sink takes without waiting, in
	// place of Permit. Where that grows the sink calls [OutputStream.Changed].
	Room func() int

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

	mu      sync.Mutex // of the streams as well
	used    int        // written by guests, not out yet
	changed Signal     // some stream may be ready
}

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
	state outputState
	err   error // what was lost by, if anything was
}

type outputState uint8

const (
	outputOpen outputState = iota
	outputFlushing
	outputFailed
	outputClosed
)

// NewOutputStream makes a stream that writes to s.
func NewOutputStream(s Sink, opts OutputOptions) *OutputStream {
	if opts.Permit == 0 {
		opts.Permit = DefaultPermit
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

// room is how much may be written now. The lock is held.
func (o *OutputStream) room() int {
	switch {
	case o.state != outputOpen:
		return 0
	case o.opts.Room != nil:
		return o.opts.Room()
	}
	return min(o.permit-o.used, o.opts.Permit)
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
	return uint64(o.room()), o.take()
}

// Write writes p, which it keeps, without waiting. An error that is neither
// [ErrClosed] nor an [*Error] is for the guest to be trapped with: it may not write
// more than CheckWrite has permitted.
//
// Spec: wasi:io/streams.output-stream.write.
func (o *OutputStream) Write(p []byte) error {
	if err := o.reserve("write", uint64(len(p))); err != nil {
		return err
	}
	if !o.opts.Prompt {
		o.queue.write(o, p)
		return nil
	}
	o.write(p)
	return o.done()
}

// reserve takes n bytes from the permit.
func (o *OutputStream) reserve(what string, n uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.take(); err != nil {
		return err
	}
	if room := o.room(); n > uint64(room) {
		return fmt.Errorf("wasi:io/streams: %s of %d bytes, more than the %d that check-write permits", what, n, room)
	}
	o.used += int(n)
	return nil
}

// do lets the sink work: now, or in its turn.
func (o *OutputStream) do(work func()) error {
	if !o.opts.Prompt {
		o.queue.Add(work)
		return nil
	}
	work()
	return o.done()
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
	if err := o.reserve("write-zeroes", n); err != nil {
		return err
	}
	return o.do(func() { o.writeZeroes(int(n)) })
}

// Flush begins a flush: nothing may be written until it has ended.
//
// Spec: wasi:io/streams.output-stream.flush.
func (o *OutputStream) Flush() error {
	o.mu.Lock()
	err := o.take()
	flushing := o.state == outputFlushing
	if err == nil {
		o.state = outputFlushing
	}
	o.mu.Unlock()
	if err != nil || flushing {
		return err
	}
	return o.do(o.flush)
}

// BlockingFlush returns when all that was written is out.
//
// Spec: wasi:io/streams.output-stream.blocking-flush.
func (o *OutputStream) BlockingFlush(ctx context.Context) error {
	if err := o.Flush(); err != nil {
		return err
	}
	_, err := o.await(ctx)
	return err
}

// await waits until something may be written, and says how much.
func (o *OutputStream) await(ctx context.Context) (uint64, error) {
	for {
		if n, err := o.CheckWrite(); n > 0 || err != nil {
			return n, err
		}
		if err := await(ctx, o); err != nil {
			return 0, err
		}
	}
}

// BlockingWriteAndFlush returns when p, which it keeps, is out. It may be
// [MaxBlockingWrite] long.
//
// Spec: wasi:io/streams.output-stream.blocking-write-and-flush.
func (o *OutputStream) BlockingWriteAndFlush(ctx context.Context, p []byte) error {
	write := func(n uint64) error {
		piece := p[:n]
		p = p[n:]
		return o.Write(piece)
	}
	return o.blocking(ctx, "blocking-write-and-flush", uint64(len(p)), write)
}

// BlockingWriteZeroesAndFlush is BlockingWriteAndFlush of n zeroes.
//
// Spec: wasi:io/streams.output-stream.blocking-write-zeroes-and-flush.
func (o *OutputStream) BlockingWriteZeroesAndFlush(ctx context.Context, n uint64) error {
	return o.blocking(ctx, "blocking-write-zeroes-and-flush", n, o.WriteZeroes)
}

// blocking writes n bytes by write and flushes.
func (o *OutputStream) blocking(ctx context.Context, what string, n uint64, write func(n uint64) error) error {
	if n > MaxBlockingWrite {
		return fmt.Errorf("wasi:io/streams: %s of %d bytes, it takes at most %d", what, n, MaxBlockingWrite)
	}
	for {
		room, err := o.await(ctx)
		if err != nil {
			return err
		}
		m := min(n, room)
		if err := write(m); err != nil {
			return err
		}
		if n -= m; n == 0 {
			break
		}
	}
	if err := o.BlockingFlush(ctx); err != ErrClosed || o.lost() {
		return err
	}
	return nil // all is out; that the stream is closed now is for the next call to say
}

// lost reports whether something was written that did not come out.
func (o *OutputStream) lost() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err != nil
}

// Splice moves bytes from src without waiting: as many as both allow, at most n.
//
// Spec: wasi:io/streams.output-stream.splice.
func (o *OutputStream) Splice(src *InputStream, n uint64) (uint64, error) {
	room, err := o.CheckWrite()
	if err != nil {
		return 0, err
	}
	if n = min(n, room); n == 0 {
		return 0, nil
	}
	b, err := src.Read(n)
	if err != nil || len(b) == 0 {
		return 0, err
	}
	return uint64(len(b)), o.Write(b)
}

// BlockingSplice is Splice after waiting until it can move something.
//
// Spec: wasi:io/streams.output-stream.blocking-splice.
func (o *OutputStream) BlockingSplice(ctx context.Context, src *InputStream, n uint64) (uint64, error) {
	room, err := o.await(ctx)
	if err != nil {
		return 0, err
	}
	b, err := src.BlockingRead(ctx, min(n, room))
	if err != nil || len(b) == 0 {
		return 0, err
	}
	return uint64(len(b)), o.Write(b)
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
// out, and then f, unless it is nil, is called, on another goroutine. It may be
// called from any goroutine.
func (o *OutputStream) End(f func()) {
	o.mu.Lock()
	if o.state != outputFailed {
		o.state = outputClosed
	}
	o.mu.Unlock()
	o.changed.Broadcast()
	if f != nil {
		o.queue.Add(f)
	}
}

// Drop closes the stream. The error is of a guest that has not dropped its
// pollables.
func (o *OutputStream) Drop() error {
	switch {
	case o.opts.Linger && !o.opts.Prompt:
		o.queue.Add(o.close)
	default:
		o.close()
	}
	return o.CheckDrop()
}

func (o *OutputStream) close() {
	o.cancel()
	o.sink.Close()
}

// ToWriter makes a sink of a writer. If it has a method Flush() error, that is its
// Flush. If it is an [io.Closer] it is closed when the stream is dropped, which must
// end a Write that is under way.
func ToWriter(w io.Writer) Sink { return writerSink{w} }

type writerSink struct{ w io.Writer }

func (s writerSink) Write(_ context.Context, p []byte) (int, error) { return s.w.Write(p) }

func (s writerSink) Flush(context.Context) error {
	if f, ok := s.w.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

func (s writerSink) Close() {
	if c, ok := s.w.(io.Closer); ok {
		_ = c.Close()
	}
}
