package p2

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// What guests may write before anything is out.
func TestWritePermit(t *testing.T) {
	for _, test := range []struct{ set, streams, files uint64 }{
		{0, 64 << 10, 1 << 20},
		{1000, 1000, 1000},
		{2 << 20, 2 << 20, 2 << 20},
	} {
		h := host.New(host.Config{
			Limits: host.Limits{WritePermit: int(test.set)},
			Dirs:   []fsys.Dir{{Guest: "/", Host: t.TempDir()}},
		})
		permits := func(what string, s *pollio.OutputStream, want uint64) {
			if n, err := s.CheckWrite(); n != want || err != nil {
				t.Errorf("%s, permit %d: got %d, %v", what, test.set, n, err)
			}
			if err := s.Drop(); err != nil {
				t.Error(err)
			}
		}
		permits("standard output", h.Stdout(context.Background()).NewStream(), test.streams)
		permits("another stream", h.Streams.NewOutputStream(discard{}, pollio.OutputOptions{Linger: true}), test.streams)
		dirs, err := h.Files.Preopens()
		if err != nil {
			t.Fatal(err)
		}
		f, err := dirs[0].Dir.OpenAt(t.Context(), false, "f", fsys.Create, fsys.Write)
		if err != nil {
			t.Fatal(err)
		}
		w, err := f.NewWriter(0)
		s, err := fileOutput(h, w, err)
		if err != nil {
			t.Fatal(err)
		}
		permits("a file", s, test.files)
		f.Drop()
		dirs[0].Dir.Drop()
		h.Files.Close()
	}
}

// discard is a sink of nothing.
type discard struct{}

func (discard) Write(_ context.Context, p []byte) (int, error) { return len(p), nil }
func (discard) Flush(context.Context) error                    { return nil }
func (discard) Close()                                         {}

// What a guest reads at once.
func TestPieces(t *testing.T) {
	h := host.New(host.Config{
		Limits: host.Limits{Piece: 5},
		Dirs:   []fsys.Dir{{Guest: "/", FS: fstest.MapFS{"f": {Data: []byte("hello, world")}}}},
	})
	defer h.Files.Close()
	dirs, err := h.Files.Preopens()
	if err != nil {
		t.Fatal(err)
	}
	defer dirs[0].Dir.Drop()
	f, err := dirs[0].Dir.OpenAt(t.Context(), false, "f", 0, fsys.Read)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Drop()
	if c, err := readFile(t.Context(), h.Streams.Pieces, f, 100, 0); string(c.F0) != "hello" || err != nil {
		t.Errorf("got %q, %v", c.F0, err)
	}
	text := strings.NewReader("hello, world")
	in := h.Streams.NewInputStream(pollio.NewBuffered(func(_ context.Context, p []byte) (int, error) { return text.Read(p) }, nil))
	if b, err := in.BlockingRead(t.Context(), 100); string(b) != "hello" || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
}
