package gondola

import (
	"io"
	"testing"
)

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
