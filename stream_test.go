package gondola

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/val"
)

// through sends a stream through a function of an instance.
func through[T any](t testing.TB, in *Instance, name string) (*StreamWriter[T], *StreamReader[T]) {
	t.Helper()
	w, r := NewStream[T]()
	got, err := in.Func("", name).Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := StreamOf[T](got)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Close()
		back.Close()
	})
	return w, back
}

func TestStreamPieceByPiece(t *testing.T) {
	in := pump(t)
	for _, name := range []string{"bytes", "echo"} {
		w, r := through[byte](t, in, name)
		buf := make([]byte, 100)
		for i := range 20 {
			piece := fmt.Sprintf("piece %d", i)
			wrote := make(chan error, 1)
			go func() {
				n, err := w.Write([]byte(piece))
				if err == nil && n != len(piece) {
					err = io.ErrShortWrite
				}
				wrote <- err
			}()
			if _, err := io.ReadFull(r, buf[:len(piece)]); err != nil || string(buf[:len(piece)]) != piece {
				t.Fatalf("%s: got %q, %v", name, buf[:len(piece)], err)
			}
			if err := <-wrote; err != nil {
				t.Fatalf("%s: write: %v", name, err)
			}
		}
		w.Close()
		for range 2 {
			if n, err := r.Read(buf); n != 0 || err != io.EOF {
				t.Errorf("%s: at the end %d, %v", name, n, err)
			}
		}
		if _, err := w.Write([]byte("more")); err != io.ErrClosedPipe {
			t.Errorf("%s: write after Close: %v", name, err)
		}
	}
}

func TestStreamOfMuch(t *testing.T) {
	in := pump(t)
	w, r := through[byte](t, in, "bytes")
	want := bytes.Repeat([]byte("0123456789abcde"), 4000)
	go func() {
		w.Write(want)
		w.Close()
	}()
	got, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes of %d, %v", len(got), len(want), err)
	}
}

func TestTypedStreams(t *testing.T) {
	in := pump(t)
	want := []string{"one", "", "drei", "čtyři", "5", "6", "7", "8", "nine", "ten", "eleven"}
	for _, name := range []string{"strings", "echo-strings"} {
		w, r := through[string](t, in, name)
		go func() {
			w.Write(want)
			w.Close()
		}()
		var got []string
		for s, err := range r.All(t.Context()) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, s)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
	w, r := through[struct{}](t, in, "units")
	go func() {
		w.Write(make([]struct{}, 21))
		w.Close()
	}()
	n := 0
	for _, err := range r.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 21 {
		t.Errorf("%d units came of 21", n)
	}
	// As dynamic values.
	dw, dr := through[val.Value](t, in, "strings")
	go func() { dw.Write([]val.Value{val.String("x")}) }()
	if n, err := dr.Read(make([]val.Value, 3)); n != 1 || err != nil {
		t.Errorf("dynamic: %d, %v", n, err)
	}
}

func TestStreamOfAWrongType(t *testing.T) {
	in := pump(t)
	_, r := NewStream[int32]()
	if _, err := in.Func("", "bytes").Call(t.Context(), r.Value()); err == nil {
		t.Error("a stream of int32 passed for one of bytes")
	}
	w, r8 := NewStream[string]()
	if _, err := in.Func("", "strings").Call(t.Context(), r8.Value()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]string{"\xff"}); err == nil || errors.As(err, new(*Trap)) {
		t.Errorf("a string that is not UTF-8: %v", err)
	}
	if _, err := in.Func("", "strings").Call(t.Context(), r8.Value()); !errors.Is(err, errGivenAway) {
		t.Errorf("passed twice: %v", err)
	}
	if _, err := r8.Read(make([]string, 1)); err != errGivenAway {
		t.Errorf("read after it was passed: %v", err)
	}
}

