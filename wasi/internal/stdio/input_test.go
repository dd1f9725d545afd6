package stdio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
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

// A reader that never gives anything is not asked for ever.
func TestInputWithoutProgress(t *testing.T) {
	if err := copyTo(t, NewInput(nothing{}, testPiece, 9), everything()); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, nil }

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
		if n := runtime.NumGoroutine() - before; n > 1 {
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
