package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"

	"github.com/gondola-wasm/gondola/serve"
)

// terminable is a context that ends at the first interrupt or SIGTERM, or by end. A
// second signal, or one after end, ends the process at once.
func terminable(parent context.Context) (ctx context.Context, end, stop func()) {
	parent, end = context.WithCancel(parent)
	ctx, stop = endedBySignal(parent, os.Interrupt, syscall.SIGTERM)
	return ctx, end, stop
}

// shutdownListener ends the service by end when somebody connects to an address, as
// wasmtime serve --shutdown-addr does. What comes over the connection does not matter.
func shutdownListener(addr string, end func(), say io.Writer) (io.Closer, error) {
	l, err := listenAt("--shutdown-addr", addr)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(say, "Listening for shutdown on tcp://%s/\n", l.Addr())
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return // closed: the service has ended without it
		}
		end()
		_ = conn.Close()
	}()
	return l, nil
}

// shutdown lets what goes on come to its end.
func (s *serveFlags) shutdown(ctx context.Context, srv *http.Server, handler *serve.Handler, stderr *serve.Output) error {
	ctx, cancel := withTimeout(ctx, s.shutdownTimeout)
	defer cancel()
	switch n := handler.Stats().Active; n {
	case 0:
	case 1:
		fmt.Fprintln(stderr, "Shutting down when 1 request is answered; an interrupt ends it at once")
	default:
		fmt.Fprintf(stderr, "Shutting down when %d requests are answered; an interrupt ends them at once\n", n)
	}
	err := srv.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("not all requests were answered within %v, which --shutdown-timeout allows", s.shutdownTimeout)
		_ = srv.Close() // which ends them
	}
	if herr := handler.Shutdown(ctx); herr != nil && err == nil {
		err = fmt.Errorf("guests were still at work after %v, which --shutdown-timeout allows", s.shutdownTimeout)
	}
	return err
}
