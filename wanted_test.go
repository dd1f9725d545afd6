package gondola

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

func TestStreamWanted(t *testing.T) {
	in := pump(t)
	w, r := through[byte](t, in, "echo") // which hands it back
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := w.Wanted(ctx); err != context.DeadlineExceeded {
		t.Errorf("before anybody reads: %v", err)
	}
	got := make(chan string)
	go func() {
		buf := make([]byte, 10)
		n, _ := r.Read(buf)
		got <- string(buf[:n])
	}()
	for range 3 {
		if err := w.Wanted(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if s := <-got; s != "hello" {
		t.Errorf("got %q", s)
	}
	r.Close()
	if err := w.Wanted(t.Context()); err != io.ErrClosedPipe {
		t.Errorf("nobody reads: %v", err)
	}
}

// A guest that reads lets its host know, and one that hangs up.
func TestGuestWants(t *testing.T) {
	in := pump(t)
	w, _ := through[byte](t, in, "bytes")
	if err := w.Wanted(t.Context()); err != nil {
		t.Error(err)
	}
	w, r := NewStream[byte]()
	_, f := NewFuture[string]()
	if _, err := in.Func("", "hang-up").Call(t.Context(), r.Value(), f.Value()); err != nil {
		t.Fatal(err)
	}
	if err := w.Wanted(t.Context()); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}

func TestWantedOfNobody(t *testing.T) {
	w, r := NewStream[byte]()
	r.Close()
	if err := w.Wanted(t.Context()); err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
	in := pump(t)
	w, _ = through[byte](t, in, "echo")
	if err := in.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Wanted(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestWantedEndsWithItsWriter(t *testing.T) {
	in := pump(t)
	w, r := through[byte](t, in, "echo")
	defer r.Close()
	done := make(chan error)
	go func() { done <- w.Wanted(t.Context()) }()
	time.Sleep(time.Millisecond)
	w.Close()
	if err := <-done; err != io.ErrClosedPipe {
		t.Errorf("got %v", err)
	}
}
