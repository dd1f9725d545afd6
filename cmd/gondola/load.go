package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/gobuild"
)

// loadGuest reads what a command was given, from the standard input where that is "-",
// building it first where it is a Go package. name is what the guest is called.
func loadGuest(ctx context.Context, path string, features component.Feature) (wasm []byte, name string, err error) {
	info, err := os.Stat(path)
	switch {
	case path == stdinPath:
		if err := awaitStdin(ctx); err != nil {
			return nil, "", err
		}
		wasm, err = readWasm(path)
		return wasm, "stdin", err
	case err == nil && !info.IsDir() && filepath.Ext(path) != ".go":
		wasm, err = readWasm(path)
	case err == nil:
		wasm, err = buildPackage(ctx, packageOf(path), "", "", features, nil)
	case !errors.Is(err, fs.ErrNotExist): // it is there, and can't be looked at
	case looksLikePackage(path):
		wasm, err = buildPackage(ctx, path, "", "", features, nil)
		if exit := (*exitError)(nil); err != nil && !errors.As(err, &exit) {
			err = fmt.Errorf("%s: there is no such file or directory; as a Go package: %w", path, err)
		}
	default:
		err = fmt.Errorf("%s: there is no such file, directory or Go package", path)
		if path == "" {
			err = errors.New("the name of a file, directory or Go package is empty")
		}
	}
	return wasm, guestName(path), err
}

// packageOf is how the go command takes what a user calls a package: a directory that is
// there needs no ./ in front of it.
func packageOf(arg string) string {
	if info, err := os.Stat(arg); err != nil || !info.IsDir() || filepath.IsAbs(arg) || strings.HasPrefix(arg, ".") {
		return arg
	}
	return "." + string(filepath.Separator) + arg
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

// trimCache makes room in the cache beside other work; what it doesn't get to before the
// process ends is for the next one.
var trimCache = sync.OnceFunc(func() { go gobuild.TrimCache() })

// cacheDir is the folder of one kind of thing in the cache. What can't be cached
// is made again.
func cacheDir(kind string) (string, error) {
	trimCache()
	dir, err := gobuild.CacheDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, kind)
	return dir, os.MkdirAll(dir, 0o755)
}
