package gobuild

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options say what to build.
type Options struct {
	// Dir is the directory that Pkg is seen from; "" is the current one.
	Dir string
	// Pkg is the package: a directory such as "./cmd/x", or an import path. "" is the package in Dir.
	Pkg string
	// Flags are flags of "go build", such as "-tags=x" or "-ldflags", "-s -w".
	Flags []string
	// World is Command or Reactor; "" is Command.
	World World
	// Env is the environment of the go command; nil is the process's own.
	Env []string
	// Stderr receives what "go build" prints, such as compile errors; nil discards it.
	Stderr io.Writer
}

// A Module is what was built.
type Module struct {
	// Core is the core WebAssembly module. Its imports and exports bear the names of wit-component's legacy mangling.
	Core []byte
	// ImportPath is the package's import path, and Dir its directory.
	ImportPath, Dir string
	// GoVersion is the toolchain's version, such as "go1.26.8".
	GoVersion string
}

// ErrCompile is what Build returns when "go build" has failed and has said why on Options.Stderr.
var ErrCompile = errors.New("go build failed")

// Build compiles a main package. It runs the go command in the package's directory, so that its toolchain line, workspace and
// vendoring count. It may be called from several goroutines and processes at a time.
func Build(ctx context.Context, opts Options) (*Module, error) {
	b, err := newBuild(ctx, opts)
	if err != nil {
		return nil, err
	}
	return b.module(ctx)
}

// module compiles the package.
func (b *build) module(ctx context.Context) (*Module, error) {
	overlay, err := b.overlay()
	if err != nil {
		return nil, err
	}
	core, err := b.compile(ctx, overlay)
	if err != nil {
		return nil, err
	}
	return &Module{Core: core, ImportPath: b.importPath, Dir: b.pkgDir, GoVersion: b.toolchain.version}, nil
}

// A build is one call of Build.
type build struct {
	opts               Options
	dir, pkg           string   // where the go command runs, and the package seen from there
	flags              []string // the user's, without -overlay
	userOverlay        string
	cache              string
	toolchain          *toolchain
	importPath, pkgDir string
}

func newBuild(ctx context.Context, opts Options) (*build, error) {
	b := &build{opts: opts}
	if b.opts.World == "" {
		b.opts.World = Command
	}
	if b.opts.Env == nil {
		b.opts.Env = os.Environ()
	}
	var err error
	if b.dir, b.pkg, err = locate(opts.Dir, opts.Pkg); err != nil {
		return nil, err
	}
	if b.flags, b.userOverlay, err = splitOverlay(b.optsDir(), opts.Flags); err != nil {
		return nil, err
	}
	if b.cache, err = cacheDir(); err != nil {
		return nil, err
	}
	if b.toolchain, err = findToolchain(ctx, b.dir, b.cache, guestEnv(b.opts.Env)); err != nil {
		return nil, err
	}
	if b.userOverlay == "" {
		b.userOverlay = flagOverlay(b.toolchain.flags)
	}
	return b, b.list(ctx)
}

// guestEnv returns env for a WebAssembly target.
func guestEnv(env []string) []string {
	return append(env[:len(env):len(env)], "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
}

// locate returns the directory to run the go command in and the package as seen from there: a directory is its own.
func locate(dir, pkg string) (string, string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	if pkg == "" {
		pkg = "."
	}
	if strings.Contains(pkg, "...") {
		return "", "", fmt.Errorf("%s is a pattern: a component is built from one package", pkg)
	}
	if !isPath(pkg) {
		return dir, pkg, nil
	}
	dir = absIn(dir, pkg)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, os.ErrNotExist):
		return "", "", fmt.Errorf("%s: no such directory", pkg)
	case err != nil:
		return "", "", err
	case !info.IsDir():
		return "", "", fmt.Errorf("%s is a file: give the directory of a Go package", pkg)
	}
	return dir, ".", nil
}

// isPath tells a directory from an import path, as the go command does.
func isPath(pkg string) bool {
	slashed := filepath.ToSlash(pkg)
	return pkg == "." || pkg == ".." || strings.HasPrefix(slashed, "./") || strings.HasPrefix(slashed, "../") || filepath.IsAbs(pkg)
}

