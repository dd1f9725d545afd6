package pollio

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// slow takes a second for each write and each flush.
type slow struct {
	bytes.Buffer
	flushed int // so many bytes
	failAt  int
}

func (s *slow) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	if s.failAt > 0 && s.Len() >= s.failAt {
		return 0, errBroken
	}
	return s.Buffer.Write(p)
}

func (s *slow) Flush() error {
	time.Sleep(time.Second)
	s.flushed = s.Len()
	return nil
}

func TestOutputStreamPermits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w slow
		s := DefaultLimits.NewOutputStream(ToWriter(&w), OutputOptions{Permit: 10})
		p := s.Subscribe()
		check := func(want uint64) {
			t.Helper()
			n, err := s.CheckWrite()
			if n != want || err != nil || p.Ready() != (want > 0) {
				t.Errorf("permit of %d, %v, ready %v; want %d", n, err, p.Ready(), want)
			}
		}
		check(10)
		for _, text := range []string{"a", "bc", "def"} {
			if err := s.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		check(4)
		if err := s.Write([]byte("12345")); err == nil || err == ErrClosed {
			t.Errorf("more than is permitted: %v", err)
		}
		if err := s.WriteZeroes(5); err == nil || err == ErrClosed {
			t.Errorf("more zeroes than are permitted: %v", err)
		}
		if err := s.WriteZeroes(1 << 63); err == nil || err == ErrClosed {
			t.Errorf("more zeroes than are permitted: %v", err)
		}
		if err := s.WriteZeroes(4); err != nil {
			t.Fatal(err)
		}
		check(0)
		if err := p.Block(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Flush(); err != nil {
			t.Fatal(err)
		}
		check(0)
		if err := s.Write([]byte("x")); err == nil || err == ErrClosed {
			t.Errorf("a write while it is flushed: %v", err)
		}
		if err := s.BlockingFlush(t.Context()); err != nil || w.flushed != 10 {
			t.Errorf("%d bytes are flushed, %v", w.flushed, err)
		}
		check(10)
		if got := w.String(); got != "abcdef\x00\x00\x00\x00" {
			t.Errorf("got %q", got)
		}
	})
}

func TestSmallWritesAreJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w slow
		const permit = 50_000
		s := Limits{Permit: permit}.NewOutputStream(ToWriter(&w), OutputOptions{})
		start := time.Now()
		for range permit {
			if err := s.Write([]byte{'x'}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.BlockingFlush(t.Context()); err != nil || w.Len() != permit {
			t.Errorf("%d bytes, %v", w.Len(), err)
		}
		if d := time.Since(start); d > 3*time.Second {
			t.Errorf("it took %v: more than two writes and a flush", d)
		}
	})
}

func TestBlockingWrites(t *testing.T) {
	for _, prompt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var w slow
			s := DefaultLimits.NewOutputStream(ToWriter(&w), OutputOptions{Permit: 1000, Prompt: prompt})
			if err := s.BlockingWriteAndFlush(t.Context(), make([]byte, MaxBlockingWrite)); err != nil || w.flushed != MaxBlockingWrite {
				t.Errorf("%d bytes are flushed, %v", w.flushed, err)
			}
			if err := s.BlockingWriteZeroesAndFlush(t.Context(), MaxBlockingWrite); err != nil || w.flushed != 2*MaxBlockingWrite {
				t.Errorf("%d bytes are flushed, %v", w.flushed, err)
			}
			if err := s.BlockingWriteAndFlush(t.Context(), make([]byte, MaxBlockingWrite+1)); err == nil || err == ErrClosed {
				t.Errorf("too large: %v", err)
			}
			if err := s.BlockingWriteZeroesAndFlush(t.Context(), 1<<63); err == nil || err == ErrClosed {
				t.Errorf("too large: %v", err)
			}
			if err := s.BlockingWriteAndFlush(t.Context(), nil); err != nil {
				t.Errorf("nothing: %v", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := s.BlockingWriteAndFlush(ctx, []byte{1}); !prompt && err != context.DeadlineExceeded {
				t.Errorf("got %v", err)
			}
			time.Sleep(time.Minute)
		})
	}
}

func TestOutputStreamFailsOnce(t *testing.T) {
	for _, prompt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := slow{failAt: 1}
			s := DefaultLimits.NewOutputStream(ToWriter(&w), OutputOptions{Prompt: prompt})
			if err := s.BlockingWriteAndFlush(t.Context(), []byte("x")); err != nil {
				t.Fatal(err)
			}
			if err := s.BlockingWriteAndFlush(t.Context(), []byte("y")); !isFailure(err) {
				t.Errorf("got %v", err)
			}
			p := s.Subscribe()
			for _, f := range []func() error{
				func() error { return s.Write([]byte("z")) },
				s.Flush,
				func() error { _, err := s.CheckWrite(); return err },
				func() error { return s.WriteZeroes(1 << 60) },
				func() error { return s.BlockingWriteAndFlush(t.Context(), nil) },
			} {
				if err := f(); err != ErrClosed || !p.Ready() {
					t.Errorf("got %v", err)
				}
			}
			if w.String() != "x" {
				t.Errorf("got %q", w.String())
			}
		})
	}
}

// A shutdown loses nothing of what was written before.
func TestOutputStreamEndsFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w slow
		s := DefaultLimits.NewOutputStream(ToWriter(&w), OutputOptions{})
		if err := s.Write([]byte("all of it")); err != nil {
			t.Fatal(err)
		}
		out := ""
		s.End(func() { out = w.String() })
		if _, err := s.CheckWrite(); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		if err := s.Write(nil); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if out != "all of it" {
			t.Errorf("got %q", out)
		}
	})
}

