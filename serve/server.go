package serve

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// NewServer makes an HTTP server for h, without an address: HTTP/1, HTTP/2 over TLS and
// without, limits on what a client may do to it, [wasi.ConnContext], and no opinions on what
// a request means. It may be changed before it serves. Nil is [slog.Default].
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	if log == nil {
		log = slog.Default()
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		ConnContext:       wasi.ConnContext,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		// OPTIONS * is the component's to answer.
		DisableGeneralOptionsHandler: true,
	}
}

// LimitConnections makes a listener that has at most n connections of l open at a time,
// where n is at least 1; others wait to be accepted. To close it closes l.
func LimitConnections(l net.Listener, n int) net.Listener {
	closed := make(chan struct{})
	return &limitedListener{l, make(chan struct{}, n), closed, sync.OnceFunc(func() { close(closed) })}
}

type limitedListener struct {
	net.Listener
	open   chan struct{}
	closed chan struct{}
	end    func()
}

// Accept implements [net.Listener].
func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &limitedConn{Conn: c, end: sync.OnceFunc(func() { <-l.open })}, nil
}

// Close implements [net.Listener].
func (l *limitedListener) Close() error {
	l.end()
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	end func()
}

// NetConn is for [wasi.ConnContext].
func (c *limitedConn) NetConn() net.Conn { return c.Conn }

// CloseWrite lets net/http end a connection so that its last response arrives.
func (c *limitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Close implements [net.Conn].
func (c *limitedConn) Close() error {
	defer c.end()
	return c.Conn.Close()
}
