//go:build linux || darwin

package sockets

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

var families = []Family{IPv4, IPv6}

func loopback(f Family, port uint16) Addr {
	if f == IPv4 {
		return NewAddr(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port, 0)
	}
	return NewAddr(netip.IPv6Loopback(), port, 0)
}

func all() *Host { return New(netpolicy.New(netpolicy.Config{All: true}, 16), 256) }

// each runs a test for each family that there is here. When it is over no socket may
// be left.
func each(t *testing.T, test func(t *testing.T, h *Host, f Family)) {
	for _, f := range families {
		t.Run(f.String(), func(t *testing.T) {
			if f == IPv6 {
				l, err := net.Listen("tcp", "[::1]:0")
				if err != nil {
					t.Skip("no IPv6 here: ", err)
				}
				l.Close()
			}
			h := all()
			test(t, h, f)
			if n := h.Open(); n != 0 {
				t.Errorf("%d sockets are left", n)
			}
		})
	}
}

func newTCPSocket(t *testing.T, h *Host, f Family) *TCP {
	t.Helper()
	s, err := h.NewTCP(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantCode(t *testing.T, what string, err error, want Code) {
	t.Helper()
	if c, ok := errors.AsType[Code](err); !ok || c != want {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pair is two connected sockets.
func pair(t *testing.T, h *Host, f Family) (server, client *TCP) {
	t.Helper()
	l := newTCPSocket(t, h, f)
	defer l.Close()
	noError(t, l.Bind(loopback(f, 0)))
	listener, err := l.Listen()
	noError(t, err)
	defer listener.Close()
	addr, err := l.LocalAddress()
	noError(t, err)
	client = newTCPSocket(t, h, f)
	noError(t, client.Connect(t.Context(), addr))
	server, err = listener.Accept(t.Context())
	noError(t, err)
	return server, client
}

func TestBind(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newTCPSocket(t, h, f)
		defer s.Close()
		_, err := s.LocalAddress()
		wantCode(t, "unbound", err, InvalidState)
		other := IPv6 - f
		wantCode(t, "another family", s.Bind(loopback(other, 0)), InvalidArgument)
		for _, text := range []string{"255.255.255.255", "224.254.0.0", "ff00::", "::ffff:127.0.0.1", "::127.0.0.1"} {
			wantCode(t, text, s.Bind(NewAddr(netip.MustParseAddr(text), 0, 0)), InvalidArgument)
		}
		documentation := map[Family]string{IPv4: "192.0.2.0", IPv6: "2001:db8::"}[f]
		wantCode(t, documentation, s.Bind(NewAddr(netip.MustParseAddr(documentation), 0, 0)), AddressNotBindable)
		noError(t, s.Bind(loopback(f, 0)))
		addr, err := s.LocalAddress()
		if err != nil || addr.Addr() != loopback(f, 0).Addr() || addr.Port() == 0 {
			t.Errorf("bound to %v, %v", addr, err)
		}
		wantCode(t, "again", s.Bind(loopback(f, 0)), InvalidState)

		_, err = s.Listen()
		noError(t, err)
		second := newTCPSocket(t, h, f)
		wantCode(t, "in use", second.Bind(addr), AddressInUse)
		second.Close()
		s.letGo() // of the listener
	})
}

// Who listens again where connections linger is not kept from it.
func TestBindReusesAddress(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		addr, err := server.LocalAddress()
		noError(t, err)
		server.Close() // first, so that it is this side that lingers
		client.Close()
		s := newTCPSocket(t, h, f)
		defer s.Close()
		noError(t, s.Bind(addr))
		l, err := s.Listen()
		noError(t, err)
		l.Close()
	})
}

func TestConnectArguments(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newTCPSocket(t, h, f)
		defer s.Close()
		for _, text := range []string{"0.0.0.0:47", "[::]:47", "127.0.0.1:0", "[::1]:0", "255.255.255.255:47", "224.254.0.0:47", "[ff00::]:47", "[::ffff:127.0.0.1]:47"} {
			a := netip.MustParseAddrPort(text)
			wantCode(t, text, s.Connect(t.Context(), NewAddr(a.Addr(), a.Port(), 0)), InvalidArgument)
		}
		wantCode(t, "another family", s.Connect(t.Context(), loopback(IPv6-f, 47)), InvalidArgument)
		noError(t, s.Bind(loopback(f, 0))) // it is not closed
	})
}

// A connection that failed leaves nothing to be done with the socket.
func TestConnectFails(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newTCPSocket(t, h, f)
		defer s.Close()
		wantCode(t, "nobody there", s.Connect(t.Context(), closedPort(t, f)), ConnectionRefused)
		wantCode(t, "again", s.Connect(t.Context(), closedPort(t, f)), InvalidState)
		wantCode(t, "bind", s.Bind(loopback(f, 0)), InvalidState)
		_, err := s.Listen()
		wantCode(t, "listen", err, InvalidState)
		_, err = s.LocalAddress()
		wantCode(t, "local address", err, InvalidState)
		_, err = s.Sender()
		wantCode(t, "sender", err, InvalidState)
	})
}

