package componentize

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/syntax/wittest"
)

var everyOption = wit.Options{AllFeatures: true, Gates: syntax.AllGates}

// TestRandomPackages encodes and decodes random packages, and components of their worlds.
func TestRandomPackages(t *testing.T) {
	seed := testenv.Seed(t)
	packages, worlds := 0, 0
	for i := range testenv.Number(t, testenv.Random, 200) {
		src := wittest.File(rand.New(rand.NewPCG(seed, uint64(i))))
		r, err := wit.ParseString("random.wit", src, everyOption)
		if err != nil {
			continue // its exports need each other in a way that can't be
		}
		if i%2 == 1 {
			rnd := rand.New(rand.NewPCG(seed, uint64(i)))
			if mutant, err := wit.ParseString("mutant.wit", wittest.Mutate(rnd, src), everyOption); err == nil {
				r = mutant
			}
		}
		for _, p := range r.Packages {
			packages++
			worlds += p.Worlds.Len()
			checkPackage(t, p)
		}
		if t.Failed() {
			t.Fatalf("package %d:\n%s", i, src)
		}
	}
	t.Logf("%d packages, %d worlds", packages, worlds)
}

// checkPackage encodes and decodes a package, and components of its worlds.
func checkPackage(t *testing.T, p *wit.Package) {
	t.Helper()
	if _, err := EncodePackage(p, Options{}); isRefusal(t, err) {
		return
	}
	samePackage(t, p, Options{})
	for w := range p.Worlds.Values() {
		checkComponent(t, w)
	}
}

// isRefusal reports whether an error is about what a component can't be. Any other one is
// a failure.
func isRefusal(t *testing.T, err error) bool {
	t.Helper()
	var known *refusal
	var misfit *Error
	switch {
	case err == nil:
		return false
	case errors.As(err, &known):
		if text := err.Error(); strings.Contains(text, "not be valid") && !isLimit(text) {
			t.Errorf("something invalid was made: %v", err)
		}
	case !errors.As(err, &misfit):
		t.Errorf("%v", err)
	}
	return true
}

// isLimit reports whether a complaint of validation is about a limit, which WIT may exceed.
func isLimit(text string) bool {
	for _, words := range []string{"levels", "more than", "too large", "too complex"} {
		if strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// checkComponent makes a component of a world with a module that uses everything. What
// comes back lacks the types that no function mentions; after that nothing gets lost.
func checkComponent(t *testing.T, w *wit.World) {
	t.Helper()
	b, err := Encode(dummyModule(w), w, Options{Version: "test"})
	if isRefusal(t, err) {
		return
	}
	_, first, err := Decode(b, component.AllFeatures)
	if err != nil {
		t.Errorf("%v\n%s", err, wit.PrintWorld(w))
		return
	}
	again, err := Encode(dummyModule(first), first, Options{Version: "test"})
	if err != nil {
		t.Errorf("%v\n%s", err, wit.PrintWorld(first))
		return
	}
	_, second, err := Decode(again, component.AllFeatures)
	if err != nil {
		t.Errorf("%v\n%s", err, wit.PrintWorld(first))
		return
	}
	if got, want := wit.PrintWorld(second), wit.PrintWorld(first); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if once, err := Encode(dummyModule(w), w, Options{Version: "test"}); err != nil || !bytes.Equal(once, b) {
		t.Errorf("encoding the same again gave something else (%v)", err)
	}
}

// FuzzEncodeWIT checks that packages come back from their encodings.
func FuzzEncodeWIT(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txtar", "../wit/testdata/*.txtar"} {
		archives, _ := filepath.Glob(pattern)
		for _, name := range archives {
			a, err := txtar.ParseFile(name)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range a.Files {
				if file.Name == "wit" || strings.HasSuffix(file.Name, ".wit") {
					f.Add(string(file.Data))
				}
			}
		}
	}
	for i := range uint64(10) {
		f.Add(wittest.File(rand.New(rand.NewPCG(0, i))))
	}
	f.Fuzz(func(t *testing.T, src string) {
		r, err := wit.ParseString("fuzz.wit", src, everyOption)
		if err != nil {
			return
		}
		for _, p := range r.Packages {
			checkPackage(t, p)
		}
	})
}

// FuzzDecode checks that nothing makes Decode crash, and that what it finds can be encoded.
func FuzzDecode(f *testing.F) {
	for i := range uint64(20) {
		r, err := wit.ParseString("random.wit", wittest.File(rand.New(rand.NewPCG(1, i))), everyOption)
		if err != nil {
			continue
		}
		for _, p := range r.Packages {
			if b, err := EncodePackage(p, Options{}); err == nil {
				f.Add(b)
			}
			for w := range p.Worlds.Values() {
				if b, err := Encode(dummyModule(w), w, Options{}); err == nil {
					f.Add(b)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := DecodePackage(b, component.AllFeatures); err == nil {
			checkPackage(t, r.Root)
		}
		if _, w, err := Decode(b, component.AllFeatures); err == nil {
			checkComponent(t, w)
		}
	})
}
