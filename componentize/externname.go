package componentize

import (
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit"
)

func packageName(id names.Interface) wit.PackageName {
	return wit.PackageName{Namespace: id.Namespace, Name: id.Package, Version: id.Version}
}

// interfaceID is the interface that the name of an import or export means, with its
// whole version.
//
// Spec: Explainer.md#-canonical-interface-name.
func interfaceID(n component.ExternName) *names.Interface {
	full := n.Name
	if suffix := attribute(n, component.AttrVersionSuffix); suffix != nil {
		full += *suffix
	}
	return wholeInterface(full)
}

// implementedID is the interface that a plain name implements, nil if it says none.
func implementedID(n component.ExternName) *names.Interface {
	full := attribute(n, component.AttrImplements)
	if full == nil {
		return nil
	}
	return wholeInterface(*full)
}

// wholeInterface parses an interface name. One that has a truncated version means no
// package that WIT could name.
func wholeInterface(full string) *names.Interface {
	id, err := names.ParseInterface(full, names.AllGates)
	switch {
	case err != nil:
		refuse("%v", err)
	case id.Canon != "":
		refuse("the interface name `%s` has a truncated version and no version suffix, so the version is unknown", full)
	}
	return &id
}

// canonicalExtern is the full name of an interface or world with its version split into
// what decides about compatibility and the rest.
func canonicalExtern(id string, version names.Version) component.ExternName {
	_, suffix := version.Canonical()
	n := component.Named(id[:len(id)-len(suffix)])
	if suffix != "" {
		n.Attributes = append(n.Attributes, component.Attribute{Kind: component.AttrVersionSuffix, Value: suffix})
	}
	return n
}

// checkCanonical rejects a world in which canonical names would be the same.
func checkCanonical(w *wit.World) error {
	for _, items := range []*worldItems{&w.Imports, &w.Exports} {
		taken := map[string]*wit.Interface{}
		for key := range items.Keys() {
			if key.Interface == nil {
				continue
			}
			name := canonicalExtern(key.String(), key.Interface.Package.Name.Version).Name
			if other := taken[name]; other != nil {
				return fmt.Errorf("`%s` and `%s` have the same canonical name `%s`, so the world `%s` can't be encoded with canonical names",
					other.IDString(), key, name, w.IDString())
			}
			taken[name] = key.Interface
		}
	}
	return nil
}
