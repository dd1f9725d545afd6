package wit_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax/wittest"
)

// Random packages are read, printed and read again.
func TestRandomPackages(t *testing.T) {
	seed, refused := testenv.Seed(t), 0
	n := testenv.Number(t, testenv.Random, 300)
	for i := range n {
		src := wittest.File(rand.New(rand.NewPCG(seed, uint64(i))))
		r, err := wit.ParseString("random.wit", src, wit.Options{AllFeatures: true, Gates: allGates})
		if err != nil {
			refused++
			t.Logf("%d: %v", i, err)
			continue
		}
		checkPrint(t, "random.wit", r)
		if t.Failed() {
			t.Fatalf("package %d:\n%s", i, src)
		}
	}
	t.Logf("%d of %d packages were refused", refused, n)
	if refused > n/4 {
		t.Errorf("too many packages were refused")
	}
}

// Random packages with a few tokens changed are refused with an error, or are whole.
func TestRandomMutants(t *testing.T) {
	seed, accepted := testenv.Seed(t), 0
	n := testenv.Number(t, testenv.Random, 500)
	for i := range n {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		src := wittest.Mutate(r, wittest.File(r))
		resolve, err := wit.ParseString("random.wit", src, wit.Options{AllFeatures: i%2 == 0, Gates: allGates})
		if err != nil {
			if text := err.Error(); len(text) > 10000 || !strings.HasPrefix(text, "random.wit:") {
				t.Errorf("an error of %d bytes: %.1000s", len(text), text)
			}
			continue
		}
		accepted++
		checkPrint(t, "random.wit", resolve)
		if t.Failed() {
			t.Fatalf("package %d:\n%s", i, src)
		}
	}
	t.Logf("%d of %d mutants were accepted", accepted, n)
}
