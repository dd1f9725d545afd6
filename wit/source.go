package wit

import (
	"cmp"
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// source is a package before its names are looked up.
type source struct {
	name   PackageName
	span   syntax.Span // the name in a declaration
	docs   syntax.Docs
	scopes []*scope
	origin *origin
}

// origin is what was read as one unit: a file, or a folder. Two packages of one name
// are tolerated only if they come from different origins.
type origin struct{ name string }

// scope is the items of one file, or of one nested package in a file: the reach of a
// top-level `use`.
type scope struct {
	items []syntax.Item
	names map[string]syntax.Item // by local name; filled in by declare
}

func packageName(d *syntax.PackageDecl) PackageName {
	return PackageName{d.Namespace.Text, d.Name.Text, d.Version.Version}
}

// collectSources makes packages of the files of one folder, or of a single file. The
// first one is that which the files belong to, the rest are nested in them.
func collectSources(docs []*syntax.Document, o *origin) ([]*source, *syntax.Error) {
	main := &source{origin: o}
	sources := []*source{main}
	for _, doc := range docs {
		if err := main.join(doc.Package); err != nil {
			return nil, err
		}
		own := &scope{}
		for _, item := range doc.Items {
			nested, ok := item.(*syntax.NestedPackage)
			if !ok {
				own.items = append(own.items, item)
				continue
			}
			d := &nested.Decl
			sources = append(sources, &source{packageName(d), d.Span, d.Docs, []*scope{{items: nested.Items}}, o})
		}
		main.scopes = append(main.scopes, own)
	}
	if main.span.IsZero() {
		return nil, missingDecl(docs, o)
	}
	return sources, nil
}

// join takes in the `package …;` of a further file.
func (s *source) join(decl *syntax.PackageDecl) *syntax.Error {
	if decl == nil {
		return nil
	}
	if s.span.IsZero() {
		s.name, s.span = packageName(decl), decl.Span
	} else if n := packageName(decl); n != s.name {
		return syntax.Errorf(decl.Span, "this file belongs to the package `%s`, another one beside it to `%s`", n, s.name).
			WithNote(s.span, "the other declaration").
			WithHint("all files of a folder belong to one package")
	}
	if decl.Docs.Text == "" {
		return nil
	}
	if s.docs.Text != "" {
		return syntax.Errorf(decl.Docs.Span, "the package `%s` is documented twice", s.name).WithNote(s.docs.Span, "the other documentation")
	}
	s.docs = decl.Docs
	return nil
}

func missingDecl(docs []*syntax.Document, o *origin) *syntax.Error {
	if len(docs) == 1 {
		at := syntax.Span{File: docs[0].File}
		return syntax.Errorf(at, "the file doesn't say which package it belongs to").WithHint("begin it with `package namespace:name;`")
	}
	return &syntax.Error{
		At:    syntax.Location{File: o.name},
		Msg:   "no file here says which package they belong to",
		Hints: []string{"begin one of them with `package namespace:name;`"},
	}
}

func comparePackageNames(a, b PackageName) int {
	return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), a.Version.Compare(b.Version))
}

// paths calls f for each path in the package that names another package. Items that a
// gate leaves out are skipped, since what they refer to may be missing.
func (s *source) paths(keep func(syntax.Attributes) bool, f func(*syntax.Path)) {
	visit := func(a syntax.Attributes, p *syntax.Path) {
		if p != nil && p.Package != nil && keep(a) {
			f(p)
		}
	}
	for _, sc := range s.scopes {
		for _, item := range sc.items {
			switch item := item.(type) {
			case *syntax.TopUse:
				visit(item.Attributes, &item.Path)
			case *syntax.Interface:
				if keep(item.Attributes) {
					interfacePaths(item.Items, visit)
				}
			case *syntax.World:
				if keep(item.Attributes) {
					worldPaths(item.Items, keep, visit)
				}
			}
		}
	}
}

func interfacePaths(items []syntax.InterfaceItem, visit func(syntax.Attributes, *syntax.Path)) {
	for _, item := range items {
		if u, ok := item.(*syntax.Use); ok {
			visit(u.Attributes, &u.Path)
		}
	}
}

func worldPaths(items []syntax.WorldItem, keep func(syntax.Attributes) bool, visit func(syntax.Attributes, *syntax.Path)) {
	for _, item := range items {
		switch item := item.(type) {
		case *syntax.Use:
			visit(item.Attributes, &item.Path)
		case *syntax.Include:
			visit(item.Attributes, &item.Path)
		case *syntax.Extern:
			visit(item.Attributes, item.Path)
			if item.Inline != nil && keep(item.Attributes) {
				interfacePaths(item.Inline.Items, visit)
			}
		}
	}
}

// dependencies returns the packages that s refers to, by name, with a place for each.
func (s *source) dependencies(keep func(syntax.Attributes) bool) (order []PackageName, at map[PackageName]syntax.Span) {
	at = map[PackageName]syntax.Span{}
	s.paths(keep, func(p *syntax.Path) {
		name := packageName(p.Package)
		if _, seen := at[name]; !seen {
			at[name] = p.Span
			order = append(order, name)
		}
	})
	slices.SortFunc(order, comparePackageNames)
	return order, at
}
