package bindgen

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

const exportWorld = `package a:b;
interface baz {
  resource blob { read: func(n: u32) -> list<u8>; }
  foo: async func(s: string) -> result<blob, string>;
  bar: func();
}
world w { export baz; export sum: func(xs: list<u32>) -> u64; }`

func selectWorld(t testing.TB, src string) *wit.World {
	t.Helper()
	r, err := wit.ParseString("world.wit", src, wit.Options{Gates: syntax.AllGates})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestGuestExports(t *testing.T) {
	got, err := GuestExports(selectWorld(t, exportWorld), Options{ImportPath: testPath})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range got {
		lines = append(lines, e.Interface+" "+e.Function+" "+e.Type+": "+e.String())
	}
	const want = ` sum w.Exports: func sum(xs []uint32) uint64
a:b/baz [method]blob.read baz.Blob: func (…) Read(n uint32) []byte
a:b/baz foo baz.Exports: func (…) Foo(ctx context.Context, s string) (baz.Blob, error)
a:b/baz bar baz.Exports: func (…) Bar()`
	if text := strings.Join(lines, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// What the compiler says of a guest that lacks methods is understood.
func TestMissing(t *testing.T) {
	w := selectWorld(t, exportWorld)
	dir := t.TempDir()
	opt := Options{ImportPath: testPath}
	if err := WriteGuest(filepath.Join(dir, "gen"), w, opt, IfAbsent); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.24\n")
	edit(t, filepath.Join(dir, "main.go"), `package main

import (
	"fmt"
	"context"

	"example.com/app/gen/export/baz"
	"example.com/app/gen/w"
)

type impl struct{}

func (impl) Foo(context.Context, string) (baz.Blob, error) { return blob{}, nil }

type blob struct{}

func (blob) Close() error { return nil }

func main() { w.Export(w.Exports{Baz: impl{}}) }
`)
	cmd := exec.Command("go", "build", "-o", os.DevNull, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-trimpath")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatal("the guest was built")
	}
	missing, err := Missing(w, opt, string(out))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range missing {
		got = append(got, e.Type+": "+e.String())
	}
	if text, want := strings.Join(got, "\n"), "baz.Blob: func (…) Read(n uint32) []byte\nbaz.Exports: func (…) Bar()"; text != want {
		t.Errorf("got\n%s\nwant\n%s\nof\n%s", text, want, out)
	}
}

func TestExportHelp(t *testing.T) {
	got, err := ExportHelp(selectWorld(t, exportWorld), Options{ImportPath: testPath})
	if err != nil {
		t.Fatal(err)
	}
	const want = `import "example.com/app/gen/w"

func init() {
	w.Export(w.Exports{
		Sum: …, // func(xs []uint32) uint64
		Baz: …, // a baz.Exports: a:b/baz
	})
}
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Types can hold each other in so many places that their streams can't be counted.
func TestExponentialStreams(t *testing.T) {
	var src strings.Builder
	src.WriteString("package a:b; interface i { record t0 { a: stream<u8> }\n")
	for n := range 60 {
		fmt.Fprintf(&src, "record t%d { a: t%d, b: t%d }\n", n+1, n, n)
	}
	src.WriteString("f: func(x: t10) -> t10; g: func(x: t60) -> t60; } world w { import i; }")
	_, err := Guest(selectWorld(t, src.String()), Options{ImportPath: testPath})
	const want = "a:b/i#g: its type mentions 65536 streams and futures or more"
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "#f") {
		t.Error(err)
	}
}

func TestUnsupported(t *testing.T) {
	r, err := wit.ParseString("world.wit", `package a:b;
world w {
  import f: func(e: list<u8, 1048577>) -> list<u8, 1048576>;
  export g: func(e: option<list<list<u64, 1000>, 1000>>);
}`, wit.Options{Gates: syntax.AllGates})
	if err != nil {
		t.Fatal(err)
	}
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Guest(w, Options{ImportPath: testPath})
	if err == nil {
		t.Fatal("generated")
	}
	for _, want := range []string{"w#f: a list of 1048577 elements takes 1048577 bytes, more than the 1048576 that", "w#g: a list of 1000 elements takes 8000000 bytes", "a:b/w"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if _, err := Guest(w, Options{}); err == nil || !strings.Contains(err.Error(), "ImportPath") {
		t.Error(err)
	}
}
