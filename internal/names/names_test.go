package names

import (
	"slices"
	"strings"
	"testing"
)

func TestCheckLabel(t *testing.T) {
	for _, s := range []string{"a", "a-b-c", "a1-2-3", "A", "A-B-C", "A1-2-3", "a11-w0rds", "A11-4CR0NYMS", "m1x3d-4CR0NYMS", "is-XML", "XML-is"} {
		if err := CheckLabel(s); err != nil {
			t.Errorf("CheckLabel(%q): %v", s, err)
		}
	}
	for s, offset := range map[string]int{
		"": 0, "1-2-3": 0, "-a": 0, "a-": 2, "a--b": 2, "fooBar": 3, "Foo": 1, "foo_bar": 3, "a.b": 1, "é": 0, "a b": 1, "a-1bC": 4,
	} {
		err, ok := CheckLabel(s).(*LabelError)
		if !ok {
			t.Errorf("CheckLabel(%q) accepted", s)
		} else if err.Offset != offset {
			t.Errorf("CheckLabel(%q): offset %d, want %d", s, err.Offset, offset)
		}
	}
}

func TestCheckWords(t *testing.T) {
	if err := CheckWords("a-1b"); err != nil {
		t.Error(err)
	}
	if CheckWords("a-B") == nil || CheckWords("A") == nil {
		t.Error("CheckWords accepts upper case")
	}
}

