package componentize

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// corpus is the folder `tests` of wit-component that GONDOLA_WIT_COMPONENT names.
func corpus(t *testing.T, pattern string) []string {
	t.Helper()
	return files(t, testenv.WITComponent, pattern)
}

// files are those that match a pattern in the folder that a variable names.
func files(t *testing.T, variable, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(testenv.Path(t, variable), pattern))
	if err != nil || len(paths) == 0 {
		t.Fatal("no tests there", err)
	}
	return paths
}

var corpusOptions = wit.Options{AllFeatures: true, Gates: syntax.AllGates}

// TestCorpus encodes the core modules of wit-component's own tests and compares the
// worlds of the results with those that wasm-tools and we read from what is expected
// there.
func TestCorpus(t *testing.T) {
	for _, path := range corpus(t, "components/*/module.wat") {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			if reason := unsupported(dir); reason != "" {
				t.Skip(reason)
			}
			corpusCase(t, dir)
		})
	}
}

// unsupported says why a case of the corpus is left out.
func unsupported(dir string) string {
	if adapters, _ := filepath.Glob(filepath.Join(dir, "adapt-*.wat")); len(adapters) > 0 {
		return "adapters are not supported"
	}
	for name, reason := range map[string]string{
		"threading-wasm-ld":     "linker symbols are not supported",
		"cm32-names":            "the names of component-model#378 are not supported",
		"deduplicate-imports":   "the names of component-model#378 are not supported",
		"custom-page-sizes":     "custom page sizes are not supported",
		"import-memory":         "imported memories are not supported",
		"-import-memory":        "imported memories are not supported",
		"realloc-shim":          "imported memories are not supported",
		"realloc-task-hook":     "task hooks are not supported",
		"wasm-init-task":        "task hooks are not supported",
		"merge-import-versions": "imports of compatible versions are not merged",
	} {
		if strings.Contains(filepath.Base(dir), name) {
			return reason
		}
	}
	return ""
}

func corpusWorld(t *testing.T, dir string) *wit.World {
	t.Helper()
	path := filepath.Join(dir, "module.wit")
	if _, err := os.Stat(filepath.Join(dir, "deps")); err == nil {
		path = dir
	}
	r, err := wit.ParsePath(path, corpusOptions)
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "module")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// parseText is the binary form of a text file.
func parseText(t *testing.T, path string) (file string, data []byte) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "parsed.wasm")
	wasmTools(t, "parse", path, "-o", file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, data
}

func corpusCase(t *testing.T, dir string) {
	_, core := parseText(t, filepath.Join(dir, "module.wat"))
	_, wantErr := os.Stat(filepath.Join(dir, "error.txt"))
	c, err := Encode(core, corpusWorld(t, dir), Options{})
	if (err == nil) == (wantErr == nil) {
		t.Fatalf("error %v, which differs from wit-component", err)
	}
	if err != nil {
		t.Log(err)
		return
	}
	accepted(t, c)
	out := filepath.Join(t.TempDir(), "out.wasm")
	if err := os.WriteFile(out, c, 0o644); err != nil {
		t.Fatal(err)
	}
	file, theirs := parseText(t, filepath.Join(dir, "component.wat"))
	sameText(t, wasmTools(t, "component", "wit", out), wasmTools(t, "component", "wit", file))
	sameText(t, wit.PrintWorld(decode(t, c)), wit.PrintWorld(decode(t, theirs)))
}

// sameText compares texts up to the order of lines: that of types may differ.
func sameText(t *testing.T, got, want string) {
	t.Helper()
	if strings.Join(sortedLines(got), "\n") != strings.Join(sortedLines(want), "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCorpusPackages decodes wit-component's encoded packages, and encodes and decodes
// their worlds.
func TestCorpusPackages(t *testing.T) {
	for _, path := range corpus(t, "interfaces/*.wat") {
		name := strings.TrimSuffix(path, ".wat")
		t.Run(filepath.Base(name), func(t *testing.T) {
			source := name + ".wit"
			if _, err := os.Stat(source); err != nil {
				source = name
			}
			if filepath.Base(name) == "single-named-result" {
				t.Skip("its syntax is no longer valid")
			}
			_, data := parseText(t, path)
			got, err := DecodePackage(data, component.AllFeatures)
			if err != nil {
				t.Fatal(err)
			}
			want, err := wit.ParsePath(source, corpusOptions)
			if err != nil {
				t.Fatal(err)
			}
			sameText(t, withoutDocs(wit.PrintPackage(got.Root)), withoutDocs(wit.PrintPackage(want.Root)))
			for w := range got.Root.Worlds.Values() {
				twice(t, w)
			}
		})
	}
}

// twice encodes a world, and what came back of it again: nothing more may get lost.
func twice(t *testing.T, w *wit.World) {
	t.Helper()
	first := decode(t, encode(t, dummyModule(w), w))
	second := decode(t, encode(t, dummyModule(first), first))
	if got, want := wit.PrintWorld(second), wit.PrintWorld(first); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCorpusDecode compares the WIT of all expected components with what wasm-tools
// reads from them.
func TestCorpusDecode(t *testing.T) {
	for _, path := range corpus(t, "components/*/component.wat") {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			switch filepath.Base(filepath.Dir(path)) {
			case "custom-page-sizes", "threading-wasm-ld-symbols64":
				t.Skip("custom page sizes and 64-bit memories are not supported")
			}
			file, data := parseText(t, path)
			sameText(t, wit.PrintWorld(decode(t, data)), wasmTools(t, "component", "wit", file))
		})
	}
}

// TestCorpusWorlds does that with the worlds of wit-parser's tests.
func TestCorpusWorlds(t *testing.T) {
	for _, path := range files(t, testenv.WITUI, "*") {
		r, err := wit.ParsePath(path, corpusOptions)
		if err != nil || strings.HasSuffix(path, "union-fuzz-2.wit") {
			continue // not WIT, or a record without fields, which no component can have
		}
		for w := range r.Root.Worlds.Values() {
			t.Run(filepath.Base(path)+"/"+w.Name, func(t *testing.T) { twice(t, w) })
		}
	}
}
