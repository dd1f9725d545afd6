package gondola

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// basket is a sink with room for so many bytes at a time.
type basket struct {
	mu     sync.Mutex
	room   int
	offers []int
	got    []byte
	into   []byte
	end    error
	ended  chan struct{}
	full   chan struct{}
}

func newBasket(room int) *basket {
	return &basket{room: room, ended: make(chan struct{}), full: make(chan struct{}, 100)}
}

func (b *basket) Offer(n int) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offers = append(b.offers, n)
	if b.room == 0 {
		b.full <- struct{}{}
		return nil
	}
	b.into = make([]byte, min(n, b.room))
	return b.into
}

func (b *basket) Took(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, b.into[:n]...)
	b.room -= n
}

func (b *basket) End(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end != nil {
		panic("End was called before")
	}
	b.end = err
	close(b.ended)
}

func (b *basket) wait(t *testing.T) {
	t.Helper()
	select {
	case <-b.ended:
	case <-time.After(time.Minute):
		t.Fatal("the sink was never told of the end")
	}
}

func TestReceive(t *testing.T) {
	w, r := through[byte](t, pump(t), "bytes")
	b := newBasket(1 << 20)
	in, err := Receive(t.Context(), r, b)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := w.Write([]byte("piece")); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	b.wait(t)
	if string(b.got) != "piecepiecepiece" || b.end != io.EOF {
		t.Errorf("got %q, then %v", b.got, b.end)
	}
	in.Resume()
	in.Close()
	if _, err := Receive(t.Context(), r, b); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("after Close: %v", err)
	}
}

// What the sink has no room for stays with the guest, and the sink knows how much it
// is.
func TestReceiveWithoutRoom(t *testing.T) {
	w, r := through[byte](t, pump(t), "bytes")
	b := newBasket(3)
	in, err := Receive(t.Context(), r, b)
	if err != nil {
		t.Fatal(err)
	}
	wrote := make(chan error, 1)
	go func() {
		_, err := w.Write([]byte("seven!!"))
		w.Close()
		wrote <- err
	}()
	<-b.full
	b.mu.Lock()
	if string(b.got) != "sev" {
		t.Errorf("took %q", b.got)
	}
	for _, n := range b.offers {
		if n < 1 || n > 7 {
			t.Errorf("offers: %v", b.offers)
		}
	}
	b.room = 100
	b.mu.Unlock()
	in.Resume()
	b.wait(t)
	if err := <-wrote; string(b.got) != "seven!!" || b.end != io.EOF || err != nil {
		t.Errorf("got %q, then %v; the write: %v", b.got, b.end, err)
	}
}

// Who gives up what the sink has no room for, and then the stream, is not waited for.
func TestReceiveGivenUp(t *testing.T) {
	w, r := through[byte](t, pump(t), "echo")
	gone := make(chan struct{})
	w.OnReaderGone(func() { close(gone) })
	b := newBasket(0)
	in, err := Receive(t.Context(), r, b)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-b.full
		cancel()
	}()
	if n, err := w.WriteContext(ctx, []byte("nobody takes this")); n != 0 || err != context.Canceled {
		t.Errorf("wrote %d bytes, %v", n, err)
	}
	w.Close()
	b.wait(t)
	if b.end != io.EOF || len(b.got) > 0 {
		t.Errorf("got %q, then %v", b.got, b.end)
	}
	in.Resume()
	in.Close()
	select {
	case <-gone:
		t.Error("a writer that has closed its end is told that the reader is gone")
	case <-time.After(10 * time.Millisecond):
	}
}

// That a sink has had no room takes nothing away from a writer of the host's that waits
// for the reader to go.
func TestReceiveClosedWhileFull(t *testing.T) {
	w, r := through[byte](t, pump(t), "echo")
	gone := make(chan struct{})
	w.OnReaderGone(func() { close(gone) })
	b := newBasket(0)
	in, err := Receive(t.Context(), r, b)
	if err != nil {
		t.Fatal(err)
	}
	go w.Write([]byte("nobody takes this"))
	<-b.full
	in.Close()
	b.wait(t)
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Error("the writer is not told that the reader is gone")
	}
	if !errors.Is(b.end, io.ErrClosedPipe) {
		t.Errorf("ended with %v", b.end)
	}
}

func TestReceiveClosed(t *testing.T) {
	w, r := through[byte](t, pump(t), "bytes")
	b := newBasket(0)
	in, err := Receive(t.Context(), r, b)
	if err != nil {
		t.Fatal(err)
	}
	go w.Write([]byte("nobody takes this"))
	<-b.full
	in.Close()
	b.wait(t)
	if !errors.Is(b.end, io.ErrClosedPipe) || len(b.got) > 0 {
		t.Errorf("got %q, then %v", b.got, b.end)
	}
}

func TestReceiveFromInstanceThatCloses(t *testing.T) {
	in := pump(t)
	_, r := through[byte](t, in, "bytes")
	b := newBasket(1)
	if _, err := Receive(t.Context(), r, b); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wait(t)
	if !errors.Is(b.end, ErrClosed) {
		t.Errorf("ended with %v", b.end)
	}
}

