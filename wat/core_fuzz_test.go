package wat

import (
	"bytes"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzParse gives texts of all kinds to Parse. It must not panic, nor use memory out of
// proportion to the text. What it gives is printed, which must be parsed to the same
// binary, and printed to the same text again.
func FuzzParse(f *testing.F) {
	for _, src := range fuzzSeeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		before := allocated()
		wasm, err := Parse("fuzz.wat", []byte(src))
		if used, most := allocated()-before, 1<<20+500*uint64(len(src)); used > most {
			t.Fatalf("%d bytes for a text of %d", used, len(src))
		}
		if err != nil {
			return
		}
		var text, again strings.Builder
		before = allocated()
		err = Print(&text, wasm)
		if used, most := allocated()-before, 1<<21+3000*uint64(len(wasm)); used > most {
			t.Fatalf("%d bytes to print a binary of %d", used, len(wasm))
		}
		if err != nil {
			return // it can't be decoded: a limit, or a binary in strings
		}
		parsed, err := Parse("printed.wat", []byte(text.String()))
		if err != nil {
			t.Fatalf("what is printed can't be parsed: %v\n%s", err, text.String())
		}
		if !strings.Contains(src, "binary") && !bytes.Equal(parsed, wasm) {
			t.Fatalf("what is printed is another binary:\ngot  %x\nwant %x\n%s", parsed, wasm, text.String())
		}
		if err := Print(&again, parsed); err != nil || again.String() != text.String() {
			t.Fatalf("printed again, it is another text: %v\n%s\n%s", err, text.String(), again.String())
		}
	})
}

// allocated is how many bytes have been allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// fuzzSeeds are the texts of the goldens, faulty ones too, and one per kind of operands.
func fuzzSeeds(f *testing.F) (seeds []string) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatalf("no goldens: %v", err)
	}
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for text := range strings.SplitSeq(string(a.Files[0].Data), "\n----\n") {
			seeds = append(seeds, text)
		}
	}
	return seeds
}

// FuzzPrintModule gives binaries of core modules to Print. What it prints must be parsed, and
// printed to the same text again.
func FuzzPrintModule(f *testing.F) {
	for _, src := range fuzzSeeds(f) {
		if wasm, err := Parse("seed.wat", []byte(src)); err == nil && !isComponent(wasm) {
			f.Add(wasm)
		}
	}
	f.Fuzz(func(t *testing.T, wasm []byte) {
		var text, again strings.Builder
		before := allocated()
		err := Print(&text, wasm)
		if used, most := allocated()-before, 1<<21+3000*uint64(len(wasm)); used > most {
			t.Fatalf("%d bytes to print a binary of %d", used, len(wasm))
		}
		if err != nil || isComponent(wasm) {
			return
		}
		parsed, err := Parse("printed.wat", []byte(text.String()))
		if err != nil {
			t.Fatalf("what is printed can't be parsed: %v\n%s", err, text.String())
		}
		if err := Print(&again, parsed); err != nil || again.String() != text.String() {
			t.Fatalf("printed again, it is another text: %v\n%s\n%s", err, text.String(), again.String())
		}
	})
}
