package bindgen

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/syntax/wittest"
)

// Bindings of random worlds are Go code that go vet has nothing to say about, natively and in a component.
func TestRandomWorlds(t *testing.T) {
	seed := testenv.Seed(t)
	dir := t.TempDir()
	edit(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.24\n")
	worlds := 0
	for i := range testenv.Number(t, testenv.Random, 4) {
		src := wittest.File(rand.New(rand.NewPCG(seed, uint64(i))))
		r, err := wit.ParseString("random.wit", src, wit.Options{AllFeatures: true, Gates: syntax.AllGates})
		if err != nil {
			continue // its exports need each other in a way that can't be
		}
		for _, p := range r.Packages {
			for w := range p.Worlds.Values() {
				gen := fmt.Sprintf("w%d/gen", worlds)
				err := WriteGuest(filepath.Join(dir, gen), w, Options{ImportPath: "example.com/app/" + gen}, IfAbsent)
				if err != nil {
					t.Fatalf("%v\n%s", err, wit.PrintWorld(w))
				}
				worlds++
			}
		}
	}
	t.Logf("%d worlds", worlds)
	run(t, dir, nil, "vet", "./...")
	run(t, dir, []string{"GOOS=wasip1", "GOARCH=wasm"}, "vet", "./...")
}
