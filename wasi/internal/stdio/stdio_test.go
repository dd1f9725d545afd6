package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

const testPiece = 64 << 10

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

func copyTo(t *testing.T, in *Input, to Writer) error {
	if err := in.Reserve(); err != nil {
		t.Error(err)
	}
	return in.CopyTo(t.Context(), to)
}

func everything() *reader { return &reader{wants: slices.Repeat([]int{1 << 20}, 100)} }

func TestInputKeepsWhatAStreamDidNotTake(t *testing.T) {
	in := NewInput(strings.NewReader("hello, world"), testPiece, 9)
	one, other := &reader{wants: []int{2, 3}}, everything()
	if err := copyTo(t, in, one); err != nil || one.got.String() != "hello" {
		t.Fatalf("got %q, %v", one.got.String(), err)
	}
	if err := copyTo(t, in, other); err != nil || other.got.String() != ", world" {
		t.Errorf("the next stream got %q, %v", other.got.String(), err)
	}
}

// A stream whose guest has lost interest gives back what it was offered.
func TestInputBetweenVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		in := NewInput(r, testPiece, 9)
		stuck := &reader{wants: []int{5}, stuck: true}
		go copyTo(t, in, stuck)
		go w.Write([]byte("hello, world"))
		synctest.Wait()
		s := pollio.DefaultLimits.NewInputStream(in)
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
	in := NewInput(r, testPiece, 9)
	s := pollio.DefaultLimits.NewInputStream(in)
	p := s.Subscribe()
	if err := copyTo(t, in, &reader{}); err != nil || r.Len() != 12 {
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
		in := NewInput(r, testPiece, 9)
		ctx, gone := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, gone)
		start := time.Now()
		if err := in.Reserve(); err != nil {
			t.Fatal(err)
		}
		if err := in.CopyTo(ctx, everything()); err != nil || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		go w.Write([]byte("late"))
		next := pollio.DefaultLimits.NewInputStream(in)
		if b, err := next.BlockingRead(t.Context(), 10); string(b) != "late" || err != nil {
			t.Errorf("the next stream got %q, %v", b, err)
		}
		next.Drop()
	})
}

func TestInputErrors(t *testing.T) {
	if err := copyTo(t, NewInput(nil, testPiece, 9), everything()); err != nil {
		t.Errorf("no input: %v", err)
	}
	broken := errors.New("broken")
	in := NewInput(io.MultiReader(strings.NewReader("x"), errReader{broken}), testPiece, 9)
	got := everything()
	if err := copyTo(t, in, got); err != broken || got.got.String() != "x" {
		t.Errorf("got %q, %v", got.got.String(), err)
	}
	s := pollio.DefaultLimits.NewInputStream(in)
	if _, err := s.BlockingRead(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := s.BlockingRead(t.Context(), 1); err != pollio.ErrClosed {
		t.Errorf("got %v", err)
	}
}

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

func TestInputStreamsAreBounded(t *testing.T) {
	in := NewInput(strings.NewReader("x"), testPiece, 2)
	if err := errors.Join(in.Reserve(), in.Reserve()); err != nil {
		t.Fatal(err)
	}
	if err := in.Reserve(); err == nil || !strings.Contains(err.Error(), "the limit is 2") {
		t.Errorf("got %v", err)
	}
	if err := in.CopyTo(t.Context(), &reader{}); err != nil {
		t.Fatal(err)
	}
	if err := in.Reserve(); err != nil {
		t.Error(err)
	}
}

// A thousand streams of 0.2 that wait for one input cost one goroutine.
func TestStreamsThatWaitCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		in := NewInput(r, testPiece, 9)
		before := runtime.NumGoroutine()
		var streams []*pollio.InputStream
		var pollables []*pollio.Pollable
		for range 1000 {
			s := pollio.DefaultLimits.NewInputStream(in)
			streams, pollables = append(streams, s), append(pollables, s.Subscribe())
		}
		for _, p := range pollables {
			if p.Ready() {
				t.Fatal("ready with nothing to read")
			}
		}
		if n := runtime.NumGoroutine() - before; n != 1 {
			t.Errorf("%d goroutines", n)
		}
		go w.Write([]byte("x"))
		synctest.Wait()
		if ready, err := pollio.Poll(t.Context(), pollables); err != nil || len(ready) != 1000 {
			t.Errorf("%d are ready, %v", len(ready), err)
		}
		if b, err := streams[7].Read(1); string(b) != "x" || err != nil {
			t.Errorf("got %q, %v", b, err)
		}
		time.AfterFunc(time.Second, func() { streams[8].End(io.EOF) })
		if ready, err := pollio.Poll(t.Context(), pollables); err != nil || !slices.Equal(ready, []uint32{8}) {
			t.Errorf("%v are ready, %v", ready, err)
		}
		w.Close()
	})
}
