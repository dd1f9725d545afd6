package wat

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// componentSeeds are the texts of the goldens, whole and by paragraphs.
func componentSeeds(f testing.TB) (texts []string) {
	paths, err := filepath.Glob(filepath.Join("testdata", "component*.txtar"))
	if err != nil || len(paths) == 0 {
		f.Fatalf("no goldens: %v", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for paragraph := range strings.SplitSeq(string(a.Files[0].Data), "\n\n") {
			texts = append(texts, paragraph)
		}
		texts = append(texts, string(a.Files[0].Data))
	}
	return texts
}

// FuzzComponent parses texts: what parses must decode, and come back from its own
// text.
func FuzzComponent(f *testing.F) {
	for _, s := range componentSeeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkText(t, s) })
}

// checkText reports whether s parses.
func checkText(t *testing.T, s string) bool {
	b, err := Parse("fuzz.wat", []byte(s))
	if err != nil {
		if err.Error() == "" {
			t.Error("an empty message")
		}
		return false
	}
	if !strings.Contains(s, "binary") && isComponent(b) {
		if _, err := binary.Decode(b); err != nil {
			t.Fatalf("what was parsed doesn't decode: %v\n%s", err, s)
		}
		checkPrinted(t, b)
	}
	return true
}

// TestMutatedComponents parses texts in which tokens and forms were left out,
// doubled, and brought from elsewhere.
func TestMutatedComponents(t *testing.T) {
	r := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	var texts [][]string
	for _, s := range componentSeeds(t) {
		if words := words(s); len(words) > 0 {
			texts = append(texts, words)
		}
	}
	parsed := 0
	for range testenv.Number(t, testenv.Mutants, 3000) {
		s := slices.Clone(texts[r.IntN(len(texts))])
		for range 1 + r.IntN(4) {
			from := texts[r.IntN(len(texts))]
			s = mutate(r, s, from)
		}
		if checkText(t, strings.Join(s, " ")) {
			parsed++
		}
	}
	t.Logf("%d mutants parse", parsed)
}

// words are the tokens of a text.
func words(s string) (list []string) {
	tokens, err := lex(&syntax.File{Src: s})
	if err != nil {
		return nil
	}
	for _, t := range tokens[:len(tokens)-1] {
		list = append(list, s[t.start:t.end])
	}
	return list
}

// mutate replaces a token or form by one of another text, or leaves it out.
func mutate(r *rand.Rand, s, from []string) []string {
	if len(s) == 0 {
		return s
	}
	i, j := r.IntN(len(s)), r.IntN(len(from))
	end, bring := i+1, from[j:j+1]
	if r.IntN(2) == 0 {
		end = i + formLen(s[i:])
	}
	if r.IntN(2) == 0 {
		bring = from[j : j+formLen(from[j:])]
	}
	switch r.IntN(4) {
	case 0:
		bring = nil
	case 1:
		end = i
	}
	return slices.Concat(s[:i], bring, s[end:])
}

// formLen is the number of tokens of the form that s begins with.
func formLen(s []string) int {
	depth := 0
	for i, w := range s {
		switch {
		case w[0] == '(':
			depth++
		case w == ")":
			depth--
		}
		if depth <= 0 {
			return i + 1
		}
	}
	return len(s)
}

// FuzzPrintComponent prints binaries.
func FuzzPrintComponent(f *testing.F) {
	for _, s := range componentSeeds(f) {
		if b, err := Parse("seed.wat", []byte(s)); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if isComponent(b) {
			checkPrinted(t, b)
		}
	})
}

// checkPrinted checks that what decodes comes back from its text, but for what has no
// text.
func checkPrinted(t *testing.T, b []byte) {
	m, err := binary.Decode(b)
	if err != nil {
		return
	}
	want := binary.Encode(normal(m))
	var text bytes.Buffer
	if err := Print(&text, b); err != nil {
		return
	}
	got, err := Parse("printed.wat", text.Bytes())
	if err != nil {
		if !strings.Contains(err.Error(), "duplicate `") {
			t.Fatalf("%v\n%s", err, &text)
		}
		return
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s\ngot  %x\nwant %x", &text, got, want)
	}
}
