//go:build linux || darwin

package sockets

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

func TestListen(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newTCPSocket(t, h, f)
		defer s.Close()
		wantCode(t, "no backlog", s.SetListenBacklogSize(0), InvalidArgument)
		noError(t, s.SetListenBacklogSize(1<<63))
		l, err := s.Listen()
		noError(t, err)
		defer l.Close()
		if a, err := s.LocalAddress(); err != nil || a.Port() == 0 {
			t.Errorf("bound to %v, %v", a, err)
		}
		_, err = s.Listen()
		wantCode(t, "listen", err, InvalidState)
		wantCode(t, "bind", s.Bind(loopback(f, 0)), InvalidState)
		wantCode(t, "connect", s.Connect(t.Context(), loopback(f, 1)), InvalidState)
		_, err = s.RemoteAddress()
		wantCode(t, "remote address", err, InvalidState)
		noError(t, s.SetListenBacklogSize(32))
		if !s.IsListening() {
			t.Error("not listening")
		}
	})
}

func TestAcceptWithoutWaiting(t *testing.T) {
	h := all()
	s := newTCPSocket(t, h, IPv4)
	defer s.Close()
	noError(t, s.Bind(loopback(IPv4, 0)))
	l, err := s.Listen()
	noError(t, err)
	if got, err := l.TryAccept(); got != nil || err != nil || l.Ready() {
		t.Errorf("nobody has connected: %v, %v", got, err)
	}
	addr, _ := s.LocalAddress()
	for range 2 {
		c, err := net.Dial("tcp", addr.String())
		noError(t, err)
		defer c.Close()
	}
	noError(t, l.Await(t.Context()))
	if !l.Ready() || !l.Ready() {
		t.Fatal("not ready")
	}
	got, err := l.TryAccept()
	noError(t, err)
	got.Close()
	l.Close() // with a connection that nobody took
	if h.Open() != 1 {
		t.Errorf("%d sockets", h.Open())
	}
}

// A connection that was reset before it was accepted is no end of others.
func TestAcceptAfterReset(t *testing.T) {
	h := all()
	s := newTCPSocket(t, h, IPv4)
	defer s.Close()
	noError(t, s.Bind(loopback(IPv4, 0)))
	l, err := s.Listen()
	noError(t, err)
	defer l.Close()
	addr, _ := s.LocalAddress()
	for range 3 {
		c, err := net.Dial("tcp", addr.String())
		noError(t, err)
		noError(t, c.(*net.TCPConn).SetLinger(0))
		c.Close()
	}
	c, err := net.Dial("tcp", addr.String())
	noError(t, err)
	defer c.Close()
	for {
		got, err := l.Accept(t.Context())
		noError(t, err)
		remote, err := got.RemoteAddress()
		got.Close()
		if err == nil && remote.String() == c.LocalAddr().String() {
			return
		}
	}
}

// Only so many sockets are open at a time. Accepting waits meanwhile.
func TestSocketLimit(t *testing.T) {
	h := New(netpolicy.New(netpolicy.Config{All: true}, 16), 3)
	l := newTCPSocket(t, h, IPv4)
	defer l.Close()
	noError(t, l.Bind(loopback(IPv4, 0)))
	listener, err := l.Listen()
	noError(t, err)
	defer listener.Close()
	addr, err := l.LocalAddress()
	noError(t, err)
	c, err := net.Dial("tcp", addr.String())
	noError(t, err)
	defer c.Close()
	more := []*TCP{newTCPSocket(t, h, IPv4), newTCPSocket(t, h, IPv4)}
	_, err = h.NewUDP(IPv4)
	wantCode(t, "a fourth socket", err, NewSocketLimit)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := listener.Accept(ctx); err != context.DeadlineExceeded {
		t.Errorf("accepted: %v", err)
	}
	_, err = listener.TryAccept()
	wantCode(t, "accept", err, NewSocketLimit)
	time.AfterFunc(10*time.Millisecond, more[0].Close)
	s, err := listener.Accept(t.Context())
	noError(t, err)
	s.Close()
	more[1].Close()
	if h.Open() != 1 {
		t.Errorf("%d sockets are left", h.Open())
	}
}

// Who may not connect is reset, and the guest never hears of it.
func TestPeersThatMayNotConnect(t *testing.T) {
	rules, err := netpolicy.ParseAddrRule("listen@127.0.0.1:0")
	noError(t, err)
	rules[0].From = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	h := New(netpolicy.New(netpolicy.Config{Addrs: rules}, 16), 256)
	s := newTCPSocket(t, h, IPv4)
	defer s.Close()
	noError(t, s.Bind(loopback(IPv4, 0)))
	l, err := s.Listen()
	noError(t, err)
	defer l.Close()
	addr, _ := s.LocalAddress()
	dial := func(from string) net.Conn {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		c, err := d.Dial("tcp", addr.String())
		noError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
	strangers := []net.Conn{dial("127.0.0.3"), dial("127.0.0.4")}
	friend := dial("127.0.0.2")
	got, err := l.Accept(t.Context())
	noError(t, err)
	defer got.Close()
	if a, err := got.RemoteAddress(); err != nil || a.String() != friend.LocalAddr().String() {
		t.Errorf("accepted %v, %v", a, err)
	}
	for _, c := range strangers {
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a stranger reads %d, %v", n, err)
		}
	}
}
