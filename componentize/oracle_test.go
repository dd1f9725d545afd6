package componentize

import (
	"io/fs"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

func sorted[V any](m map[string]V) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}

// wasmTools runs wasm-tools, which GONDOLA_WASM_TOOLS names, or skips the test.
func wasmTools(t *testing.T, args ...string) string {
	t.Helper()
	tool := os.Getenv("GONDOLA_WASM_TOOLS")
	if tool == "" {
		t.Skip("GONDOLA_WASM_TOOLS does not name wasm-tools")
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("wasm-tools %v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestScratch(t *testing.T) {
	path := os.Getenv("SCRATCH")
	r, err := wit.ParsePath(path, wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, os.Getenv("WORLD"))
	if err != nil {
		t.Fatal(err)
	}
	roundtrip(t, w)
}

func roundtrip(t *testing.T, w *wit.World) {
	c, err := Encode(dummyModule(w), w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "ours.wasm")
	os.WriteFile(out, c, 0o644)
	wasmTools(t, "validate", "--features", "all", out)
	before := wasmTools(t, "component", "wit", out)
	_, w2, err := Decode(c)
	if err != nil {
		t.Fatal(err)
	}
	c2, err := Encode(dummyModule(w2), w2, Options{})
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(out, c2, 0o644)
	wasmTools(t, "validate", "--features", "all", out)
	after := wasmTools(t, "component", "wit", out)
	if before != after {
		t.Errorf("before %s\nafter %s", before, after)
	}
}

func TestCorpusScratch(t *testing.T) {
	dirs, _ := filepath.Glob(os.Getenv("SCRATCHES"))
	for _, path := range dirs {
		t.Run(path, func(t *testing.T) {
			r, err := wit.ParsePath(path, wit.Options{AllFeatures: true})
			if err != nil {
				t.Skip(err)
			}
			for w := range r.Root.Worlds.Values() {
				t.Run(w.Name, func(t *testing.T) { roundtrip(t, w) })
			}
		})
	}
}

func TestEmbedded(t *testing.T) {
	dir := t.TempDir()
	core, pkg := filepath.Join(dir, "core.wasm"), filepath.Join(dir, "pkg.wasm")
	in := "/tmp/componentize/a/w.wit"
	wasmTools(t, "component", "embed", "--dummy-names", "legacy", in, "-o", core)
	wasmTools(t, "component", "wit", "--wasm", in, "-o", pkg)
	b, _ := os.ReadFile(core)
	c, err := Encode(b, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "c.wasm")
	os.WriteFile(out, c, 0o644)
	wasmTools(t, "validate", "--features", "all", out)
	t.Log(wasmTools(t, "component", "wit", out))
	b, _ = os.ReadFile(pkg)
	r, err := DecodePackage(b)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := r.SelectWorld(nil, "")
	roundtrip(t, w)
}

func TestWASIScratch(t *testing.T) {
	r, err := wit.ParsePath("/tmp/componentize/all.wit", wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	w, _ := r.SelectWorld(nil, "")
	roundtrip(t, w)
}
