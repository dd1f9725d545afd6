package p3

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// Each stream that reads a file or a directory takes a goroutine: there are no more of
// them than files may be open, and their places are free again when they end.
func TestStreamsThatReadAreBounded(t *testing.T) {
	const places = 3
	f := fsys.New([]fsys.Dir{{Guest: "/", FS: fstest.MapFS{"file": {Data: []byte("text")}}}}, fsys.Limits{OpenFiles: 1 + places, Path: 100, Hops: 40})
	defer f.Close()
	all, err := f.Preopens()
	if err != nil {
		t.Fatal(err)
	}
	dir := all[0].Dir
	defer dir.Drop()
	file, err := dir.OpenAt(t.Context(), false, "file", 0, fsys.Read)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range places {
		readFile(ctx, f, pollio.DefaultLimits.Pieces, file, 0)
		readDirectory(ctx, f, dir)
	}
	if _, err := f.Occupy(); err != fsys.TooManyFiles {
		t.Fatalf("there is room for another: %v", err)
	}
	file.Drop()
	cancel()
	for free := 0; free < 1+places; {
		if _, err := f.Occupy(); err == nil {
			free++
			continue
		}
		time.Sleep(time.Millisecond)
	}
}
