package componentize

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// TestGates demands that a gate is called the same in texts and in binaries.
func TestGates(t *testing.T) {
	var all syntax.Gates
	for f, gate := range gateFeatures {
		if Gates(f) != gate || f.String() != gate.String() {
			t.Errorf("the feature %s opens %s", f, Gates(f))
		}
		all |= gate
	}
	if all != syntax.AllGates || Gates(component.AllFeatures) != all || Gates(0) != 0 {
		t.Errorf("all features open %s", all)
	}
}

// TestDecodeNeedsFeatures decodes what is gated with and without its gate.
func TestDecodeNeedsFeatures(t *testing.T) {
	for feature, src := range map[component.Feature]string{
		component.FeatureNestedNames:      `package a:b; world w { import a:b/c/i; } package a:b/c { interface i { f: func(); } }`,
		component.FeatureFixedLengthLists: `package a:b; world w { import f: func(x: list<u8, 4>); }`,
		component.FeatureErrorContext:     `package a:b; world w { import f: func(x: error-context); }`,
	} {
		w := parseWorld(t, src, "")
		c := encode(t, dummyModule(w), w)
		if _, _, err := Decode(c, component.AllFeatures&^feature); err == nil || !strings.Contains(err.Error(), feature.String()) {
			t.Errorf("without %s: %v", feature, err)
		}
		_, got, err := Decode(c, feature)
		if err != nil {
			t.Fatal(err)
		}
		if text := wit.PrintWorld(got); text != asRoot(t, w) {
			t.Errorf("got\n%s", text)
		}
	}
}

func TestCanonicalNames(t *testing.T) {
	w := parseWorld(t, `package a:b@0.2.6-rc.1+x;
		interface i { f: func(); }
		world w { import i; import l: i; export c:d/j@1.2.3; export e:f/k; export g:h/n@0.0.4; }
		package c:d@1.2.3 { interface j { g: func(); } }
		package e:f { interface k { h: func(); } }
		package g:h@0.0.4 { interface n { h: func(); } }`, "")
	c, err := Encode(dummyModule(w), w, Options{CanonicalNames: true})
	if err != nil {
		t.Fatal(err)
	}
	accepted := func(features component.Feature) (*wit.World, error) {
		_, got, err := Decode(c, features)
		return got, err
	}
	got, err := accepted(component.FeatureCanonicalNames)
	if err != nil {
		t.Fatal(err)
	}
	if text := wit.PrintWorld(got); text != asRoot(t, w) {
		t.Errorf("got\n%s\nwant\n%s", text, asRoot(t, w))
	}
	for _, name := range []string{"a:b/i@0.2", ".6-rc.1+x", "c:d/j@1", ".2.3", "e:f/k", "g:h/n@0.0.4"} {
		if !strings.Contains(string(c), string([]byte{byte(len(name))})+name) {
			t.Errorf("no name %q in the component", name)
		}
	}
	if _, err := accepted(0); err == nil || !strings.Contains(err.Error(), "🔗") {
		t.Errorf("without the feature: %v", err)
	}
}

func TestCanonicalNamesClash(t *testing.T) {
	w := parseWorld(t, `package a:b; world w { import c:d/i@0.2.1; import c:d/i@0.2.3; }
		package c:d@0.2.1 { interface i { f: func(); } }
		package c:d@0.2.3 { interface i { f: func(); } }`, "")
	_, err := Encode(dummyModule(w), w, Options{CanonicalNames: true})
	const want = "`c:d/i@0.2.1` and `c:d/i@0.2.3` have the same canonical name `c:d/i@0.2`, so the world `a:b/w` can't be encoded with canonical names"
	if err == nil || err.Error() != want {
		t.Error(err)
	}
}

// TestTruncatedVersion decodes an interface whose version nobody can tell.
func TestTruncatedVersion(t *testing.T) {
	b := &component.Builder{}
	b.Add(&component.Type{Def: component.InstanceType{}})
	b.Add(&component.Import{Name: component.Named("a:b/c@0.2"), Type: &component.InstanceExtern{}})
	_, _, err := Decode(binary.Encode(b.Component()), component.AllFeatures)
	if err == nil || !strings.Contains(err.Error(), "the interface name `a:b/c@0.2` has a truncated version") {
		t.Error(err)
	}
}
