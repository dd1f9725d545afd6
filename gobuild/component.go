package gobuild

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gondola-wasm/gondola/bindgen"
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// ComponentOptions say what component to build of a package.
type ComponentOptions struct {
	Options // World is found out and need not be set

	// WIT is the path of the WIT that has the component's world, a file or a folder. "" is the folder wit of the package, where
	// there is one; else the package has no world of its own.
	WIT string
	// WorldName is the world's name, such as "my-world" or "ns:pkg/my-world". "" is the only world of the root package.
	WorldName string
	// Features are the gated features that the WIT may use.
	Features component.Feature
	// Version is Gondola's own version, for the component's producers section.
	Version string
}

// Component builds a package as a component. A package without a world, and one whose world exports wasi:cli/run, is a command:
// its main runs. For another world it is a reactor, whose main is not called. The component's world is the union of the
// package's own and what the Go runtime uses.
//
// Generated bindings are written where there are none. Stale ones are an error that says the command.
func Component(ctx context.Context, opts ComponentOptions) ([]byte, error) {
	output := &head{to: opts.Stderr}
	opts.Stderr = output
	b, err := newBuild(ctx, opts.Options)
	if err != nil {
		return nil, err
	}
	world, err := findWorld(b.pkgDir, &opts)
	if err != nil {
		return nil, err
	}
	b.opts.World = Reactor
	if world == nil || exportsRun(world) {
		b.opts.World = Command
	}
	if world != nil {
		if err := bindings(b.pkgDir, b.importPath, world, &opts, bindgen.IfAbsent); err != nil {
			return nil, err
		}
	}
	m, err := b.module(ctx)
	if err != nil {
		return nil, helpMissing(err, world, b.importPath, output.kept.String())
	}
	wasm, err := componentize.Encode(m.Core, orEmpty(world), componentize.Options{Version: opts.Version, Features: opts.Features})
	return wasm, helpExport(err, world, b.importPath)
}

// findWorld returns the world that a package is built for, or nil where it has none of its own.
func findWorld(dir string, opts *ComponentOptions) (*wit.World, error) {
	path, name := opts.WIT, opts.WorldName
	if path == "" {
		path = filepath.Join(dir, "wit")
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if name != "" {
				return nil, fmt.Errorf("there is no world %q: the package has no folder wit, and --wit names no other", name)
			}
			return nil, nil
		}
	}
	return LoadWorld(path, name, opts.Features)
}

// LoadWorld reads the WIT at a path, a file or a folder, and selects a world: the one named, or the only one of the root
// package. The WASI packages are at hand where nothing else provides them. The features are those that the WIT may use.
func LoadWorld(path, name string, features component.Feature) (*wit.World, error) {
	resolve, err := wit.ParsePath(path, wit.Options{
		Gates: componentize.Gates(features),
		Extra: []fs.FS{wasiwit.FS()},
		Decode: func(_ string, data []byte) (*wit.Resolve, error) {
			return componentize.DecodePackage(data, features)
		},
	})
	if err != nil {
		return nil, err
	}
	return resolve.SelectWorld(resolve.Root, name)
}

// exportsRun reports whether a world is a command's: whether it exports wasi:cli/run of any version 0.3.
func exportsRun(w *wit.World) bool {
	for key := range w.Exports.All() {
		if strings.HasPrefix(key.String(), "wasi:cli/run@0.3.") {
			return true
		}
	}
	return false
}

// genDir is the folder of generated bindings in a package.
const genDir = "gen"

// bindings writes the bindings of a package for its world.
func bindings(dir, importPath string, world *wit.World, opts *ComponentOptions, mode bindgen.Mode) error {
	return bindgen.WriteGuest(filepath.Join(dir, genDir), world, bindgen.Options{
		ImportPath: importPath + "/" + genDir,
		Command:    bindgenCommand(opts),
	}, mode)
}

// bindgenCommand is the command that brings bindings up to date.
func bindgenCommand(opts *ComponentOptions) string {
	words := []string{"gondola bindgen guest"}
	if opts.WIT != "" {
		words = append(words, "--wit", opts.WIT)
	}
	if opts.WorldName != "" {
		words = append(words, "--world", opts.WorldName)
	}
	if opts.Features != 0 {
		words = append(words, "--features", strings.Join(opts.Features.Names(), ","))
	}
	return strings.Join(append(words, opts.Pkg), " ")
}

// Bindings writes the bindings of a package for its world into its folder gen, over those that are there.
func Bindings(ctx context.Context, opts ComponentOptions) error {
	b, err := newBuild(ctx, opts.Options)
	if err != nil {
		return err
	}
	world, err := findWorld(b.pkgDir, &opts)
	switch {
	case err != nil:
		return err
	case world == nil:
		return fmt.Errorf("%s has no world to generate bindings for: put its WIT into %s, or name it with --wit", b.importPath, filepath.Join(b.pkgDir, "wit"))
	}
	return bindings(b.pkgDir, b.importPath, world, &opts, bindgen.Update)
}

// CacheDir returns the directory under which Gondola keeps what it can make again: GONDOLA_CACHE, or a folder of the user's
// cache directory. It need not exist.
func CacheDir() (string, error) { return cacheDir() }

// orEmpty is the world itself, or one that has nothing: not the one that some tool may have left in the module.
func orEmpty(w *wit.World) *wit.World {
	if w != nil {
		return w
	}
	return &wit.World{Name: "command", Package: &wit.Package{Name: wit.PackageName{Namespace: "root", Name: "component"}}}
}
