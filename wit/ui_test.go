package wit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// uiGated lists the cases of the corpus that need syntax behind a gate.
var uiGated = map[string]struct {
	gate   syntax.Gates
	reason string
}{
	"error-context.wit": {syntax.GateErrorContext, "the type error-context is behind 📝"},
	"types.wit":         {syntax.GateFixedLengthLists, "`list<u32, 4>` is behind 🔧"},
}

// uiEncoded stands in for the decoder of packages that are encoded as components, which
// lives on a higher floor: the WIT that those files of the corpus hold.
var uiEncoded = map[string]string{
	"simple-wasm-text.wat": "package a:b; interface x {}",
	"d.wat":                "package d:d; interface d {}",
	"e.wasm":               "package e:e; interface e {}",
}

// uiFolder returns the folder of wit-parser's corpus, at wasm-tools commit a7ef4778a.
func uiFolder(t *testing.T) string {
	t.Helper()
	return testenv.Path(t, testenv.WITUI)
}

func uiOptions(gates syntax.Gates) wit.Options {
	return wit.Options{
		Features: []string{"active"},
		Gates:    gates,
		Decode: func(name string, data []byte) (*wit.Resolve, error) {
			src, ok := uiEncoded[filepath.Base(name)]
			if !ok {
				return nil, fmt.Errorf("no stand-in")
			}
			return wit.ParseString(name, src, wit.Options{})
		},
	}
}

// uiCases returns the cases in a folder: WIT files, encoded packages, and folders.
func uiCases(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	for _, e := range entries {
		switch ext := filepath.Ext(e.Name()); {
		case e.Name() == "parse-fail":
		case e.IsDir(), ext == ".wit", ext == ".wat", ext == ".wasm":
			cases = append(cases, e.Name())
		}
	}
	sort.Strings(cases)
	return cases
}

func TestUIAccept(t *testing.T) {
	dir := uiFolder(t)
	cases := uiCases(t, dir)
	accepted := 0
	for _, name := range cases {
		gated := uiGated[name]
		r, err := wit.ParsePath(filepath.Join(dir, name), uiOptions(gated.gate))
		if err != nil {
			t.Errorf("%s is rejected:\n%v", name, err)
			continue
		}
		accepted++
		if gated.gate != 0 {
			t.Logf("%s is accepted with its gate on: %s", name, gated.reason)
			if _, err := wit.ParsePath(filepath.Join(dir, name), uiOptions(0)); err == nil || !strings.Contains(err.Error(), "which is off") {
				t.Errorf("%s without its gate: %v", name, err)
			}
		}
		compareUI(t, name, r, filepath.Join(dir, strings.TrimSuffix(strings.TrimSuffix(name, ".wit"), ".wat")))
	}
	t.Logf("accepted %d of %d", accepted, len(cases))
	if len(cases) != 74 {
		t.Errorf("the corpus has %d cases to accept, not 74", len(cases))
	}
}

func TestUIReject(t *testing.T) {
	dir := filepath.Join(uiFolder(t), "parse-fail")
	cases := uiCases(t, dir)
	rejected := 0
	for _, name := range cases {
		_, err := wit.ParsePath(filepath.Join(dir, name), uiOptions(0))
		if err == nil {
			t.Errorf("%s is accepted", name)
			continue
		}
		rejected++
		if testing.Verbose() {
			t.Logf("%s:\n%s", name, strings.ReplaceAll(err.Error(), dir+"/", ""))
		}
	}
	t.Logf("rejected %d of %d", rejected, len(cases))
	if len(cases) != 150 {
		t.Errorf("the corpus has %d cases to reject, not 150", len(cases))
	}
}
