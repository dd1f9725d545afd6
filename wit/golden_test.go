package wit_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

var update = flag.Bool("update", false, "rewrite what the goldens expect")

// TestGolden runs testdata/*.txtar. An archive holds cases: `x.wit`, or the files of a
// folder `x/`, followed by `x.want`, which is the error's whole text or the model of the
// root package. The archive's comment may hold lines that set options.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runGolden(t, name) })
	}
}

func runGolden(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(data)
	options := goldenOptions(t, string(a.Comment))
	files := fstest.MapFS{}
	for i, f := range a.Files {
		want, isWant := strings.CutSuffix(f.Name, ".want")
		if !isWant {
			files[f.Name] = &fstest.MapFile{Data: f.Data}
			continue
		}
		got := goldenResult(want, files, options)
		if got != string(f.Data) && !*update {
			t.Errorf("%s (-want +got):\n%s", want, cmp.Diff(string(f.Data), got))
		}
		a.Files[i].Data = []byte(got)
		files = fstest.MapFS{}
	}
	if len(files) > 0 {
		t.Errorf("the last case has no .want")
	}
	if out := txtar.Format(a); *update && !bytes.Equal(out, data) {
		if err := os.WriteFile(name, out, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func goldenResult(name string, files fstest.MapFS, options wit.Options) string {
	var r *wit.Resolve
	var err error
	if f := files[name+".wit"]; f != nil && len(files) == 1 {
		r, err = wit.ParseString(name+".wit", strings.TrimSuffix(string(f.Data), "\n"), options)
	} else {
		r, err = wit.ParseDir(files, name, options)
	}
	if err != nil {
		return err.Error() + "\n"
	}
	return dump(r, r.Root)
}

func goldenOptions(t *testing.T, comment string) wit.Options {
	var o wit.Options
	for line := range strings.Lines(comment) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "features:":
			o.Features = words[1:]
		case "wasi:":
			o.Extra = []fs.FS{wasiwit.FS()}
		case "gates:":
			o.Gates = syntax.AllGates
		case "#":
		default:
			t.Fatalf("unknown option %q", line)
		}
	}
	return o
}
