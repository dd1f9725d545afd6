package wasiwit_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

var update = flag.Bool("update", false, "rewrite the files as they should be")

func TestFormatted(t *testing.T) {
	err := fs.WalkDir(wasiwit.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		src, err := fs.ReadFile(wasiwit.FS(), name)
		if err != nil {
			return err
		}
		out, perr := syntax.Format(&syntax.File{Name: name, Src: string(src)}, 0)
		if perr != nil {
			return perr
		}
		if out == string(src) {
			return nil
		}
		if *update {
			return os.WriteFile(filepath.Join("wit", filepath.FromSlash(name)), []byte(out), 0o666)
		}
		t.Errorf("%s is not formatted; run the test with -update", name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
