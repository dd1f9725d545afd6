//go:build linux || darwin

package sockets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
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
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if n, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a stranger reads %d, %v", n, err)
		}
	}
}

func TestPingPong(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		defer server.Close()
		defer client.Close()
		for _, ends := range [][2]*TCP{{server, client}, {client, server}} {
			to, err := ends[0].Sender()
			noError(t, err)
			from, err := ends[1].Receiver()
			noError(t, err)
			_, err = ends[0].Sender()
			wantCode(t, "twice", err, InvalidState)
			_, err = ends[1].Receiver()
			wantCode(t, "twice", err, InvalidState)
			n, err := to.Write(t.Context(), []byte("ping"))
			if n != 4 || err != nil {
				t.Errorf("wrote %d, %v", n, err)
			}
			got := make([]byte, 10)
			n, err = from.Read(t.Context(), got)
			if string(got[:n]) != "ping" || err != nil {
				t.Errorf("read %q, %v", got[:n], err)
			}
			to.Close()
			if n, err := from.Read(t.Context(), got); n != 0 || err != io.EOF {
				t.Errorf("at the end: %d, %v", n, err)
			}
			from.Close()
		}
	})
}

// What was made of a socket outlives it.
func TestHalvesOutliveTheSocket(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		server, client := pair(t, h, f)
		to, err := server.Sender()
		noError(t, err)
		from, err := client.Receiver()
		noError(t, err)
		server.Close()
		client.Close()
		want := bytes.Repeat([]byte("0123456789"), 100_000)
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			to.Write(context.Background(), want)
			to.Close()
		})
		var got bytes.Buffer
		buf := make([]byte, 4096)
		for {
			n, err := from.Read(t.Context(), buf)
			got.Write(buf[:n])
			if err == io.EOF {
				break
			}
			noError(t, err)
		}
		from.Close()
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got %d bytes of %d", got.Len(), len(want))
		}
	})
}

func TestReset(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	from, err := server.Receiver()
	noError(t, err)
	to, err := server.Sender()
	noError(t, err)
	server.Close()
	noError(t, client.control(func(fd int) error { return lingerForNothing(fd) }))
	client.Close()
	_, err = from.Read(t.Context(), make([]byte, 1))
	wantCode(t, "read", err, ConnectionReset)
	_, err = to.Write(t.Context(), make([]byte, 1))
	wantCode(t, "write", err, ConnectionBroken)
	from.Close()
	to.Close()
	if h.Open() != 0 {
		t.Errorf("%d sockets are left", h.Open())
	}
}

// A peer that reads nothing does not keep a socket that was closed soon.
func TestCloseSoon(t *testing.T) {
	defer func(d time.Duration) { lingerTime = d }(lingerTime)
	lingerTime = 50 * time.Millisecond
	h := all()
	server, client := pair(t, h, IPv4)
	defer client.Close()
	to, err := server.Sender()
	noError(t, err)
	done := make(chan error)
	go func() {
		_, err := to.Write(context.Background(), make([]byte, 64<<20))
		to.Close()
		done <- err
	}()
	server.CloseSoon()
	wantCode(t, "write", <-done, InvalidState)
	if h.Open() != 1 {
		t.Errorf("%d sockets", h.Open())
	}

	// What goes out in time does.
	lingerTime = time.Minute
	server, peer := pair(t, h, IPv4)
	defer peer.Close()
	to, err = server.Sender()
	noError(t, err)
	_, err = to.Write(t.Context(), []byte("all"))
	noError(t, err)
	server.CloseSoon()
	to.Close()
	from, err := peer.Receiver()
	noError(t, err)
	defer from.Close()
	got := make([]byte, 10)
	n, err := from.Read(t.Context(), got)
	if string(got[:n]) != "all" || err != nil {
		t.Errorf("read %q, %v", got[:n], err)
	}
	if n, err := from.Read(t.Context(), got); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v", n, err)
	}
}

// Waiting ends with its context, costs nothing afterwards, and can be taken up again.
func TestWaitingEndsWithItsContext(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	defer from.Close()
	for range 3 {
		var wg sync.WaitGroup
		for range 4 { // one waits for the socket, others for it
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			wg.Go(func() {
				defer cancel()
				if n, err := from.Read(ctx, make([]byte, 1)); n != 0 || err != context.DeadlineExceeded {
					t.Errorf("read %d, %v", n, err)
				}
			})
		}
		wg.Wait()
	}
	to, err := client.Sender()
	noError(t, err)
	defer to.Close()
	time.AfterFunc(10*time.Millisecond, func() { to.Write(context.Background(), []byte{1}) })
	if n, err := from.Read(t.Context(), make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("read %d, %v", n, err)
	}
}

// A shut-down half ends those who wait.
func TestShutdownWakes(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	time.AfterFunc(10*time.Millisecond, from.Shutdown)
	if n, err := from.Read(t.Context(), make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d, %v", n, err)
	}
	from.Close()
}

func TestTakeDoesNotWait(t *testing.T) {
	h := all()
	server, client := pair(t, h, IPv4)
	defer server.Close()
	defer client.Close()
	from, err := server.Receiver()
	noError(t, err)
	defer from.Close()
	to, err := client.Sender()
	noError(t, err)
	for _, p := range [][]byte{nil, make([]byte, 1)} {
		if n, err := from.Take(p); n != 0 || err != nil || from.Ready() {
			t.Errorf("nothing is there: %d, %v", n, err)
		}
	}
	_, err = to.Write(t.Context(), []byte{1, 2})
	noError(t, err)
	noError(t, from.Await(t.Context()))
	if n, err := from.Take(nil); n != 0 || err != nil || !from.Ready() {
		t.Errorf("bytes are there: %d, %v", n, err)
	}
	if n, err := from.Take(make([]byte, 5)); n != 2 || err != nil {
		t.Errorf("took %d, %v", n, err)
	}
	to.Close()
	noError(t, from.Await(t.Context()))
	for _, p := range [][]byte{nil, make([]byte, 1)} {
		if n, err := from.Take(p); n != 0 || err != io.EOF || !from.Ready() {
			t.Errorf("the end is there: %d, %v", n, err)
		}
	}
}

// A thousand connections that wait cost a goroutine each, and no thread.
func TestIdleConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("2,000 sockets")
	}
	const n = 1000
	h := New(netpolicy.New(netpolicy.Config{All: true}, 16), 3*n)
	l := newTCPSocket(t, h, IPv4)
	noError(t, l.Bind(loopback(IPv4, 0)))
	noError(t, l.SetListenBacklogSize(n))
	listener, err := l.Listen()
	noError(t, err)
	addr, err := l.LocalAddress()
	noError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	before := runtime.NumGoroutine()
	for range n {
		c := newTCPSocket(t, h, IPv4)
		if err := c.Connect(ctx, addr); err != nil {
			c.Close()
			t.Skip("not so many connections here: ", err)
		}
		s, err := listener.Accept(ctx)
		noError(t, err)
		from, err := s.Receiver()
		noError(t, err)
		s.Close()
		wg.Go(func() {
			defer c.Close()
			defer from.Close()
			if err := from.Await(ctx); err != context.Canceled {
				t.Errorf("awaited: %v", err)
			}
		})
	}
	if now := runtime.NumGoroutine(); now > before+n+5 {
		t.Errorf("%d goroutines for %d connections", now-before, n)
	}
	cancel()
	wg.Wait()
	listener.Close()
	l.Close()
	if h.Open() != 0 {
		t.Errorf("%d sockets are left", h.Open())
	}
}