func TestReaderGoesAway(t *testing.T) {
	in := pump(t)
	w, r := through[byte](t, in, "bytes")
	r.Close()
	if _, err := r.Read(make([]byte, 1)); err != io.ErrClosedPipe {
		t.Errorf("a read after Close: %v", err)
	}
	// The pump finds out when it writes, and then drops what it reads.
	if n, err := w.Write(make([]byte, 100)); err != io.ErrClosedPipe || n > 8 {
		t.Errorf("got %d, %v", n, err)
	}
	w, r = NewStream[byte]()
	fw, fr := NewFuture[string]()
	if _, err := in.Func("", "hang-up").Call(t.Context(), r.Value(), fr.Value()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Write([]byte{1}); n != 0 || err != io.ErrClosedPipe {
		t.Errorf("got %d, %v", n, err)
	}
	if err := fw.Set("nobody reads this"); err != nil {
		t.Error(err)
	}
}

// Who waits for something else than its stream is told that nobody reads any more.
func TestOnReaderGone(t *testing.T) {
	told := func(w *StreamWriter[byte]) <-chan struct{} {
		c := make(chan struct{}, 2)
		w.OnReaderGone(func() { c <- struct{}{} })
		return c
	}
	passed := func() (*StreamWriter[byte], *Instance, func()) {
		in := pump(t)
		w, r := NewStream[byte]()
		return w, in, func() {
			_, fr := NewFuture[string]()
			if _, err := in.Func("", "hang-up").Call(t.Context(), r.Value(), fr.Value()); err != nil {
				t.Error(err)
			}
		}
	}
	w, _, hangUp := passed()
	before := told(w)
	hangUp()
	<-before
	<-told(w) // it has gone already

	w, r := NewStream[byte]()
	never := told(w)
	r.Close() // it was never passed
	<-never
	<-told(w)

	in := pump(t)
	w, r = through[byte](t, in, "bytes")
	closed := told(w)
	in.Close(t.Context())
	<-closed
	r.Close()

	w, _, hangUp = passed()
	silent := told(w)
	w.Close()
	hangUp()
	if len(silent) != 0 {
		t.Error("told, although the stream was closed first")
	}
}

func TestNoStreamAtAll(t *testing.T) {
	for _, v := range []val.Value{{}, val.U32(1), val.OfFuture(&Future{})} {
		if _, err := StreamOf[byte](v); err == nil {
			t.Errorf("%v is a stream", v.Kind())
		}
	}
	for _, v := range []val.Value{{}, val.U32(1), val.OfStream(&Stream{})} {
		if _, err := FutureOf[byte](v); err == nil {
			t.Errorf("%v is a future", v.Kind())
		}
	}
}

// Ends that never get to a guest let those who wait for them go.
func TestReaderIsClosedBeforeItIsPassed(t *testing.T) {
	in := pump(t)
	w, r := NewStream[byte]()
	wrote := make(chan error)
	go func() {
		_, err := w.Write([]byte{1})
		wrote <- err
	}()
	if _, err := r.Read(make([]byte, 1)); err != errBothEnds {
		t.Errorf("read: %v", err)
	}
	r.Close()
	if err := <-wrote; err != io.ErrClosedPipe {
		t.Errorf("write: %v", err)
	}
	if _, err := in.Func("", "bytes").Call(t.Context(), r.Value()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("passed: %v", err)
	}
	// What a call that does not start was given is closed.
	w, r = NewStream[byte]()
	_, fr := NewFuture[string]()
	fr.Close()
	if _, err := in.Func("", "hang-up").Call(t.Context(), r.Value(), fr.Value()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a call with a closed future: %v", err)
	}
	if _, err := w.Write([]byte{1}); err != io.ErrClosedPipe {
		t.Errorf("the writer of the other argument: %v", err)
	}
}

func TestWriterIsClosedBeforeItsStreamIsPassed(t *testing.T) {
	in := pump(t)
	w, r := NewStream[byte]()
	w.Close()
	got, err := in.Func("", "bytes").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := StreamOf[byte](got)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := back.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestReadAndWriteUntilContextEnds(t *testing.T) {
	in := pump(t)
	w, r := through[byte](t, in, "bytes")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if n, err := r.ReadContext(ctx, make([]byte, 1)); n != 0 || err != context.DeadlineExceeded {
		t.Errorf("read: %d, %v", n, err)
	}
	var n int
	var err error
	for wait := 10 * time.Millisecond; n == 0 && wait < time.Minute; wait *= 2 { // until the guest is there in time
		ctx, cancel = context.WithTimeout(t.Context(), wait)
		n, err = w.WriteContext(ctx, []byte("0123456789abcdef"))
		cancel()
	}
	if n != 8 || err != context.DeadlineExceeded {
		t.Errorf("write: %d, %v", n, err)
	}
	buf := make([]byte, 8)
	if _, err := io.ReadFull(r, buf); err != nil || string(buf) != "01234567" {
		t.Errorf("what was taken: %q, %v", buf, err)
	}
	go w.Write([]byte("89"))
	if n, err := io.ReadFull(r, buf[:2]); n != 2 || err != nil || string(buf[:2]) != "89" {
		t.Errorf("afterwards: %q, %v", buf[:n], err)
	}
}

func TestEmptyReadsAndWrites(t *testing.T) {
	w, r := NewStream[byte]()
	if n, err := w.Write(nil); n != 0 || err != nil {
		t.Errorf("write: %d, %v", n, err)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("read: %d, %v", n, err)
	}
}

// One operation at a time goes on, and others queue.
func TestOperationsQueue(t *testing.T) {
	in := pump(t)
	w, r := through[string](t, in, "strings")
	const n = 50
	for i := range n {
		go w.Write([]string{fmt.Sprint(i)})
	}
	got := make(chan string)
	for range n {
		go func() {
			var s [1]string
			if _, err := r.Read(s[:]); err != nil {
				t.Error(err)
			}
			got <- s[0]
		}()
	}
	seen := map[string]bool{}
	for range n {
		seen[<-got] = true
	}
	if len(seen) != n {
		t.Errorf("%d different of %d", len(seen), n)
	}
}

func TestStreamsBetweenInstances(t *testing.T) {
	a, b := pump(t), pump(t)
	for _, first := range []string{"bytes", "echo"} {
		w, r := NewStream[byte]()
		v, err := a.Func("", first).Call(t.Context(), r.Value())
		if err != nil {
			t.Fatal(err)
		}
		v, err = b.Func("", "bytes").Call(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		back, err := StreamOf[byte](v)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			w.Write([]byte("from one to the other"))
			w.Close()
		}()
		if got, err := io.ReadAll(back); err != nil || string(got) != "from one to the other" {
			t.Errorf("%s: got %q, %v", first, got, err)
		}
	}
	w, r := through[string](t, a, "strings")
	v, err := b.Func("", "strings").Call(t.Context(), r.Value())
	if err != nil {
		t.Fatal(err)
	}
	back, err := StreamOf[string](v)
	if err != nil {
		t.Fatal(err)
	}
	go w.Write([]string{"typed"})
	var got [1]string
	if _, err := back.Read(got[:]); err != nil || got[0] != "typed" {
		t.Errorf("got %q, %v", got, err)
	}
}

// A dynamic value that passes through the host is passed on as it is.
func TestStreamPassesThroughTheHost(t *testing.T) {
	in := pump(t)
	v, err := in.Func("", "never").Call(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err = in.Func("", "echo").Call(t.Context(), v.Elems()[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := StreamOf[byte](v); err != nil {
		t.Fatal(err)
	}
}

// A stream that breaks off is told from one that ends.
func TestStreamsOfAnInstanceThatIsGone(t *testing.T) {
	for name, end := range map[string]struct {
		end  func(*Instance)
		want func(error) bool
	}{
		"trap": {
			func(in *Instance) { in.Func("", "crash").Call(context.Background()) },
			func(err error) bool { return errors.As(err, new(*Trap)) },
		},
		"close": {
			func(in *Instance) { in.Close(context.Background()) },
			func(err error) bool { return err == ErrClosed },
		},
	} {
		in := pump(t)
		v, err := in.Func("", "never").Call(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, err := StreamOf[byte](v.Elems()[0])
		if err != nil {
			t.Fatal(err)
		}
		f, err := FutureOf[string](v.Elems()[1])
		if err != nil {
			t.Fatal(err)
		}
		w, in2 := NewStream[byte]()
		_, f2 := NewFuture[string]()
		if _, err := in.Func("", "keep").Call(t.Context(), in2.Value(), f2.Value()); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 3)
		go func() {
			_, err := r.Read(make([]byte, 1))
			errs <- err
		}()
		go func() {
			_, err := w.Write([]byte{1})
			errs <- err
		}()
		go func() {
			_, err := f.Await(context.Background())
			errs <- err
		}()
		time.Sleep(20 * time.Millisecond)
		end.end(in)
		for range 3 {
			if err := <-errs; !end.want(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Write([]byte{1}); !end.want(err) && err != io.ErrClosedPipe {
			t.Errorf("%s: a later write: %v", name, err)
		}
		r.Close()
		w.Close()
		f.Close()
	}
}
