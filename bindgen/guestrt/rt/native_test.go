package rt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"
)

func TestStreamInMemory(t *testing.T) {
	w, r := NewStream(&StreamType[string]{})
	go func() {
		defer w.Close()
		for _, piece := range [][]string{{"a", "b"}, {}, {"c"}} {
			if n, err := w.Write(t.Context(), piece); n != len(piece) || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
		}
	}()
	var got []string
	for v, err := range r.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("read %q", got)
	}
	if n, err := r.Read(t.Context(), make([]string, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v after the end", n, err)
	}
}

func TestByteStreamInMemory(t *testing.T) {
	w, r := NewByteStream(&StreamType[byte]{})
	go func() {
		fmt.Fprint(w, "hello")
		w.Close()
	}()
	if got, err := io.ReadAll(r); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestStreamCancelled(t *testing.T) {
	w, r := NewStream(&UnitStream)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if n, err := r.Read(ctx, make([]Unit, 1)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("read %d, %v", n, err)
	}
	if n, err := w.Write(ctx, make([]Unit, 1)); n != 0 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wrote %d, %v", n, err)
	}
}

func TestStreamClosed(t *testing.T) {
	w, r := NewStream(&UnitStream)
	read := make(chan error)
	go func() {
		_, err := r.Read(context.Background(), make([]Unit, 1))
		read <- err
	}()
	time.Sleep(time.Millisecond)
	r.Close()
	if err := <-read; err != io.ErrClosedPipe {
		t.Errorf("a read whose reader is closed gave %v", err)
	}
	if n, err := w.Write(t.Context(), make([]Unit, 1)); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("wrote %d, %v to a closed reader", n, err)
	}
}

func TestFutureInMemory(t *testing.T) {
	w, r := NewFuture(&FutureType[int]{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := r.Await(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("awaited %v", err)
	}
	if err := w.Write(ctx, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wrote %v", err)
	}
	w.CloseWith(2)
	if v, err := r.Await(t.Context()); v != 2 || err != nil {
		t.Errorf("awaited %d, %v", v, err)
	}
	if _, err := r.Await(t.Context()); err != io.ErrClosedPipe {
		t.Errorf("awaited %v a second time", err)
	}
	if err := w.Write(t.Context(), 3); err != io.ErrClosedPipe {
		t.Errorf("wrote %v a second time", err)
	}
}

func TestFutureWithoutReader(t *testing.T) {
	w, r := NewFuture(&UnitFuture)
	r.Close()
	if err := w.Write(t.Context(), Unit{}); err != io.ErrClosedPipe {
		t.Errorf("wrote %v", err)
	}
}

// code is a WIT error that is an error in Go.
type code int

func (c code) Error() string { return fmt.Sprint("code ", int(c)) }

// shape is a WIT variant that is an error in Go.
type shape interface {
	error
	isShape()
}

type round struct{ code }

func (round) isShape() {}

func TestFindErr(t *testing.T) {
	wrap := func(err error) error { return fmt.Errorf("wrapped: %w", err) }
	if e, ok := FindErr[code](wrap(code(3))); e != 3 || !ok {
		t.Errorf("found %v, %v", e, ok)
	}
	if e, ok := FindErr[code](wrap(NewErr(code(4)))); e != 4 || !ok {
		t.Errorf("found %v, %v", e, ok)
	}
	if e, ok := FindErr[string](wrap(NewErr("text"))); e != "text" || !ok {
		t.Errorf("found %v, %v", e, ok)
	}
	if e, ok := FindErr[shape](wrap(round{5})); e != shape(round{5}) || !ok {
		t.Errorf("found %v, %v", e, ok)
	}
	if e, ok := FindErr[string](io.EOF); ok {
		t.Errorf("found %v", e)
	}
}

func TestResult(t *testing.T) {
	if v, err := Ok[int, string](7).Get(); v != 7 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
	_, err := Fail[int]("bad").Get()
	if e, ok := FindErr[string](err); e != "bad" || !ok {
		t.Errorf("got %v", err)
	}
	if _, err := Fail[int](code(1)).Get(); err != error(code(1)) {
		t.Errorf("got %v", err)
	}
}

func TestTable(t *testing.T) {
	var table Table[string]
	a, b := table.Add("a"), table.Add("b")
	if a == 0 || b == 0 || a == b || table.Get(a) != "a" || table.Take(b) != "b" {
		t.Errorf("representations %d and %d", a, b)
	}
	if _, found := table.remove(b); found {
		t.Error("b is still there")
	}
	table.last = ^uint32(0) // the numbers start over, and skip those in use
	if c := table.Add("c"); c == 0 || c == a || table.Get(c) != "c" || table.Get(a) != "a" {
		t.Errorf("representation %d", c)
	}
}

func TestErrorContext(t *testing.T) {
	e := NewErrorContext("no luck")
	if e.DebugMessage() != "no luck" || fmt.Sprint(e) != "no luck" {
		t.Errorf("the message is %q, %v", e.DebugMessage(), e)
	}
	var err *Err[*ErrorContext]
	if text := NewErr(e); !errors.As(text, &err) || err.Value != e || text.Error() != "error value no luck" {
		t.Errorf("as an error: %v", text)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
