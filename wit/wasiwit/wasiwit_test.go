package wasiwit_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wit"
	"github.com/gondola-wasm/gondola/wit/syntax"
	"github.com/gondola-wasm/gondola/wit/wasiwit"
)

// parse reads a package with all WASI packages at hand.
func parse(t *testing.T, src string, options wit.Options) *wit.Resolve {
	t.Helper()
	options.Extra = []fs.FS{wasiwit.FS()}
	r, err := wit.ParseString("test.wit", src, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// releases are the versions of WASI, each with a world of everything, the variable of
// what was released, and figures that were counted there.
var releases = []struct {
	version, everything, variable string
	packages                      []string
	counts                        string
}{
	{
		wasiwit.Version.String(), "include wasi:cli/command@0.3.0; include wasi:http/middleware@0.3.0;", testenv.WASIWIT,
		[]string{"cli", "clocks", "filesystem", "http", "random", "sockets"},
		"6 packages, 26 interfaces, 9 resources, 130 functions, 30 async",
	},
	{
		wasiwit.Version02.String(), "include wasi:cli/command@0.2.12; include wasi:http/proxy@0.2.12;", testenv.WASIWIT02,
		[]string{"cli", "clocks", "filesystem", "http", "io", "random", "sockets"},
		"7 packages, 32 interfaces, 25 resources, 181 functions, 0 async",
	},
}

// forEachRelease calls f with everything of each release.
func forEachRelease(t *testing.T, f func(t *testing.T, r *wit.Resolve, counts string)) {
	for _, release := range releases {
		t.Run(release.version, func(t *testing.T) {
			f(t, parse(t, "package test:all; world all {"+release.everything+"}", wit.Options{AllFeatures: true}), release.counts)
		})
	}
}

func TestCounts(t *testing.T) { forEachRelease(t, testCounts) }

func testCounts(t *testing.T, r *wit.Resolve, want string) {
	interfaces, functions, async, resources := 0, 0, 0, 0
	for _, p := range r.Packages {
		for i := range p.Interfaces.Values() {
			interfaces++
			for f := range i.Functions.Values() {
				functions++
				if f.Async {
					async++
				}
			}
			for def := range i.Types.Values() {
				if _, ok := def.Kind.(*wit.Resource); ok {
					resources++
				}
			}
		}
	}
	got := fmt.Sprintf("%d packages, %d interfaces, %d resources, %d functions, %d async", len(r.Packages)-1, interfaces, resources, functions, async)
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCommandWorld(t *testing.T) {
	r := parse(t, "package a:b; world w { include wasi:cli/command@0.3.0; }", wit.Options{})
	w, err := r.SelectWorld(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for key := range w.Imports.Keys() {
		got = append(got, key.String())
	}
	// What a world includes comes after what it lists itself.
	want := strings.Fields(`
		wasi:cli/environment@0.3.0 wasi:cli/exit@0.3.0 wasi:cli/types@0.3.0
		wasi:cli/stdin@0.3.0 wasi:cli/stdout@0.3.0 wasi:cli/stderr@0.3.0
		wasi:cli/terminal-input@0.3.0 wasi:cli/terminal-output@0.3.0
		wasi:cli/terminal-stdin@0.3.0 wasi:cli/terminal-stdout@0.3.0 wasi:cli/terminal-stderr@0.3.0
		wasi:clocks/types@0.3.0 wasi:clocks/monotonic-clock@0.3.0 wasi:clocks/system-clock@0.3.0
		wasi:filesystem/types@0.3.0 wasi:filesystem/preopens@0.3.0
		wasi:sockets/types@0.3.0 wasi:sockets/ip-name-lookup@0.3.0
		wasi:random/random@0.3.0 wasi:random/insecure@0.3.0 wasi:random/insecure-seed@0.3.0`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAllDocumented(t *testing.T) { forEachRelease(t, testAllDocumented) }

func testAllDocumented(t *testing.T, r *wit.Resolve, _ string) {
	for _, p := range r.Packages {
		if p == r.Root {
			continue
		}
		for i := range p.Interfaces.Values() {
			check := func(name, docs string) {
				if docs == "" {
					t.Errorf("%s %s is not documented", i.IDString(), name)
				}
			}
			check("", i.Docs)
			for def := range i.Types.Values() {
				if def.Used() == nil {
					check(def.Name, def.Docs)
				}
			}
			for f := range i.Functions.Values() {
				check(f.Name, f.Docs)
			}
		}
	}
}

// TestSameAsReleased compares the embedded packages with the released ones, item by
// item, comments aside.
func TestSameAsReleased(t *testing.T) {
	for _, release := range releases {
		t.Run(release.version, func(t *testing.T) {
			dir := testenv.Path(t, release.variable)
			for _, pkg := range release.packages {
				testSameAsReleased(t, filepath.Join(dir, pkg), pkg, folderOf(pkg, release.version))
			}
		})
	}
}

func folderOf(pkg, version string) string {
	if version == wasiwit.Version.String() {
		return pkg
	}
	return pkg + "-" + version
}

func testSameAsReleased(t *testing.T, dir, pkg, folder string) {
	ours := items(t, wasiwit.FS(), folder)
	theirs := items(t, os.DirFS(dir), "wit")
	if len(ours) == 0 || len(ours) != len(theirs) {
		t.Errorf("%s: %d items, want %d", pkg, len(ours), len(theirs))
	}
	for name, item := range ours {
		if theirs[name] == nil || !syntax.SameItems([]syntax.Item{item}, []syntax.Item{theirs[name]}) {
			t.Errorf("%s/%s differs from the released one", pkg, name)
		}
	}
}

// items returns the interfaces and worlds of a folder by name.
func items(t *testing.T, fsys fs.FS, dir string) map[string]syntax.Item {
	found := map[string]syntax.Item{}
	files, err := fs.Glob(fsys, dir+"/*.wit")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	for _, name := range files {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		doc, perr := syntax.Parse(&syntax.File{Name: name, Src: string(src)}, 0)
		if perr != nil {
			t.Fatal(perr)
		}
		for _, item := range doc.Items {
			switch item := item.(type) {
			case *syntax.Interface:
				found[item.Name.Text] = item
			case *syntax.World:
				found[item.Name.Text] = item
			}
		}
	}
	return found
}
