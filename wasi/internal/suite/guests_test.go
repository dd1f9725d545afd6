package suite

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gondola-wasm/gondola/gobuild"
)

// buildGuest builds a folder of testdata, whose files have .txt behind their names.
func buildGuest(folder string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gondola-suite-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	source := os.DirFS(filepath.Join("testdata", folder))
	err = fs.WalkDir(source, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(strings.TrimSuffix(name, ".txt")))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, text, 0o644)
	})
	if err != nil {
		return nil, err
	}
	return gobuild.Component(context.Background(), gobuild.ComponentOptions{Options: gobuild.Options{Dir: dir, Stderr: os.Stderr}})
}
