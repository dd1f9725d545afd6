package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
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
		var outs Outputs
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
		if err := outs.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := terminal.String(); got != "first second third fourth" || ended != 2 {
			t.Errorf("after Flush %q is out, %d streams have ended", got, ended)
		}
		synctest.Wait()
		if outs.writing {
			t.Error("a goroutine stays")
		}
	})
}

func TestOutputErrors(t *testing.T) {
	broken := errors.New("broken")
	var outs Outputs
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
	outs.add(func() { <-block })
	if err := outs.Flush(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

type errWriter struct{ err error }

func (w errWriter) Write([]byte) (int, error) { return 0, w.err }
