package serve

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gondola-wasm/gondola/wasi"
)

// What a request costs without the network.
func BenchmarkHello(b *testing.B) {
	for _, isolation := range []Isolation{IsolationConcurrent, IsolationInstance, IsolationRequest} {
		b.Run(isolation.String(), func(b *testing.B) {
			h := handlerOf(b, example(b, "hello-http"), wasi.Config{}, Options{Isolation: isolation})
			r := httptest.NewRequest("GET", "http://example.com/", nil)
			w := &nowhere{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
			if w.n != 14 {
				b.Errorf("%d bytes", w.n)
			}
		})
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
