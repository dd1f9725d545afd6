package wat

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestComponentRoundTrips prints all components in the scripts and texts of the
// folders that GONDOLA_WAST_CORPUS names, and parses them again.
func TestComponentRoundTrips(t *testing.T) {
	n := 0
	for _, folder := range filepath.SplitList(testenv.Path(t, testenv.WASTCorpus)) {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); ext != ".wast" && ext != ".wat" {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			script, err := ParseScript(filepath.Base(path), string(src))
			if err != nil {
				return err
			}
			n += roundTripAll(t, script.Directives)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d components", n)
}

func roundTripAll(t *testing.T, ds []*Directive) (n int) {
	for _, d := range ds {
		n += roundTripAll(t, d.Body)
		if d.Source == nil || !d.Source.Component {
			continue
		}
		at := d.At.Location()
		where := fmt.Sprintf("%s:%d", at.File, at.Line)
		b, err := d.Source.Encode()
		if err != nil {
			continue
		}
		m, err := binary.Decode(b)
		if err != nil {
			if d.Source.Form != SourceBinary {
				t.Errorf("%s: what was parsed doesn't decode: %v", where, err)
			}
			continue
		}
		b = binary.Encode(normal(m))
		if isFaulty(d) && !canBePrinted(b) {
			t.Logf("%s: has no text", where)
			continue
		}
		roundTrip(t, where, b)
		n++
	}
	return n
}

// isFaulty reports whether a directive expects the bytes that it gives to be
// refused. Some of them have no text: malformed core modules, names with an attribute
// twice, start definitions with millions of results.
func isFaulty(d *Directive) bool {
	return d.Source.Form == SourceBinary && (d.Kind == DirectiveAssertMalformed || d.Kind == DirectiveAssertInvalid)
}

func canBePrinted(b []byte) bool {
	var text bytes.Buffer
	if err := Print(&text, b); err != nil {
		return false
	}
	_, err := Parse("printed.wat", text.Bytes())
	return err == nil
}

// normal is a component as the text format can say it: definitions of one kind in
// one section, names in their shortest form.
func normal(m *component.Component) *component.Component {
	var n component.Component
	for d := range m.Definitions() {
		switch d := d.(type) {
		case *component.Component:
			n.Append(normal(d))
			continue
		case *component.Import:
			d.Name = normalName(d.Name)
		case *component.Export:
			d.Name = normalName(d.Name)
		case *component.Instance:
			if exports, ok := d.Expr.(component.InlineExports); ok {
				for i := range exports {
					exports[i].Name = normalName(exports[i].Name)
				}
			}
		case *component.Type:
			switch t := d.Def.(type) {
			case component.ComponentType:
				normalDecls(t)
			case component.InstanceType:
				normalDecls(t)
			}
		}
		n.Append(d)
	}
	return &n
}

func normalDecls(ds []component.Declarator) {
	for _, d := range ds {
		switch d := d.(type) {
		case *component.Import:
			d.Name = normalName(d.Name)
		case *component.ExportDecl:
			d.Name = normalName(d.Name)
		case *component.Type:
			switch t := d.Def.(type) {
			case component.ComponentType:
				normalDecls(t)
			case component.InstanceType:
				normalDecls(t)
			}
		}
	}
}

func normalName(n component.ExternName) component.ExternName {
	if len(n.Attributes) == 0 {
		n.Form = component.NamePlain
	}
	return n
}

// roundTrip checks that a component comes back from its text, and that text again.
func roundTrip(t *testing.T, where string, b []byte) {
	t.Helper()
	var text, again bytes.Buffer
	if err := Print(&text, b); err != nil {
		t.Errorf("%s: %v\n%x", where, err, b)
		return
	}
	got, err := Parse("printed.wat", text.Bytes())
	if err != nil {
		t.Errorf("%s: what was printed doesn't parse: %v\n%s", where, err, &text)
		return
	}
	if !bytes.Equal(got, b) {
		t.Errorf("%s: comes back changed from\n%s\ngot  %x\nwant %x", where, &text, got, b)
		return
	}
	if err := Print(&again, got); err != nil || again.String() != text.String() {
		t.Errorf("%s: is printed another way (%v):\n%s", where, err, &again)
	}
}
