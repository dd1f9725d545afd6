package corewasm

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// TestWasmToolsAgree damages modules of all proposals and compares what we say about
// them with what wasm-tools says. It takes the scripts' modules from the folder that
// GONDOLA_CORE_SPEC names, if it names one.
func TestWasmToolsAgree(t *testing.T) {
	tool := os.Getenv("GONDOLA_WASM_TOOLS")
	if tool == "" {
		testenv.Missing(t, "wasm-tools: GONDOLA_WASM_TOOLS names no binary")
	}
	rnd := rand.New(rand.NewPCG(testenv.Seed(t), 0))
	bases := differentialBases(t, rnd)
	if dir := os.Getenv("GONDOLA_CORE_SPEC"); dir != "" {
		bases = specModules(t, dir)
	}
	n := 200
	if v, err := strconv.Atoi(os.Getenv("GONDOLA_MUTANTS")); err == nil {
		n = v
	}
	file := filepath.Join(t.TempDir(), "mutant.wasm")
	valid, invalid := 0, 0
	for range n {
		bin := mutate(rnd, bases[rnd.IntN(len(bases))])
		if err := os.WriteFile(file, bin, 0o644); err != nil {
			t.Fatal(err)
		}
		_, ours := verdict(bin)
		out, theirs := exec.Command(tool, "validate", "--features", "custom-page-sizes,wide-arithmetic", file).CombinedOutput()
		switch {
		case strings.Contains(string(out), "stack switching feature"): // whose types we check
		case (ours == nil) != (theirs == nil):
			t.Errorf("%x\nwe say: %v\nwasm-tools says: %s", bin, ours, strings.Join(strings.Fields(string(out)), " "))
		case ours == nil:
			valid++
		default:
			invalid++
		}
	}
	t.Logf("%d valid, %d not", valid, invalid)
}

// specModules are the small binaries below a folder.
func specModules(t *testing.T, dir string) (bins [][]byte) {
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".wasm") {
			return err
		}
		bin, err := os.ReadFile(path)
		if len(bin) > 8 && len(bin) < 2000 {
			bins = append(bins, bin)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bins
}
