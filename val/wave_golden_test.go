package val_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/wittypes"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

var update = flag.Bool("update", false, "rewrite what the goldens expect")

// funcTypes are the functions of the interfaces in a WIT package, under every name
// that a call may give them.
func funcTypes(t *testing.T, name, src string) map[[2]string]*types.Func {
	t.Helper()
	r, err := wit.ParseString(name, src, wit.Options{Gates: syntax.AllGates})
	if err != nil {
		t.Fatal(err)
	}
	x := wittypes.New()
	funcs := map[[2]string]*types.Func{}
	pkg := r.Root.Name
	for _, face := range r.Root.Interfaces.All() {
		path := fmt.Sprintf("%s:%s/%s", pkg.Namespace, pkg.Name, face.Name)
		for _, f := range face.Functions.All() {
			for _, instance := range []string{"", face.Name, path, path + "@" + pkg.Version.String()} {
				funcs[[2]string{instance, f.Name}] = x.Func(f)
			}
		}
	}
	return funcs
}

// readCall is what a call means, with the names of its arguments.
func readCall(funcs map[[2]string]*types.Func, text string) (string, error) {
	c, err := val.ParseWAVECall("call", text)
	if err != nil {
		return "", err
	}
	f := funcs[[2]string{c.Instance, c.Func}]
	if f == nil {
		return "", c.Errorf("there is no function `%s` in `%s`", c.Func, c.Instance)
	}
	args, err := c.Args(f)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, a := range args {
		if err := val.Check(a, f.Params[i].Type, "arg"); err != nil {
			return "", fmt.Errorf("what was read has another type: %w", err)
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %s", f.Params[i].Name, a)
	}
	return fmt.Sprintf("%s(%s)", text[:strings.IndexByte(text, '(')], b.String()), nil
}

// TestWAVEGolden runs testdata/wave/*.txtar: calls of functions of a WIT package, one a
// file, and what they are read as.
func TestWAVEGolden(t *testing.T) {
	archives, err := filepath.Glob("testdata/wave/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runWAVEGolden(t, name) })
	}
}

func runWAVEGolden(t *testing.T, name string) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a := txtar.Parse(data)
	var out txtar.Archive
	out.Comment = a.Comment
	funcs := funcTypes(t, a.Files[0].Name, string(a.Files[0].Data))
	out.Files = append(out.Files, a.Files[0])
	var wants []string
	for _, f := range a.Files[1:] {
		if strings.HasSuffix(f.Name, ".want") {
			wants = append(wants, string(f.Data))
			continue
		}
		got, err := readCall(funcs, strings.TrimSuffix(string(f.Data), "\n"))
		if err != nil {
			got = "error: " + err.Error()
		}
		out.Files = append(out.Files, f, txtar.File{Name: f.Name + ".want", Data: []byte(got + "\n")})
	}
	after := txtar.Format(&out)
	if bytes.Equal(after, data) {
		return
	}
	if !*update {
		t.Errorf("(-want +got):\n%s", cmp.Diff(string(data), string(after)))
		return
	}
	if err := os.WriteFile(name, after, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestWAVECorpus reads the calls of wasm-wave's own tests. What is accepted there is
// printed here to the letter; what is rejected there is rejected here.
func TestWAVECorpus(t *testing.T) {
	dir := testenv.Path(t, testenv.WAVEUI)
	src, err := os.ReadFile(filepath.Join(dir, "ui.wit"))
	if err != nil {
		t.Fatal(err)
	}
	funcs := funcTypes(t, "ui.wit", string(src))
	files, err := filepath.Glob(filepath.Join(dir, "*.waves"))
	if err != nil {
		t.Fatal(err)
	}
	accepted, rejected := 0, 0
	for _, file := range files {
		base := filepath.Base(file)
		inputs, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(file, ".waves") + ".out")
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, input := range strings.Split(strings.TrimSuffix(strings.TrimSpace(string(inputs)), ";"), ";\n") {
			for strings.HasPrefix(input, "//") {
				comment, rest, _ := strings.Cut(input, "\n")
				out.WriteString(comment + "\n")
				input = rest
			}
			got, err := readCall(funcs, input)
			switch {
			case err != nil && strings.HasPrefix(base, "accept"):
				t.Errorf("%s: %q is rejected:\n%v", base, input, err)
			case err == nil && strings.HasPrefix(base, "reject"):
				t.Errorf("%s: %q is accepted as %s", base, input, got)
			case err != nil:
				rejected++
			default:
				accepted++
				out.WriteString(got + "\n")
			}
		}
		if strings.HasPrefix(base, "accept") {
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", base, diff)
			}
		}
	}
	t.Logf("%d accepted, %d rejected", accepted, rejected)
	if accepted != 62 || rejected != 137 {
		t.Errorf("%d accepted and %d rejected: expected 62 and 137", accepted, rejected)
	}
}
