package wat

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
)

// TestComponents prints what was parsed, with all abbreviations expanded, which
// must come back from its text.
func TestComponents(t *testing.T) {
	goldens(t, "component-*.txtar", func(name, src string) string {
		b, err := Parse(name, []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, name, b)
		var text bytes.Buffer
		if err := Print(&text, b); err != nil {
			t.Fatal(err)
		}
		return text.String()
	})
}

// TestComponentErrors parses faulty components, one a paragraph.
func TestComponentErrors(t *testing.T) {
	goldens(t, "componenterror-*.txtar", func(name, src string) string {
		var b strings.Builder
		for one := range strings.SplitSeq(strings.TrimSpace(src), "\n\n") {
			if _, err := Parse(name, []byte(one)); err != nil {
				fmt.Fprintf(&b, "%v\n\n", err)
			} else {
				fmt.Fprintf(&b, "%s\nis no error\n\n", one)
			}
		}
		return b.String()
	})
}

// Each canonical definition stands in a golden, in both forms.
func TestAllCanonicalDefinitionsAreTested(t *testing.T) {
	text, err := os.ReadFile("testdata/component-canon.txtar")
	if err != nil {
		t.Fatal(err)
	}
	in, _, _ := strings.Cut(string(text), "-- want --")
	for word, op := range canonOps {
		if word != op.String() {
			continue
		}
		if !strings.Contains(in, "\n  (canon "+word) || op != component.CanonLift && !strings.Contains(in, "(core func $"+word+" (canon "+word) {
			t.Errorf("`canon %s` is missing in one of its forms", word)
		}
	}
}
