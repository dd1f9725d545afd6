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

const testPiece = 64 << 10

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// stream is a stream of 0.3 and who brings it. It has what the sink had no room for.
type stream struct {
	mu     sync.Mutex
	sink   *Sink
	rest   []byte
	closed bool
}

func newStream(out *Output, ended func(error)) *stream {
	s := &stream{sink: out.NewSink(ended)}
	s.sink.Bind(s)
	return s
}

func (s *stream) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, text...)
	s.bring()
}

func (s *stream) bring() {
	for len(s.rest) > 0 && !s.closed {
		room := s.sink.Offer(len(s.rest))
		if len(room) == 0 {
			return
		}
		n := copy(room, s.rest)
		s.rest = s.rest[n:]
		s.sink.Took(n)
	}
}

func (s *stream) Resume() {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.bring()
	}()
}

func (s *stream) Close() {
	go func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = true
	}()
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
		outs := NewOutputs(pollio.DefaultLimits)
		ended := 0
		end := func(err error) {
			if err != nil {
				t.Error(err)
			}
			ended++
		}
		stdout := newStream(outs.NewOutput(&terminal), end)
		stderr := newStream(outs.NewOutput(&terminal), end)
		stdout.write("first ")
		stderr.write("second ")
		stdout.write("third ")
		stdout.sink.End(io.EOF)
		stderr.write("fourth")
		stderr.sink.End(io.EOF)
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
	outs := NewOutputs(pollio.DefaultLimits)
	var failed, ended []error
	sink := newStream(outs.NewOutput(errWriter{broken}), func(err error) { failed = append(failed, err) })
	sink.write("x")
	sink.write("y") // nobody reads it any more
	sink.sink.End(io.EOF)
	cut := newStream(outs.NewOutput(nil), func(err error) { ended = append(ended, err) })
	cut.sink.End(io.ErrUnexpectedEOF)
	if err := outs.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(failed, []error{broken}) || !slices.Equal(ended, []error{io.ErrUnexpectedEOF}) {
		t.Errorf("got %v and %v", failed, ended)
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

// However much guests write, no more waits to go out than there is room for; and all
// of it does go out.
func TestOutputsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outs := NewOutputs(pollio.DefaultLimits)
		var file slow
		out := outs.NewOutput(&file)
		var streams []*stream
		for range 5 {
			s := newStream(out, func(error) {})
			s.write(strings.Repeat("x", MaxPending/4))
			streams = append(streams, s)
		}
		synctest.Wait()
		room := func() int {
			outs.mu.Lock()
			defer outs.mu.Unlock()
			return outs.room
		}
		if n := room(); n > testPiece+pieceCost || n < 0 {
			t.Errorf("there is room for %d bytes", n)
		}
		left := 0
		for _, s := range streams {
			s.mu.Lock()
			left += len(s.rest)
			s.mu.Unlock()
		}
		if left < MaxPending/4-testPiece {
			t.Errorf("only %d bytes wait with the guest", left)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := room(); file.Len() != 5*MaxPending/4 || n != MaxPending || len(outs.waiting) > 0 {
			t.Errorf("%d bytes are out, there is room for %d", file.Len(), n)
		}
	})
}

// Streams that end leave nothing behind, however slow the writer is.
func TestStreamsThatEndCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outs := NewOutputs(pollio.DefaultLimits)
		var file slow
		out := outs.NewOutput(&file)
		full := newStream(out, func(error) {})
		full.write(strings.Repeat("x", 2*MaxPending))
		tooMuch := strings.Repeat("x", testPiece)
		ended := 0
		for range 100 {
			s := newStream(out, func(error) { ended++ })
			s.sink.End(io.EOF)
			s = newStream(out, func(error) { ended++ })
			s.write(tooMuch)
			s.sink.End(io.EOF)
		}
		synctest.Wait()
		outs.mu.Lock()
		if ended != 200 || len(outs.waiting) != 1 {
			t.Errorf("%d streams have ended, %d wait for room", ended, len(outs.waiting))
		}
		outs.mu.Unlock()
		time.Sleep(time.Hour)
	})
}
