package gondola_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gondola-wasm/gondola"

// floors lists the rooms of the house, a floor a line: a room may import only
// rooms of floors above its own line. A folder inside a room belongs to it
// unless it is listed itself. ARCHITECTURE.md says what lives where.
//
// A failing row is a design question, not data to be adjusted.
const floors = `
internal/spec internal/testenv internal/leb128 internal/coro internal/transcode internal/gosource internal/names internal/trap internal/profile types
wit/syntax internal/corewasm internal/coredump internal/layout val
wit wit/wasiwit component internal/cabi
component/binary component/validate internal/wittypes
wat internal/plan componentize
bindgen internal/engine
internal/engine/wazero
gobuild preview1 .
wasi wasi/internal wasi/p2 wasi/p3 internal/wast
serve
cmd/gondola
examples internal/bench
`

// sameFloor lists the imports that are allowed although both ends share a
// floor, with the order that stands in for the floor.
var sameFloor = [][2]string{
	{"wit/wasiwit", "wit"}, // the embedded packages are read by the resolver
	{"val", "wit/syntax"},  // what is wrong in WAVE is shown as what is wrong in WIT
	{"wasi/p2", "wasi/internal"},
	{"wasi/p3", "wasi/internal"},
	{"wasi", "wasi/p2"},
	{"wasi", "wasi/p3"},
	{"wasi", "wasi/internal"},
}

// thirdParty lists which room may import which foreign module in shipped code.
// Tests may import go-cmp and go-internal, and wazero where they compare with
// it.
var thirdParty = map[string][]string{
	"internal/engine/wazero": {"github.com/tetratelabs/wazero", "golang.org/x/sys"},
	"cmd/gondola":            {"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/BurntSushi/toml"}, // pflag has cobra's flags
	"gobuild":                {"golang.org/x/sys"},
	"wasi/internal":          {"golang.org/x/sys"},
	"internal/bench":         {"github.com/tetratelabs/wazero"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func listPackages(t *testing.T) []goPackage {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}

// room is the listed room that a package of this module belongs to, and its
// floor.
func room(pkg string) (name string, floor int) {
	rel := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	if rel == "" {
		rel = "."
	}
	for dir := rel; dir != "." || rel == "."; dir = path.Dir(dir) {
		for i, line := range strings.Split(strings.TrimSpace(floors), "\n") {
			if slices.Contains(strings.Fields(line), dir) {
				return dir, i
			}
		}
		if dir == "." {
			break
		}
	}
	return rel, -1
}

func TestImportsPointDownwards(t *testing.T) {
	for _, p := range listPackages(t) {
		from, floor := room(p.ImportPath)
		if floor < 0 {
			t.Errorf("%s is in no room: list it in deps_test.go and ARCHITECTURE.md", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if imp == module || strings.HasPrefix(imp, module+"/") {
				checkRooms(t, p.ImportPath, imp, from, floor)
			} else if strings.Contains(strings.Split(imp, "/")[0], ".") {
				checkThirdParty(t, p.ImportPath, imp, from)
			}
		}
	}
}

func checkRooms(t *testing.T, pkg, imp, from string, floor int) {
	to, below := room(imp)
	if to == from || below < floor || slices.Contains(sameFloor, [2]string{from, to}) {
		return
	}
	t.Errorf("%s (floor %d) imports %s (floor %d): a room may import only rooms below it", pkg, floor, imp, below)
}

func checkThirdParty(t *testing.T, pkg, imp, from string) {
	for _, m := range thirdParty[from] {
		if imp == m || strings.HasPrefix(imp, m+"/") {
			return
		}
	}
	t.Errorf("%s imports %s, which %s may not", pkg, imp, from)
}
