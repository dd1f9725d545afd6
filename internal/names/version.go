package names

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is a semantic version. The zero Version means that there is none;
// it is not 0.0.0. Versions are comparable with ==, which, unlike Semantic
// Versioning's precedence, takes build metadata into account.
type Version struct {
	major, minor, patch uint64
	text                string // the normal form; "" means no version
}

// MakeVersion returns the release major.minor.patch.
func MakeVersion(major, minor, patch uint64) Version {
	return Version{major, minor, patch, fmt.Sprintf("%d.%d.%d", major, minor, patch)}
}

// ParseVersion parses a version as Semantic Versioning 2.0.0 defines it, for
// instance `0.3.0-rc-2026-03-15` or `1.2.3+build.5`. Numbers must fit in 64 bits.
func ParseVersion(s string) (Version, error) {
	v, err := parseVersion(s)
	if err != nil {
		return Version{}, fmt.Errorf("%s is not a semantic version (major.minor.patch): %w", quote(s), err)
	}
	return v, nil
}

func parseVersion(s string) (Version, error) {
	v := Version{text: s}
	rest, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(rest, "-")
	parts := strings.Split(core, ".")
	if len(parts) != 3 {
		return v, fmt.Errorf("three numbers are needed, it has %d", len(parts))
	}
	for i, n := range []*uint64{&v.major, &v.minor, &v.patch} {
		var err error
		if *n, err = parseNumber(parts[i]); err != nil {
			return v, err
		}
	}
	if hasPre {
		if err := checkIdentifiers(pre, true); err != nil {
			return v, fmt.Errorf("pre-release: %w", err)
		}
	}
	if hasBuild {
		if err := checkIdentifiers(build, false); err != nil {
			return v, fmt.Errorf("build metadata: %w", err)
		}
	}
	return v, nil
}

func parseNumber(s string) (uint64, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, fmt.Errorf("%s is not a number", quote(s))
	}
	if len(s) > 1 && s[0] == '0' {
		return 0, fmt.Errorf("%s has a leading zero", quote(s))
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s does not fit in 64 bits", quote(s))
	}
	return n, nil
}

// checkIdentifiers checks dot-separated identifiers; numeric ones have no leading
// zeros in a pre-release, where they are compared as numbers.
func checkIdentifiers(s string, pre bool) error {
	for id := range strings.SplitSeq(s, ".") {
		if id == "" {
			return errors.New("an identifier between dots is empty")
		}
		if i := strings.IndexFunc(id, notIdentRune); i >= 0 {
			return fmt.Errorf("%q is not allowed in an identifier", id[i:i+1])
		}
		if pre && isNumeric(id) && len(id) > 1 && id[0] == '0' {
			return fmt.Errorf("%s has a leading zero", quote(id))
		}
	}
	return nil
}

func notIdentRune(r rune) bool {
	return !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-')
}

func isNumeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

// IsZero reports whether there is no version.
func (v Version) IsZero() bool { return v.text == "" }

// String returns the version as it was written, or "" for the zero Version.
func (v Version) String() string { return v.text }

// Major returns the first number.
func (v Version) Major() uint64 { return v.major }

// Minor returns the second number.
func (v Version) Minor() uint64 { return v.minor }

// Patch returns the third number.
func (v Version) Patch() uint64 { return v.patch }

// Pre returns the pre-release identifiers without their hyphen, or "".
func (v Version) Pre() string {
	rest, _, _ := strings.Cut(v.text, "+")
	_, pre, _ := strings.Cut(rest, "-")
	return pre
}

// Build returns the build metadata without its plus sign, or "".
func (v Version) Build() string {
	_, build, _ := strings.Cut(v.text, "+")
	return build
}

// Compare orders versions by precedence; no version comes before every version.
// Versions that differ in build metadata alone, which have the same precedence, are
// ordered by its text so that sorting is deterministic.
func (v Version) Compare(w Version) int {
	if v.IsZero() || w.IsZero() {
		return cmp.Compare(len(v.text), len(w.text))
	}
	return cmp.Or(
		cmp.Compare(v.major, w.major),
		cmp.Compare(v.minor, w.minor),
		cmp.Compare(v.patch, w.patch),
		comparePre(v.Pre(), w.Pre()),
		cmp.Compare(v.Build(), w.Build()),
	)
}

func comparePre(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "": // a release comes after its pre-releases
		return 1
	case b == "":
		return -1
	}
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		if c := compareIdentifier(as[i], bs[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

func compareIdentifier(a, b string) int {
	switch an, bn := isNumeric(a), isNumeric(b); {
	case an && bn: // no leading zeros, so the longer number is the larger one
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case an:
		return -1
	case bn:
		return 1
	}
	return cmp.Compare(a, b)
}

// Canonical splits the version's text into the prefix that decides
// compatibility and the rest: `1.2.3` into `1` and `.2.3`, `0.2.6-rc.1` into
// `0.2` and `.6-rc.1`, `0.0.1-alpha` into `0.0.1` and `-alpha`.
//
// Spec: Explainer.md#-canonical-interface-name, gate 🔗. For linking today use
// [Version.Track], which keeps pre-releases apart.
func (v Version) Canonical() (canon, suffix string) {
	switch {
	case v.IsZero():
		return "", ""
	case v.major > 0:
		canon = fmt.Sprintf("%d", v.major)
	case v.minor > 0:
		canon = fmt.Sprintf("0.%d", v.minor)
	default:
		canon = fmt.Sprintf("0.0.%d", v.patch)
	}
	return canon, v.text[len(canon):]
}

// Track returns the key under which compatible versions meet: `1` for `1.2.3`,
// `0.2` for `0.2.6`, `0.0.4` for `0.0.4`. A pre-release is compatible with nothing
// but itself, so its whole text is returned. Build metadata of a release is ignored.
// The zero Version's track is "".
func (v Version) Track() string {
	if v.Pre() != "" {
		return v.text
	}
	canon, _ := v.Canonical()
	return canon
}
