package wasi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// BenchmarkHandleHTTP is a request to a guest that says hello, and its response, without
// a network: what a guest and its host cost beside net/http. One guest is
// examples/hello-http, the other one of Wasmtime's, written in Rust, where nearly all is
// the host's.
func BenchmarkHandleHTTP(b *testing.B) {
	b.Run("go", func(b *testing.B) {
		wasm, err := gobuild.Component(b.Context(), gobuild.ComponentOptions{
			Options: gobuild.Options{Dir: filepath.Join("..", "examples", "hello-http"), Stderr: os.Stderr},
		})
		if err != nil {
			b.Fatal(err)
		}
		benchmarkHello(b, wasm, "Hello, world!\n")
	})
	b.Run("rust", func(b *testing.B) {
		wasm, err := os.ReadFile(filepath.Join(testenv.Path(b, "GONDOLA_WASMTIME_PROGRAMS"), "p3_cli_serve_hello_world.wasm"))
		if err != nil {
			b.Fatal(err)
		}
		benchmarkHello(b, wasm, "Hello, WASI!")
	})
}

// benchmarkHello sends requests to one instance, which answers with text.
func benchmarkHello(b *testing.B, wasm []byte, text string) {
	ctx := context.Background()
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
	w := &discarding{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		w.written = 0
		if err := host.HandleHTTP(ctx, inst, w, r); err != nil || w.written != len(text) {
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
