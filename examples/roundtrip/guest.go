// Command roundtrip is a component with the world in the folder wit. Package host, below, is a Go program that runs it:
//
//	go run ./examples/roundtrip/host
//
// The packages in the folder gen are generated:
//
//	go generate ./examples/roundtrip
package main

//go:generate go run ../../cmd/gondola bindgen guest .

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/baz"
	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/export/streamsandfutures"
	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/roundtrip"
	"github.com/gondola-wasm/gondola/examples/roundtrip/gen/rt"
)

func init() {
	roundtrip.Export(roundtrip.Exports{Baz: local{}, StreamsAndFutures: streams{}})
}

func main() {}

// calls counts the calls of Foo in this instance.
var calls atomic.Int64

// local implements baz by means of the baz that the component imports.
type local struct{}

// Foo asks the imported foo three times at once. Each call suspends its goroutine only.
func (local) Foo(ctx context.Context, s string, delay bool) (string, error) {
	fmt.Println("foo call", calls.Add(1))
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer)
	for range 3 {
		go func() {
			text, err := baz.Foo(ctx, s, delay)
			answers <- answer{text, err}
		}()
	}
	var texts [3]string
	var failed error
	for i := range texts {
		a := <-answers
		if texts[i] = a.text; a.err != nil {
			failed = a.err
		}
	}
	if failed != nil {
		return "", failed
	}
	return fmt.Sprintf("guest[%v, %v, %v]", texts[0], texts[1], texts[2]), nil
}

// streams implements streams-and-futures.
type streams struct{}

// ReadStreamU8 returns all that s yields.
func (streams) ReadStreamU8(ctx context.Context, s *rt.ByteReader) ([]byte, error) {
	defer s.Close()
	return io.ReadAll(reader{ctx, s})
}

// reader reads from a stream until a context ends.
type reader struct {
	ctx    context.Context
	stream *rt.ByteReader
}

func (r reader) Read(p []byte) (int, error) { return r.stream.ReadContext(r.ctx, p) }

// EchoStreamU8 returns a stream that yields what s yields, piece by piece. The goroutine that copies outlives the call.
func (streams) EchoStreamU8(ctx context.Context, s *rt.ByteReader) (*rt.ByteReader, error) {
	w, r := streamsandfutures.NewStreamU8()
	go func() {
		defer s.Close()
		defer w.Close()
		io.Copy(w, s)
	}()
	return r, nil
}

// EchoFutureString returns a future that gets the value of f, and waits for neither.
func (streams) EchoFutureString(ctx context.Context, f *rt.FutureReader[string]) (*rt.FutureReader[string], error) {
	w, r := streamsandfutures.NewFutureString()
	go func() {
		defer f.Close()
		v, err := f.Await(context.WithoutCancel(ctx))
		if err != nil {
			v = err.Error()
		}
		w.CloseWith(v)
	}()
	return r, nil
}
