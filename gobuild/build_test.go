package gobuild

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module writes a module with the given files and returns its directory.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["go.mod"]; !ok {
		files["go.mod"] = "module example.test/m\n\ngo 1.26\n"
	}
	for name, text := range files {
		if err := writeFile(filepath.Join(dir, name), []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const helloSource = "package main\n\nvar mark = \"unset mark\"\n\nfunc main() { println(mark) }\n"

func TestBuildErrors(t *testing.T) {
	dir := module(t, map[string]string{
		"main.go":         helloSource,
		"lib/lib.go":      "package lib\n",
		"none/README":     "nothing\n",
		"two/a.go":        "package a\n",
		"two/b.go":        "package b\n",
		"badimport/m.go":  "package main\n\nimport _ \"example.test/m/missing\"\n\nfunc main() {}\n",
		"tests/m_test.go": "package main\n",
	})
	for _, test := range []struct {
		pkg, want string
		flags     []string
	}{
		{pkg: "./missing", want: "./missing: no such directory"},
		{pkg: "./main.go", want: "./main.go is a file: give the directory of a Go package"},
		{pkg: "./...", want: "./... is a pattern: a component is built from one package"},
		{pkg: "./lib", want: "is package lib: a component is built from a package main"},
		{pkg: "./none", want: "no Go files in "},
		{pkg: "./two", want: "found packages a (a.go) and b (b.go) in "},
		{pkg: "fmt", want: "is package fmt: a component is built from a package main"},
		{pkg: "example.test/elsewhere", want: "example.test/elsewhere"},
		{pkg: ".", flags: []string{"-o", "x"}, want: "flag -o can't be used here: "},
		{pkg: ".", flags: []string{"-buildmode=exe"}, want: "flag -buildmode can't be used here: "},
		{pkg: ".", flags: []string{"-tags"}, want: "flag -tags needs a value"},
		{pkg: ".", flags: []string{"x"}, want: `"x" is no build flag`},
		{pkg: ".", flags: []string{"-overlay=none.json"}, want: "none.json: no such file"},
	} {
		t.Run(test.pkg+strings.Join(test.flags, " "), func(t *testing.T) {
			_, err := Build(t.Context(), Options{Dir: dir, Pkg: test.pkg, Flags: test.flags})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// TestCompileError compares what a compile error looks like with "go build".
func TestCompileError(t *testing.T) {
	dir := module(t, map[string]string{"main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { undefined() }\n"})
	var stderr bytes.Buffer
	if _, err := Build(t.Context(), Options{Dir: dir, Stderr: &stderr}); !errors.Is(err, ErrCompile) {
		t.Fatalf("error %v, want %v", err, ErrCompile)
	}
	cmd := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "out"), ".")
	cmd.Dir = dir
	want, _ := cmd.CombinedOutput()
	if len(want) == 0 || stderr.String() != string(want) {
		t.Errorf("printed %q, but go build prints %q", stderr.String(), want)
	}
}

// TestBuildFlags builds a program with flags that leave traces in it, the user's own overlay among them.
func TestBuildFlags(t *testing.T) {
	dir := module(t, map[string]string{
		"main.go":       helloSource,
		"tagged.go":     "//go:build special\n\npackage main\n\nfunc init() { println(\"the tagged file\") }\n",
		"replacing.go":  "package main\n\nfunc init() { println(\"as on disk\") }\n",
		"other.txt":     "package main\n\nfunc init() { println(\"as in the user's overlay\") }\n",
		"user.json":     `{"Replace": {"replacing.go": "other.txt"}}`,
		"sub/user.json": `{"Replace": {"001/replacing.go": "001/other.txt"}}`,
	})
	m, err := Build(t.Context(), Options{Dir: dir, Flags: []string{"-tags=special", "-ldflags", "-X=main.mark=a-mark -s", "-overlay", "user.json"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a-mark", "the tagged file", "as in the user's overlay", "wasi:cli/run@0.3.0"} {
		if !bytes.Contains(m.Core, []byte(want)) {
			t.Errorf("the module lacks %q", want)
		}
	}
	if bytes.Contains(m.Core, []byte("as on disk")) {
		t.Error("the user's overlay wasn't used")
	}
	if i := bytes.Index(m.Core, appendName(nil, "wasi_snapshot_preview1")); i >= 0 {
		t.Errorf("the module imports preview1: %q", m.Core[i:i+50])
	}
	if m.ImportPath != "example.test/m" || filepath.Base(m.Dir) != filepath.Base(dir) || !strings.HasPrefix(m.GoVersion, "go1.") {
		t.Errorf("module is %q in %q by %q", m.ImportPath, m.Dir, m.GoVersion)
	}
	again, err := Build(t.Context(), Options{Dir: filepath.Dir(dir), Pkg: dir, Flags: []string{"-tags=special"}, Env: append(os.Environ(), "GOFLAGS=-overlay="+filepath.Join(dir, "sub", "user.json"))})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(again.Core, []byte("as in the user's overlay")) {
		t.Error("the overlay in GOFLAGS wasn't used")
	}
}

func TestReactor(t *testing.T) {
	dir := module(t, map[string]string{"main.go": helloSource})
	m, err := Build(t.Context(), Options{Dir: dir, World: Reactor})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(m.Core, []byte("wasi:cli/run@0.3.0")) {
		t.Error("a reactor exports wasi:cli/run")
	}
}

// TestSymlinkedGoroot builds with a toolchain that is reached by a symbolic link.
func TestSymlinkedGoroot(t *testing.T) {
	link := filepath.Join(t.TempDir(), "linked go")
	if err := os.Symlink(goroot(t), link); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	dir := module(t, map[string]string{"main.go": helloSource})
	for _, env := range [][]string{
		append(os.Environ(), "GOROOT="+link),
		append(os.Environ(), "GOROOT="+link, "GOFLAGS=-trimpath"),
	} {
		if _, err := Build(t.Context(), Options{Dir: dir, Env: env}); err != nil {
			t.Error(err)
		}
	}
}

func TestBuildCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := module(t, map[string]string{"main.go": helloSource})
	if _, err := Build(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestMergeOverlayConflict(t *testing.T) {
	dir := module(t, map[string]string{"user.json": `{"Replace": {"/go/src/runtime/proc.go": "x"}}`})
	replace := map[string]string{filepath.FromSlash("/go/src/runtime/proc.go"): "ours"}
	err := mergeOverlay(replace, dir, "user.json")
	if err == nil || !strings.Contains(err.Error(), "which gondola replaces too") {
		t.Errorf("error %v", err)
	}
}
