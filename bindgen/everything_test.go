package bindgen

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// everythingWorld is a world with every type in every position.
func everythingWorld(t testing.TB) *wit.World {
	t.Helper()
	r, err := wit.ParsePath("testdata/everything/wit", wit.Options{Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "everything")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// everythingModule is a copy of testdata/everything with its generated code.
func everythingModule(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/everything")); err != nil {
		t.Fatal(err)
	}
	if err := WriteGuest(filepath.Join(dir, "gen"), everythingWorld(t), Options{ImportPath: "example.com/everything/gen"}, IfAbsent); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEverythingIsDeterministic(t *testing.T) {
	first, err := Guest(everythingWorld(t), Options{ImportPath: "example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Guest(everythingWorld(t), Options{ImportPath: "example.com/x"})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range first {
		if !bytes.Equal(text, second[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
}

// The generated packages and a guest over them must build and be free of findings of go vet, natively and in a component, and
// the guest's own tests, with a host in Go, must pass.
func TestEverythingBuilds(t *testing.T) {
	dir := everythingModule(t)
	run(t, dir, nil, "vet", "./...")
	run(t, dir, []string{"GOOS=wasip1", "GOARCH=wasm"}, "vet", "./...")
	run(t, dir, nil, "test", "./...")
	if unformatted, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil {
		t.Log("gofmt can't be run:", err)
	} else if len(unformatted) > 0 {
		t.Errorf("not formatted:\n%s", unformatted)
	}
}

// run runs the go command in dir.
func run(t testing.TB, dir string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s go %s: %v\n%s", strings.Join(env, " "), strings.Join(args, " "), err, out)
	}
}

// Only package rt and the standard library may be imported.
func TestEverythingImportsNothing(t *testing.T) {
	dir := everythingModule(t)
	err := filepath.WalkDir(filepath.Join(dir, "gen"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		source, err := os.ReadFile(path)
		if bytes.Contains(source, []byte(`"github.com/`)) {
			t.Errorf("%s imports what isn't its module's", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
