package serve_test

import (
	"context"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/serve"
	"github.com/gondola-wasm/gondola/wasi"
)

// A component answers below a path of a Go program's own service, until an interrupt.
func ExampleNew() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	wasm, err := os.ReadFile("hello.wasm")
	if err != nil {
		log.Fatal(err)
	}
	// Contexts that end with the interrupt would end what is to come to its end.
	rt := gondola.NewRuntime(context.Background(), gondola.WithMaxMemory(256<<20))
	defer rt.Close(context.Background())
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		log.Fatal(err)
	}
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Stderr: os.Stderr})
	handler, err := serve.New(ctx, linker, host, comp, serve.Options{AccessLog: slog.Default()})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.Handle("/hello/", http.StripPrefix("/hello", handler))
	srv := serve.NewServer(mux, nil)
	srv.Addr = "127.0.0.1:8080"
	served := make(chan error, 1)
	go func() { served <- srv.ListenAndServe() }()
	select {
	case err := <-served:
		log.Println(err)
	case <-ctx.Done():
	}

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		log.Println("not all requests were answered:", err)
		srv.Close()
	}
	if err := handler.Shutdown(ctx); err != nil {
		log.Println("guests were still at work:", err)
	}
}
