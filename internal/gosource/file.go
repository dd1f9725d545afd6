package gosource

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"
	"slices"
	"strings"
)

// Package is a Go package that is being written.
type Package struct {
	// Name is the package's name.
	Name string
	// Scope is the package's scope. The names of imports are in it, so nothing that is named in it or below hides one.
	Scope *Scope

	imports map[string]importName
}

type importName struct{ name, local string }

// NewPackage returns an empty package.
func NewPackage(name string) *Package {
	return &Package{Name: name, Scope: NewScope(nil), imports: make(map[string]importName)}
}

// Declare chooses the local name of the package called name at path, for all files of p. Later calls for the path change nothing.
// It imports nothing: that is [File.Import]'s.
func (p *Package) Declare(path, name string) {
	if _, ok := p.imports[path]; !ok {
		p.imports[path] = importName{name, p.Scope.Name(name)}
	}
}

// File is a file of a package.
type File struct {
	// Header is text that comes first, a line of comment for each of its lines, followed by an empty line.
	Header string
	// Build is the build constraint, without "//go:build ". It may be empty.
	Build string
	// Doc is the package comment. It may be empty.
	Doc string

	pkg  *Package
	used map[string]bool
	body bytes.Buffer
}

// NewFile returns an empty file of p.
func (p *Package) NewFile() *File { return &File{pkg: p, used: make(map[string]bool)} }

// Import imports the package at path and returns the name to call it by. The path must have been given to [Package.Declare].
func (f *File) Import(path string) string {
	n, ok := f.pkg.imports[path]
	if !ok {
		panic("gosource: import of " + path + ", which the package doesn't declare")
	}
	f.used[path] = true
	return n.local
}

// Empty reports whether nothing was written yet.
func (f *File) Empty() bool { return f.body.Len() == 0 }

// P writes a formatted line.
func (f *File) P(text string, args ...any) {
	fmt.Fprintf(&f.body, text, args...)
	f.body.WriteByte('\n')
}

// Comment writes text as a comment, line for line. An empty text writes nothing.
func (f *File) Comment(text string) { writeComment(&f.body, text) }

func writeComment(w *bytes.Buffer, text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(strings.ReplaceAll(line, "\t", "    "), " \r\n")
		w.WriteString("// " + line + "\n")
	}
}

// Bytes returns the formatted source. It fails where what was written is no Go.
func (f *File) Bytes() ([]byte, error) {
	var w bytes.Buffer
	writeComment(&w, f.Header)
	w.WriteByte('\n')
	if f.Build != "" {
		fmt.Fprintf(&w, "//go:build %s\n\n", f.Build)
	}
	writeComment(&w, f.Doc)
	fmt.Fprintf(&w, "package %s\n\n", f.pkg.Name)
	f.writeImports(&w)
	w.Write(f.body.Bytes())
	out, err := format.Source(w.Bytes())
	if err != nil {
		return nil, explain(err, w.String())
	}
	return format.Source(out) // what one pass breaks into lines, another may indent
}

// writeImports writes what f imports, packages of the standard library first.
func (f *File) writeImports(w *bytes.Buffer) {
	if len(f.used) == 0 {
		return
	}
	paths := make([]string, 0, len(f.used))
	for p := range f.used {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
	if len(paths) == 1 {
		fmt.Fprintf(w, "import %s\n\n", f.importSpec(paths[0]))
		return
	}
	w.WriteString("import (\n")
	for i, p := range paths {
		if i > 0 && rank(p) != rank(paths[i-1]) {
			w.WriteByte('\n')
		}
		w.WriteString(f.importSpec(p) + "\n")
	}
	w.WriteString(")\n\n")
}

// importSpec imports the package at path, under its own name where it can.
func (f *File) importSpec(path string) string {
	if n := f.pkg.imports[path]; n.local != n.name {
		return fmt.Sprintf("%s %q", n.local, path)
	}
	return fmt.Sprintf("%q", path)
}

// rank is 0 for packages of the standard library, whose paths begin with an element without a dot and are short, 1 for others.
func rank(path string) int {
	first, _, _ := strings.Cut(path, "/")
	if isStandard[first] {
		return 0
	}
	return 1
}

var isStandard = map[string]bool{
	"context": true, "errors": true, "fmt": true, "io": true, "iter": true, "math": true, "strconv": true, "strings": true,
	"sync": true, "time": true, "unsafe": true,
}

// explain adds the line that isn't Go to the error.
func explain(err error, source string) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return err
	}
	line := ""
	if lines := strings.Split(source, "\n"); list[0].Pos.Line <= len(lines) {
		line = lines[list[0].Pos.Line-1]
	}
	return fmt.Errorf("%w in the generated line\n\t%s", list[0], line)
}
