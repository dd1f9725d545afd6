package wat

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/leb128"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestCoreCorpus compares our binaries of core modules with those of wasm-tools, in
// all scripts and texts of the folders that GONDOLA_WAST_CORPUS names: every section
// byte for byte, custom sections other than names left out. What wasm-tools finds
// malformed must be an error here as well. What is parsed is printed, and parsed again.
func TestCoreCorpus(t *testing.T) {
	folders := filepath.SplitList(testenv.Path(t, testenv.WASTCorpus))
	c := &corpus{unprintable: map[string]int{}, tool: testenv.Tool(t, testenv.WasmTools, "wasm-tools")}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			switch filepath.Ext(path) {
			case ".wast":
				t.Run(path, func(t *testing.T) { c.script(t, path) })
			case ".wat":
				t.Run(path, func(t *testing.T) { c.text(t, path) })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d modules are the same; %d are in scripts that wasm-tools can't read; %d malformed ones are refused; %d differ for a reason that deviations has; %d components left out",
		c.same, c.unseen, c.refused, c.deviating, c.components)
	t.Logf("%d modules are printed and parsed again; not printed: %v", c.printed, c.unprintable)
	if c.same == 0 {
		t.Error("no module was compared")
	}
}

// deviations are the files in which we differ from wasm-tools, and why.
var deviations = map[string]string{
	"custom-descriptors": "the custom descriptors proposal is not supported",
	"compact-imports":    "the compact import section proposal is not supported",
	"producers.wast":     "@producers is an annotation of wasm-tools' own; here it is one that nobody knows",

	"type-rec.wast":       "a type use takes the function type of a recursion group of one, as the specification says",
	"type-subtyping.wast": "a type use does not take a function type that is open, as the specification says",
	"gc-ref.wast":         "a type use takes a function type that spells a type index instead of its name",

	"cli/elem.wast":            "an if without then is malformed",
	"cli/invalid.wast":         "an else without if is malformed",
	"tail-call-after-end.wast": "an end without a block is malformed",

	"print-code-section-overflow.wat":  "parse doesn't look into a binary",
	"print-dont-reserve-the-world.wat": "parse doesn't look into a binary",
	"print-locals-overflow.wat":        "parse doesn't look into a binary",
	"print-memarg-too-big.wat":         "parse doesn't look into a binary",
}

func deviates(path string) bool {
	for name := range deviations {
		if strings.Contains(path, name) {
			return true
		}
	}
	return false
}

type corpus struct {
	tool                                         string
	same, unseen, refused, deviating, components int

	printed     int
	unprintable map[string]int // by the error
}

// command is an entry of what wasm-tools json-from-wast says.
type command struct {
	Type     string
	Line     int
	Filename string
	Commands []command
}

func (c *corpus) script(t *testing.T, path string) {
	dir := t.TempDir()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script, err := ParseScript(filepath.Base(path), string(src))
	if err != nil {
		t.Fatal(err)
	}
	sources := flattenSources(script.Directives)
	out, err := exec.Command(c.tool, "json-from-wast", path, "--wasm-dir", dir).Output()
	if err != nil { // it has what wasm-tools doesn't know, or not any more
		for _, d := range sources {
			c.alone(t, d)
		}
		return
	}
	var theirs struct{ Commands []command }
	if err := json.Unmarshal(out, &theirs); err != nil {
		t.Fatal(err)
	}
	files := flattenCommands(theirs.Commands)
	if len(sources) != len(files) {
		t.Fatalf("%d sources, wasm-tools finds %d", len(sources), len(files))
	}
	for i, d := range sources {
		c.source(t, d, files[i], dir)
	}
}

// alone checks a source of a script without wasm-tools: that it is as malformed as the
// script says.
func (c *corpus) alone(t *testing.T, d *Directive) {
	if d.Source.Component {
		c.components++
		return
	}
	where := fmt.Sprintf("%s:%d", d.Source.At.Location().File, d.Source.At.Location().Line)
	wasm, err := d.Source.Encode()
	malformed := d.Kind == DirectiveAssertMalformed && d.Source.Form == SourceQuote
	switch {
	case malformed && err == nil:
		c.differ(t, "%s: it is not refused", where)
	case malformed:
		c.refused++
	case err != nil:
		c.differ(t, "%s: %v", where, err)
	default:
		c.unseen++
		c.printAgain(t, where, wasm, d.Source.Form != SourceBinary)
	}
}