// list asks the go command about the package and checks that it is one main package.
func (b *build) list(ctx context.Context) error {
	args := append([]string{"list", "-f", "{{.Name}}\n{{.ImportPath}}\n{{.Dir}}"}, b.listFlags()...)
	out, err := b.toolchain.output(ctx, b.dir, append(args, "--", b.pkg)...)
	if err != nil {
		return b.explainList(ctx, err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != 3 {
		return fmt.Errorf("%s stands for %d packages: a component is built from one", b.pkg, len(lines)/3)
	}
	b.importPath, b.pkgDir = lines[1], lines[2]
	if lines[0] != "main" {
		return fmt.Errorf("%s is package %s: a component is built from a package main", b.pkgDir, lines[0])
	}
	return nil
}

// explainList says what is wrong with a directory that the go command knows nothing of.
func (b *build) explainList(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	if b.pkg != "." || !strings.Contains(err.Error(), "go.mod file not found") {
		return err
	}
	if files, _ := filepath.Glob(filepath.Join(b.dir, "*.go")); len(files) == 0 {
		return fmt.Errorf("no Go files in %s", b.dir)
	}
	return fmt.Errorf("%s: %w\n  hint: \"go mod init\" makes a module of it", b.dir, err)
}

// listFlags returns the user's flags as far as they decide which files and modules belong to the package.
func (b *build) listFlags() (flags []string) {
	for i := 0; i < len(b.flags); i++ {
		name, _, hasValue := cutFlag(b.flags[i])
		words := b.flags[i : i+1]
		if !hasValue && valueFlags[name] {
			i++
			words = b.flags[i-1 : i+1]
		}
		switch name {
		case "tags", "mod", "modfile", "modcacherw":
			flags = append(flags, words...)
		}
	}
	if b.userOverlay != "" {
		flags = append(flags, "-overlay="+absIn(b.optsDir(), b.userOverlay))
	}
	return flags
}

// optsDir is the directory that the user's flags are seen from.
func (b *build) optsDir() string {
	dir, err := filepath.Abs(b.opts.Dir)
	if err != nil {
		return b.dir
	}
	return dir
}

// overlay prepares the file for -overlay and returns its path.
func (b *build) overlay() (string, error) {
	files, err := overlayFiles(b.toolchain.goroot, b.opts.World)
	if err != nil {
		return "", fmt.Errorf("%s at %s: its standard library isn't as expected, so gondola can't build with it: %w", b.toolchain.version, b.toolchain.goroot, err)
	}
	replace, err := storeOverlay(b.cache, b.toolchain.goroot, files)
	if err != nil {
		return "", err
	}
	if err := mergeOverlay(replace, b.optsDir(), b.userOverlay); err != nil {
		return "", err
	}
	return storeReplacements(b.cache, replace)
}

// compile runs "go build" and returns the core module.
func (b *build) compile(ctx context.Context, overlay string) ([]byte, error) {
	out, err := b.outputFile(overlay)
	if err != nil {
		return nil, err
	}
	args := append([]string{"build"}, b.flags...)
	args = append(args, "-buildmode=c-shared", "-overlay="+overlay, "-o", out, "--", b.pkg)
	cmd := b.toolchain.cmd(ctx, b.dir, args...)
	// With its work in the same file system the go command replaces the output at one stroke, so that builds can run at once.
	cmd.Env = append(cmd.Env, "GOTMPDIR="+filepath.Dir(out))
	cmd.Stderr = b.opts.Stderr
	cmd.Stdout = b.opts.Stderr
	if err := cmd.Run(); err != nil {
		var exit *exec.ExitError
		if ctx.Err() == nil && errors.As(err, &exit) {
			return nil, ErrCompile
		}
		return nil, errors.Join(ctx.Err(), err)
	}
	return os.ReadFile(out)
}

// outputFile returns where the core module is kept. What is up to date there the go command doesn't link again.
func (b *build) outputFile(overlay string) (string, error) {
	key := strings.Join(append([]string{b.toolchain.version, b.toolchain.goroot, overlay, b.pkgDir, b.importPath}, b.flags...), "\x00")
	sum := sha256.Sum256([]byte(key))
	dir := filepath.Join(b.cache, "core", hex.EncodeToString(sum[:16]))
	use(dir)
	return filepath.Join(dir, "core.wasm"), os.MkdirAll(dir, 0o777)
}
