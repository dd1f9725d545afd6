package syntax_test

import (
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/syntax/wittest"
)

// checkFormat formats a file and demands that it says the same afterwards, has lost no
// comment, and is stable.
func checkFormat(t *testing.T, name, src string, gates syntax.Gates) {
	t.Helper()
	file := &syntax.File{Name: name, Src: src}
	before, err := syntax.Parse(file, gates)
	if err != nil {
		return
	}
	out, err := syntax.Format(file, gates)
	if err != nil {
		t.Fatal(err)
	}
	formatted := &syntax.File{Name: name, Src: out}
	after, err := syntax.Parse(formatted, gates)
	if err != nil {
		t.Errorf("%s doesn't parse when formatted: %v\n%s", name, err, out)
		return
	}
	if !syntax.Same(before, after) {
		t.Errorf("%s says something else when formatted:\n%s", name, out)
	}
	if a, b := comments(t, file), comments(t, formatted); a != b {
		t.Errorf("%s has other comments when formatted:\n%s\n--- before:\n%s", name, b, a)
	}
	again, err := syntax.Format(formatted, gates)
	if err != nil {
		t.Fatal(err)
	}
	if again != out {
		t.Errorf("%s changes when formatted twice:\n%s\n--- at first:\n%s", name, again, out)
	}
}

func comments(t *testing.T, file *syntax.File) string {
	tokens, err := syntax.Lex(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, tok := range tokens {
		if tok.Kind == syntax.Comment {
			list = append(list, strings.TrimRight(file.Src[tok.Start:tok.End], " \t\r"))
		}
	}
	return strings.Join(list, "\n")
}

func TestFormatCorpus(t *testing.T) {
	dir := testenv.Path(t, testenv.WITUI)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".wit" || d.IsDir() {
			return err
		}
		src, err := os.ReadFile(path)
		checkFormat(t, path, string(src), syntax.AllGates)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var update = flag.Bool("update", false, "rewrite what the goldens expect")

func TestFormatGolden(t *testing.T) {
	const name = "testdata/format.txt"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(data), "### in\n")
	rewritten := cases[0]
	for i, c := range cases[1:] {
		in, want, ok := strings.Cut(c, "### out\n")
		if !ok {
			t.Fatalf("case %d has no result", i)
		}
		got, err := syntax.Format(&syntax.File{Name: "in.wit", Src: in}, syntax.AllGates)
		if err != nil {
			t.Fatal(err)
		}
		if got != want && !*update {
			t.Errorf("case %d (-want +got):\n%s", i, cmp.Diff(want, got))
		}
		checkFormat(t, "in.wit", in, syntax.AllGates)
		rewritten += "### in\n" + in + "### out\n" + got
	}
	if *update && rewritten != string(data) {
		if err := os.WriteFile(name, []byte(rewritten), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFormatFault(t *testing.T) {
	if out, err := syntax.Format(&syntax.File{Name: "x.wit", Src: "interface"}, 0); err == nil || out != "" {
		t.Errorf("Format takes a broken text: %q", out)
	}
}

// Many comments in a row cost no more than as many elsewhere.
func TestFormatComments(t *testing.T) {
	src := "package a:b;\n" + strings.Repeat("//\n", 1<<18) + "interface i {}\n"
	out, err := syntax.Format(&syntax.File{Name: "x.wit", Src: src}, 0)
	if err != nil || strings.Count(out, "//\n") != 1<<18 {
		t.Error(err)
	}
}

// FuzzParseWIT checks that what parses still says the same when it is formatted.
func FuzzParseWIT(f *testing.F) {
	data, err := os.ReadFile("testdata/format.txt")
	if err != nil {
		f.Fatal(err)
	}
	for c := range strings.SplitSeq(string(data), "###") {
		_, src, _ := strings.Cut(c, "\n")
		f.Add(src)
	}
	for i := range uint64(10) {
		f.Add(wittest.File(rand.New(rand.NewPCG(0, i))))
	}
	archives, _ := filepath.Glob("../testdata/*.txtar")
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range a.Files {
			f.Add(string(file.Data))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		checkFormat(t, "fuzz.wit", src, syntax.AllGates)
	})
}

// Random files say the same when they are formatted.
func TestFormatRandom(t *testing.T) {
	seed := testenv.Seed(t)
	for i := range testenv.Number(t, testenv.Random, 300) {
		src := wittest.File(rand.New(rand.NewPCG(seed, uint64(i))))
		if _, err := syntax.Parse(&syntax.File{Name: "random.wit", Src: src}, syntax.AllGates); err != nil {
			t.Fatalf("file %d: %v", i, err)
		}
		checkFormat(t, "random.wit", src, syntax.AllGates)
		mutant := wittest.Mutate(rand.New(rand.NewPCG(seed, uint64(i))), src)
		if checkFormat(t, "mutant.wit", mutant, syntax.AllGates); t.Failed() {
			t.Fatalf("file %d:\n%s", i, mutant)
		}
	}
}
