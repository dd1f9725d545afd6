package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// guests are components that are built and compiled once for all tests.
var guests struct {
	rt    *gondola.Runtime
	mu    sync.Mutex
	comps map[string]*gondola.Component
}

func TestMain(m *testing.M) {
	ctx := context.Background()
	guests.comps = map[string]*gondola.Component{}
	var opts []gondola.Option
	if dir, err := gobuild.CacheDir(); err == nil {
		opts = append(opts, gondola.WithCacheDir(filepath.Join(dir, "compiled")))
	}
	guests.rt = gondola.NewRuntime(ctx, opts...)
	code := m.Run()
	if err := guests.rt.Close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// example is the component of one of the examples.
func example(t testing.TB, name string) *gondola.Component {
	t.Helper()
	return goGuest(t, name, gobuild.Options{Dir: filepath.Join("..", "examples", name), Stderr: os.Stderr})
}

func goGuest(t testing.TB, name string, opts gobuild.Options) *gondola.Component {
	t.Helper()
	guests.mu.Lock()
	defer guests.mu.Unlock()
	if c := guests.comps[name]; c != nil {
		return c
	}
	wasm, err := gobuild.Component(context.Background(), gobuild.ComponentOptions{Options: opts})
	if err != nil {
		t.Fatal(err)
	}
	c, err := guests.rt.Compile(context.Background(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	guests.comps[name] = c
	return c
}

// handlerOf is a handler that is shut down at the end of the test.
func handlerOf(t testing.TB, c *gondola.Component, cfg wasi.Config, opts Options) *Handler {
	t.Helper()
	l := guests.rt.NewLinker()
	host := wasi.AddTo(l, cfg)
	if opts.Log == nil {
		opts.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	h, err := New(context.Background(), l, host, c, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// testGuest is testdata/guest.
func testGuest(t testing.TB, flags ...string) *gondola.Component {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"go.mod.txt": "go.mod", "main.go.txt": "main.go", "asks.go.txt": "asks.go", "wit/world.wit": "wit/world.wit"} {
		data, err := os.ReadFile(filepath.Join("testdata", "guest", filepath.FromSlash(from)))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(to))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return goGuest(t, fmt.Sprint("testdata/guest", flags), gobuild.Options{Dir: dir, Stderr: os.Stderr, Flags: flags})
}
