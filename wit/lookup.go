package wit

import (
	"maps"
	"slices"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// found is what a path means: one of the fields is set.
type found struct {
	iface  *Interface
	world  *World
	hidden *hidden
}

// lookup finds the interface or world that a path means.
func (p *packageBuilder) lookup(sc *scope, path *syntax.Path) found {
	if path.Package != nil {
		return p.foreign(path)
	}
	if use, ok := sc.names[path.Name.Text].(*syntax.TopUse); ok && use.Path.Package != nil {
		return p.foreign(&use.Path)
	}
	t, _ := p.localTop(sc, path)
	return p.inPackage(p.pkg, t.name.Text)
}

func (p *packageBuilder) inPackage(pkg *Package, name string) found {
	if h, ok := p.hidden[hiddenName{pkg, name}]; ok {
		return found{hidden: &h}
	}
	return found{iface: pkg.Interfaces.Get(name), world: pkg.Worlds.Get(name)}
}

func (p *packageBuilder) foreign(path *syntax.Path) found {
	name := packageName(path.Package)
	pkg := p.packages[name]
	if pkg == nil {
		fail(missingPackage(name, path.Span, slices.Collect(maps.Keys(p.packages))))
	}
	f := p.inPackage(pkg, path.Name.Text)
	if f == (found{}) {
		known := append(slices.Collect(pkg.Interfaces.Keys()), slices.Collect(pkg.Worlds.Keys())...)
		fail(syntax.Errorf(path.Name.Span, "there is no interface or world `%s` in the package `%s`", path.Name.Text, name).
			WithNote(pkg.Span, "the package").
			WithHint("%s", suggest(path.Name.Text, known)))
	}
	return f
}

// missingPackage is the error about a package that nothing provides; present are those
// that are there.
func missingPackage(name PackageName, at syntax.Span, present []PackageName) *syntax.Error {
	err := syntax.Errorf(at, "the package `%s` was not found", name)
	var known, versions []string
	for _, n := range present {
		known = append(known, n.String())
		if n.Namespace == name.Namespace && n.Name == name.Name {
			versions = append(versions, n.String())
		}
	}
	switch {
	case len(versions) > 0:
		err.WithHint("%s", listKnown("there is", versions))
	case suggest(name.String(), known) != "":
		err.WithHint("%s", suggest(name.String(), known))
	case len(known) > 0:
		err.WithHint("%s", listKnown("known packages", known))
	}
	return err.WithHint("dependencies belong into the folder `deps` beside the WIT files, one file or folder each")
}

// interfaceAt finds the interface that a path means.
func (p *packageBuilder) interfaceAt(sc *scope, path *syntax.Path) *Interface {
	f := p.lookup(sc, path)
	switch {
	case f.hidden != nil:
		fail(hiddenErr("interface", path.Name, *f.hidden))
	case f.iface == nil && f.world == nil:
		failf(path.Span, "the world `%s` can't be used as an interface", path.Name.Text)
	case f.iface == nil:
		fail(syntax.Errorf(path.Span, "`%s` is a world, an interface is needed here", path.Name.Text).WithNote(f.world.Span, "the world"))
	}
	return f.iface
}

// worldAt finds the world that a path means.
func (p *packageBuilder) worldAt(sc *scope, path *syntax.Path) *World {
	f := p.lookup(sc, path)
	switch {
	case f.hidden != nil:
		fail(hiddenErr("world", path.Name, *f.hidden))
	case f.world == nil:
		fail(syntax.Errorf(path.Span, "`%s` is an interface, a world is needed here", path.Name.Text).WithNote(f.iface.Span, "the interface"))
	}
	return f.world
}

func hiddenErr(kind string, name syntax.Name, h hidden) *syntax.Error {
	return syntax.Errorf(name.Span, "the %s `%s` belongs to the feature `%s`, which is not enabled", kind, name.Text, h.feature).
		WithNote(h.span, "its gate").
		WithHint("enable the feature, or write `@unstable(feature = %s)` before this item too", h.feature)
}

// uniqueNames holds the names of a scope by their key.
//
// Spec: Explainer.md#name-uniqueness.
type uniqueNames map[string]namedSpan

type namedSpan struct {
	name string
	span syntax.Span
}

// add enters a name; where says whose scope it is.
func (u uniqueNames) add(where, name string, at syntax.Span) {
	key := names.UniqueKey(name)
	prev, taken := u[key]
	if !taken {
		u[key] = namedSpan{name, at}
		return
	}
	if prev.span.File == at.File && prev.span.Start > at.Start {
		prev, name, at = namedSpan{name, at}, prev.name, prev.span
	}
	err := syntax.Errorf(at, "the name `%s` is defined twice in %s", name, where)
	if prev.name != name {
		err = syntax.Errorf(at, "the names `%s` and `%s` are too much alike to stand both in %s", name, prev.name, where).
			WithHint("%s", alikeHint(name, prev.name))
	}
	fail(err.WithNote(prev.span, "the other definition"))
}

func alikeHint(a, b string) string {
	if a[0] == '[' || b[0] == '[' {
		return "a method or static function can't have the name of its own resource, and not that of another function of it"
	}
	return "names that differ in upper and lower case alone are taken for the same"
}
