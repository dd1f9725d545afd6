//go:build linux || darwin

package sockets

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

func newUDPSocket(t *testing.T, h *Host, f Family) *UDP {
	t.Helper()
	s, err := h.NewUDP(f)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func boundUDP(t *testing.T, h *Host, f Family) (*UDP, Addr) {
	t.Helper()
	s := newUDPSocket(t, h, f)
	noError(t, s.Bind(loopback(f, 0)))
	a, err := s.LocalAddress()
	noError(t, err)
	return s, a
}

func wantDatagram(t *testing.T, s *UDP, want string, from Addr) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d, err := s.Receive(ctx)
	if err != nil || string(d.Data) != want || d.From != from {
		t.Errorf("received %q from %v, %v; want %q from %v", d.Data, d.From, err, want, from)
	}
}

func TestUDPStates(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newUDPSocket(t, h, f)
		defer s.Close()
		wantCode(t, "send to nobody", s.Send(t.Context(), []byte("x"), nil), InvalidArgument)
		wantCode(t, "disconnect", s.Disconnect(), InvalidState)
		_, err := s.LocalAddress()
		wantCode(t, "local address", err, InvalidState)
		_, err = s.RemoteAddress()
		wantCode(t, "remote address", err, InvalidState)
		_, err = s.Receive(t.Context())
		wantCode(t, "receive", err, InvalidState)

		noError(t, s.Bind(loopback(f, 0)))
		wantCode(t, "bind again", s.Bind(loopback(f, 0)), InvalidState)
		addr, err := s.LocalAddress()
		noError(t, err)
		second := newUDPSocket(t, h, f)
		defer second.Close()
		wantCode(t, "bind to the same", second.Bind(addr), AddressInUse)
		wantCode(t, "bind to another family", second.Bind(loopback(IPv6-f, 0)), InvalidArgument)
		documentation := map[Family]string{IPv4: "192.0.2.0", IPv6: "2001:db8::"}[f]
		wantCode(t, "bind to "+documentation, second.Bind(NewAddr(netip.MustParseAddr(documentation), 0, 0)), AddressNotBindable)

		noError(t, second.Connect(addr))
		wantCode(t, "bind when connected", second.Bind(loopback(f, 0)), InvalidState)
		if got, err := second.RemoteAddress(); err != nil || got != addr {
			t.Errorf("connected to %v, %v", got, err)
		}
	})
}

func TestUDPAddresses(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s := newUDPSocket(t, h, f)
		defer s.Close()
		bad := []Addr{loopback(f, 0), f.unspecified().withPort(47), loopback(IPv6-f, 47)}
		if f == IPv6 {
			bad = append(bad, NewAddr(netip.MustParseAddr("::ffff:127.0.0.1"), 47, 0))
		}
		for _, a := range bad {
			wantCode(t, "connect to "+a.String(), s.Connect(a), InvalidArgument)
			wantCode(t, "send to "+a.String(), s.Send(t.Context(), nil, &a), InvalidArgument)
		}
		if s.IsBound() {
			t.Error("bound by what failed")
		}
	})
}

// To send and to connect bind a socket; to disconnect does not undo it.
func TestUDPBindsImplicitly(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		r, there := boundUDP(t, h, f)
		defer r.Close()
		s := newUDPSocket(t, h, f)
		defer s.Close()
		noError(t, s.Send(t.Context(), []byte("one"), &there))
		a, err := s.LocalAddress()
		if err != nil || a.Port() == 0 {
			t.Errorf("bound to %v, %v", a, err)
		}
		wantDatagram(t, r, "one", loopback(f, a.Port()))

		for _, bind := range []bool{false, true} {
			s := newUDPSocket(t, h, f)
			defer s.Close()
			if bind {
				noError(t, s.Bind(loopback(f, 0)))
			}
			noError(t, s.Connect(there))
			before, err := s.LocalAddress()
			noError(t, err)
			noError(t, s.Disconnect())
			_, err = s.RemoteAddress()
			wantCode(t, "disconnected", err, InvalidState)
			after, err := s.LocalAddress()
			if err != nil || after.Port() != before.Port() {
				t.Errorf("bound explicitly %v: bound to %v, then %v, %v", bind, before, after, err)
			}
			wantCode(t, "send to nobody", s.Send(t.Context(), nil, nil), InvalidArgument)
			noError(t, s.Send(t.Context(), []byte("two"), &there))
			wantDatagram(t, r, "two", loopback(f, before.Port()))
			back := loopback(f, before.Port())
			noError(t, r.Send(t.Context(), []byte("three"), &back))
			wantDatagram(t, s, "three", there)
		}
	})
}

