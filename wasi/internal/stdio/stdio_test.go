package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// reader is a stream of 0.3 whose reader wants pieces of some sizes, and then is gone.
type reader struct {
	wants []int
	got   bytes.Buffer
	stuck bool // it wants something at last, but does not take it
}

func (r *reader) Wanted(ctx context.Context) error {
	if len(r.wants) == 0 && !r.stuck {
		return io.ErrClosedPipe
	}
	return ctx.Err()
}

func (r *reader) WriteContext(ctx context.Context, p []byte) (n int, err error) {
	for n < len(p) && len(r.wants) > 0 {
		m := min(r.wants[0], len(p)-n)
		r.wants = r.wants[1:]
		r.got.Write(p[n : n+m])
		n += m
	}
	switch {
	case n == len(p):
		return n, nil
	case r.stuck:
		<-ctx.Done()
		return n, ctx.Err()
	}
	return n, io.ErrClosedPipe
}

func everything() *reader { return &reader{wants: slices.Repeat([]int{1 << 20}, 100)} }

func TestInputKeepsWhatAStreamDidNotTake(t *testing.T) {
	in := NewInput(strings.NewReader("hello, world"))
	one, other := &reader{wants: []int{2, 3}}, everything()
	if err := in.CopyTo(t.Context(), one); err != nil || one.got.String() != "hello" {
		t.Fatalf("got %q, %v", one.got.String(), err)
	}
	if err := in.CopyTo(t.Context(), other); err != nil || other.got.String() != ", world" {
		t.Errorf("the next stream got %q, %v", other.got.String(), err)
	}
}

// A stream whose guest has lost interest gives back what it was offered.
func TestInputBetweenVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		in := NewInput(r)
		stuck := &reader{wants: []int{5}, stuck: true}
		go in.CopyTo(t.Context(), stuck)
		go w.Write([]byte("hello, world"))
		synctest.Wait()
		s := pollio.NewInputStream(in)
		if b, err := s.BlockingRead(t.Context(), 100); string(b) != ", world" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		if stuck.got.String() != "hello" {
			t.Errorf("the other stream got %q", stuck.got.String())
		}
		if err := s.Drop(); err != nil {
			t.Error(err)
		}
		w.Close()
	})
}

// A reader is read only while somebody wants something of it, and for no more.
func TestInputReadsOnlyWhatIsWanted(t *testing.T) {
	r := strings.NewReader("hello, world")
	in := NewInput(r)
	s := pollio.NewInputStream(in)
	p := s.Subscribe()
	if err := in.CopyTo(t.Context(), &reader{}); err != nil || r.Len() != 12 {
		t.Errorf("%d bytes are left, %v", r.Len(), err)
	}
	if b, err := s.BlockingRead(t.Context(), 5); string(b) != "hello" || err != nil || r.Len() != 7 {
		t.Errorf("got %q, %v, %d bytes are left", b, err, r.Len())
	}
	p.Drop()
	if err := s.Drop(); err != nil {
		t.Error(err)
	}
}

// A stream that is dropped while its reader waits is told at once.
func TestInputThatNeverComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		in := NewInput(r)
		ctx, gone := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, gone)
		start := time.Now()
		if err := in.CopyTo(ctx, everything()); err != nil || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		go w.Write([]byte("late"))
		next := pollio.NewInputStream(in)
		if b, err := next.BlockingRead(t.Context(), 10); string(b) != "late" || err != nil {
			t.Errorf("the next stream got %q, %v", b, err)
		}
		next.Drop()
	})
}

func TestInputErrors(t *testing.T) {
	if err := NewInput(nil).CopyTo(t.Context(), everything()); err != nil {
		t.Errorf("no input: %v", err)
	}
	broken := errors.New("broken")
	in := NewInput(io.MultiReader(strings.NewReader("x"), errReader{broken}))
	got := everything()
	if err := in.CopyTo(t.Context(), got); err != broken || got.got.String() != "x" {
		t.Errorf("got %q, %v", got.got.String(), err)
	}
	s := pollio.NewInputStream(in)
	if _, err := s.BlockingRead(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := s.BlockingRead(t.Context(), 1); err != pollio.ErrClosed {
		t.Errorf("got %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// source stands in for a stream whose bytes are there when they are announced.
type source struct {
	mu   sync.Mutex
	data []byte
}

func (s *source) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := copy(p[:min(len(p), 3)], s.data) // in small pieces
	s.data = s.data[n:]
	return n, nil
}

func (s *source) write(sink *Sink, text string) {
	s.mu.Lock()
	s.data = append(s.data, text...)
	s.mu.Unlock()
	sink.Arrived(len(text), nil)
}

// slow is a writer that takes a second for each piece.
type slow struct{ bytes.Buffer }

func (s *slow) Write(b []byte) (int, error) {
	time.Sleep(time.Second)
	return s.Buffer.Write(b)
}

func TestOutputsKeepTheOrderOfStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal slow
		outs := NewOutputs()
		ended := 0
		end := func(err error) {
			if err != nil {
				t.Error(err)
			}
			ended++
		}
		var one, two source
		stdout := outs.NewOutput(&terminal).NewSink(one.read, end)
		stderr := outs.NewOutput(&terminal).NewSink(two.read, end)
		one.write(stdout, "first ")
		two.write(stderr, "second ")
		one.write(stdout, "third ")
		stdout.Arrived(0, io.EOF)
		two.write(stderr, "fourth")
		stderr.Arrived(0, io.EOF)
		old := outs.NewOutput(&terminal).NewStream()
		if err := old.Write([]byte(" fifth")); err != nil {
			t.Fatal(err)
		}
		if err := old.Drop(); err != nil {
			t.Fatal(err)
		}
		if err := outs.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := terminal.String(); got != "first second third fourth fifth" || ended != 2 {
			t.Errorf("after Flush %q is out, %d streams have ended", got, ended)
		}
		synctest.Wait()
		if !outs.queue.Idle() {
			t.Error("a goroutine stays")
		}
	})
}

func TestOutputErrors(t *testing.T) {
	broken := errors.New("broken")
	outs := NewOutputs()
	var got []error
	note := func(err error) { got = append(got, err) }
	var src source
	sink := outs.NewOutput(errWriter{broken}).NewSink(src.read, note)
	src.write(sink, "x")
	src.write(sink, "y") // nobody reads it any more
	sink.Arrived(0, io.EOF)
	cut := outs.NewOutput(nil).NewSink(src.read, note)
	cut.Arrived(0, io.ErrUnexpectedEOF)
	if err := outs.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, []error{broken, io.ErrUnexpectedEOF}) {
		t.Errorf("got %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	block := make(chan struct{})
	defer close(block)
	outs.queue.Add(func() { <-block })
	if err := outs.Flush(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

type errWriter struct{ err error }

func (w errWriter) Write([]byte) (int, error) { return 0, w.err }

func TestTerminals(t *testing.T) {
	if IsTerminal(nil) || IsTerminal(&bytes.Buffer{}) {
		t.Error("a buffer is a terminal")
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if IsTerminal(null) {
		t.Errorf("%s is a terminal", os.DevNull)
	}
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there are no pseudo-terminals: ", err)
	}
	defer pty.Close()
	if !IsTerminal(pty) {
		t.Error("a pseudo-terminal is no terminal")
	}
	pty.Close()
	if IsTerminal(pty) {
		t.Error("a file that is closed is a terminal")
	}
}
