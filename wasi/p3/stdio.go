package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/stdio"
)

// errorCode is wasi:cli/types.error-code.
type errorCode uint8

const (
	errIO errorCode = iota
	errIllegalByteSequence
	errPipe
)

var errorCodeNames = [...]string{"io", "illegal-byte-sequence", "pipe"}

func (c errorCode) String() string { return errorCodeNames[c] }

func errorCodeOf(err error) errorCode {
	if stdio.IsBrokenPipe(err) {
		return errPipe
	}
	return errIO
}

// outcome is result<_, error-code>.
type outcome = gondola.Result[struct{}, errorCode]

func outcomeOf(err error) outcome {
	if err == nil {
		return outcome{}
	}
	code := errorCodeOf(err)
	return outcome{Err: &code}
}

// input is tuple<stream<u8>, future<result<_, error-code>>>.
type input struct {
	F0 *gondola.StreamReader[byte]
	F1 *gondola.FutureReader[outcome]
}

func addStdio(l *gondola.Linker, h *host.Host) {
	l.Func("wasi:cli/stdin"+version, "read-via-stream", func(context.Context) (input, error) {
		return readViaStream(h.Stdin)
	})
	for name, out := range map[string]func(context.Context) *stdio.Output{"stdout": h.Stdout, "stderr": h.Stderr} {
		l.Func("wasi:cli/"+name+version, "write-via-stream",
			func(ctx context.Context, data *gondola.StreamReader[byte]) (*gondola.FutureReader[outcome], error) {
				return writeViaStream(ctx, out(ctx), data)
			})
	}
}

func readViaStream(in *stdio.Input) (input, error) {
	if err := in.Reserve(); err != nil {
		return input{}, err
	}
	data, reader := gondola.NewStream[byte]()
	result, future := gondola.NewFuture[outcome]()
	ctx, cancel := context.WithCancel(context.Background())
	data.OnReaderGone(cancel)
	go func() {
		defer cancel()
		err := in.CopyTo(ctx, data)
		data.Finish()
		result.Set(outcomeOf(err))
	}()
	return input{reader, future}, nil
}

func writeViaStream(ctx context.Context, out *stdio.Output, data *gondola.StreamReader[byte]) (*gondola.FutureReader[outcome], error) {
	result, future := gondola.NewFuture[outcome]()
	sink := out.NewSink(func(err error) { result.Set(outcomeOf(err)) })
	in, err := gondola.Receive(ctx, data, sink)
	if err != nil {
		return nil, err
	}
	sink.Bind(in)
	return future, nil
}
