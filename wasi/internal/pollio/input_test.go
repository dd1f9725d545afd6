package pollio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola"
)

var errBroken = errors.New("broken")

func isFailure(err error) bool {
	_, ok := err.(*Error)
	return ok && errors.Is(err, errBroken)
}

func TestInputStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		before := runtime.NumGoroutine()
		s := DefaultLimits.NewInputStream(FromReader(r))
		p := s.Subscribe()
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines more before the guest asks", n-before)
		}
		if b, err := s.Read(10); len(b) > 0 || err != nil {
			t.Fatalf("got %q, %v", b, err)
		}
		if p.Ready() {
			t.Error("ready with nothing to read")
		}
		if n := runtime.NumGoroutine(); n > before+1 {
			t.Errorf("%d goroutines more", n-before)
		}
		go func() {
			time.Sleep(time.Second)
			w.Write([]byte("hello, world"))
			w.Close()
		}()
		if err := p.Block(t.Context()); err != nil {
			t.Fatal(err)
		}
		if b, err := s.Read(0); len(b) > 0 || err != nil {
			t.Errorf("a read of nothing: %q, %v", b, err)
		}
		if b, err := s.Read(5); string(b) != "hello" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		if n, err := s.BlockingSkip(t.Context(), 2); n != 2 || err != nil {
			t.Errorf("skipped %d, %v", n, err)
		}
		if b, err := s.BlockingRead(t.Context(), 1<<40); string(b) != "wor" || err != nil {
			t.Errorf("got %q, %v", b, err) // the first read was for 10
		}
		if b, err := s.BlockingRead(t.Context(), 1<<40); string(b) != "ld" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		for range 3 {
			if _, err := s.BlockingRead(t.Context(), 1); err != ErrClosed || !p.Ready() {
				t.Errorf("at the end: %v", err)
			}
			if _, err := s.Read(0); err != ErrClosed {
				t.Errorf("a read of nothing at the end: %v", err)
			}
		}
		p.Drop()
		if err := s.Drop(); err != nil {
			t.Error(err)
		}
	})
}

func TestInputStreamFailsOnce(t *testing.T) {
	for name, r := range map[string]io.Reader{
		"with bytes":  iotest.DataErrReader(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(errBroken))),
		"after bytes": io.MultiReader(strings.NewReader("x"), iotest.ErrReader(errBroken)),
	} {
		s := DefaultLimits.NewInputStream(FromReader(r))
		if b, err := s.BlockingRead(t.Context(), 10); string(b) != "x" || err != nil {
			t.Errorf("%s: got %q, %v", name, b, err)
		}
		if _, err := s.BlockingRead(t.Context(), 0); !isFailure(err) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := s.BlockingRead(t.Context(), 10); err != ErrClosed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestInputStreamEndsFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := io.Pipe()
		s := DefaultLimits.NewInputStream(FromReader(r))
		time.AfterFunc(time.Second, func() { s.End(io.EOF) })
		if _, err := s.BlockingRead(t.Context(), 1); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		s.End(errBroken)
		if _, err := s.Read(1); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		if err := s.Drop(); err != nil { // which ends the Read
			t.Error(err)
		}
	})
}

func TestReaderThatPanicsFailsItsStream(t *testing.T) {
	s := DefaultLimits.NewInputStream(NewBuffered(func(context.Context, []byte) (int, error) { panic("boom") }, nil))
	_, err := s.BlockingRead(t.Context(), 1)
	if p, ok := errors.AsType[*gondola.PanicError](err); !ok || p.Value != "boom" {
		t.Errorf("got %v", err)
	}
}

func TestOneReadIsCapped(t *testing.T) {
	const piece = 1000
	s := Limits{Pieces: NewPieces(piece)}.NewInputStream(FromReader(bytes.NewReader(make([]byte, 3*piece))))
	for range 3 {
		if b, err := s.BlockingRead(t.Context(), 1<<63); len(b) != piece || err != nil {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	}
}

func TestDropWithPollable(t *testing.T) {
	in := newEmptyInputStream()
	in.Subscribe()
	if err := in.Drop(); err != ErrHasChildren {
		t.Errorf("got %v", err)
	}
	out := DefaultLimits.NewOutputStream(ToWriter(io.Discard), OutputOptions{})
	out.Subscribe()
	if err := out.Drop(); err != ErrHasChildren {
		t.Errorf("got %v", err)
	}
}

// newEmptyInputStream makes a stream that is at its end.
func newEmptyInputStream() *InputStream {
	return DefaultLimits.NewInputStream(NewBuffered(func(context.Context, []byte) (int, error) { return 0, io.EOF }, nil))
}
