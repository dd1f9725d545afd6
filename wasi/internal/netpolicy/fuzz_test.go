package netpolicy

import (
	"net/netip"
	"testing"
)

// A rule that can be read allows something or nothing, but breaks nothing, and a name
// that is normal stays as it is.
func FuzzRules(f *testing.F) {
	for _, text := range []string{"listen,udp@[2001:db8::/32]:80,8000-9000", "*:443", "*.example.com:*", "münchen.de", "1.2.3.4/8", "::ffff:1.2.3.4/96", "[", "@", ":"} {
		f.Add(text, "example.com")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		var cfg Config
		if rules, err := ParseAddrRule(text); err == nil {
			cfg.Addrs = rules
		}
		if rule, err := ParseNameRule(text); err == nil {
			cfg.Names = []NameRule{rule}
		}
		p := New(cfg, 1)
		for use := TCPConnect; use <= Lookup; use <<= 1 {
			_ = p.Check(use, netip.MustParseAddrPort("10.0.0.1:80"))
			_ = p.Check(use, netip.MustParseAddrPort("[2001:db8::1]:8001"))
		}
		_ = p.CheckName(name)
		normal, err := NormalName(name)
		if err != nil {
			return
		}
		if again, err := NormalName(normal); again != normal || err != nil {
			t.Errorf("%q is normal for %q, and then %q, %v", normal, name, again, err)
		}
	})
}
