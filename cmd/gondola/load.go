package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
)

// loadComponent is loadGuest without gates.
func loadComponent(ctx context.Context, path string) (wasm []byte, name string, err error) {
	return loadGuest(ctx, path, 0)
}

// loadGuest reads what a command was given, from the standard input where that is "-",
// building it first where it is a Go package. name is what the guest is called.
func loadGuest(ctx context.Context, path string, features component.Feature) (wasm []byte, name string, err error) {
	info, err := os.Stat(path)
	switch {
	case path == stdinPath:
		wasm, err = readWasm(path)
		return wasm, "stdin", err
	case err == nil && !info.IsDir():
		wasm, err = readWasm(path)
	case err == nil || looksLikePackage(path):
		wasm, err = buildPackage(ctx, path, "", "", features, nil)
	default:
		err = fmt.Errorf("%s: there is no such file, directory or Go package", path)
	}
	return wasm, guestName(path), err
}

// looksLikePackage reports whether what is no file could be an import path.
func looksLikePackage(path string) bool {
	return strings.Contains(path, "/") && !strings.HasPrefix(path, ".") && !filepath.IsAbs(path) && !strings.HasPrefix(filepath.Ext(path), ".wa")
}

// guestName is the guest's argv[0]: no path of the host.
func guestName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// cacheDir is the folder of one kind of thing in the cache. What can't be cached
// is made again.
func cacheDir(kind string) (string, error) {
	dir, err := gobuild.CacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, kind)
	return dir, os.MkdirAll(dir, 0o755)
}
