package names

import (
	"errors"
	"fmt"
	"strings"
)

// Gates is a set of gated features of the name grammar. None is the default.
type Gates uint8

const (
	// GateNested (🪺) allows nested namespaces and packages: `a:b:c/d/e`.
	GateNested Gates = 1 << iota
	// GateCanonVersion (🔗) allows truncated versions: `a:b/c@0.2`.
	GateCanonVersion

	// AllGates is for names that were checked before.
	AllGates = GateNested | GateCanonVersion
)

// Kind tells the productions of an extern name apart.
type Kind uint8

const (
	KindLabel       Kind = iota // `foo`
	KindConstructor             // `[constructor]r`
	KindMethod                  // `[method]r.f`
	KindStatic                  // `[static]r.f`
	KindInterface               // `ns:pkg/iface@1.2.3`
)

// Extern is a parsed name of an import or export.
//
// Spec: Explainer.md#import-and-export-definitions, production `externname`.
type Extern struct {
	Kind      Kind
	Label     string    // KindLabel: the whole name; KindMethod and KindStatic: the function's own name
	Resource  string    // KindConstructor, KindMethod and KindStatic: the resource's name
	Interface Interface // KindInterface
}

// String returns the name in its written form.
func (e Extern) String() string {
	switch e.Kind {
	case KindConstructor:
		return "[constructor]" + e.Resource
	case KindMethod:
		return "[method]" + e.Resource + "." + e.Label
	case KindStatic:
		return "[static]" + e.Resource + "." + e.Label
	case KindInterface:
		return e.Interface.String()
	}
	return e.Label
}

// Interface is a parsed interface name.
//
// Spec: Explainer.md#import-and-export-definitions, production `interfacename`.
type Interface struct {
	Namespace string  // under GateNested possibly several, joined by ":"
	Package   string  // the package without namespace; under GateNested possibly several, joined by "/"
	Name      string  // the interface
	Version   Version // zero if there is none, or if Canon is set
	Canon     string  // under GateCanonVersion: a truncated version
}

// String returns the name in its written form.
func (i Interface) String() string {
	s := i.Namespace + ":" + i.Package + "/" + i.Name
	switch {
	case i.Canon != "":
		return s + "@" + i.Canon
	case !i.Version.IsZero():
		return s + "@" + i.Version.String()
	}
	return s
}

// Unversioned returns the name without its version.
func (i Interface) Unversioned() string {
	i.Version, i.Canon = Version{}, ""
	return i.String()
}

// TrackKey returns the name with its version replaced by the version's track
// (see [Version.Track]): two interface names with equal keys may be linked.
func (i Interface) TrackKey() string {
	key := i.Unversioned()
	switch {
	case i.Canon != "":
		return key + "@" + i.Canon
	case !i.Version.IsZero():
		return key + "@" + i.Version.Track()
	}
	return key
}

// Parse parses the name of an import or export. Syntax behind a gate that is not
// in gates is an error that names the gate.
//
// Spec: Explainer.md#import-and-export-definitions, production `externname`.
func Parse(s string, gates Gates) (Extern, error) {
	switch {
	case strings.HasPrefix(s, "["):
		return parseAnnotated(s)
	case strings.Contains(s, ":"):
		i, err := ParseInterface(s, gates)
		return Extern{Kind: KindInterface, Interface: i}, err
	}
	return Extern{Kind: KindLabel, Label: s}, CheckLabel(s)
}

func parseAnnotated(s string) (Extern, error) {
	annotation, rest, closed := strings.Cut(s[1:], "]")
	if !closed {
		return Extern{}, fmt.Errorf("%s is not a name: the annotation has no `]`", quote(s))
	}
	switch annotation {
	case "constructor":
		return Extern{Kind: KindConstructor, Resource: rest}, inName(s, CheckLabel(rest))
	case "method":
		return parseMember(s, rest, KindMethod)
	case "static":
		return parseMember(s, rest, KindStatic)
	}
	return Extern{}, fmt.Errorf("%s is not a name: unknown annotation, expected `[constructor]`, `[method]` or `[static]`", quote(s))
}

func parseMember(whole, rest string, kind Kind) (Extern, error) {
	resource, label, dotted := strings.Cut(rest, ".")
	if !dotted {
		return Extern{}, fmt.Errorf("%s is not a name: expected `resource.function` after the annotation", quote(whole))
	}
	e := Extern{Kind: kind, Resource: resource, Label: label}
	if err := CheckLabel(resource); err != nil {
		return Extern{}, inName(whole, err)
	}
	return e, inName(whole, CheckLabel(label))
}

func inName(whole string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("in the name %s: %w", quote(whole), err)
}

// ParseInterface parses an interface name, `ns:pkg/iface` or `ns:pkg/iface@1.2.3`.
// Syntax behind a gate that is not in gates is an error that names the gate.
//
// Spec: Explainer.md#import-and-export-definitions, production `interfacename`.
func ParseInterface(s string, gates Gates) (Interface, error) {
	path, version, versioned := strings.Cut(s, "@")
	i, err := parsePath(path, gates)
	if err != nil {
		return Interface{}, inName(s, err)
	}
	if !versioned {
		return i, nil
	}
	if isCanon(version) {
		if gates&GateCanonVersion == 0 {
			return Interface{}, fmt.Errorf("in the name %s: the version %s is truncated, which needs the feature canonical-names (🔗)", quote(s), quote(version))
		}
		i.Canon = version
		return i, nil
	}
	i.Version, err = ParseVersion(version)
	return i, inName(s, err)
}

func parsePath(path string, gates Gates) (Interface, error) {
	words, projections, ok := strings.Cut(path, "/")
	colon := strings.LastIndexByte(words, ':')
	if !ok || colon < 0 {
		return Interface{}, errors.New("an interface name looks like `namespace:package/interface`")
	}
	slash := strings.LastIndexByte(path, '/')
	i := Interface{Namespace: path[:colon], Package: path[colon+1 : slash], Name: path[slash+1:]}
	if gates&GateNested == 0 && (strings.Contains(i.Namespace, ":") || strings.Contains(projections, "/")) {
		return Interface{}, errors.New("nested namespaces and packages need the feature nested-names (🪺)")
	}
	for word := range strings.SplitSeq(words, ":") {
		if err := CheckWords(word); err != nil {
			return Interface{}, err
		}
	}
	for label := range strings.SplitSeq(projections, "/") {
		if err := CheckLabel(label); err != nil {
			return Interface{}, err
		}
	}
	return i, nil
}

// isCanon implements the production `canonversion`. Of whole versions it matches
// `0.0.0` and `0.0.4` too, but those need no gate, being semantic versions as well.
func isCanon(s string) bool {
	if strings.Count(s, ".") == 2 {
		return false
	}
	s = strings.TrimPrefix(s, "0.")
	return s != "" && s[0] != '0' && isNumeric(s)
}
