package corewasm

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// verdicts counts what validation says about the modules of scripts.
type verdicts struct {
	valid, invalid, malformed int // judged rightly
	text                      int // only there as text
	overtaken                 int // demands that a newer version lifted
}

// judge validates every module of a script in the JSON form.
func (v *verdicts) judge(t *testing.T, file string) {
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var s script
	if err := json.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	for _, c := range s.Commands {
		v.command(t, file, c)
	}
}

func (v *verdicts) command(t *testing.T, file string, c command) {
	switch c.Type {
	case "module", "module_definition", "assert_uninstantiable", "assert_unlinkable", "assert_trap", "assert_invalid", "assert_malformed":
	default:
		return
	}
	if c.Filename == "" {
		return
	}
	if c.ModuleType == "text" || strings.HasSuffix(c.Filename, ".wat") {
		v.text++
		return
	}
	bin, err := os.ReadFile(filepath.Join(filepath.Dir(file), c.Filename))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Decode(bin)
	if err == nil {
		err = m.Validate()
	}
	bad := c.Type == "assert_invalid" || c.Type == "assert_malformed"
	switch {
	case !bad && err != nil:
		t.Errorf("%s:%d: %s is refused: %v", file, c.Line, c.Filename, err)
	case !bad:
		v.valid++
	case err == nil && overtaken(file, c):
		v.overtaken++
	case err == nil:
		t.Errorf("%s:%d: %s is accepted; it should be refused: %s", file, c.Line, c.Filename, c.Text)
	case c.Type == "assert_invalid":
		v.invalid++
		logMessage(t, c, err)
	default:
		v.malformed++
	}
}

// logMessage shows what is said beside what the reference interpreter says.
func logMessage(t *testing.T, c command, err error) {
	if testing.Verbose() {
		t.Logf("%s: %v", c.Text, err)
	}
}

// TestSpecificationVerdicts: what the specification's scripts call invalid or
// malformed is refused, everything else is accepted.
func TestSpecificationVerdicts(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: nothing to find for the race detector")
	}
	files, err := filepath.Glob(filepath.Join(corpusDir(t), "*", "testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v verdicts
	for _, file := range files {
		v.judge(t, file)
	}
	t.Logf("%+v", v)
	if v.valid < 2800 || v.invalid < 3500 || v.malformed < 1300 {
		t.Error("the corpus is not what it was")
	}
}

// TestNewestSpecificationVerdicts does the same with scripts in the folder that
// GONDOLA_CORE_SPEC names, in the JSON form that wasm-tools json-from-wast writes.
func TestNewestSpecificationVerdicts(t *testing.T) {
	dir := os.Getenv("GONDOLA_CORE_SPEC")
	if dir == "" {
		t.Skip("GONDOLA_CORE_SPEC names no folder of scripts; see CONTRIBUTING.md")
	}
	var v verdicts
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".json") {
			v.judge(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", v)
}

// overtakenDemands are what versions 1 and 2 call wrong and version 3 does not, by what
// the script says and what the end of its path matches.
var overtakenDemands = []struct{ text, path string }{
	// Memory indices, where there had to be a zero byte, and a bit for them.
	{"zero byte expected", "*/*.json"},
	{"zero flag expected", "v1/*.json"},
	{"malformed memop flags", "*/*.json"},
	{"multiple memories", "*/*.json"},
	{"multiple tables", "*/*.json"},
	// 64-bit offsets.
	{"integer representation too long", "v1/binary-leb128.json"},
	{"integer representation too long", "v2/binary-leb128.json"},
	// Several results.
	{"invalid result arity", "v1/*.json"},
	// Globals that the module defines, in constant expressions.
	{"unknown global", "v2/*.json"},
	// Labels of different types, which code that can't be reached satisfies.
	{"type mismatch", "v1/unreached-invalid.json"},
	// A type that refers to itself, which stands for a recursion group.
	{"unknown type", "typed-function-references/type-equivalence.json"},
}

func overtaken(file string, c command) bool {
	dir := filepath.Base(strings.TrimSuffix(filepath.Dir(file), "/testdata"))
	for _, d := range overtakenDemands {
		if ok, err := path.Match(d.path, dir+"/"+filepath.Base(file)); c.Text == d.text && err == nil && ok {
			return true
		}
	}
	return false
}
