package pollio

import (
	"context"
	"fmt"
)

// MaxBlockingWrite is how much the blocking writes take.
//
// Spec: wasi:io/streams.output-stream.blocking-write-and-flush.
const MaxBlockingWrite = 4096

// BlockingFlush returns when all that was written is out and more may be written.
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
	b, err := src.Read(min(n, room))
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
