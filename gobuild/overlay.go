package gobuild

import (
	"embed"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// added holds the files that are added to packages of the standard library.
//
//go:embed _std/runtime/*.go _std/syscall/*.go
var added embed.FS

// World is the kind of world that a component is built for.
type World string

const (
	// Command runs func main as wasi:cli/run.
	Command World = "command"
	// Reactor initializes the packages at instantiation and doesn't call func main.
	Reactor World = "reactor"
)

// leftOut are the added files of the other kind of world.
var leftOut = map[World]string{
	Command: "_std/runtime/gondola_reactor_wasip1.go",
	Reactor: "_std/runtime/gondola_command_wasip1.go",
}

// overlayFiles returns the files that replace or join those of the toolchain at goroot, by path below GOROOT/src with slashes.
func overlayFiles(goroot string, world World) (map[string]string, error) {
	files, bodies, err := addedFiles(world)
	if err != nil {
		return nil, err
	}
	for _, file := range patchedFiles() {
		source, err := os.ReadFile(filepath.Join(goroot, "src", filepath.FromSlash(file)))
		if err != nil {
			return nil, err
		}
		files[file], err = patch(file, string(source), bodies[path.Dir(file)])
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// addedFiles returns the added files and, by package, the names of the functions they have.
func addedFiles(world World) (files map[string]string, bodies map[string]map[string]bool, err error) {
	files, bodies = map[string]string{}, map[string]map[string]bool{}
	err = fs.WalkDir(added, "_std", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == leftOut[world] {
			return err
		}
		source, err := added.ReadFile(name)
		if err != nil {
			return err
		}
		file := strings.TrimPrefix(name, "_std/")
		files[file] = string(source)
		pkg := path.Dir(file)
		if bodies[pkg] == nil {
			bodies[pkg] = map[string]bool{}
		}
		return collectFuncs(name, source, bodies[pkg])
	})
	return files, bodies, err
}

// collectFuncs adds to names what functions source has.
func collectFuncs(name string, source []byte, names map[string]bool) error {
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
			names[f.Name.Name] = true
		}
	}
	return nil
}

// patchedFiles lists the files of the standard library that are patched.
func patchedFiles() []string {
	files := append([]string(nil), preview1Files...)
	seen := map[string]bool{}
	for _, file := range files {
		seen[file] = true
	}
	for _, a := range anchors {
		if !seen[a.file] {
			seen[a.file] = true
			files = append(files, a.file)
		}
	}
	return files
}

// patch applies all patches of a file.
func patch(file, source string, bodies map[string]bool) (string, error) {
	for _, a := range anchors {
		if a.file != file {
			continue
		}
		var err error
		if source, err = a.apply(source); err != nil {
			return "", err
		}
	}
	source, err := replacePreview1(file, source, bodies)
	if err != nil {
		return "", err
	}
	return source, nil
}