// closedPort is an address where nobody listens.
func closedPort(t *testing.T, f Family) Addr {
	t.Helper()
	l, err := net.Listen("tcp", loopback(f, 0).String())
	noError(t, err)
	defer l.Close()
	a := l.Addr().(*net.TCPAddr).AddrPort()
	return NewAddr(a.Addr(), a.Port(), 0)
}

func TestConnectStates(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		defer server.Close()
		defer client.Close()
		remote, err := client.RemoteAddress()
		noError(t, err)
		local, err := server.LocalAddress()
		noError(t, err)
		if remote != local {
			t.Errorf("connected to %v, which is %v", remote, local)
		}
		wantCode(t, "connect", client.Connect(t.Context(), remote), InvalidState)
		wantCode(t, "bind", client.Bind(loopback(f, 0)), InvalidState)
		_, err = client.Listen()
		wantCode(t, "listen", err, InvalidState)
		wantCode(t, "backlog", client.SetListenBacklogSize(1), InvalidState)
		if client.IsListening() {
			t.Error("listening")
		}
	})
}

// The local address is the one that leads to the peer, with the port of before.
func TestConnectMovesLocalAddress(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		l := newTCPSocket(t, h, f)
		defer l.Close()
		noError(t, l.Bind(loopback(f, 0)))
		listener, err := l.Listen()
		noError(t, err)
		defer listener.Close()
		addr, err := l.LocalAddress()
		noError(t, err)
		s := newTCPSocket(t, h, f)
		defer s.Close()
		noError(t, s.Bind(f.unspecified()))
		before, err := s.LocalAddress()
		noError(t, err)
		noError(t, s.Connect(t.Context(), addr))
		after, err := s.LocalAddress()
		if err != nil || !before.Addr().IsUnspecified() || after != before.withIP(addr.Addr()) {
			t.Errorf("moved from %v to %v, %v", before, after, err)
		}
	})
}

func (a Addr) withIP(ip netip.Addr) Addr { return NewAddr(ip, a.Port(), a.Scope) }

// A connect to where nobody answers ends with its context.
func TestConnectIsCancelled(t *testing.T) {
	h := all()
	l := newTCPSocket(t, h, IPv4)
	defer l.Close()
	noError(t, l.Bind(loopback(IPv4, 0)))
	noError(t, l.SetListenBacklogSize(1))
	listener, err := l.Listen()
	noError(t, err)
	defer listener.Close()
	addr, err := l.LocalAddress()
	noError(t, err)
	// Connections that nobody accepts fill the backlog; further ones hang.
	for i := range 10 {
		s := newTCPSocket(t, h, IPv4)
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := s.Connect(ctx, addr)
		cancel()
		if err == context.DeadlineExceeded {
			wantCode(t, "afterwards", s.Connect(t.Context(), addr), InvalidState)
			return
		}
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
	}
	t.Error("all ten connections were made")
}

func TestPolicyOfTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	defer l.Close()
	there := l.Addr().(*net.TCPAddr).AddrPort()
	remote := NewAddr(there.Addr(), there.Port(), 0)
	rules := func(texts ...string) netpolicy.Config {
		var cfg netpolicy.Config
		for _, text := range texts {
			rs, err := netpolicy.ParseAddrRule(text)
			noError(t, err)
			cfg.Addrs = append(cfg.Addrs, rs...)
		}
		return cfg
	}
	socket := func(cfg netpolicy.Config) *TCP {
		s := newTCPSocket(t, New(netpolicy.New(cfg, 16), 256), IPv4)
		t.Cleanup(s.Close)
		return s
	}

	// Nothing is allowed by default, but to have a socket.
	s := socket(netpolicy.Config{})
	wantCode(t, "bind", s.Bind(loopback(IPv4, 0)), AccessDenied)
	_, err = s.Listen()
	wantCode(t, "listen unbound", err, AccessDenied)
	wantCode(t, "connect", s.Connect(t.Context(), remote), AccessDenied)
	wantCode(t, "after a connect that failed", s.Connect(t.Context(), remote), InvalidState)

	// To connect needs no right to bind.
	noError(t, socket(rules(there.String())).Connect(t.Context(), remote))
	s = socket(rules(there.String()))
	wantCode(t, "bind", s.Bind(loopback(IPv4, 0)), AccessDenied)

	// To bind is not to listen. To listen at a free port goes on to be that.
	s = socket(rules("bind@127.0.0.1"))
	noError(t, s.Bind(loopback(IPv4, 0)))
	_, err = s.Listen()
	wantCode(t, "listen", err, AccessDenied)
	s = socket(rules("listen@127.0.0.1:0"))
	noError(t, s.Bind(loopback(IPv4, 0)))
	listener, err := s.Listen()
	noError(t, err)
	listener.Close()

	_, err = New(netpolicy.New(netpolicy.Config{All: true, Deny: netpolicy.TCP}, 16), 256).NewTCP(IPv4)
	wantCode(t, "without TCP", err, AccessDenied)
}