func TestUDPConnectAgain(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		one, addr1 := boundUDP(t, h, f)
		defer one.Close()
		two, addr2 := boundUDP(t, h, f)
		defer two.Close()
		s := newUDPSocket(t, h, f)
		defer s.Close()
		for i, to := range []Addr{addr1, addr1, addr2, addr1} {
			noError(t, s.Connect(to))
			if a, err := s.RemoteAddress(); err != nil || a != to {
				t.Errorf("connected to %v, %v", a, err)
			}
			other := addr1
			if to == addr1 {
				other = addr2
			}
			wantCode(t, "send to another", s.Send(t.Context(), nil, &other), InvalidArgument)
			noError(t, s.Send(t.Context(), fmt.Append(nil, i), nil))
			noError(t, s.Send(t.Context(), fmt.Append(nil, i), &to))
			r := map[Addr]*UDP{addr1: one, addr2: two}[to]
			a, err := s.LocalAddress()
			noError(t, err)
			wantDatagram(t, r, fmt.Sprint(i), a)
			wantDatagram(t, r, fmt.Sprint(i), a)
		}
	})
}

// What was queued before a socket was connected, of others, is not for the guest any
// more.
func TestUDPQueuedOfOthers(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		s, here := boundUDP(t, h, f)
		defer s.Close()
		friend, addr := boundUDP(t, h, f)
		defer friend.Close()
		stranger, _ := boundUDP(t, h, f)
		defer stranger.Close()
		for range 2 * maxDropped {
			noError(t, stranger.Send(t.Context(), []byte("spam"), &here))
		}
		noError(t, friend.Send(t.Context(), []byte("hello"), &here))
		noError(t, s.Connect(addr))
		wantDatagram(t, s, "hello", addr)
		if d, ok, err := s.TryReceive(); ok || err != nil {
			t.Errorf("and %q of %v, %v", d.Data, d.From, err)
		}
	})
}

// That nobody listens comes back by ICMP.
func TestUDPRefused(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		gone, addr := boundUDP(t, h, f)
		s, _ := boundUDP(t, h, f)
		defer s.Close()
		gone.Close()
		noError(t, s.Connect(addr))
		noError(t, s.Send(t.Context(), []byte("hello"), nil))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := s.Receive(ctx)
		wantCode(t, "receive", err, ConnectionRefused)
	})
}

func TestUDPSizes(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		r, there := boundUDP(t, h, f)
		defer r.Close()
		s, here := boundUDP(t, h, f)
		defer s.Close()
		for _, n := range []int{0, 1, 60_000} {
			noError(t, s.Send(t.Context(), make([]byte, n), &there))
			wantDatagram(t, r, string(make([]byte, n)), here)
		}
		for _, n := range []int{65_530, MaxDatagram, MaxDatagram + 1, 1 << 20} {
			wantCode(t, fmt.Sprint(n), s.Send(t.Context(), make([]byte, n), &there), DatagramTooLarge)
		}
	})
}

// What waits for room is bounded, however often a guest sends.
func TestUDPUnsentIsBounded(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		r, there := boundUDP(t, h, f)
		defer r.Close()
		s, here := boundUDP(t, h, f)
		defer s.Close()
		var releases []func()
		for {
			release, err := s.keep(60_000)
			if err != nil {
				wantCode(t, "too much", err, OutOfMemory)
				break
			}
			releases = append(releases, release)
		}
		if n := len(releases); n != maxUnsent/(60_000+datagramCost) {
			t.Errorf("%d large datagrams wait", n)
		}
		// One that need not wait is none of those.
		wait, err := s.StartSend([]byte("x"), &there)
		if wait != nil {
			t.Error("it waits")
		}
		noError(t, err)
		wantDatagram(t, r, "x", here)
		for _, release := range releases {
			release()
		}
		if n := s.unsent.Load(); n != 0 {
			t.Errorf("%d bytes wait for ever", n)
		}
	})
}

