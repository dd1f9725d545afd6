package fsys

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// A path leads through as many symbolic links as the limit says, whatever the system's own limit is.
func TestSymlinkHops(t *testing.T) {
	dir := scene(t)
	must(t, os.WriteFile(filepath.Join(dir, "f0"), nil, 0o644))
	must(t, os.Mkdir(filepath.Join(dir, "d0"), 0o755))
	must(t, os.WriteFile(filepath.Join(dir, "d0", "x"), nil, 0o644))
	for i := 1; i <= 101; i++ { // fi leads through i links to f0, and di to d0
		for _, name := range []string{"f", "d"} {
			must(t, os.Symlink(fmt.Sprint(name, i-1), filepath.Join(dir, fmt.Sprint(name, i))))
		}
	}
	eachBackend(t, func(t *testing.T, b backend) {
		for _, limit := range []int{-1, 0, 1, 7, DefaultHops, 100} {
			limits := testLimits
			limits.Hops = limit
			d := b.openWith(t, limits, dir, true)
			most := max(limit, 0)
			for _, path := range []string{"f%d", "d%d", "d%d/x", "d%d/."} {
				for hops, want := range map[int]error{most: nil, most + 1: Loop} {
					path := fmt.Sprintf(path, hops)
					if _, err := d.StatAt(ctx, true, path); err != want {
						t.Errorf("limit %d: stat %s: got %v, want %v", limit, path, err, want)
					}
					o, err := d.OpenAt(ctx, true, path, 0, Read)
					if err != want {
						t.Errorf("limit %d: open %s: got %v, want %v", limit, path, err, want)
					}
					if err == nil {
						o.Drop()
					}
				}
			}
		}
	})
}
