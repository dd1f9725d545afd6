package componentize

import (
	"flag"
	"io/fs"
	"iter"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

var update = flag.Bool("update", false, "write the golden files")

func typesKind(k component.PrimType) types.Kind { return types.Kind(k) }

func sorted[V any](m map[string]V) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}

// parseWorld reads a world, with the WASI packages at hand.
func parseWorld(t *testing.T, src, world string) *wit.World {
	t.Helper()
	r, err := wit.ParseString("test.wit", src, wit.Options{
		Gates: syntax.AllGates,
		Extra: []fs.FS{wasiwit.FS()},
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, world)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// parseCore makes a module of lines such as
//
//	import $root f i32 -> i32
//	export f i32 ->
//	memory memory
//
// A `*` stands for what [dummyModule] makes.
func parseCore(t *testing.T, text string, w *wit.World) []byte {
	t.Helper()
	if strings.TrimSpace(text) == "*" {
		return dummyModule(w)
	}
	b := corewasm.NewBuilder()
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 4)
		switch {
		case f[0] == "import" && f[2] == "memory" && len(f) == 3:
			b.ImportMemory(f[1], f[2], corewasm.MemoryType{})
		case f[0] == "import":
			sig := coreFunc(strings.ReplaceAll(f[3], "_", " "))
			b.ImportFunc(f[1], strings.ReplaceAll(f[2], "%", " "), b.AddType(sig.Params, sig.Results))
		case f[0] == "export":
			sig := coreFunc(strings.Join(f[2:], " "))
			n := b.AddFunc(b.AddType(sig.Params, sig.Results), nil, corewasm.NewCode().Op(corewasm.OpUnreachable))
			b.AddExport(f[1], corewasm.KindFunc, n)
		case f[0] == "table":
			b.AddExport(f[1], corewasm.KindTable, b.AddTable(tableOf(1)))
		case f[0] == "memory":
			b.AddExport(f[1], corewasm.KindMemory, b.AddMemory(corewasm.MemoryType{}))
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return b.Encode()
}

// goldens runs f for each testdata/pattern. The files of an archive up to `core` are
// input; f returns the others, which are compared or, with -update, written.
func goldens(t *testing.T, pattern string, f func(t *testing.T, in map[string]string) map[string]string) {
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a := readArchive(t, path)
			in := map[string]string{}
			for _, file := range a.Files {
				in[file.Name] = string(file.Data)
			}
			golden(t, path, a, f(t, in))
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

func golden(t *testing.T, path string, want *txtar.Archive, got map[string]string) {
	t.Helper()
	out := &txtar.Archive{Comment: want.Comment}
	for _, file := range want.Files {
		if text, ok := got[file.Name]; !ok {
			out.Files = append(out.Files, file)
		} else if text != string(file.Data) && !*update {
			t.Errorf("%s: got\n%s\nwant\n%s", file.Name, text, file.Data)
		}
	}
	if !*update {
		if n := len(want.Files) - len(out.Files); n != len(got) {
			t.Errorf("%d of the golden files %v are there", n, slices.Sorted(maps.Keys(got)))
		}
		return
	}
	for name := range sorted(got) {
		out.Files = append(out.Files, txtar.File{Name: name, Data: []byte(got[name])})
	}
	if err := os.WriteFile(path, txtar.Format(out), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wasmTools runs wasm-tools, which GONDOLA_WASM_TOOLS names, or skips the test.
func wasmTools(t *testing.T, args ...string) string {
	t.Helper()
	tool := testenv.Path(t, testenv.WasmTools)
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("wasm-tools %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// accepted has wasm-tools validate a component, where there is one.
func accepted(t *testing.T, c []byte) {
	t.Helper()
	if os.Getenv(testenv.WasmTools) == "" {
		return
	}
	out := filepath.Join(t.TempDir(), "component.wasm")
	if err := os.WriteFile(out, c, 0o644); err != nil {
		t.Fatal(err)
	}
	wasmTools(t, "validate", "--features", "all", out)
}

// asRoot is the text of a world under the name that decoded worlds have, without
// documentation.
func asRoot(t *testing.T, w *wit.World) string {
	t.Helper()
	m := newMerger()
	root := m.target(rootWorld, rootPackage)
	if err := m.add(w); err != nil {
		t.Fatal(err)
	}
	m.finish(root.Package)
	return withoutDocs(wit.PrintWorld(root))
}

func withoutDocs(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		plain := strings.TrimSpace(line)
		if !strings.HasPrefix(plain, "///") && !strings.HasPrefix(plain, "@since") && !strings.HasPrefix(plain, "@deprecated") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func encode(t *testing.T, core []byte, w *wit.World) []byte {
	t.Helper()
	c, err := Encode(core, w, Options{Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, c)
	return c
}

func decode(t *testing.T, c []byte) *wit.World {
	t.Helper()
	_, w, err := Decode(c, component.AllFeatures)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func corewasmBuilder() *corewasm.Builder { return corewasm.NewBuilder() }

func sortedLines(text string) []string {
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(text, " {}\n", " {\n}\n")) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}
