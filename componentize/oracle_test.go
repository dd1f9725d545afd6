package componentize

import (
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
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
	core := dummyModule(w)
	os.WriteFile(filepath.Join(filepath.Dir(path), "ours.core.wasm"), core, 0o644)
	c, err := Encode(core, w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(filepath.Dir(path), "ours.wasm")
	os.WriteFile(out, c, 0o644)
	wasmTools(t, "validate", "--features", "all", out)
	t.Log(wasmTools(t, "component", "wit", out))
}
