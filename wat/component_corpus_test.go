package wat

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestComponentCorpus compares our binaries of components with those of wasm-tools,
// in all scripts and texts of the folders that GONDOLA_WAST_CORPUS names: byte for
// byte, names included. Our texts of these binaries must give wasm-tools the same
// ones again. What differs must have its reason in componentDeviations.
func TestComponentCorpus(t *testing.T) {
	c := &componentCorpus{tool: testenv.Tool(t, testenv.WasmTools, "wasm-tools"), deviating: map[string]int{}}
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
	t.Logf("%d components are the same to the byte, %d of them after printing too; both refuse %d", c.same, c.printed, c.refused)
	for reason, n := range c.deviating {
		t.Logf("%4d differ: %s", n, reason)
	}
	if c.same == 0 {
		t.Error("no component was compared")
	}
}

// deviation is why we differ from wasm-tools in what a file holds, where an error
// message has a certain text.
type deviation struct{ file, text, reason string }

// componentDeviations are ordered: the first one that fits counts.
var componentDeviations = []deviation{
	{"", "`cancellable` option is no longer supported", "newer versions of wasm-tools refuse `cancellable`"},
	{"", "there is no canonical option `gc`", "a canonical ABI for garbage collection, which the specification doesn't have"},
	{"", "unexpected token `(core-type`", "a canonical ABI for garbage collection, which the specification doesn't have"},
	{"canon-names.wast", "(versionsuffix", "newer versions of wasm-tools don't know `versionsuffix`"},
	{"component-model/types.wast", "unknown", "newer versions of wasm-tools take identifiers that are defined later"},
	{"values/start.wast", "more than one start function", "the specification allows several start definitions"},
	{"values/start.wast", "names", "wasm-tools doesn't keep the identifiers of a start definition's results"},
	{"values/", "", "wasm-tools writes the types of imported values without the byte that Binary.md has for their bound"},
	{"value-not-enabled.wast", "", "wasm-tools writes the types of imported values without the byte that Binary.md has for their bound"},
	{"legacy-indices.wast", "", "wasm-tools writes `thread.spawn-*` without the byte that Binary.md has for `shared`"},
	{"shared-everything-threads", "", "wasm-tools writes `thread.spawn-*` without the byte that Binary.md has for `shared`"},
	{"fixed_length_lists.wast", "names", "@producers is an annotation of wasm-tools' own"},
}

type componentCorpus struct {
	tool                   string
	same, printed, refused int
	deviating              map[string]int
}

// differ reports a difference, unless there is a reason for it.
func (c *componentCorpus) differ(t *testing.T, path, format string, args ...any) {
	t.Helper()
	text := fmt.Sprintf(format, args...)
	for _, d := range componentDeviations {
		if strings.Contains(path, d.file) && strings.Contains(text, d.text) {
			c.deviating[d.reason]++
			return
		}
	}
	t.Error(text)
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
	c.directives(t, path, script.Directives)
}

var definitionWord = regexp.MustCompile(`^\(component\s+definition\b`)

func (c *componentCorpus) directives(t *testing.T, path string, ds []*Directive) {
	for _, d := range ds {
		c.directives(t, path, d.Body)
		if s := d.Source; s != nil && s.Component && s.Form != SourceBinary {
			text := definitionWord.ReplaceAllString(s.At.Text(), "(component")
			if s.Form == SourceQuote {
				text = "(component " + string(s.bytes) + ")"
			}
			c.compare(t, path, d, text)
		}
	}
}

func (c *componentCorpus) compare(t *testing.T, path string, d *Directive, text string) {
	where := fmt.Sprintf("line %d, %s", d.Source.At.Location().Line, d.Word)
	got, err := d.Source.Encode()
	want, theirErr := c.parse([]byte(text))
	switch {
	case err != nil && theirErr != nil:
		c.refused++
	case err != nil:
		c.differ(t, path, "%s: wasm-tools takes it, but\n%v", where, err)
	case theirErr != nil:
		c.differ(t, path, "%s: wasm-tools refuses it:\n%v", where, theirErr)
	case bytes.Equal(got, want):
		c.same++
		c.print(t, where, got)
	case bytes.Equal(withoutCustoms(t, got), withoutCustoms(t, want)):
		c.differ(t, path, "%s: names or other custom sections differ:\ngot  %x\nwant %x", where, got, want)
	default:
		c.differ(t, path, "%s: the binaries differ:\ngot  %x\nwant %x", where, got, want)
	}
}

// print checks that wasm-tools understands our text of a binary.
func (c *componentCorpus) print(t *testing.T, where string, want []byte) {
	var text bytes.Buffer
	if err := Print(&text, want); err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	got, err := c.parse(text.Bytes())
	switch {
	case err != nil:
		t.Errorf("%s: wasm-tools doesn't take our text:\n%v\n%s", where, err, &text)
	case !bytes.Equal(withoutCustoms(t, got), withoutCustoms(t, want)):
		t.Errorf("%s: our text\n%s\ngives wasm-tools %x\nwant %x", where, &text, got, want)
	default:
		c.printed++
	}
}

// parse is what wasm-tools makes of a text.
func (c *componentCorpus) parse(text []byte) ([]byte, error) {
	cmd := exec.Command(c.tool, "parse", "-")
	cmd.Env = append(os.Environ(), "WAST_STRICT_COMPONENT_INDICES=0")
	cmd.Stdin = bytes.NewReader(text)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, &stderr)
	}
	return out, nil
}

// withoutCustoms takes all custom sections out of a component. One that doesn't
// decode stays as it is.
func withoutCustoms(t *testing.T, b []byte) []byte {
	m, err := binary.Decode(b)
	if err != nil {
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
