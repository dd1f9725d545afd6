package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/internal/wast"
)

const root = "../../.."

// TestFileIsUpToDate compares CONFORMANCE.md with what would be written now.
func TestFileIsUpToDate(t *testing.T) {
	if dir, ok := wast.ReferenceTests(root); !ok {
		t.Skipf("the component model's reference tests are not at hand: %s is no folder; see CONTRIBUTING.md", dir)
	}
	var b bytes.Buffer
	if err := write(t.Context(), &b, root); err != nil {
		t.Fatal(err)
	}
	was, err := os.ReadFile(filepath.Join(root, "CONFORMANCE.md"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(was), b.String()); d != "" {
		t.Errorf("CONFORMANCE.md is out of date: run go generate ./internal/wast\n%s", d)
	}
}

// TestGaps wants what covers a gap to be there.
func TestGaps(t *testing.T) {
	var b bytes.Buffer
	if err := writeGaps(&b, root); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"testdata/wast/no-such-script.wast": "no such file",
		"internal/cabi.TestNothing":         "there is no test",
		"something":                         "is neither a script nor a test",
	} {
		if err := exists(root, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
