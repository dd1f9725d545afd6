package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"syscall"

	"github.com/gondola-wasm/gondola/serve"
)

// listen serves until ctx ends, which end does, and then as long as it takes to end well.
func (s *serveFlags) listen(ctx context.Context, end func(), handler *serve.Handler, tlsConfig *tls.Config, log *slog.Logger, stderr *serve.Output) error {
	l, err := listenAt("--addr", s.addr)
	if err == nil && s.shutdownAddr != "" {
		var ending io.Closer
		if ending, err = shutdownListener(s.shutdownAddr, end, stderr); err == nil {
			defer ending.Close()
		} else {
			_ = l.Close()
		}
	}
	if err != nil {
		_ = handler.Shutdown(ctx) // nothing has begun
		return err
	}
	addr := l.Addr()
	if s.maxConnections > 0 {
		l = serve.LimitConnections(l, s.maxConnections)
	}
	srv := serve.NewServer(s.headers.on(handler), log)
	srv.MaxHeaderBytes = int(max(min(s.maxHeader, 1<<30), 1))
	serving, scheme := srv.Serve, "http"
	if srv.TLSConfig = tlsConfig; tlsConfig != nil {
		serving, scheme = func(l net.Listener) error { return srv.ServeTLS(l, "", "") }, "https"
	}
	served := make(chan error, 1)
	go func() { served <- serving(l) }()
	fmt.Fprintf(stderr, "Serving HTTP on %s://%s/\n", scheme, addr)
	select {
	case err = <-served: // before it was to end
		_ = handler.Shutdown(ctx)
		return err
	case <-ctx.Done():
	}
	return s.shutdown(context.WithoutCancel(ctx), srv, handler, stderr)
}

// tls is how connections are secured; nil is not at all.
func (s *serveFlags) tls() (*tls.Config, error) {
	switch {
	case s.tlsCert == "" && s.tlsKey == "":
		return nil, nil
	case s.tlsCert == "" || s.tlsKey == "":
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	cert, err := tls.LoadX509KeyPair(s.tlsCert, s.tlsKey)
	if err != nil {
		return nil, fmt.Errorf("--tls-cert %s --tls-key %s: %w", s.tlsCert, s.tlsKey, err)
	}
	return &tls.Config{Certificates: []tls.Certificate{cert}}, nil
}

// checkAddresses says what is wrong with addresses, before the guest is built and compiled,
// which may take minutes. It listens for no longer than that: who is let in before the
// service is ready would take it for ready.
func (s *serveFlags) checkAddresses() error {
	for _, flag := range [][2]string{{"--addr", s.addr}, {"--shutdown-addr", s.shutdownAddr}} {
		if flag[1] == "" && flag[0] != "--addr" {
			continue
		}
		l, err := listenAt(flag[0], flag[1])
		if err != nil {
			return err
		}
		_ = l.Close()
	}
	return nil
}

func listenAt(flag, addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, explainListen(err))
	}
	return l, nil
}

// explainListen says what an address should be like that can't be listened at.
func explainListen(err error) error {
	hint := ""
	switch _, badName := errors.AsType[*net.DNSError](err); {
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "something else listens there; --addr 127.0.0.1:0 takes any port that is free"
	case badName, errors.Is(err, syscall.EADDRNOTAVAIL):
		hint = "want an address of this machine, such as 127.0.0.1:8080, or :8080 for all that it has"
	default:
		if _, ok := errors.AsType[*net.AddrError](err); ok {
			hint = "want an address and a port, such as 127.0.0.1:8080"
		}
	}
	if hint == "" {
		return err
	}
	return fmt.Errorf("%w\n  hint: %s", err, hint)
}