func TestSuggestLabel(t *testing.T) {
	for in, want := range map[string]string{
		"fooBar": "foo-bar", "foo_bar": "foo-bar", "Foo Bar": "foo-bar", "HTTPServer": "httpserver",
		"_a": "a", "a--b_": "a-b", "1a": "", "é": "", "": "", "ok-name": "ok-name",
	} {
		if got := SuggestLabel(in); got != want {
			t.Errorf("SuggestLabel(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestVersionOrder(t *testing.T) {
	// Semantic Versioning 2.0.0, section 11, with neighbours.
	ordered := []string{
		"0.0.0", "0.0.1", "0.3.0-rc-2026-03-15", "0.3.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.2", "1.0.0-alpha.11",
		"1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+b", "1.0.1", "1.2.0", "2.0.0", "10.0.0",
	}
	var vs []Version
	for _, s := range ordered {
		v, err := ParseVersion(s)
		if err != nil {
			t.Fatal(err)
		}
		if v.String() != s || v.IsZero() {
			t.Errorf("%q comes back as %q", s, v)
		}
		vs = append(vs, v)
	}
	for i, a := range vs {
		for j, b := range vs {
			if got, want := a.Compare(b), cmpInt(i, j); got != want {
				t.Errorf("%s.Compare(%s) = %d, want %d", a, b, got, want)
			}
		}
		if (Version{}).Compare(a) != -1 || a.Compare(Version{}) != 1 {
			t.Errorf("no version does not come before %s", a)
		}
	}
	if !slices.IsSortedFunc(vs, Version.Compare) {
		t.Error("not sorted")
	}
}

func cmpInt(a, b int) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestParseVersionRejects(t *testing.T) {
	for _, s := range []string{"", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "1.2.3-a..b", "1.2.3-01", "1.2.3+", "1.2.3-é", "18446744073709551616.0.0", "-1.0.0", "1.2.3 "} {
		if v, err := ParseVersion(s); err == nil {
			t.Errorf("ParseVersion(%q) = %v", s, v)
		}
	}
	if _, err := ParseVersion("1.2.3-01a+01"); err != nil {
		t.Error(err)
	}
}

func TestVersionTracks(t *testing.T) {
	for _, c := range []struct{ version, canon, suffix, track string }{
		{"1.2.3", "1", ".2.3", "1"},
		{"0.2.6-rc.1", "0.2", ".6-rc.1", "0.2.6-rc.1"},
		{"0.2.6", "0.2", ".6", "0.2"},
		{"0.0.1-alpha", "0.0.1", "-alpha", "0.0.1-alpha"},
		{"0.0.0", "0.0.0", "", "0.0.0"},
		{"2.0.0+x", "2", ".0.0+x", "2"},
		{"10.2.0", "10", ".2.0", "10"},
	} {
		v, err := ParseVersion(c.version)
		if err != nil {
			t.Fatal(err)
		}
		canon, suffix := v.Canonical()
		if canon != c.canon || suffix != c.suffix || v.Track() != c.track {
			t.Errorf("%s: %q %q %q", c.version, canon, suffix, v.Track())
		}
	}
	if got := MakeVersion(0, 3, 0); got != mustVersion(t, "0.3.0") {
		t.Errorf("MakeVersion: %v", got)
	}
}

func mustVersion(t *testing.T, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParse(t *testing.T) {
	for s, want := range map[string]Extern{
		"custom-hook":      {Kind: KindLabel, Label: "custom-hook"},
		"get-JSON":         {Kind: KindLabel, Label: "get-JSON"},
		"[constructor]r-s": {Kind: KindConstructor, Resource: "r-s"},
		"[method]C.foo":    {Kind: KindMethod, Resource: "C", Label: "foo"},
		"[static]a.b":      {Kind: KindStatic, Resource: "a", Label: "b"},
		"wasi:http/types":  {Kind: KindInterface, Interface: Interface{Namespace: "wasi", Package: "http", Name: "types"}},
		"a:b/C-d@0.3.0-rc": {Kind: KindInterface, Interface: Interface{Namespace: "a", Package: "b", Name: "C-d", Version: mustVersion(t, "0.3.0-rc")}},
	} {
		got, err := Parse(s, 0)
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
		} else if got != want || got.String() != s {
			t.Errorf("Parse(%q) = %#v (%s)", s, got, got)
		}
	}
	for _, s := range []string{"", "[", "[]a", "[foo]a", "[method]a", "[method]a.", "[method].a", "[method]a.b.c", "[static]1.a", "[constructor]", "[constructor]a.b",
		"a:b", "a:/c", ":b/c", "A:b/c", "a:B/c", "a:b/", "a:b/c@", "a:b/c@1.2", "a:b/c@x", "a/b", "a:b/c@0.0.0.0", "a:b/c@01"} {
		if got, err := Parse(s, 0); err == nil {
			t.Errorf("Parse(%q) = %#v", s, got)
		}
	}
}

func TestParseGates(t *testing.T) {
	for s, gate := range map[string]Gates{
		"a:b:c/d": GateNested, "a:b/c/d@1.0.0": GateNested,
		"a:b/c@1": GateCanonVersion, "a:b/c@0.2": GateCanonVersion,
	} {
		if _, err := Parse(s, 0); err == nil || !strings.Contains(err.Error(), "the feature") {
			t.Errorf("Parse(%q) without its gate: %v", s, err)
		}
		if got, err := Parse(s, gate); err != nil || got.String() != s {
			t.Errorf("Parse(%q) with its gate: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"a:b/c@0", "a:b/c@0.0", "a:b/c@1.2", "a:b/c@0.02"} {
		if got, err := Parse(s, GateCanonVersion); err == nil {
			t.Errorf("Parse(%q) = %#v", s, got)
		}
	}
}

func TestTrackKey(t *testing.T) {
	for s, want := range map[string]string{"a:b/c": "a:b/c", "a:b/c@0.2.6": "a:b/c@0.2", "a:b/c@0.2": "a:b/c@0.2", "a:b/c@0.3.0-rc": "a:b/c@0.3.0-rc"} {
		i, err := ParseInterface(s, GateCanonVersion)
		if err != nil {
			t.Fatal(err)
		}
		if got := i.TrackKey(); got != want {
			t.Errorf("%s: %s, want %s", s, got, want)
		}
	}
}

// The example of Explainer.md#name-uniqueness.
func TestUniqueKey(t *testing.T) {
	scope := map[string]string{}
	for _, s := range []string{"foo", "foo-bar", "[constructor]foo", "[method]foo.bar", "[static]foo.baz", "foo:bar/baz"} {
		if other, taken := scope[UniqueKey(s)]; taken {
			t.Errorf("%s collides with %s", s, other)
		}
		scope[UniqueKey(s)] = s
	}
	for _, s := range []string{"foo", "FOO", "foo-BAR", "[constructor]FOO", "[method]foo.BAR", "[static]foo.bar", "[method]foo.baz", "[method]foo.foo", "[static]foo-BAR.FOO-bar", "foo:bar/BAZ"} {
		if _, taken := scope[UniqueKey(s)]; !taken {
			t.Errorf("%s collides with nothing", s)
		}
	}
}
