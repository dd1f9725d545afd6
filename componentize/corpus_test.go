package componentize

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// TestCorpus encodes the core modules of wit-component's own tests, in the folder
// that GONDOLA_WIT_COMPONENT names, and compares the worlds that wasm-tools reads from the
// results with those that are expected there.
func TestCorpus(t *testing.T) {
	root := os.Getenv("GONDOLA_WIT_COMPONENT")
	if root == "" {
		t.Skip("GONDOLA_WIT_COMPONENT does not name the folder tests/components of wit-component")
	}
	dirs, err := filepath.Glob(filepath.Join(root, "*", "module.wit"))
	if err != nil || len(dirs) == 0 {
		t.Fatal("no tests there", err)
	}
	for _, path := range dirs {
		dir := filepath.Dir(path)
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			if reason := unsupported(name); reason != "" {
				t.Skip(reason)
			}
			corpusCase(t, dir)
		})
	}
}

// unsupported says why a case of the corpus is left out.
func unsupported(name string) string {
	for prefix, reason := range map[string]string{
		"adapt-": "adapters are not supported", "link": "linking is not supported", "threading-wasm-ld": "linker symbols are not supported",
		"cm32-names": "the names of component-model#378 are not supported", "import-in-adapter": "adapters are not supported",
	} {
		if strings.HasPrefix(name, prefix) {
			return reason
		}
	}
	return ""
}

func corpusCase(t *testing.T, dir string) {
	core := filepath.Join(t.TempDir(), "core.wasm")
	wasmTools(t, "parse", filepath.Join(dir, "module.wat"), "-o", core)
	bytes, err := os.ReadFile(core)
	if err != nil {
		t.Fatal(err)
	}
	r, err := wit.ParsePath(filepath.Join(dir, "module.wit"), wit.Options{AllFeatures: true, Gates: syntax.GateFixedLengthLists | syntax.GateErrorContext})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "module")
	if err != nil {
		t.Fatal(err)
	}
	_, wantErr := os.Stat(filepath.Join(dir, "component.wat"))
	c, err := Encode(bytes, w, Options{})
	if err != nil || wantErr != nil {
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, wit-component gave %v", err, wantErr)
		}
		t.Log(err)
		return
	}
	out := filepath.Join(filepath.Dir(core), "out.wasm")
	if err := os.WriteFile(out, c, 0o644); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(os.Getenv("GONDOLA_WASM_TOOLS"), "validate", "--features", "all", out).CombinedOutput(); err != nil {
		t.Fatalf("%s", msg)
	}
	want := wasmTools(t, "component", "wit", filepath.Join(dir, "component.wat"))
	if got := wasmTools(t, "component", "wit", out); got != want {
		t.Errorf("the component's world is\n%s\ninstead of\n%s", got, want)
	}
}
