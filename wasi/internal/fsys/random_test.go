package fsys

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// Random paths through random trees: nothing leads out, and all ways to resolve
// them that the system has give the same.
func TestRandomPaths(t *testing.T) {
	seed := testenv.Seed(t)
	backends := hostBackends()
	rounds := uint64(12)
	if os.Getenv("GONDOLA_LONG") != "" {
		rounds = 600
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(seed, round))
		names := []string{"a", "b", "c", "d"}
		path := func(n int) string {
			var b strings.Builder
			for range 1 + r.IntN(n) {
				b.WriteString([]string{"a", "b", "c", "d", "a", "b", "c", "d", "..", "."}[r.IntN(10)])
				b.WriteString([]string{"/", "/", "/", "//"}[r.IntN(4)])
			}
			if r.IntN(3) > 0 {
				return strings.TrimRight(b.String(), "/")
			}
			return b.String()
		}
		type entry struct{ name, target string }
		var tree []entry
		for range 12 {
			e := entry{name: names[r.IntN(4)]}
			for range r.IntN(3) {
				e.name += "/" + names[r.IntN(4)]
			}
			switch r.IntN(5) {
			case 0:
				e.target = "file"
			case 1, 2:
				e.target = path(4)
				if r.IntN(10) == 0 {
					e.target = "/" + e.target
				}
			}
			tree = append(tree, e)
		}
		paths := make([]string, 60)
		for i := range paths {
			paths[i] = path(5)
		}
		results := make([]string, len(backends))
		for i, b := range backends {
			dir := scene(t)
			out := outside(t, dir)
			before := snapshot(t, out)
			for _, e := range tree {
				p := filepath.Join(dir, filepath.FromSlash(e.name))
				_ = os.MkdirAll(filepath.Dir(p), 0o755)
				switch e.target {
				case "":
					_ = os.Mkdir(p, 0o755)
				case "file":
					_ = os.WriteFile(p, []byte(e.name), 0o644)
				default:
					_ = os.Symlink(e.target, p)
				}
			}
			d := b.open(t, dir, false)
			results[i] = strings.Join(tryAll(d, paths), "\n")
			if after := snapshot(t, out); after != before {
				t.Fatalf("seed %d, round %d, %s: outside changed from\n%s to\n%s", seed, round, b.name, before, after)
			}
		}
		for i := 1; i < len(results); i++ {
			if results[i] != results[0] {
				t.Fatalf("seed %d, round %d, %v:\n%s", seed, round, tree, firstDifference(results[0], results[i]))
			}
		}
	}
}

func firstDifference(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range as {
		if as[i] != bs[i] {
			return as[i] + "\n" + bs[i]
		}
	}
	return ""
}

// tryAll tells what comes of looking at paths and then of changing what they lead
// to.
func tryAll(d *Descriptor, paths []string) (all []string) {
	say := func(op, path string, what any, err error) {
		if err != nil {
			what = err
		}
		all = append(all, fmt.Sprintf("%s %s: %v", op, path, what))
	}
	for _, p := range paths {
		for _, follow := range []bool{false, true} {
			st, err := d.StatAt(ctx, follow, p)
			say(fmt.Sprint("stat ", follow), p, typeNames[st.Type], err)
			f, err := d.OpenAt(ctx, follow, p, 0, Read)
			if err == nil {
				same, _ := d.MetadataHashAt(ctx, follow, p)
				say(fmt.Sprint("same ", follow), p, same == f.MetadataHash(), nil)
				f.Drop()
			}
			say(fmt.Sprint("open ", follow), p, "ok", err)
		}
		target, err := d.ReadLinkAt(ctx, p)
		say("readlink", p, target, err)
	}
	for i, p := range paths {
		q := paths[(i*7+3)%len(paths)]
		switch i % 8 {
		case 0:
			say("mkdir", p, "ok", d.CreateDirectoryAt(ctx, p))
		case 1:
			say("unlink", p, "ok", d.UnlinkFileAt(ctx, p))
		case 2:
			say("rename to "+q, p, "ok", d.RenameAt(ctx, p, d, q))
		case 3:
			say("link to "+q, p, "ok", d.LinkAt(ctx, false, p, d, q))
		case 4, 5:
			f, err := d.OpenAt(ctx, i%2 == 0, p, Create, Write)
			if err == nil {
				f.Drop()
			}
			say("create", p, "ok", err)
		case 6:
			say("symlink to "+q, p, "ok", d.SymlinkAt(ctx, q, p))
		case 7:
			say("rmdir", p, "ok", d.RemoveDirectoryAt(ctx, p))
		}
	}
	return all
}
