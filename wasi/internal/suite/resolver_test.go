package suite

import (
	"context"
	"net"
	"net/netip"

	"github.com/gondola-wasm/gondola/wasi"
)

// everything is the network, with names that are looked up here: no test asks
// anybody outside.
func everything() wasi.Network { return wasi.Network{All: true, Resolver: names{}} }

// names is a resolver that knows two names.
type names struct{}

func (names) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	four, six := netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()
	switch {
	case host == "example.com":
		return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
	case host == "localhost" && network == "ip6":
		return []netip.Addr{six}, nil
	case host == "localhost" && network == "ip4":
		return []netip.Addr{four}, nil
	case host == "localhost":
		return []netip.Addr{four, six}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}
