package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestInputKeepsWhatAStreamDidNotTake(t *testing.T) {
	in := NewInput(strings.NewReader("hello, world"))
	dropped := errors.New("dropped")
	if err := in.CopyTo(func(b []byte) (int, error) { return 5, dropped }); err != nil {
		t.Fatal(err)
	}
	var rest bytes.Buffer
	if err := in.CopyTo(rest.Write); err != nil || rest.String() != ", world" {
		t.Errorf("the next stream got %q, %v", rest.String(), err)
	}
}

func TestInputErrors(t *testing.T) {
	if err := NewInput(nil).CopyTo(nil); err != nil {
		t.Errorf("no input: %v", err)
	}
	broken := errors.New("broken")
	in := NewInput(io.MultiReader(strings.NewReader("x"), errReader{broken}))
	var got bytes.Buffer
	if err := in.CopyTo(got.Write); err != broken || got.String() != "x" {
		t.Errorf("got %q, %v", got.String(), err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// pipe stands in for a stream: a rendezvous whose write is complete when the
// reader has taken the bytes.
type pipe struct{ pieces chan []byte }

func (p pipe) read(ctx context.Context, b []byte) (int, error) {
	select {
	case piece, ok := <-p.pieces:
		if !ok {
			return 0, io.EOF
		}
		return copy(b, piece), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// slow is a writer that takes a second for each piece.
type slow struct{ bytes.Buffer }

func (s *slow) Write(b []byte) (int, error) {
	time.Sleep(time.Second)
	return s.Buffer.Write(b)
}

func TestFlushWaitsForWhatWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w slow
		out := NewOutput(&w)
		p := pipe{make(chan []byte)}
		var wg sync.WaitGroup
		pump := out.Begin()
		wg.Go(func() {
			if err := pump.CopyFrom(t.Context(), p.read); err != nil {
				t.Error(err)
			}
		})
		for _, piece := range []string{"a", "b"} {
			p.pieces <- []byte(piece) // complete for the guest from here on
			if err := out.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(w.String(), piece) {
				t.Fatalf("after Flush %q is out, without %q", w.String(), piece)
			}
		}
		if err := out.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		close(p.pieces)
		wg.Wait()
		if err := out.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOutputErrors(t *testing.T) {
	broken := errors.New("broken")
	p := pipe{make(chan []byte, 1)}
	p.pieces <- []byte("x")
	if err := NewOutput(errWriter{broken}).Begin().CopyFrom(t.Context(), p.read); err != broken {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := NewOutput(nil).Begin().CopyFrom(ctx, p.read); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

type errWriter struct{ err error }

func (w errWriter) Write([]byte) (int, error) { return 0, w.err }