func TestDropOfAnOutputStream(t *testing.T) {
	for _, linger := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			sink := &stuckSink{}
			s := DefaultLimits.NewOutputStream(sink, OutputOptions{Linger: linger})
			for range 3 {
				if err := s.Write([]byte("x")); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
			}
			if err := s.Drop(); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			want := "closed"
			if linger {
				want = "xxxclosed" // in two writes
			}
			if got := sink.log.String(); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// stuckSink takes a second, unless its context ends.
type stuckSink struct{ log strings.Builder }

func (s *stuckSink) Write(ctx context.Context, p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		s.log.Write(p)
		return len(p), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (s *stuckSink) Flush(context.Context) error { return nil }
func (s *stuckSink) Close()                      { s.log.WriteString("closed") }

func TestSplice(t *testing.T) {
	var got bytes.Buffer
	out := DefaultLimits.NewOutputStream(ToWriter(&got), OutputOptions{Permit: 5, Prompt: true})
	in := DefaultLimits.NewInputStream(FromReader(strings.NewReader("hello, world")))
	if n, err := out.Splice(in, 100); n != 0 || err != nil {
		t.Errorf("spliced %d, %v before anything came", n, err)
	}
	total := uint64(0)
	for {
		n, err := out.BlockingSplice(t.Context(), in, 100)
		if err == ErrClosed {
			break
		}
		if n == 0 || n > 5 || err != nil {
			t.Fatalf("spliced %d, %v", n, err)
		}
		total += n
	}
	if total != 12 || got.String() != "hello, world" {
		t.Errorf("%d bytes, %q", total, got.String())
	}
	for _, n := range []uint64{0, 1} {
		if _, err := out.Splice(in, n); err != ErrClosed {
			t.Errorf("splicing %d of what has ended: %v", n, err)
		}
	}
	broken := DefaultLimits.NewOutputStream(ToWriter(&slow{failAt: -1}), OutputOptions{Prompt: true})
	broken.End(func() {})
	if _, err := broken.BlockingSplice(t.Context(), in, 1); err != ErrClosed {
		t.Errorf("got %v", err)
	}
}

// Streams that share a queue and a permit come out in the order of the writes.
func TestSharedOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q Queue
		var terminal slow
		stdout, stderr := NewShared(&q, 10), NewShared(&q, 10)
		one := DefaultLimits.NewOutputStream(ToWriter(&terminal), OutputOptions{Shared: stdout, Linger: true})
		two := DefaultLimits.NewOutputStream(ToWriter(&terminal), OutputOptions{Shared: stdout, Linger: true})
		other := DefaultLimits.NewOutputStream(ToWriter(&terminal), OutputOptions{Shared: stderr, Linger: true})
		for _, w := range []struct {
			s    *OutputStream
			text string
		}{{one, "1"}, {one, "2"}, {other, "a"}, {one, "3"}, {two, "x"}, {one, "4"}, {other, "b"}} {
			if err := w.s.Write([]byte(w.text)); err != nil {
				t.Fatal(err)
			}
		}
		if n, _ := two.CheckWrite(); n != 5 {
			t.Errorf("permit of %d", n)
		}
		one.Drop()
		for _, s := range []*OutputStream{two, other} {
			if err := s.BlockingFlush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := terminal.String(); got != "12a3x4b" {
			t.Errorf("got %q", got)
		}
		if n, _ := two.CheckWrite(); n != 10 {
			t.Errorf("permit of %d", n)
		}
	})
}

// box is a sink that takes up to 10 bytes.
type box struct {
	mu  sync.Mutex
	got []byte
}

func (b *box) Write(_ context.Context, p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, p...)
	return len(p), nil
}

func (b *box) room() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return 10 - len(b.got)
}

func (b *box) empty() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = nil
}

func (*box) Flush(context.Context) error { return nil }
func (*box) Close()                      {}

func TestSinkThatBuffers(t *testing.T) {
	b := &box{}
	o := DefaultLimits.NewOutputStream(b, OutputOptions{Prompt: true, Room: b.room})
	if err := o.Write(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	if n, err := o.CheckWrite(); n != 2 || err != nil {
		t.Errorf("%d bytes permitted, %v", n, err)
	}
	if err := o.Write(make([]byte, 3)); err == nil || isFailure(err) || err == ErrClosed {
		t.Errorf("too much is %v, not a trap", err)
	}
	if err := o.BlockingFlush(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			time.Sleep(time.Millisecond)
			b.empty()
			o.Changed()
		}
	}()
	if err := o.BlockingWriteAndFlush(t.Context(), make([]byte, 12)); err != nil {
		t.Error(err)
	}
	cancel()
	if b.empty(); !o.Subscribe().Ready() {
		t.Error("not ready with room for 10")
	}
}

// A sink that nobody reads any more closes its stream.
func TestOutputStreamThatNobodyReads(t *testing.T) {
	for _, prompt := range []bool{false, true} {
		s := DefaultLimits.NewOutputStream(hungUp{}, OutputOptions{Prompt: prompt})
		if err := s.BlockingWriteAndFlush(t.Context(), []byte("x")); err != ErrClosed {
			t.Errorf("got %v", err)
		}
		if _, err := s.CheckWrite(); err != ErrClosed {
			t.Errorf("got %v", err)
		}
	}
}

type hungUp struct{}

func (hungUp) Write(context.Context, []byte) (int, error) { return 0, ErrClosed }
func (hungUp) Flush(context.Context) error                { return nil }
func (hungUp) Close()                                     {}

// stuck is a sink that takes nothing before it is let go.
type stuck struct{ free chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	<-s.free
	return len(p), nil
}
