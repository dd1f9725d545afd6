package sockets

import "net/netip"

// Family is what kind of addresses a socket has.
type Family uint8

const (
	IPv4 Family = iota
	IPv6
)

// unspecified is the address of a socket that is not bound.
func (f Family) unspecified() Addr {
	if f == IPv4 {
		return NewAddr(netip.IPv4Unspecified(), 0, 0)
	}
	return NewAddr(netip.IPv6Unspecified(), 0, 0)
}

// has reports whether a socket of the family may use an address. Sockets of IPv6
// are for IPv6 alone: addresses that stand for IPv4 ones are none of theirs, neither
// mapped nor in the form that is deprecated since 2006, of which systems make
// different things.
func (f Family) has(ip netip.Addr) bool {
	if f == IPv4 {
		return ip.Is4()
	}
	return ip.Is6() && !ip.Is4In6() && !isIPv4Compatible(ip)
}

var ipv4Compatible = netip.MustParsePrefix("::/96")

func isIPv4Compatible(ip netip.Addr) bool {
	return ipv4Compatible.Contains(ip) && !ip.IsUnspecified() && !ip.IsLoopback()
}

// Addr is an address of a socket. [NewAddr] makes one.
type Addr struct {
	netip.AddrPort
	Scope uint32 // of an IPv6 address: the interface, where that is part of the address
}

// isRemote reports whether it is one to connect or send to.
func (a Addr) isRemote() bool { return !a.Addr().IsUnspecified() && a.Port() != 0 }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

func (a Addr) isUnicast() bool { return !a.Addr().IsMulticast() && a.Addr() != broadcast }

// NewAddr makes an address. A scope is part of those that are local to a link, and of
// no others.
func NewAddr(ip netip.Addr, port uint16, scope uint32) Addr {
	if !ip.Is6() || !ip.IsLinkLocalUnicast() && !ip.IsLinkLocalMulticast() && !ip.IsInterfaceLocalMulticast() {
		scope = 0
	}
	return Addr{netip.AddrPortFrom(ip, port), scope}
}

func (a Addr) withPort(port uint16) Addr { return NewAddr(a.Addr(), port, a.Scope) }
