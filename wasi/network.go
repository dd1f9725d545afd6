package wasi

import (
	"context"
	"net/netip"

	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
)

// Network says what of the network a guest may use: by sockets, by name lookup and
// by outgoing HTTP, all of which ask the same rules. The zero Network allows
// nothing.
//
// Addresses are checked after names were resolved, and what was checked is what is
// used. A guest that has looked up a name that Names allow may use the addresses it
// got as that rule says. Names that no rule allows are not looked up, since a query
// carries its name out.
type Network struct {
	// All allows everything.
	All bool

	// Addrs and Names allow what they name.
	Addrs []AddrRule
	Names []NameRule

	// Deny takes uses away, whatever allows them. Without all of TCP, or of UDP,
	// guests can't make sockets of that kind.
	Deny NetworkUse

	// DenyPrivate takes away remote addresses that are not on the public Internet:
	// loopback, private, link-local (where clouds keep their metadata) and the like.
	// Address rules for nothing but such addresses still count.
	DenyPrivate bool

	// Resolver looks names up. Nil is net.DefaultResolver.
	Resolver Resolver
}

// NetworkUse is what an address or a name is used for; also a set of uses. There are
// TCPConnect, TCPBind, TCPListen, UDPSend, UDPBind, Lookup, and TCP and UDP for
// all uses of one protocol.
type NetworkUse = netpolicy.Use

// The uses of the network. To connect is to connect to a remote address, and to
// send to exchange datagrams with one; to bind is to use a local address of the
// guest's choice, and to listen to accept connections there. The local port that
// the system chooses for a socket that connects or sends needs no rule. Who may
// bind a datagram socket receives from everybody.
const (
	TCPConnect = netpolicy.TCPConnect
	TCPBind    = netpolicy.TCPBind
	TCPListen  = netpolicy.TCPListen
	UDPSend    = netpolicy.UDPSend
	UDPBind    = netpolicy.UDPBind
	Lookup     = netpolicy.Lookup

	TCP = netpolicy.TCP
	UDP = netpolicy.UDP
)

// PortRange is a range of ports, from First to Last, both included, which are its fields.
type PortRange = netpolicy.Ports

// AddrRule allows to use addresses. [ParseAddrRule] reads them.
type AddrRule struct {
	Uses   NetworkUse // TCPConnect and UDPSend if 0
	Prefix netip.Prefix

	// Ports are those of the address; none means all. Port 0 in a rule for binding is
	// the right to have a free port chosen.
	Ports []PortRange

	// From are those who may connect or send datagrams to a local address; none means
	// everybody. Connections of others are reset, and their datagrams dropped.
	From []netip.Prefix
}

// NameRule allows to look names up and to use the addresses that come of it.
// [ParseNameRule] reads them.
type NameRule struct {
	Uses  NetworkUse // TCPConnect, UDPSend, or both, which 0 is too
	Name  string     // example.com, or *.example.com for all below it, or * for every name
	Ports []PortRange
}

// Resolver is the part of [net.Resolver] that looks names up. network is "ip",
// "ip4" or "ip6".
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// ParseAddrRule reads rules for addresses as they are written on a command line:
//
//	[USE[,USE…]@]ADDRESS[/BITS][:PORTS]
//
// USE is connect, bind, listen (which bind is part of), udp (to send) or udp-bind;
// without one it is connect and udp. ADDRESS is an IP address, where IPv6 is in
// brackets if PORTS follow, or * for all, which makes two rules. PORTS is a list of
// ports and ranges, such as 80,8000-8999, or *. To listen at 0.0.0.0 or [::] is to
// listen at any address of that kind.
func ParseAddrRule(text string) ([]AddrRule, error) {
	parsed, err := netpolicy.ParseAddrRule(text)
	var rules []AddrRule
	for _, r := range parsed {
		rules = append(rules, AddrRule(r))
	}
	return rules, err
}

// ParseNameRule reads a rule for names as it is written on a command line:
//
//	[USE[,USE…]@]NAME[:PORTS]
//
// NAME may be *.example.com, for all names below that one, or *, for all. USE is
// connect or udp; without one it is both. PORTS is as for [ParseAddrRule].
func ParseNameRule(text string) (NameRule, error) {
	r, err := netpolicy.ParseNameRule(text)
	return NameRule(r), err
}

// config is what it says, for the policy.
func (n Network) config() netpolicy.Config {
	cfg := netpolicy.Config{All: n.All, Deny: n.Deny, DenyPrivate: n.DenyPrivate, Resolver: n.Resolver}
	for _, r := range n.Addrs {
		cfg.Addrs = append(cfg.Addrs, netpolicy.AddrRule(r))
	}
	for _, r := range n.Names {
		cfg.Names = append(cfg.Names, netpolicy.NameRule(r))
	}
	return cfg
}