// Several may wait at once; each gets one, and who gives up leaves nothing behind.
func TestUDPReceiversQueue(t *testing.T) {
	h := all()
	r, there := boundUDP(t, h, IPv4)
	defer r.Close()
	s, _ := boundUDP(t, h, IPv4)
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := r.Receive(ctx); err != context.DeadlineExceeded {
				t.Errorf("received: %v", err)
			}
		})
	}
	wg.Wait()
	for range 20 {
		wg.Go(func() {
			if _, err := r.Receive(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for range 20 {
		noError(t, s.Send(t.Context(), []byte("x"), &there))
	}
	wg.Wait()
}

func TestPolicyOfUDP(t *testing.T) {
	peer, there := boundUDP(t, all(), IPv4)
	defer peer.Close()
	stranger, _ := boundUDP(t, all(), IPv4)
	defer stranger.Close()
	socket := func(texts ...string) *UDP {
		var cfg netpolicy.Config
		for _, text := range texts {
			rs, err := netpolicy.ParseAddrRule(text)
			noError(t, err)
			cfg.Addrs = append(cfg.Addrs, rs...)
		}
		s := newUDPSocket(t, New(netpolicy.New(cfg, 16), 256), IPv4)
		t.Cleanup(s.Close)
		return s
	}
	s := socket()
	wantCode(t, "bind", s.Bind(loopback(IPv4, 0)), AccessDenied)
	wantCode(t, "connect", s.Connect(there), AccessDenied)
	wantCode(t, "send", s.Send(t.Context(), nil, &there), AccessDenied)
	if s.IsBound() {
		t.Error("bound by what was denied")
	}

	// Who may only send hears nobody else.
	s = socket("udp@" + there.String())
	wantCode(t, "bind", s.Bind(loopback(IPv4, 0)), AccessDenied)
	noError(t, s.Send(t.Context(), []byte("hello"), &there))
	a, err := s.LocalAddress()
	noError(t, err)
	here := loopback(IPv4, a.Port())
	wantDatagram(t, peer, "hello", here)
	noError(t, stranger.Send(t.Context(), []byte("spam"), &here))
	noError(t, peer.Send(t.Context(), []byte("hi"), &here))
	wantDatagram(t, s, "hi", there)

	// Who may bind hears everybody, and may not send for that.
	s = socket("udp-bind@127.0.0.1:0")
	noError(t, s.Bind(loopback(IPv4, 0)))
	here, err = s.LocalAddress()
	noError(t, err)
	noError(t, stranger.Send(t.Context(), []byte("hello"), &here))
	from, _ := stranger.LocalAddress()
	wantDatagram(t, s, "hello", from)
	wantCode(t, "answer", s.Send(t.Context(), nil, &from), AccessDenied)

	_, err = New(netpolicy.New(netpolicy.Config{All: true, Deny: netpolicy.UDP}, 16), 256).NewUDP(IPv4)
	wantCode(t, "without UDP", err, AccessDenied)
}

// A new socket can be written to at once: 256 times connect and send.
func TestUDPConnectAndSend(t *testing.T) {
	each(t, func(t *testing.T, h *Host, f Family) {
		r, there := boundUDP(t, h, f)
		defer r.Close()
		for range 256 {
			s := newUDPSocket(t, h, f)
			noError(t, s.Connect(there))
			if ok, err := s.TrySend([]byte("x"), nil); !ok || err != nil {
				t.Fatalf("sent %v, %v", ok, err)
			}
			s.Close()
			if _, err := r.Receive(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// What is left of sockets when all is over: no goroutine, no open file.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	h := all()
	for range 50 {
		server, client := pair(t, h, IPv4)
		from, err := server.Receiver()
		noError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- from.Await(ctx) }()
		cancel()
		<-done
		from.Close()
		server.Close()
		client.Close()
	}
	if h.Open() != 0 {
		t.Errorf("%d sockets are left", h.Open())
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
