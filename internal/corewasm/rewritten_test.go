package corewasm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatIsRewrittenIsValid lowers and rewrites every valid module of the
// specification's scripts, with fuel and everything else, and validates what comes out.
func TestWhatIsRewrittenIsValid(t *testing.T) {
	if underRace {
		t.Skip("one goroutine: nothing to find for the race detector")
	}
	files, err := filepath.Glob(filepath.Join(corpusDir(t), "*", "testdata", "*.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	var bins [][]byte
	for _, file := range files {
		bin, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bins = append(bins, bin)
	}
	if dir := os.Getenv("GONDOLA_CORE_SPEC"); dir != "" {
		bins = append(bins, specModules(t, dir)...)
	}
	valid, refused := 0, 0
	for _, bin := range bins {
		m, err := verdict(bin)
		if err != nil {
			continue
		}
		switch err := rewrittenIsValid(m); {
		case err == nil:
			valid++
		case errors.As(err, new(*UnsupportedError)):
			refused++
		case strings.Contains(err.Error(), "has an empty module name"), strings.Contains(err.Error(), "more entries than the engine can give it"):
		default:
			t.Errorf("%x\n%v", bin, err)
		}
	}
	t.Logf("%d modules, %d refused by name", valid, refused)
	if valid < 2000 {
		t.Error("the corpus is not what it was")
	}
}

func rewrittenIsValid(m *Module) error {
	lowered, err := Lower(m, LowerOptions{Valid: true})
	if err != nil {
		return err
	}
	for _, p := range lowered.Parts {
		if err := p.Module.Validate(); err != nil {
			return err
		}
		o := fuelled(1)
		o.Valid = true
		rw, err := Rewrite(p.Module, o)
		if err != nil {
			return err
		}
		if _, err := verdict(rw.Wasm); err != nil {
			return err
		}
	}
	return nil
}
