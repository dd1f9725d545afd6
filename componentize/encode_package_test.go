package componentize

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// samePackage encodes a package, has the result validated, and demands that the same
// package comes back, documentation and gates included.
func samePackage(t *testing.T, p *wit.Package, opts Options) []byte {
	t.Helper()
	b, err := EncodePackage(p, opts)
	if err != nil {
		t.Fatal(err)
	}
	c, err := binary.Decode(b)
	if err == nil {
		_, err = validate.Validate(c, validate.Options{Features: component.AllFeatures})
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, wit.PrintPackage(p))
	}
	if p.Interfaces.Len()+p.Worlds.Len() == 0 {
		return b // nothing says the package's name
	}
	got, err := DecodePackage(b, component.AllFeatures)
	if err != nil {
		t.Fatalf("%v\n%s", err, wit.PrintPackage(p))
	}
	if got, want := wit.PrintPackage(got.Root), wit.PrintPackage(p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	return b
}

func TestEncodePackage(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			r, err := wit.ParseString("in.wit", string(readArchive(t, path).Files[0].Data), wit.Options{
				AllFeatures: true,
				Gates:       syntax.AllGates,
				Extra:       []fs.FS{wasiwit.FS()},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range r.Packages {
				accepted(t, samePackage(t, p, Options{Version: "test"}))
				samePackage(t, p, Options{CanonicalNames: true})
			}
		})
	}
}

// TestEncodePackageRefuses names what components don't have.
func TestEncodePackageRefuses(t *testing.T) {
	for def, want := range map[string]string{
		"record r {}":          "the type `r` of the interface `a:b/i` is a record without fields, which a component can't have",
		"flags f {}":           "the type `f` of the interface `a:b/i` is flags without a flag, which a component can't have",
		"type t = tuple<>;":    "the type `t` of the interface `a:b/i` is a tuple without elements, which a component can't have",
		"f: func(x: tuple<>);": "a component can't have a tuple without elements",
	} {
		r, err := wit.ParseString("in.wit", "package a:b; interface i { "+def+" }", wit.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := EncodePackage(r.Root, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", def, err)
		}
	}
}

// TestExponentialTypes has each type hold several of the one before it.
func TestExponentialTypes(t *testing.T) {
	var src strings.Builder
	src.WriteString("package a:b; interface i { record t0 { a: u8 }\n")
	for n := range 60 {
		fmt.Fprintf(&src, "record t%d { a: t%d, b: t%d }\n", n+1, n, n)
	}
	src.WriteString("f: func(x: t60) -> t60; } world w { import i; }")
	r, err := wit.ParseString("in.wit", src.String(), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "would not be valid: type[0].type[0].type[36] at offset 0x149: the type spells out to more than 1000000 parts: effective type size exceeds the limit"
	if _, err := EncodePackage(r.Root, Options{}); err == nil || err.Error() != "the package `a:b` "+want {
		t.Error(err)
	}
	w := r.Root.Worlds.Get("w")
	if _, err := Encode(dummyModule(w), w, Options{}); err == nil || !strings.Contains(err.Error(), "the component of the world `a:b/w` would not be valid") {
		t.Error(err)
	}
}

// TestLongUseChain exports interfaces each of which uses a type of the one before it, and
// with it all types before.
func TestLongUseChain(t *testing.T) {
	var src strings.Builder
	src.WriteString("package a:b; interface i0 { resource t; }\n")
	for n := range 1000 {
		fmt.Fprintf(&src, "interface i%d { use i%d.{t}; f: func() -> t; }\n", n+1, n)
	}
	src.WriteString("world w {")
	for n := range 1000 {
		fmt.Fprintf(&src, "import i%d; export i%d;\n", n, n)
	}
	src.WriteString("}")
	r, err := wit.ParseString("in.wit", src.String(), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := r.Root.Worlds.Get("w")
	const want = "the interfaces that the world `a:b/w` exports use too many types of each other"
	if _, err := Encode(dummyModule(w), w, Options{}); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// TestEncodePackageSize has many worlds repeat a large interface.
func TestEncodePackageSize(t *testing.T) {
	var src strings.Builder
	src.WriteString("package a:b; interface i {\n")
	for n := range 2000 {
		fmt.Fprintf(&src, "f-%d: func(some-parameter: string);\n", n)
	}
	src.WriteString("}\n")
	for n := range 2000 {
		fmt.Fprintf(&src, "world w-%d { import i; }\n", n)
	}
	r, err := wit.ParseString("in.wit", src.String(), wit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := EncodePackage(r.Root, Options{}); err == nil || err.Error() != "the package `a:b` would take more than 16 MiB" {
		t.Error(err)
	}
}

// TestCorpusEncodePackage encodes wit-component's packages, has wasm-tools print them and
// what it made of them itself, and compares.
func TestCorpusEncodePackage(t *testing.T) {
	for _, path := range corpus(t, "interfaces/*.wat") {
		name := strings.TrimSuffix(path, ".wat")
		t.Run(filepath.Base(name), func(t *testing.T) {
			if filepath.Base(name) == "single-named-result" {
				t.Skip("its syntax is no longer valid")
			}
			source := name + ".wit"
			if _, err := os.Stat(source); err != nil {
				source = name
			}
			r, err := wit.ParsePath(source, corpusOptions)
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "out.wasm")
			if err := os.WriteFile(out, samePackage(t, r.Root, Options{}), 0o644); err != nil {
				t.Fatal(err)
			}
			wasmTools(t, "validate", "--features", "all", out)
			file, _ := parseText(t, path)
			sameText(t, withoutDocs(wasmTools(t, "component", "wit", out)), withoutDocs(wasmTools(t, "component", "wit", file)))
		})
	}
}

// TestCorpusEncodeUI encodes and decodes all packages of wit-parser's tests.
func TestCorpusEncodeUI(t *testing.T) {
	empty := 0
	for _, path := range files(t, testenv.WITUI, "*") {
		r, err := wit.ParsePath(path, corpusOptions)
		if err != nil {
			continue // not WIT
		}
		for _, p := range r.Packages {
			t.Run(filepath.Base(path)+"/"+p.Name.String(), func(t *testing.T) {
				if _, err := EncodePackage(p, Options{}); err != nil && strings.Contains(err.Error(), "without fields") {
					empty++
					return
				}
				accepted(t, samePackage(t, p, Options{}))
			})
		}
	}
	if empty != 4 {
		t.Errorf("%d packages have records without fields, which no component can have, not 4", empty)
	}
}
