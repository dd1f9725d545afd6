package netpolicy

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func addrRules(t *testing.T, texts ...string) (rules []AddrRule) {
	t.Helper()
	for _, text := range texts {
		rs, err := ParseAddrRule(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, rs...)
	}
	return rules
}

func nameRules(t *testing.T, texts ...string) (rules []NameRule) {
	t.Helper()
	for _, text := range texts {
		r, err := ParseNameRule(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	return rules
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		rules string // separated by spaces; "all" and "private-denied" are options
		use   Use
		addr  string
		want  bool
	}{
		{"", TCPConnect, "127.0.0.1:80", false},
		{"", UDPSend, "[::1]:80", false},
		{"", TCPListen, "127.0.0.1:80", false},
		{"all", TCPConnect, "127.0.0.1:80", true},
		{"all", UDPBind, "0.0.0.0:0", true},
		{"10.0.0.0/8:443", TCPConnect, "10.1.2.3:443", true},
		{"10.0.0.0/8:443", UDPSend, "10.1.2.3:443", true},
		{"10.0.0.0/8:443", TCPConnect, "10.1.2.3:444", false},
		{"10.0.0.0/8:443", TCPConnect, "11.1.2.3:443", false},
		{"10.0.0.0/8:443", TCPBind, "10.1.2.3:443", false},
		{"10.0.0.0/8:443", TCPConnect, "[::ffff:10.1.2.3]:443", true},
		{"[::ffff:10.0.0.0]/104:443", TCPConnect, "10.1.2.3:443", true},
		{"[::ffff:10.0.0.0]/104:443", TCPConnect, "11.1.2.3:443", false},
		{"[::]/0", TCPConnect, "10.1.2.3:443", false},
		{"udp@10.0.0.0/8", TCPConnect, "10.1.2.3:443", false},
		{"udp@10.0.0.0/8", UDPSend, "10.1.2.3:443", true},
		{"connect@*:80,8000-8999", TCPConnect, "[2001:db8::1]:8500", true},
		{"connect@*:80,8000-8999", TCPConnect, "1.2.3.4:80", true},
		{"connect@*:80,8000-8999", TCPConnect, "1.2.3.4:81", false},
		{"[2001:db8::/32]:53", UDPSend, "[2001:db8:1::1]:53", true},
		{"[2001:db8::]/32:53", UDPSend, "[2001:db8:1::1]:54", false},
		{"2001:db8::1", TCPConnect, "[2001:db8::1]:54", true},
		{"2001:db8::1", TCPConnect, "[2001:db8::2]:54", false},
		{"listen@127.0.0.1:8080", TCPListen, "127.0.0.1:8080", true},
		{"listen@127.0.0.1:8080", TCPBind, "127.0.0.1:8080", true},
		{"listen@127.0.0.1:8080", TCPListen, "0.0.0.0:8080", false},
		{"listen@127.0.0.1:0", TCPBind, "127.0.0.1:0", true},
		{"listen@127.0.0.1:0", TCPBind, "127.0.0.1:80", false},
		{"listen@0.0.0.0:80", TCPListen, "127.0.0.1:80", true},
		{"listen@0.0.0.0:80", TCPListen, "0.0.0.0:80", true},
		{"listen@0.0.0.0:80", TCPListen, "[::]:80", false},
		{"bind@0.0.0.0", TCPListen, "127.0.0.1:80", false},
		{"0.0.0.0:80", TCPConnect, "127.0.0.1:80", false},
		{"127.0.0.1:80", TCPConnect, "0.0.0.0:80", true},
		{"[::1]:80", TCPConnect, "[::]:80", true},
		{"0.0.0.0:80", TCPConnect, "0.0.0.0:80", false},
		{"all private-denied", TCPConnect, "0.0.0.0:80", false},
		{"all private-denied", TCPConnect, "127.0.0.1:80", false},
		{"all private-denied", TCPListen, "127.0.0.1:80", true},
		{"all private-denied", TCPConnect, "8.8.8.8:80", true},
		{"all private-denied", TCPConnect, "[64:ff9b::8.8.8.8]:80", true},
		{"all private-denied", TCPConnect, "[64:ff9b::127.0.0.1]:80", false},
		{"all private-denied", TCPConnect, "[::ffff:169.254.169.254]:80", false},
		{"all private-denied", TCPConnect, "[fe80::1%eth0]:80", false},
		{"all private-denied", UDPSend, "[2002:7f00:1::]:80", false},
		{"all [64:ff9b::10.0.0.0]/104 private-denied", TCPConnect, "[64:ff9b::10.1.2.3]:80", true},
		{"all [64:ff9b::]/96 private-denied", TCPConnect, "[64:ff9b::10.1.2.3]:80", false},
		{"all [64:ff9b::]/95 private-denied", TCPConnect, "[64:ff9b::10.1.2.3]:80", false},
		{"all [::]/0 0.0.0.0/0 private-denied", TCPConnect, "[fd00::1]:80", false},
		{"0.0.0.0/0 private-denied", TCPConnect, "10.0.0.1:80", false},
		{"all 10.0.0.0/8:80 private-denied", TCPConnect, "10.0.0.1:80", true},
		{"all 10.0.0.0/8:80 private-denied", TCPConnect, "10.0.0.1:81", false},
		{"all udp-denied", UDPSend, "8.8.8.8:80", false},
		{"all udp-denied", TCPConnect, "8.8.8.8:80", true},
	} {
		cfg := Config{}
		for _, text := range strings.Fields(c.rules) {
			switch text {
			case "all":
				cfg.All = true
			case "private-denied":
				cfg.DenyPrivate = true
			case "udp-denied":
				cfg.Deny = UDP
			default:
				cfg.Addrs = append(cfg.Addrs, addrRules(t, text)...)
			}
		}
		err := New(cfg, 16).Check(c.use, netip.MustParseAddrPort(c.addr))
		if (err == nil) != c.want {
			t.Errorf("%q: %s %s: %v", c.rules, c.use.verb(), c.addr, err)
		}
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%v is no ErrPermission", err)
		}
	}
}

