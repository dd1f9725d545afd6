package wit

import (
	"maps"
	"slices"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// order checks the gathered sources, adds what only [Options.Extra] provides, and
// returns all of them, each after its dependencies.
func (l *loader) order(b *builder) ([]*source, error) {
	byName, err := l.index(b)
	if err != nil {
		return nil, err
	}
	v := &packageOrder{b: b, options: l.options, byName: byName, state: map[PackageName]visit{}}
	for _, name := range slices.SortedFunc(maps.Keys(byName), comparePackageNames) {
		if err := v.visit(byName[name]); err != nil {
			return nil, err
		}
	}
	return v.sorted, nil
}

// index maps names to sources and settles duplicates.
func (l *loader) index(b *builder) (map[PackageName]*source, error) {
	byName := map[PackageName]*source{}
	for _, s := range l.sources {
		if p := b.packages[s.name]; p != nil {
			return nil, syntax.Errorf(s.span, "the package `%s` exists already", s.name).WithNote(p.Span, "the other definition")
		}
		prev := byName[s.name]
		switch {
		case prev == nil:
			byName[s.name] = s
		case prev.origin == s.origin:
			return nil, syntax.Errorf(s.span, "the package `%s` is defined twice", s.name).WithNote(prev.span, "the other definition")
		case !sameContents(prev, s):
			return nil, syntax.Errorf(s.span, "the package `%s` is defined twice, with different contents", s.name).
				WithNote(prev.span, "the other definition")
		}
	}
	return byName, nil
}

// sameContents reports whether two packages of one name say the same: WIT.md allows a
// package to come with several dependencies if it is the same in each.
//
// Spec: WIT.md#root-package-a-directory.
func sameContents(a, b *source) bool {
	return slices.EqualFunc(a.scopes, b.scopes, func(a, b *scope) bool { return syntax.SameItems(a.items, b.items) })
}

type visit uint8

const (
	unvisited visit = iota
	visiting
	visited
)

// packageOrder sorts packages depth first.
type packageOrder struct {
	b       *builder
	options Options
	byName  map[PackageName]*source
	state   map[PackageName]visit
	sorted  []*source
	extra   map[PackageName]*source // nil until it is needed
}

func (o *packageOrder) visit(s *source) error {
	if o.state[s.name] == visited {
		return nil
	}
	o.state[s.name] = visiting
	deps, at := s.dependencies(o.b.keeps)
	for _, name := range deps {
		if o.state[name] == visiting {
			err := syntax.Errorf(at[name], "the package `%s` depends on itself", name)
			if name == s.name {
				err.WithHint("an interface of the same package is named without the package")
			}
			return err
		}
		if o.b.packages[name] != nil {
			continue
		}
		dep, err := o.find(s, name, at[name])
		if err != nil {
			return err
		}
		if err := o.visit(dep); err != nil {
			return err
		}
	}
	o.state[s.name] = visited
	o.sorted = append(o.sorted, s)
	return nil
}

// find returns the package that user refers to.
func (o *packageOrder) find(user *source, name PackageName, at syntax.Span) (*source, error) {
	if s := o.byName[name]; s != nil {
		return s, nil
	}
	if err := o.readExtra(); err != nil {
		return nil, err
	}
	if s := o.extra[name]; s != nil {
		return s, nil
	}
	known := slices.Collect(maps.Keys(o.byName))
	known = append(known, slices.Collect(maps.Keys(o.b.packages))...)
	known = append(known, slices.Collect(maps.Keys(o.extra))...)
	known = slices.DeleteFunc(known, func(n PackageName) bool { return n == user.name })
	return nil, missingPackage(name, at, known)
}

// readExtra reads all packages of [Options.Extra].
func (o *packageOrder) readExtra() error {
	if o.extra != nil {
		return nil
	}
	o.extra = map[PackageName]*source{}
	for _, fsys := range o.options.Extra {
		l := newLoader(o.options)
		if err := l.deps(fsys, ".", ""); err != nil {
			return err
		}
		for _, s := range l.sources {
			if o.extra[s.name] == nil {
				o.extra[s.name] = s
			}
		}
	}
	return nil
}
