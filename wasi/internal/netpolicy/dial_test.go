package netpolicy

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	// The first address refuses: nothing listens there.
	resolver := names{"example.com": {"127.0.0.2", "127.0.0.1"}, "other.com": {"127.0.0.1"}}
	for _, c := range []struct {
		cfg  Config
		host string
		want bool
	}{
		{Config{}, "127.0.0.1", false},
		{Config{}, "example.com", false},
		{Config{All: true}, "127.0.0.1", true},
		{Config{All: true}, "example.com", true},
		{Config{All: true, Deny: TCPConnect}, "example.com", false},
		{Config{Addrs: addrRules(t, "127.0.0.1:"+port)}, "127.0.0.1", true},
		{Config{Addrs: addrRules(t, "127.0.0.1:"+port)}, "example.com", false}, // names are for name rules
		{Config{Names: nameRules(t, "example.com:"+port)}, "example.com", true},
		{Config{Names: nameRules(t, "example.com:1")}, "example.com", false},
		{Config{Names: nameRules(t, "udp@example.com")}, "example.com", false},
		{Config{Names: nameRules(t, "example.com")}, "other.com", false},
		{Config{Names: nameRules(t, "example.com")}, "127.0.0.1", false},
		{Config{Names: nameRules(t, "example.com"), DenyPrivate: true}, "example.com", false},
		{Config{Names: nameRules(t, "example.com"), Addrs: addrRules(t, "127.0.0.1"), DenyPrivate: true}, "example.com", true},
	} {
		c.cfg.Resolver = resolver
		conn, err := New(c.cfg, 16).DialContext(t.Context(), "tcp", net.JoinHostPort(c.host, port))
		if (err == nil) != c.want {
			t.Errorf("%+v: %s: %v", c.cfg, c.host, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
}

// An address that does not answer does not hold up the next one for long, and one
// that refuses not at all. What comes too late is closed.
func TestDialRace(t *testing.T) {
	var open atomic.Int32
	answers := map[string]time.Duration{"hangs": time.Hour, "slow": time.Second, "quick": 10 * time.Millisecond}
	for _, c := range []struct {
		addrs string
		want  time.Duration // 0 for none
	}{
		{"quick", 10 * time.Millisecond},
		{"refuses quick", 11 * time.Millisecond},
		{"refuses refuses quick hangs", 12 * time.Millisecond},
		{"hangs quick", nextAttempt + 10*time.Millisecond},
		{"slow slow slow quick", 3*nextAttempt + 10*time.Millisecond},
		{"slow hangs hangs hangs", time.Second},
		{"refuses refuses", 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			names := strings.Fields(c.addrs)
			addrs := make([]netip.AddrPort, len(names))
			for i := range addrs {
				addrs[i] = netip.AddrPortFrom(netip.Addr{}, uint16(i))
			}
			dial := func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
				name := names[addr.Port()]
				if name == "refuses" {
					time.Sleep(time.Millisecond)
					return nil, errors.New(name)
				}
				time.Sleep(answers[name]) // whatever becomes of ctx
				open.Add(1)
				return conn{open: &open}, nil
			}
			start := time.Now()
			got, err := dialFirst(t.Context(), dial, addrs)
			if (err == nil) != (c.want > 0) || err == nil && time.Since(start) != c.want {
				t.Errorf("%s: after %v, %v", c.addrs, time.Since(start), err)
			}
			if got != nil {
				got.Close()
			}
			time.Sleep(2 * time.Hour)
			if n := open.Load(); n != 0 {
				t.Errorf("%s: %d connections are left", c.addrs, n)
			}
		})
	}
}

func TestDialErrors(t *testing.T) {
	p := New(Config{All: true, Resolver: names{"none.com": {"127.0.0.2", "127.0.0.3"}}}, 16)
	for _, address := range []string{"example.com", "none.com:65536", "none.com:http", "a b:1", "unknown.com:1", "none.com:1"} {
		if c, err := p.DialContext(t.Context(), "tcp", address); err == nil {
			t.Errorf("%s: connected to %v", address, c.RemoteAddr())
		}
	}
	if _, err := p.DialContext(t.Context(), "udp", "none.com:1"); err == nil {
		t.Error("udp is dialled")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.DialContext(ctx, "tcp", "none.com:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
