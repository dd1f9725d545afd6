package netpolicy

import "net/netip"

// notPublic are the addresses that the special-purpose registries of IANA don't
// call globally reachable, multicast, what embeds an IPv4 address in a way that is not
// looked into, and what IANA has given to nobody: of IPv6 that is all but 2000::/3.
var notPublic = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// nat64 is the well-known prefix under which IPv4 addresses are reached from
// networks that have IPv6 only (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(texts ...string) []netip.Prefix {
	ps := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		ps[i] = netip.MustParsePrefix(text)
	}
	return ps
}

// IsPrivate reports whether an address is not on the public Internet.
func IsPrivate(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return isPrivatePrefix(netip.PrefixFrom(ip, ip.BitLen()))
}

// isPrivatePrefix reports whether none of the addresses is on the public Internet.
func isPrivatePrefix(q netip.Prefix) bool {
	if q.Overlaps(nat64) {
		if q.Bits() < nat64.Bits() {
			return false
		}
		b := q.Addr().As16()
		q = netip.PrefixFrom(netip.AddrFrom4([4]byte(b[12:])), q.Bits()-nat64.Bits())
	}
	for _, p := range notPublic {
		if p.Bits() <= q.Bits() && p.Contains(q.Addr()) {
			return true
		}
	}
	return false
}
