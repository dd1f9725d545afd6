package wit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
)

// SelectWorld picks a world as WIT tools agree to: an empty name means the only world
// of pkg, a plain name one of its worlds, and a path such as `wasi:cli/command@0.3.0`
// that of any package in r, where the version may be left out if only one is there. A
// nil pkg means r.Root. An error lists the candidates.
//
// Spec: WIT.md#specifying-a-world.
func (r *Resolve) SelectWorld(pkg *Package, name string) (*World, error) {
	if pkg == nil {
		pkg = r.Root
	}
	if strings.ContainsAny(name, ":/@") {
		return r.worldByPath(name)
	}
	if pkg == nil {
		return nil, fmt.Errorf("no package is the root, so a world is named in full, as in `namespace:package/world`")
	}
	if name == "" {
		return onlyWorld(pkg)
	}
	return worldByName(pkg, name)
}

func onlyWorld(pkg *Package) (*World, error) {
	switch pkg.Worlds.Len() {
	case 0:
		return nil, fmt.Errorf("the package `%s` has no world", pkg.Name)
	case 1:
		return slices.Collect(pkg.Worlds.Values())[0], nil
	}
	return nil, fmt.Errorf("the package `%s` has several worlds, name one of them: %s", pkg.Name, worldNames(pkg))
}

func worldByName(pkg *Package, name string) (*World, error) {
	if w := pkg.Worlds.Get(name); w != nil {
		return w, nil
	}
	if pkg.Interfaces.Has(name) {
		return nil, fmt.Errorf("`%s` is an interface of the package `%s`, not a world; its worlds: %s", name, pkg.Name, worldNames(pkg))
	}
	err := fmt.Errorf("the package `%s` has no world `%s`; its worlds: %s", pkg.Name, name, worldNames(pkg))
	if hint := suggest(name, slices.Collect(pkg.Worlds.Keys())); hint != "" {
		err = fmt.Errorf("%w; %s", err, hint)
	}
	return nil, err
}

func worldNames(pkg *Package) string {
	if pkg.Worlds.Len() == 0 {
		return "none"
	}
	return "`" + strings.Join(slices.Sorted(pkg.Worlds.Keys()), "`, `") + "`"
}

func (r *Resolve) worldByPath(path string) (*World, error) {
	id, err := names.ParseInterface(path, names.GateNested)
	if err != nil {
		return nil, err
	}
	want := PackageName{id.Namespace, id.Package, id.Version}
	var matches []*Package
	var known []string
	for _, p := range r.Packages {
		if p.Name == want {
			return worldByName(p, id.Name)
		}
		if want.Version.IsZero() && p.Name.Namespace == want.Namespace && p.Name.Name == want.Name {
			matches = append(matches, p)
		}
		known = append(known, p.Name.String())
	}
	switch len(matches) {
	case 0:
		return nil, fmt.Errorf("the package `%s` was not found; %s", want, listKnown("known packages", known))
	case 1:
		return worldByName(matches[0], id.Name)
	}
	return nil, fmt.Errorf("the package `%s` exists as `%s` and `%s`: give the version", want, matches[0].Name, matches[1].Name)
}
