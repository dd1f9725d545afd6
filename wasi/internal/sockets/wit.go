package sockets

import (
	"encoding/binary"
	"net/netip"

	"github.com/gondola-wasm/gondola"
)

// What follows are addresses as WIT has them, in every version.

// String is its name in ip-address-family.
func (f Family) String() string {
	if f == IPv4 {
		return "ipv4"
	}
	return "ipv6"
}

// WITAddress is ip-address.
type WITAddress interface {
	gondola.Variant[witAddresses]
}

type witAddresses struct {
	IPv4 witIPv4 `wit:"ipv4"`
	IPv6 witIPv6 `wit:"ipv6"`
}

type (
	witIPv4 struct{ Address ipv4Address }
	witIPv6 struct{ Address ipv6Address }

	ipv4Address = struct{ F0, F1, F2, F3 uint8 }
	ipv6Address = struct{ F0, F1, F2, F3, F4, F5, F6, F7 uint16 }
)

func (witIPv4) WITCases(witAddresses) {}
func (witIPv6) WITCases(witAddresses) {}

// ToWITAddress is an address without a port for a guest.
func ToWITAddress(ip netip.Addr) WITAddress {
	if ip.Is4() {
		return witIPv4{toIPv4(ip)}
	}
	return witIPv6{toIPv6(ip)}
}

// ToWITAddresses are addresses without ports for a guest.
func ToWITAddresses(ips []netip.Addr) []WITAddress {
	as := make([]WITAddress, len(ips))
	for i, ip := range ips {
		as[i] = ToWITAddress(ip)
	}
	return as
}

// WITSocketAddress is ip-socket-address.
type WITSocketAddress interface {
	gondola.Variant[witSocketAddresses]
	addr() Addr
}

type witSocketAddresses struct {
	IPv4 witIPv4Socket `wit:"ipv4"`
	IPv6 witIPv6Socket `wit:"ipv6"`
}

type witIPv4Socket struct {
	Address struct {
		Port    uint16
		Address ipv4Address
	}
}

type witIPv6Socket struct {
	Address struct {
		Port     uint16
		FlowInfo uint32
		Address  ipv6Address
		ScopeID  uint32 `wit:"scope-id"`
	}
}

func (witIPv4Socket) WITCases(witSocketAddresses) {}
func (witIPv6Socket) WITCases(witSocketAddresses) {}

func (a witIPv4Socket) addr() Addr {
	ip := a.Address.Address
	return NewAddr(netip.AddrFrom4([4]byte{ip.F0, ip.F1, ip.F2, ip.F3}), a.Address.Port, 0)
}

func (a witIPv6Socket) addr() Addr {
	ip := a.Address.Address
	var b [16]byte
	for i, group := range [...]uint16{ip.F0, ip.F1, ip.F2, ip.F3, ip.F4, ip.F5, ip.F6, ip.F7} {
		binary.BigEndian.PutUint16(b[2*i:], group)
	}
	return NewAddr(netip.AddrFrom16(b), a.Address.Port, a.Address.ScopeID)
}

// FromWIT is an address that comes from a guest.
func FromWIT(a WITSocketAddress) Addr { return a.addr() }

// FromWITOption is an address that may come from a guest.
func FromWITOption(a *WITSocketAddress) *Addr {
	if a == nil {
		return nil
	}
	addr := (*a).addr()
	return &addr
}

// ToWIT is an address for a guest.
func ToWIT(a Addr) WITSocketAddress {
	if a.Addr().Is4() {
		var w witIPv4Socket
		w.Address.Port, w.Address.Address = a.Port(), toIPv4(a.Addr())
		return w
	}
	var w witIPv6Socket
	w.Address.Port, w.Address.Address, w.Address.ScopeID = a.Port(), toIPv6(a.Addr()), a.Scope
	return w
}

func toIPv4(ip netip.Addr) ipv4Address {
	b := ip.As4()
	return ipv4Address{b[0], b[1], b[2], b[3]}
}

func toIPv6(ip netip.Addr) ipv6Address {
	b := ip.As16()
	g := func(i int) uint16 { return binary.BigEndian.Uint16(b[2*i:]) }
	return ipv6Address{g(0), g(1), g(2), g(3), g(4), g(5), g(6), g(7)}
}
