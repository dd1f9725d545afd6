package wasi_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola/wasi"
)

// largest is the largest buffer that was read into, or written.
type largest struct {
	mu   sync.Mutex
	size int
}

func (l *largest) note(p []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.size = max(l.size, len(p))
}

// take is what it was since the last time.
func (l *largest) take() (size int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	size, l.size = l.size, 0
	return size
}

type measuredReader struct {
	io.Reader
	largest
}

func (r *measuredReader) Read(p []byte) (int, error) {
	r.note(p)
	return r.Reader.Read(p)
}

type measuredWriter struct {
	bytes.Buffer
	largest
}

func (w *measuredWriter) Write(p []byte) (int, error) {
	w.note(p)
	return w.Buffer.Write(p)
}

// Streams carry as much at a time as the limit says, which guests can't tell.
func TestPiecesOfStandardStreams(t *testing.T) {
	text := strings.Repeat("0123456789abcdef\n", 10_000)
	for _, piece := range []int{0, 1000, 100_000} {
		want := piece
		if want == 0 {
			want = 64 << 10
		}
		limits := wasi.Limits{Piece: piece}
		in, out := &measuredReader{Reader: strings.NewReader(text)}, &measuredWriter{}
		err := run(t, wasi.Config{Args: []string{"guest", "echo"}, Stdin: in, Stdout: out, Stderr: os.Stderr, Limits: limits}, nil)
		if err != nil || !strings.HasPrefix(out.String(), text) {
			t.Errorf("0.3: got %d bytes, %v", out.Len(), err)
		}
		// What the guest asks for at a time is its own affair.
		if read, written := in.take(), out.take(); read != want || written > want {
			t.Errorf("0.3: %d bytes were read at a time and %d written, want %d", read, written, want)
		}
		in, out = &measuredReader{Reader: strings.NewReader(text)}, &measuredWriter{}
		if _, err := run02(t, "splice", wasi.Config{Stdin: in, Stdout: out, Limits: limits}); err != nil || !strings.HasPrefix(out.String(), text) {
			t.Errorf("0.2: got %d bytes, %v", out.Len(), err)
		}
		if read := in.take(); read != min(want, 64<<10) { // the permit of the other stream
			t.Errorf("0.2: %d bytes were read at a time, want %d", read, min(want, 64<<10))
		}
	}
}
