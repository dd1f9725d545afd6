package p2

import (
	"context"
	"errors"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

func addError(l *gondola.Linker) {
	const id = "wasi:io/error" + version
	l.Resource(id, "error", func(*pollio.Error) {})
	l.Func(id, "[method]error.to-debug-string", func(_ context.Context, e *pollio.Error) string { return e.Error() })
}

func addPoll(l *gondola.Linker) {
	const id = "wasi:io/poll" + version
	l.Resource(id, "pollable", (*pollio.Pollable).Drop)
	l.Func(id, "[method]pollable.ready", func(_ context.Context, p *pollio.Pollable) bool { return p.Ready() })
	l.Func(id, "[method]pollable.block", func(ctx context.Context, p *pollio.Pollable) error { return p.Block(ctx) }, gondola.Blocking())
	l.Func(id, "poll", pollio.Poll, gondola.Blocking())
}

// streamError is wasi:io/streams.stream-error.
type streamError interface {
	gondola.Variant[streamErrors]
	error
}

type streamErrors struct {
	LastOperationFailed lastOperationFailed
	Closed              closed
}

type lastOperationFailed struct{ Cause *pollio.Error }

type closed struct{}

func (lastOperationFailed) WITCases(streamErrors) {}
func (closed) WITCases(streamErrors)              {}

func (e lastOperationFailed) Error() string { return "last operation failed: " + e.Cause.Error() }
func (closed) Error() string                { return pollio.ErrClosed.Error() }

// streamErrorOf turns an error of a stream into one that the guest sees. Any other
// stays as it is and traps.
func streamErrorOf(err error) error {
	switch e, failed := err.(*pollio.Error); {
	case failed:
		return lastOperationFailed{e}
	case errors.Is(err, pollio.ErrClosed):
		return closed{}
	}
	return err
}

func addStreams(l *gondola.Linker) {
	addInputStream(l)
	addOutputStream(l)
}

const streams = "wasi:io/streams" + version

func addInputStream(l *gondola.Linker) {
	type in = *pollio.InputStream
	l.Resource(streams, "input-stream", in.Drop)
	method := func(name string, fn any, opts ...gondola.FuncOption) {
		l.Func(streams, "[method]input-stream."+name, fn, opts...)
	}
	method("read", func(_ context.Context, s in, n uint64) ([]byte, error) {
		b, err := s.Read(n)
		return b, streamErrorOf(err)
	})
	method("blocking-read", func(ctx context.Context, s in, n uint64) ([]byte, error) {
		b, err := s.BlockingRead(ctx, n)
		return b, streamErrorOf(err)
	}, gondola.Blocking())
	method("skip", func(_ context.Context, s in, n uint64) (uint64, error) {
		n, err := s.Skip(n)
		return n, streamErrorOf(err)
	})
	method("blocking-skip", func(ctx context.Context, s in, n uint64) (uint64, error) {
		n, err := s.BlockingSkip(ctx, n)
		return n, streamErrorOf(err)
	}, gondola.Blocking())
	method("subscribe", func(_ context.Context, s in) *pollio.Pollable { return s.Subscribe() })
}

func addOutputStream(l *gondola.Linker) {
	type out = *pollio.OutputStream
	l.Resource(streams, "output-stream", out.Drop)
	method := func(name string, fn any, opts ...gondola.FuncOption) {
		l.Func(streams, "[method]output-stream."+name, fn, opts...)
	}
	method("check-write", func(_ context.Context, s out) (uint64, error) {
		n, err := s.CheckWrite()
		return n, streamErrorOf(err)
	})
	method("write", func(_ context.Context, s out, p []byte) error { return streamErrorOf(s.Write(p)) })
	method("write-zeroes", func(_ context.Context, s out, n uint64) error { return streamErrorOf(s.WriteZeroes(n)) })
	method("flush", func(_ context.Context, s out) error { return streamErrorOf(s.Flush()) })
	method("subscribe", func(_ context.Context, s out) *pollio.Pollable { return s.Subscribe() })
	method("splice", func(_ context.Context, s out, src *pollio.InputStream, n uint64) (uint64, error) {
		n, err := s.Splice(src, n)
		return n, streamErrorOf(err)
	})
	method("blocking-write-and-flush", func(ctx context.Context, s out, p []byte) error {
		return streamErrorOf(s.BlockingWriteAndFlush(ctx, p))
	}, gondola.Blocking())
	method("blocking-write-zeroes-and-flush", func(ctx context.Context, s out, n uint64) error {
		return streamErrorOf(s.BlockingWriteZeroesAndFlush(ctx, n))
	}, gondola.Blocking())
	method("blocking-flush", func(ctx context.Context, s out) error { return streamErrorOf(s.BlockingFlush(ctx)) }, gondola.Blocking())
	method("blocking-splice", func(ctx context.Context, s out, src *pollio.InputStream, n uint64) (uint64, error) {
		n, err := s.BlockingSplice(ctx, src, n)
		return n, streamErrorOf(err)
	}, gondola.Blocking())
}
