package wit_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

const allGates = syntax.AllGates

// checkPrint prints each package and each world of a model, reads the text, and demands
// the same model, and the same text when it is printed again.
func checkPrint(t *testing.T, name string, r *wit.Resolve) {
	t.Helper()
	for _, p := range r.Packages {
		text := wit.Print(p)
		again := reread(t, name, text)
		if again == nil {
			continue
		}
		if diff := cmp.Diff(dump(r, p), dump(again, again.Root)); diff != "" {
			t.Errorf("%s: the package %s is another one after printing (-before +after):\n%s\n%s", name, p.Name, diff, text)
		}
		if diff := cmp.Diff(text, wit.Print(again.Root)); diff != "" {
			t.Errorf("%s: the package %s prints differently the second time:\n%s", name, p.Name, diff)
		}
		for w := range p.Worlds.Values() {
			checkPrintWorld(t, name, w)
		}
	}
}

func checkPrintWorld(t *testing.T, name string, w *wit.World) {
	t.Helper()
	text := wit.PrintWorld(w)
	r := reread(t, name, text)
	if r == nil {
		return
	}
	again := r.Root.Worlds.Get(w.Name)
	a, b := &dumper{}, &dumper{}
	a.world(w)
	b.world(again)
	if diff := cmp.Diff(a.b.String(), b.b.String()); diff != "" {
		t.Errorf("%s: the world %s is another one after printing (-before +after):\n%s\n%s", name, w.IDString(), diff, text)
	}
	if diff := cmp.Diff(text, wit.PrintWorld(again)); diff != "" {
		t.Errorf("%s: the world %s prints differently the second time:\n%s", name, w.IDString(), diff)
	}
}

func reread(t *testing.T, name, text string) *wit.Resolve {
	t.Helper()
	r, err := wit.ParseString(name, text, wit.Options{AllFeatures: true, Gates: allGates})
	if err != nil {
		t.Errorf("%s can't be read after printing:\n%v\n%s", name, err, text)
		return nil
	}
	return r
}

func TestPrintWASI(t *testing.T) {
	src := `package test:all;
world all { include wasi:cli/command@0.3.0; include wasi:http/middleware@0.3.0; }`
	r, err := wit.ParseString("all.wit", src, wit.Options{AllFeatures: true, Extra: []fs.FS{wasiwit.FS()}})
	if err != nil {
		t.Fatal(err)
	}
	checkPrint(t, "all.wit", r)
	if text := wit.PrintPackage(r.Root); strings.Contains(text, "package wasi:") {
		t.Errorf("PrintPackage prints other packages:\n%s", text)
	}
}

func TestPrintUI(t *testing.T) {
	dir := uiFolder(t)
	for _, name := range uiCases(t, dir) {
		r, err := wit.ParsePath(filepath.Join(dir, name), uiOptions(allGates))
		if err != nil {
			t.Fatal(err)
		}
		checkPrint(t, name, r)
	}
}
