package wit

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Options says how WIT is read. The zero Options is right for most uses.
type Options struct {
	// Features are the names of `@unstable` features whose items are kept.
	Features []string

	// AllFeatures keeps every `@unstable` item.
	AllFeatures bool

	// Gates allows syntax that the pinned standard still gates.
	Gates syntax.Gates

	// Extra holds further packages, tried in order for a dependency that nothing
	// else provides: each is a folder of *.wit files and of folders of *.wit
	// files, one package each. Package wasiwit has one.
	Extra []fs.FS

	// Decode reads a WIT package that is encoded as a component, binary or text,
	// from a *.wasm or *.wat file. Where it is nil such files are an error. What it
	// returns holds the package as Root and everything that it refers to.
	Decode func(name string, data []byte) (*Resolve, error)
}

// ParsePath reads a *.wit file, or a folder as [ParseDir] does, of the operating
// system's file system. Errors name files by paths that begin with path.
func ParsePath(name string, options Options) (*Resolve, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return load(os.DirFS(name), ".", name, options)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return ParseFile(name, data, options)
}

// ParseDir reads the folder dir of fsys: its *.wit files are the root package, and the
// files and folders in its folder `deps` are packages that may be referred to. Errors in
// the text are [*syntax.Error].
//
// Spec: WIT.md#filesystem-structure.
func ParseDir(fsys fs.FS, dir string, options Options) (*Resolve, error) {
	return load(fsys, dir, dir, options)
}

// ParseFile reads the root package from a single file, which holds its dependencies as
// nested packages unless options provides them. The data may be an encoded package if
// options can decode that.
func ParseFile(name string, data []byte, options Options) (*Resolve, error) {
	if isEncoded(name) {
		return decode(name, data, options)
	}
	return ParseString(name, string(data), options)
}

// ParseString is like [ParseFile] for text in memory; messages call it name.
func ParseString(name, src string, options Options) (*Resolve, error) {
	l := newLoader(options)
	if err := l.text(&origin{name}, []*syntax.File{{Name: name, Src: src}}); err != nil {
		return nil, err
	}
	return l.resolve(&Resolve{options: options})
}

// Add reads one more file into r, whose packages it may refer to, and returns the
// package that the file belongs to. On an error r stays as it was. The options are
// those that r was read with; Root doesn't change.
func (r *Resolve) Add(name, src string) (*Package, error) {
	l := newLoader(r.options)
	if err := l.text(&origin{name}, []*syntax.File{{Name: name, Src: src}}); err != nil {
		return nil, err
	}
	next, err := l.resolve(r)
	if err != nil {
		return nil, err
	}
	added := next.Root
	next.Root = r.Root
	*r = *next
	return added, nil
}

// Package returns the package of that name, or nil.
func (r *Resolve) Package(name PackageName) *Package {
	for _, p := range r.Packages {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// loader gathers sources. The first one is the root.
type loader struct {
	options Options
	sources []*source
	decoded []*Resolve
}

func newLoader(options Options) *loader { return &loader{options: options} }

// load reads a folder; shown is what messages call it.
func load(fsys fs.FS, dir, shown string, options Options) (*Resolve, error) {
	l := newLoader(options)
	files, err := readFolder(fsys, dir, shown)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: the folder holds no *.wit files", shown)
	}
	if err := l.text(&origin{shown}, files); err != nil {
		return nil, err
	}
	if err := l.deps(fsys, path.Join(dir, "deps"), filepath.ToSlash(filepath.Join(shown, "deps"))); err != nil {
		return nil, err
	}
	return l.resolve(&Resolve{options: options})
}

// readFolder reads the *.wit files of a folder in the order of their names.
func readFolder(fsys fs.FS, dir, shown string) ([]*syntax.File, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var files []*syntax.File
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !strings.HasSuffix(name, ".wit") || isFolder(fsys, name) {
			continue
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		files = append(files, &syntax.File{Name: path.Join(filepath.ToSlash(shown), e.Name()), Src: string(data)})
	}
	return files, nil
}

// isFolder follows symbolic links, which a directory entry doesn't.
func isFolder(fsys fs.FS, name string) bool {
	info, err := fs.Stat(fsys, name)
	return err == nil && info.IsDir()
}

// deps reads the files and folders of a folder, each a unit of its own. Files that are
// no WIT are skipped, like a README.
func (l *loader) deps(fsys fs.FS, dir, shown string) error {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := l.dep(fsys, path.Join(dir, e.Name()), path.Join(shown, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) dep(fsys fs.FS, name, shown string) error {
	switch {
	case isFolder(fsys, name):
		files, err := readFolder(fsys, name, shown)
		if err != nil || len(files) == 0 {
			return err
		}
		return l.text(&origin{shown}, files)
	case strings.HasSuffix(name, ".wit") || isEncoded(name):
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if isEncoded(name) {
			r, err := decode(shown, data, l.options)
			l.decoded = append(l.decoded, r)
			return err
		}
		return l.text(&origin{shown}, []*syntax.File{{Name: shown, Src: string(data)}})
	}
	return nil
}

func isEncoded(name string) bool {
	return strings.HasSuffix(name, ".wasm") || strings.HasSuffix(name, ".wat")
}

func decode(name string, data []byte, options Options) (*Resolve, error) {
	if options.Decode == nil {
		return nil, fmt.Errorf("%s: WIT packages that are encoded as components can't be read here, only *.wit files", name)
	}
	r, err := options.Decode(name, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// text parses the files of one unit.
func (l *loader) text(o *origin, files []*syntax.File) error {
	var docs []*syntax.Document
	for _, f := range files {
		doc, err := syntax.Parse(f, l.options.Gates)
		if err != nil {
			return err
		}
		docs = append(docs, doc)
	}
	sources, err := collectSources(docs, o)
	if err != nil {
		return err
	}
	l.sources = append(l.sources, sources...)
	return nil
}

// resolve orders and builds what was gathered, on top of the packages of base, which it
// leaves alone.
func (l *loader) resolve(base *Resolve) (*Resolve, error) {
	b := newBuilder(l.options)
	maps.Copy(b.hidden, base.hidden)
	next := &Resolve{Packages: slices.Clone(base.Packages), options: l.options}
	for _, p := range base.Packages {
		b.packages[p.Name] = p
	}
	for _, d := range l.decoded {
		if err := next.adopt(b, d); err != nil {
			return nil, err
		}
	}
	sources, err := l.order(b)
	if err != nil {
		return nil, err
	}
	built, err := b.build(sources)
	if err != nil {
		return nil, err
	}
	next.Packages = append(next.Packages, built...)
	next.Root = next.Package(l.sources[0].name)
	next.hidden = b.hidden
	return next, nil
}

// adopt takes in the packages of a decoded unit. The same package from two units would
// be two packages with types that don't match, and telling whether they are equal is not
// done yet.
func (r *Resolve) adopt(b *builder, d *Resolve) error {
	for _, p := range d.Packages {
		if b.packages[p.Name] != nil {
			return fmt.Errorf("the package `%s` comes twice, at least once encoded as a component; keep one of them, as text if possible", p.Name)
		}
		b.packages[p.Name] = p
		r.Packages = append(r.Packages, p)
	}
	return nil
}
