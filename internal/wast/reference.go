package wast

import (
	"os"
	"path/filepath"
)

// ReferenceTests is the folder with the component model's reference tests: what
// GONDOLA_CONFORMANCE names, else shared/conformance/component-model beside the
// repository, whose root is given. ok is false where it isn't there.
func ReferenceTests(root string) (dir string, ok bool) {
	dir = os.Getenv("GONDOLA_CONFORMANCE")
	if dir == "" {
		dir = filepath.Join(root, "..", "shared", "conformance", "component-model")
	}
	info, err := os.Stat(dir)
	return dir, err == nil && info.IsDir()
}

// Of the reference tests at the commit that we follow.
const (
	ReferenceFiles      = 63
	ReferenceDirectives = 1425
)
