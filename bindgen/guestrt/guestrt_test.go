package guestrt

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestFiles(t *testing.T) {
	var names []string
	for _, file := range Files() {
		names = append(names, file.Name)
		if !bytes.Contains(file.Source, []byte("\npackage rt\n")) && !bytes.HasPrefix(file.Source, []byte("package rt\n")) {
			t.Errorf("%s isn't package rt", file.Name)
		}
		if strings.HasSuffix(file.Name, "_test.go") {
			t.Errorf("%s is a test", file.Name)
		}
	}
	if !slices.IsSorted(names) || !slices.Contains(names, "doc.go") || !slices.Contains(names, "abi_wasip1.go") {
		t.Errorf("the files are %q", names)
	}
}
