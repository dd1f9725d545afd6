package suite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola/wasi"
)

// noticer is testdata/noticer, built once for all tests.
var noticer = sync.OnceValues(func() ([]byte, error) { return buildGuest("noticer") })

// noticerLaunch is how testdata/noticer is run.
func noticerLaunch(t *testing.T) launch {
	wasm, err := noticer()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "noticer.wasm")
	if err := os.WriteFile(path, wasm, 0o644); err != nil {
		t.Fatal(err)
	}
	return launch{path: path, network: everything()}
}

// runNoticer returns the status that testdata/noticer ends with, and what it says.
func runNoticer(t *testing.T, l launcher, what launch) (int, string) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	what.dirs = []wasi.Dir{{Guest: "/", Host: t.TempDir()}}
	g, err := l.launch(ctx, what)
	if err != nil {
		t.Fatal(err)
	}
	status, _ := g.wait()
	return status, g.stderr.String()
}

// What wasi-testsuite does not notice, a guest of ours does.
func TestNoticer(t *testing.T) {
	whole := newInProcess(t)
	l := noticerLaunch(t)
	if status, said := runNoticer(t, whole, l); status != 0 {
		t.Fatalf("status %d with a host that is whole: %s", status, said)
	}
	for _, c := range controls() {
		if c.own == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			if status, said := runNoticer(t, whole.damagedBy(c.damage), l); status != 1 || !strings.HasPrefix(said, c.own+":") {
				t.Errorf("status %d, and it does not say %q but %s", status, c.own, said)
			}
		})
	}
}
