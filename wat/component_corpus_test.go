package wat

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestComponentCorpus compares our binaries of components with those of wasm-tools,
// in all scripts and texts of the folders that GONDOLA_WAST_CORPUS names. What
// differs is printed, and counted by kind; component_corpus.md says why.
func TestComponentCorpus(t *testing.T) {
	c := &componentCorpus{tool: testenv.Tool(t, testenv.WasmTools, "wasm-tools")}
	for _, folder := range filepath.SplitList(testenv.Path(t, testenv.WASTCorpus)) {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(path); ext == ".wast" || ext == ".wat" {
				t.Run(path, func(t *testing.T) { c.file(t, path) })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("components: %d are the same to the byte, %d apart from custom sections, %d differ; %d are refused by both, %d by us alone, %d by wasm-tools alone",
		c.same, c.sameCode, c.differ, c.bothRefuse, c.weRefuse, c.theyRefuse)
	if c.same == 0 {
		t.Error("no component was compared")
	}
}

type componentCorpus struct {
	tool                                                     string
	same, sameCode, differ, bothRefuse, weRefuse, theyRefuse int
}

func (c *componentCorpus) file(t *testing.T, path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script, err := ParseScript(filepath.Base(path), string(src))
	if err != nil {
		t.Fatal(err)
	}
	c.directives(t, script.Directives)
}

var definitionWord = regexp.MustCompile(`^\(component\s+definition\b`)

func (c *componentCorpus) directives(t *testing.T, ds []*Directive) {
	for _, d := range ds {
		c.directives(t, d.Body)
		if s := d.Source; s != nil && s.Component && s.Form != SourceBinary {
			text := definitionWord.ReplaceAllString(s.At.Text(), "(component")
			if s.Form == SourceQuote {
				text = "(component " + string(s.bytes) + ")"
			}
			got, err := s.Encode()
			c.compare(t, d, text, got, err)
		}
	}
}

func (c *componentCorpus) compare(t *testing.T, d *Directive, text string, got []byte, err error) {
	at := d.Source.At.Location()
	cmd := exec.Command(c.tool, "parse", "-")
	cmd.Env = append(os.Environ(), "WAST_STRICT_COMPONENT_INDICES=0")
	cmd.Stdin = bytes.NewReader([]byte(text))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	want, theirErr := cmd.Output()
	switch {
	case err != nil && theirErr != nil:
		c.bothRefuse++
	case err != nil:
		c.weRefuse++
		t.Errorf("line %d, %s: wasm-tools takes it, but\n%v", at.Line, d.Word, err)
	case theirErr != nil:
		c.theyRefuse++
		t.Errorf("line %d, %s: wasm-tools refuses it:\n%s", at.Line, d.Word, stderr.Bytes())
	case bytes.Equal(got, want):
		c.same++
	case bytes.Equal(withoutCustoms(t, got), withoutCustoms(t, want)):
		c.sameCode++
		t.Logf("line %d, %s: custom sections differ:\ngot  %x\nwant %x", at.Line, d.Word, got, want)
	default:
		c.differ++
		t.Errorf("line %d, %s: the binaries differ:\ngot  %x\nwant %x", at.Line, d.Word, got, want)
	}
}

// withoutCustoms takes all custom sections out of a component.
func withoutCustoms(t *testing.T, b []byte) []byte {
	m, err := binary.Decode(b)
	if err != nil {
		t.Errorf("what was parsed doesn't decode: %v", err)
		return b
	}
	removeCustoms(m)
	return binary.Encode(m)
}

func removeCustoms(m *component.Component) {
	var rest component.Component
	for d := range m.Definitions() {
		switch d := d.(type) {
		case *component.Custom:
			continue
		case *component.Component:
			removeCustoms(d)
		case *component.CoreModule:
			d.Bytes = withoutModuleCustoms(d.Bytes)
		}
		rest.Append(d)
	}
	*m = rest
}

func withoutModuleCustoms(b []byte) []byte {
	rest := bytes.Clone(b[:8])
	for pos := 8; pos < len(b); {
		size, body, err := leb128.U32(b, pos+1)
		end := body + int(size)
		if err != nil || end > len(b) {
			return append(rest, b[pos:]...)
		}
		if b[pos] != 0 {
			rest = append(rest, b[pos:end]...)
		}
		pos = end
	}
	return rest
}