func TestCheckProtocol(t *testing.T) {
	for _, c := range []struct{ deny, all Use }{{UDP, UDP}, {TCP, TCP}, {TCP | UDP, UDP}} {
		if New(Config{All: true, Deny: c.deny}, 16).CheckProtocol(c.all) == nil {
			t.Errorf("without %v there are sockets of %v", c.deny, c.all)
		}
	}
	if err := New(Config{All: true, Deny: TCPListen}, 16).CheckProtocol(TCP); err != nil {
		t.Error(err)
	}
}

func TestCheckPeer(t *testing.T) {
	rules := addrRules(t, "listen@127.0.0.1:80", "listen@127.0.0.1:81")
	rules[1].From = prefixes("127.0.0.2/32")
	p := New(Config{Addrs: rules}, 16)
	for _, c := range []struct {
		local, peer string
		want        bool
	}{
		{"127.0.0.1:80", "1.2.3.4:5", true},
		{"127.0.0.1:81", "127.0.0.2:5", true},
		{"127.0.0.1:81", "127.0.0.3:5", false},
	} {
		err := p.CheckPeer(TCPListen, netip.MustParseAddrPort(c.local), netip.MustParseAddrPort(c.peer))
		if (err == nil) != c.want {
			t.Errorf("%s at %s: %v", c.peer, c.local, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"example.com:80", `"example.com:80": "example.com" is no IP address with or without /BITS; names go by rules for names`},
		{"dial@1.2.3.4", `"dial@1.2.3.4": no such use as "dial"; there are connect, bind, listen, udp, udp-bind`},
		{"1.2.3.4:http", `"1.2.3.4:http": "http" is no port, range of ports, or *`},
		{"1.2.3.4:90-80", `"1.2.3.4:90-80": "90-80" is no port, range of ports, or *`},
		{"1.2.3.4:65536", `"1.2.3.4:65536": "65536" is no port, range of ports, or *`},
		{"1.2.3.4/33", `"1.2.3.4/33": "1.2.3.4/33" is no IP address with or without /BITS; names go by rules for names`},
		{"fe80::1%eth0", `"fe80::1%eth0": "fe80::1%eth0" is no IP address with or without /BITS; names go by rules for names`},
		{"", `"": "" is no IP address with or without /BITS; names go by rules for names`},
	} {
		if _, err := ParseAddrRule(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v", c.text, err)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"listen@example.com", `"listen@example.com": names are for connect and udp; to bind or listen takes an address`},
		{"*example.com", `"*example.com": "*example.com" is no domain name; it may start with *. and no other part of it may have a *`},
		{"", `"": "" is no domain name; it may start with *. and no other part of it may have a *`},
		{"1.2.3.4", `"1.2.3.4": "1.2.3.4" is no domain name; it may start with *. and no other part of it may have a *`},
	} {
		if _, err := ParseNameRule(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

func TestNormalName(t *testing.T) {
	for name, want := range map[string]string{
		"Example.COM":                   "example.com",
		"example.com.":                  "example.com",
		"_sip._tcp.example.com":         "_sip._tcp.example.com",
		"münchen.de":                    "xn--mnchen-3ya.de",
		"MÜNCHEN.de":                    "xn--mnchen-3ya.de",
		"bücher.example。com":            "xn--bcher-kva.example.com",
		"日本語.jp":                        "xn--wgv71a119e.jp",
		strings.Repeat("a", 63):         strings.Repeat("a", 63),
		"":                              "",
		".":                             "",
		" ":                             "",
		"a b":                           "",
		"a..b":                          "",
		"-a":                            "",
		"a.b<&>":                        "",
		"127.0.0.1:80":                  "",
		"[::]:80":                       "",
		"http://example.com/":           "",
		"münchen.de:80":                 "",
		"münchen.de\r\nX: y":            "",
		"a\x00b":                        "",
		"\xff\xfe":                      "",
		"\u202eexample.com":             "",
		"127.1":                         "",
		"example.0x7f":                  "",
		strings.Repeat("a", 64):         "",
		strings.Repeat("a.", 126) + "a": strings.Repeat("a.", 126) + "a",
		strings.Repeat("a.", 127) + "a": "",
		strings.Repeat("a", 100<<20):    "",
	} {
		got, err := NormalName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%.40q: %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"0.0.0.0": "0.0.0.0", "::": "::", "[::]": "::", "DEAD:BEEF::0": "dead:beef::", "2001:0db8:0:0:0:0:0:0": "2001:db8::",
		"::ffff:127.0.0.1": "127.0.0.1", "[1.2.3.4]": "", "[::": "", "::]": "", "fe80::1%lo": "", "127.1": "", "1": "",
	} {
		ip, ok := Literal(text)
		if ok != (want != "") || ok && ip.String() != want {
			t.Errorf("%q: %v, %v", text, ip, ok)
		}
	}
}

// names is a resolver.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, network, host string) (ips []netip.Addr, err error) {
	for _, text := range n[host] {
		if ip := netip.MustParseAddr(text); network == "ip" || (network == "ip4") == ip.Is4() {
			ips = append(ips, ip)
		}
	}
	if n[host] == nil {
		return nil, notFound(host)
	}
	return ips, nil
}

func TestLookup(t *testing.T) {
	resolver := names{
		"example.com":    {"::ffff:192.0.2.1", "192.0.2.1", "2001:db8::1"},
		"a.example.com.": {"192.0.2.2"},
		"empty.org":      {},
		"v6.org":         {"::1"},
	}
	ctx := t.Context()
	p := New(Config{Names: nameRules(t, "example.com:443", "*.example.com", "empty.org", "v6.org"), Resolver: resolver}, 16)
	check := func(addr string, want bool) {
		t.Helper()
		if err := p.Check(TCPConnect, netip.MustParseAddrPort(addr)); (err == nil) != want {
			t.Errorf("%s: %v", addr, err)
		}
	}
	check("192.0.2.1:443", false)
	ips, err := p.LookupNetIP(ctx, "ip", "EXAMPLE.com")
	if err != nil || len(ips) != 2 || ips[0].String() != "192.0.2.1" {
		t.Errorf("got %v, %v", ips, err)
	}
	check("192.0.2.1:443", true)
	check("192.0.2.1:80", false)
	check("[2001:db8::1]:443", true)
	check("192.0.2.2:80", false)
	if _, err := p.LookupNetIP(ctx, "ip", "a.example.com"); err != nil {
		t.Error(err)
	}
	check("192.0.2.2:80", true)

	var denied *DeniedError
	if _, err := p.LookupNetIP(ctx, "ip", "example.org"); !errors.As(err, &denied) || denied.Name != "example.org" {
		t.Errorf("another name: %v", err)
	}
	for _, q := range [][2]string{{"ip", "empty.org"}, {"ip4", "v6.org"}, {"ip", "b.example.com"}} {
		var dns *net.DNSError
		if ips, err := p.LookupNetIP(ctx, q[0], q[1]); !errors.As(err, &dns) || !dns.IsNotFound {
			t.Errorf("%v: %v, %v", q, ips, err)
		}
	}
	if _, err := p.LookupNetIP(ctx, "ip", "a b"); err != ErrInvalidName {
		t.Errorf("no name: %v", err)
	}
	if _, err := New(Config{}, 16).LookupNetIP(ctx, "ip", "example.com"); err != ErrLookupDisabled {
		t.Errorf("nothing allowed: %v", err)
	}
	if _, err := New(Config{All: true, Deny: Lookup}, 16).LookupNetIP(ctx, "ip", "example.com"); err != ErrLookupDisabled {
		t.Errorf("lookup denied: %v", err)
	}
	if ips, err := New(Config{}, 16).LookupNetIP(ctx, "ip", "[::1]"); err != nil || ips[0].String() != "::1" {
		t.Errorf("a literal: %v, %v", ips, err)
	}
}

// An allowed name that points inside gives nothing where inside is denied.
func TestLookupOfPrivateAddress(t *testing.T) {
	p := New(Config{Names: nameRules(t, "rebind.org"), DenyPrivate: true, Resolver: names{"rebind.org": {"169.254.169.254"}}}, 16)
	if _, err := p.LookupNetIP(t.Context(), "ip", "rebind.org"); err != nil {
		t.Fatal(err)
	}
	var denied *DeniedError
	if err := p.Check(TCPConnect, netip.MustParseAddrPort("169.254.169.254:80")); !errors.As(err, &denied) || !denied.Private {
		t.Errorf("got %v", err)
	}
	if _, err := p.DialContext(t.Context(), "tcp", "rebind.org:80"); !errors.As(err, &denied) || !denied.Private ||
		err.Error() != "the network policy does not allow to connect to rebind.org at 169.254.169.254:80, which is not a public address" {
		t.Errorf("got %v", err)
	}
}

func TestLearnedIsBounded(t *testing.T) {
	p := New(Config{Names: nameRules(t, "*")}, 16)
	for i := range 2 * maxLearned {
		p.learn([]netip.Addr{netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})}, []*NameRule{&p.cfg.Names[0]})
	}
	if n := len(p.learned.rules); n != maxLearned || len(p.learned.order) != n {
		t.Errorf("%d addresses are remembered, %d in order", n, len(p.learned.order))
	}
	if p.Check(TCPConnect, netip.MustParseAddrPort("10.0.0.0:1")) == nil {
		t.Error("the oldest is remembered")
	}
}

// slow is a resolver that answers after a second and counts.
type slow struct{ now, most atomic.Int32 }

func (s *slow) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	defer s.now.Add(-1)
	select {
	case <-time.After(time.Second):
		return []netip.Addr{netip.IPv6Loopback()}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestLookupsAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{}
		p := New(Config{All: true, Resolver: s}, 16)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		var ok, ended atomic.Int32
		for range 100 {
			go func() {
				if _, err := p.LookupNetIP(ctx, "ip", "example.com"); err == nil {
					ok.Add(1)
				} else if err == context.DeadlineExceeded {
					ended.Add(1)
				}
			}()
		}
		time.Sleep(5 * time.Second)
		if s.most.Load() != 16 || ok.Load() != 32 || ended.Load() != 68 {
			t.Errorf("%d at once, %d done, %d ended", s.most.Load(), ok.Load(), ended.Load())
		}
	})
}

// conn counts itself.
type conn struct {
	net.Conn
	open *atomic.Int32
}

func (c conn) Close() error {
	c.open.Add(-1)
	return nil
}

// What is not said in a rule is what comes of a rule's text.
func TestRulesThatSayLittle(t *testing.T) {
	p := New(Config{
		Addrs: []AddrRule{{Prefix: netip.MustParsePrefix("10.1.2.3/8")}},
		Names: []NameRule{{Name: "Example.COM."}, {Name: "a b"}, {}},
	}, 1)
	if err := p.Check(TCPConnect, netip.MustParseAddrPort("10.9.9.9:1")); err != nil {
		t.Error(err)
	}
	if err := p.Check(TCPBind, netip.MustParseAddrPort("10.9.9.9:1")); err == nil {
		t.Error("it may bind")
	}
	for name, want := range map[string]bool{"example.com": true, "a": false, "b": false} {
		if err := p.CheckName(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}