func TestReceiveMuch(t *testing.T) {
	w, r := through[byte](t, pump(t), "bytes")
	b := newBasket(1 << 20)
	if _, err := Receive(t.Context(), r, b); err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789abcde"), 20000)
	if _, err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	w.Close()
	b.wait(t)
	if !bytes.Equal(b.got, want) {
		t.Errorf("got %d bytes of %d", len(b.got), len(want))
	}
}

func TestReceiveRefuses(t *testing.T) {
	_, r := NewStream[byte]()
	if _, err := Receive(t.Context(), r, newBasket(1)); err != errBothEnds {
		t.Errorf("a stream of the host's: %v", err)
	}
	_, passed := through[byte](t, pump(t), "bytes")
	if _, err := Receive(t.Context(), passed, newBasket(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := pump(t).Func("", "bytes").Call(t.Context(), passed.Value()); !errors.Is(err, errPinned) {
		t.Errorf("passing it on: %v", err)
	}
}

// Start calls back on the spot, and its context lets a future be read there.
func TestStart(t *testing.T) {
	in := pump(t)
	w, r := NewStream[byte]()
	defer w.Close()
	b := newBasket(100)
	told := make(chan error, 1)
	_, err := in.Func("", "bytes").Start(t.Context(), func(ctx context.Context, v val.Value, err error) {
		if err == nil {
			var back *StreamReader[byte]
			if back, err = StreamOf[byte](v); err == nil {
				_, err = Receive(ctx, back, b)
			}
		}
		told <- err
	}, r.Value())
	if err != nil {
		t.Fatal(err)
	}
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("through"))
	w.Close()
	b.wait(t)
	if string(b.got) != "through" {
		t.Errorf("got %q", b.got)
	}
}

func TestStartOfWhatIsNotThere(t *testing.T) {
	done := func(context.Context, val.Value, error) { t.Error("it was called") }
	if _, err := pump(t).Func("", "nothing").Start(t.Context(), done); err == nil {
		t.Error("a function that is not exported was called")
	}
	if _, err := pump(t).Func("", "bytes").Start(t.Context(), done, val.U8(1)); err == nil {
		t.Error("a wrong argument was passed")
	}
}

func TestCloseUnread(t *testing.T) {
	in := pump(t)
	for name, want := range map[string]bool{"hang-up": true, "keep": false} {
		_, r := NewStream[byte]()
		w, f := NewFuture[string]()
		if w.CloseUnread(t.Context()) {
			t.Error("a future that was not passed on has lost its reader")
		}
		told := make(chan bool, 1)
		_, err := in.Func("", name).Start(t.Context(), func(ctx context.Context, _ val.Value, err error) {
			told <- err == nil && w.CloseUnread(ctx)
		}, r.Value(), f.Value())
		if err != nil {
			t.Fatal(err)
		}
		if got := <-told; got != want {
			t.Errorf("%s: %t", name, got)
		}
		if w.CloseUnread(t.Context()) {
			t.Errorf("%s: somebody who doesn't hold the instance knows", name)
		}
		if err := w.Set("late"); (err != nil) != want {
			t.Errorf("%s: Set: %v", name, err)
		}
	}
}

func TestFutureThen(t *testing.T) {
	in := pump(t)
	for _, name := range []string{"text", "echo-text"} {
		w, r := NewFuture[string]()
		got, err := in.Func("", name).Call(t.Context(), r.Value())
		if err != nil {
			t.Fatal(err)
		}
		back, err := FutureOf[string](got)
		if err != nil {
			t.Fatal(err)
		}
		type outcome struct {
			v   string
			err error
		}
		came := make(chan outcome, 1)
		back.Then(t.Context(), func(v string, err error) { came <- outcome{v, err} })
		w.Set("value")
		if o := <-came; o.v != "value" || o.err != nil {
			t.Errorf("%s: %q, %v", name, o.v, o.err)
		}
	}
}

func TestFutureThenWithoutValue(t *testing.T) {
	in := pump(t)
	then := func(end func(*FutureWriter[string], *FutureReader[string])) error {
		w, r := NewFuture[string]()
		got, err := in.Func("", "echo-text").Call(t.Context(), r.Value())
		if err != nil {
			t.Fatal(err)
		}
		back, err := FutureOf[string](got)
		if err != nil {
			t.Fatal(err)
		}
		came := make(chan error, 1)
		back.Then(t.Context(), func(_ string, err error) { came <- err })
		end(w, back)
		return <-came
	}
	if err := then(func(w *FutureWriter[string], _ *FutureReader[string]) { w.Close() }); err != ErrNoValue {
		t.Errorf("the writer closed: %v", err)
	}
	if err := then(func(_ *FutureWriter[string], r *FutureReader[string]) { r.Close() }); err != io.ErrClosedPipe {
		t.Errorf("the reader closed: %v", err)
	}
	_, r := NewFuture[string]()
	came := make(chan error, 1)
	r.Then(t.Context(), func(_ string, err error) { came <- err })
	if err := <-came; err != errBothEnds {
		t.Errorf("both ends of the host: %v", err)
	}
}