func flattenSources(ds []*Directive) (sources []*Directive) {
	for _, d := range ds {
		if d.Source != nil {
			sources = append(sources, d)
		}
		sources = append(sources, flattenSources(d.Body)...)
	}
	return sources
}

func flattenCommands(cs []command) (files []command) {
	for _, c := range cs {
		if c.Filename != "" {
			files = append(files, c)
		}
		files = append(files, flattenCommands(c.Commands)...)
	}
	return files
}

func (c *corpus) source(t *testing.T, d *Directive, theirs command, dir string) {
	if d.Source.Component {
		c.components++
		return
	}
	at := d.Source.At.Location()
	where := fmt.Sprintf("%s:%d", at.File, at.Line)
	got, err := d.Source.Encode()
	file := filepath.Join(dir, theirs.Filename)
	if strings.HasSuffix(file, ".wat") { // quoted
		parsed := file + ".wasm"
		if out, theirErr := exec.Command(c.tool, "parse", file, "-o", parsed).CombinedOutput(); theirErr != nil {
			if err == nil {
				c.differ(t, "%s: wasm-tools refuses it:\n%s", where, out)
				return
			}
			c.refused++
			return
		}
		file = parsed
	}
	want, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatal(readErr)
	}
	c.compare(t, where, got, err, want)
	if err == nil {
		c.printAgain(t, where, got, d.Source.Form != SourceBinary)
	}
}

func (c *corpus) text(t *testing.T, path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, theirErr := exec.Command(c.tool, "parse", path).Output()
	got, err := Parse(filepath.Base(path), src)
	if isComponent(want) || isComponent(got) {
		c.components++
		return
	}
	if theirErr != nil {
		if err == nil {
			c.differ(t, "wasm-tools refuses it")
			return
		}
		c.refused++
		return
	}
	c.compare(t, filepath.Base(path), got, err, want)
	if err == nil {
		c.printAgain(t, filepath.Base(path), got, !bytes.Contains(src, []byte("(module binary")))
	}
}

// differ fails the test, unless the file is among the deviations.
func (c *corpus) differ(t *testing.T, format string, args ...any) {
	t.Helper()
	if deviates(t.Name()) {
		c.deviating++
		return
	}
	t.Errorf(format, args...)
}

func (c *corpus) compare(t *testing.T, where string, got []byte, err error, want []byte) {
	if err != nil {
		c.differ(t, "%s: wasm-tools takes it, but\n%v", where, err)
		return
	}
	sections, names := splitSections(got)
	theirSections, theirNames := splitSections(want)
	switch {
	case sections != theirSections:
		c.differ(t, "%s:\ngot  %x\nwant %x", where, sections, theirSections)
	case names != theirNames:
		c.differ(t, "%s: names\ngot  %q\nwant %q", where, names, theirNames)
	default:
		c.same++
	}
}

// printAgain prints a binary and parses the text, which must give the same text again,
// and the same binary if that is canonical. Print refuses what Decode does.
func (c *corpus) printAgain(t *testing.T, where string, wasm []byte, canonical bool) {
	var text, again strings.Builder
	if err := Print(&text, wasm); err != nil {
		if canonical {
			c.unprintable[err.Error()]++
		}
		return
	}
	parsed, err := Parse(where, []byte(text.String()))
	if err != nil {
		t.Errorf("%s: what is printed can't be parsed:\n%v", where, err)
		return
	}
	if canonical && !bytes.Equal(parsed, wasm) {
		t.Errorf("%s: what is printed is another module:\ngot  %x\nwant %x\n%s", where, parsed, wasm, text.String())
		return
	}
	if err := Print(&again, parsed); err != nil || again.String() != text.String() {
		t.Errorf("%s: printed again, it is another text: %v", where, err)
	}
	c.printed++
}

// splitSections takes a module's custom sections off, and gives its name section.
func splitSections(b []byte) (rest, names string) {
	if len(b) < 8 {
		return string(b), ""
	}
	rest = string(b[:8])
	for pos := 8; pos < len(b); {
		size, body, err := leb128.U32(b, pos+1)
		end := body + int(size)
		if err != nil || end > len(b) {
			return rest + string(b[pos:]), names
		}
		switch {
		case b[pos] != 0:
			rest += string(b[pos:end])
		case bytes.HasPrefix(b[body:end], []byte("\x04name")):
			names = string(b[body:end])
		}
		pos = end
	}
	return rest, names
}
