package httpx

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

// connectTimeout is the key of a request's time to connect in its context, which
// reaches the dialer.
type connectTimeout struct{}

// dialer connects for a transport.
type dialer struct {
	connect func(ctx context.Context, network, address string) (net.Conn, error)
	tls     *tls.Config
}

func (d dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return d.inTime(ctx, func(ctx context.Context) (net.Conn, error) { return d.connect(ctx, network, address) })
}

func (d dialer) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	return d.inTime(ctx, func(ctx context.Context) (net.Conn, error) {
		conn, err := d.connect(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(conn, d.tlsConfig(address))
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		return secure, nil
	})
}

// tlsConfig asks for the certificate of the host alone, without its port or the
// brackets of an IPv6 address.
func (d dialer) tlsConfig(address string) *tls.Config {
	cfg := &tls.Config{}
	if d.tls != nil {
		cfg = d.tls.Clone()
	}
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(address)
	}
	cfg.NextProtos = []string{"http/1.1"}
	return cfg
}

// inTime connects within the time that the request gives. Go may give the
// connection to another request in the end, which had the same right to it.
func (d dialer) inTime(ctx context.Context, connect func(context.Context) (net.Conn, error)) (net.Conn, error) {
	timeout, ok := ctx.Value(connectTimeout{}).(time.Duration)
	if !ok {
		timeout = DefaultConnectTimeout
	}
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, err := connect(timed)
	if err != nil && ctx.Err() == nil && errors.Is(timed.Err(), context.DeadlineExceeded) {
		return nil, ConnectionTimeout{}
	}
	return conn, err
}
