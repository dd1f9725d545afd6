//go:build unix

package wasi_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/wasi"
)

// measuredFS measures how its files are read.
type measuredFS struct {
	fs.FS
	largest
}

func (m *measuredFS) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if st, serr := fs.Stat(m.FS, name); err == nil && serr == nil && !st.IsDir() {
		return &measuredFile{f, m}, nil
	}
	return f, err
}

type measuredFile struct {
	fs.File
	fs *measuredFS
}

func (f *measuredFile) ReadAt(p []byte, offset int64) (int, error) {
	f.fs.note(p)
	return f.File.(io.ReaderAt).ReadAt(p, offset)
}

func TestPiecesOfFiles(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "files-output", "0.3.txt"))
	must(t, err)
	fsys := &measuredFS{FS: fstest.MapFS{"d/b.txt": {Data: []byte("text of b")}}}
	got := filesWith(t, wasi.Limits{Piece: 8}, fsys, "0.3")
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if size := fsys.take(); size != 8 {
		t.Errorf("%d bytes were read at a time", size)
	}
}
