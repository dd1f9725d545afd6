package bindgen

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// All of WASI, as one world of somebody else's package.
const wasiWorld = `package a:b;
world w {
  include wasi:cli/command@0.3.0;
  include wasi:http/middleware@0.3.0;
}`

func TestWASI(t *testing.T) {
	r, err := wit.ParseString("world.wit", wasiWorld, wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	files, err := Guest(w, Options{ImportPath: testPath})
	if err != nil {
		t.Fatal(err)
	}
	var packages []string
	for name := range files {
		if dir := filepath.ToSlash(filepath.Dir(name)); !slices.Contains(packages, dir) {
			packages = append(packages, dir)
		}
	}
	for _, want := range []string{"http/types", "http/client", "filesystem/types", "cli/stdin", "export/http/handler", "w", "rt"} {
		if !slices.Contains(packages, want) {
			t.Errorf("no package %s among %v", want, slices.Sorted(slices.Values(packages)))
		}
	}
	for name := range maps.Keys(files) {
		if strings.Contains(name, "run") {
			t.Errorf("%s is generated, but main implements wasi:cli/run", name)
		}
	}
	dir := t.TempDir()
	if err := WriteGuest(filepath.Join(dir, "gen"), w, Options{ImportPath: testPath}, IfAbsent); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.24\n")
	run(t, dir, nil, "vet", "./...")
	run(t, dir, []string{"GOOS=wasip1", "GOARCH=wasm"}, "vet", "./...")
}
