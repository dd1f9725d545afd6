package bindgen

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const testPath = "example.com/app/gen"

// guest generates the world of a WIT text, support code left out.
func guest(t testing.TB, src string) map[string][]byte {
	t.Helper()
	w := selectWorld(t, src)
	files, err := Guest(w, Options{ImportPath: testPath})
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(files, func(name string, _ []byte) bool { return strings.HasPrefix(name, "rt/") })
	return files
}

// Each archive holds a world and what is generated for it. Headers are left out: they are tested apart.
func TestGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			golden := readArchive(t, name)
			got := &txtar.Archive{Comment: golden.Comment, Files: golden.Files[:1:1]}
			files := guest(t, string(golden.Files[0].Data))
			for _, path := range slices.Sorted(maps.Keys(files)) {
				got.Files = append(got.Files, txtar.File{Name: "gen/" + path, Data: withoutHeader(files[path])})
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(golden)), string(txtar.Format(got))); diff != "" {
				t.Errorf("generated code has changed; if that is right, run go test with -update (-golden +generated):\n%s", diff)
			}
		})
	}
}

func readArchive(t *testing.T, path string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func withoutHeader(source []byte) []byte {
	_, rest, _ := bytes.Cut(source, []byte("\n\n"))
	return rest
}

// What the golden files hold must build and be free of findings of go vet, natively and in a component.
func TestGoldenBuilds(t *testing.T) {
	archives, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range archives {
		dir := t.TempDir()
		w := selectWorld(t, string(readArchive(t, name).Files[0].Data))
		if err := WriteGuest(filepath.Join(dir, "gen"), w, Options{ImportPath: testPath}, IfAbsent); err != nil {
			t.Fatal(err)
		}
		edit(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.24\n")
		run(t, dir, nil, "vet", "./...")
		run(t, dir, []string{"GOOS=wasip1", "GOARCH=wasm"}, "vet", "./...")
	}
}
