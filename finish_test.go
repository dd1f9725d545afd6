package gondola

import (
	"io"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
)

// Who reads nothing learns that there is something to read, as often as he asks, and
// what that is when he reads: the end.
func TestFinish(t *testing.T) {
	for _, waiting := range []int{-1, 0, 1} { // the read that waits for the end, if any
		store := cabi.NewStore(cabi.Config{})
		s := store.NewStream(types.U8, nil)
		var got []cabi.CopyResult
		read := func(n int) {
			if err := s.Read(cabi.NewBytesBuffer(make([]byte, n), 1), func(r cabi.CopyResult) { got = append(got, r) }); err != nil {
				t.Error(err)
			}
		}
		if waiting >= 0 {
			read(waiting)
		}
		f := &finish{core: s, nothing: bufferOf[byte](types.U8, nil)}
		f.asked = f.onAsk
		f.arm()
		want := map[int][]cabi.CopyResult{0: {cabi.CopyCompleted}, 1: {cabi.CopyDropped}}[waiting]
		if !slices.Equal(got, want) {
			t.Errorf("a read of %d: %v", waiting, got)
		}
		if waiting == 1 {
			continue
		}
		got = nil
		read(0)
		read(0)
		read(1)
		if want := []cabi.CopyResult{cabi.CopyCompleted, cabi.CopyCompleted, cabi.CopyDropped}; !slices.Equal(got, want) {
			t.Errorf("reads of 0, 0 and 1: %v", got)
		}
	}
}

// For those who read it is the end.
func TestFinishedStream(t *testing.T) {
	in := pump(t)
	for range 2 {
		w, r := through[byte](t, in, "bytes")
		go func() {
			w.Write([]byte("text"))
			w.Finish()
			w.Finish()
			w.Close()
		}()
		if got, err := io.ReadAll(r); string(got) != "text" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		if _, err := w.Write([]byte{1}); err != io.ErrClosedPipe {
			t.Errorf("write: %v", err)
		}
	}
	w, r := NewStream[byte]()
	w.Finish()
	_, fr := NewFuture[string]()
	if _, err := in.Func("", "hang-up").Call(t.Context(), r.Value(), fr.Value()); err != nil {
		t.Error(err)
	}
	in.Close(t.Context())
}
