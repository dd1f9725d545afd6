package serve

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/wasi"
)

// What a request costs without the network.
func BenchmarkHello(b *testing.B) {
	for _, isolation := range []Isolation{IsolationConcurrent, IsolationInstance, IsolationRequest} {
		b.Run(isolation.String(), func(b *testing.B) {
			benchmarkHello(b, example(b, "hello-http"), Options{Isolation: isolation}, len("Hello, world!\n"))
		})
	}
}

// The same with a guest in Rust, one of Wasmtime's, where nearly all is the host's.
func BenchmarkHelloRust(b *testing.B) {
	wasm, err := os.ReadFile(filepath.Join(testenv.Path(b, "GONDOLA_WASMTIME_PROGRAMS"), "p3_cli_serve_hello_world.wasm"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := guests.rt.Compile(b.Context(), wasm)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkHello(b, c, Options{}, len("Hello, WASI!"))
}

func benchmarkHello(b *testing.B, c *gondola.Component, opts Options, length int) {
	h := handlerOf(b, c, wasi.Config{}, opts)
	ctx, cancel := context.WithCancel(b.Context()) // as net/http has one
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "http://example.com/", nil)
	w := &nowhere{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if w.n != length {
		b.Errorf("%d bytes", w.n)
	}
}

// nowhere takes a response.
type nowhere struct {
	header http.Header
	n      int
}

func (w *nowhere) Header() http.Header         { clear(w.header); return w.header }
func (w *nowhere) WriteHeader(int)             { w.n = 0 }
func (w *nowhere) Write(b []byte) (int, error) { w.n += len(b); return len(b), nil }
func (w *nowhere) FlushError() error           { return nil }
func (w *nowhere) EnableFullDuplex() error     { return nil }
