package suite

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// TestFilesAsUnderWasmtime has a guest do things to files at random, here and under
// Wasmtime, and what it sees must be the same. Where Wasmtime is known to do otherwise
// the guest does not go: testdata/differential says where that is.
func TestFilesAsUnderWasmtime(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("what systems say of files differs, and the list of it is Linux's")
	}
	if underRace {
		t.Skip("the guest does one thing at a time: there is nothing to race, and much to compile slowly")
	}
	wasmtime := testenv.Path(t, testenv.Wasmtime)
	version, err := exec.Command(wasmtime, "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(version), "wasmtime 48.") {
		t.Skipf("what Wasmtime does is compared as of version 48, and this is %s", version)
	}
	seed, rounds := uint64(1), testenv.Number(t, testenv.Differential, 0)
	if rounds == 0 {
		rounds = 60
	} else {
		seed = testenv.Seed(t)
	}
	wasm, err := buildGuest("differential")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "differential.wasm")
	if err := os.WriteFile(path, wasm, 0o644); err != nil {
		t.Fatal(err)
	}
	p := newInProcess(t)
	for _, version := range []string{"0.3", "0.2"} {
		t.Run(version, func(t *testing.T) {
			args := []string{version, strconv.FormatUint(seed, 10), strconv.Itoa(rounds)}
			here, there := ran(t, p, path, args), ranThere(t, wasmtime, path, args)
			if here == there {
				return
			}
			here, there = firstDifference(here, there)
			t.Errorf("here, and under Wasmtime (-/+):\n%s", cmp.Diff(strings.Split(here, "\n"), strings.Split(there, "\n")))
		})
	}
}

// ran runs the component here, and returns what it prints.
func ran(t *testing.T, p *inProcess, path string, args []string) string {
	t.Helper()
	g, err := p.launch(t.Context(), launch{path: path, args: args, dirs: []wasi.Dir{{Guest: "/", Host: t.TempDir()}}})
	if err != nil {
		t.Fatal(err)
	}
	if status, err := g.wait(); status != 0 || err != nil {
		t.Fatalf("status %d, %v: %s", status, err, g.stderr.String())
	}
	return g.stdout.String()
}

// ranThere is ran under Wasmtime.
func ranThere(t *testing.T, wasmtime, path string, args []string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), wasmtime, append([]string{"run", "-Sp3", "-Wcomponent-model-async", "--dir", t.TempDir() + "::/", path}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	return string(out)
}

// firstDifference is the first sequence that differs, in both.
func firstDifference(here, there string) (string, string) {
	a, b := strings.SplitAfter(here, "\nround "), strings.SplitAfter(there, "\nround ")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return a[i], b[i]
		}
	}
	return here, there
}
