package wasi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// BenchmarkHandleHTTP is a request to examples/hello-http and its response, without
// a network: what a guest and its host cost beside net/http.
func BenchmarkHandleHTTP(b *testing.B) {
	ctx := context.Background()
	wasm, err := gobuild.Component(ctx, gobuild.ComponentOptions{
		Options: gobuild.Options{Dir: filepath.Join("..", "examples", "hello-http"), Stderr: os.Stderr},
	})
	if err != nil {
		b.Fatal(err)
	}
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		b.Fatal(err)
	}
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Stdout: os.Stderr, Stderr: os.Stderr})
	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		b.Fatal(err)
	}
	defer inst.Close(ctx)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("User-Agent", "benchmark")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.ReportAllocs()
	for b.Loop() {
		w := &discarding{header: http.Header{}}
		if err := host.HandleHTTP(ctx, inst, w, r); err != nil || w.written != len("Hello, world!\n") {
			b.Fatal(w.written, err)
		}
	}
}

// discarding is a ResponseWriter that keeps nothing.
type discarding struct {
	header  http.Header
	written int
}

func (w *discarding) Header() http.Header { return w.header }
func (w *discarding) WriteHeader(int)     {}
func (w *discarding) FlushError() error   { return nil }

func (w *discarding) Write(p []byte) (int, error) {
	w.written += len(p)
	return len(p), nil
}
