package corewasm_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wat"
)

// TestValidateGoldens shows what Validate says about modules in the text format, and
// ValidateWith where their names say with what.
func TestValidateGoldens(t *testing.T) {
	const file = "testdata/validate.txtar"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(want)
	out := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		name, ok := strings.CutSuffix(f.Name, ".wat")
		if !ok {
			continue
		}
		out.Files = append(out.Files, f, txtar.File{Name: name + ".txt", Data: []byte(judgement(t, name, f.Data))})
	}
	got := txtar.Format(out)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Error(diff)
	}
}

func judgement(t *testing.T, name string, text []byte) string {
	bin, err := wat.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	m, err := corewasm.Decode(bin)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	f := corewasm.Features{SharedThreads: strings.HasPrefix(name, "with shared threads")}
	if err := m.ValidateWith(f); err != nil {
		return err.Error() + "\n"
	}
	return ""
}
