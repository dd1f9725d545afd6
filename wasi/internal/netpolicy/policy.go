// Package netpolicy decides what of the network a guest may use. It is asked by
// sockets, by name lookup and by outgoing HTTP, and there is one answer for all.
//
// # Decisions
//
//   - Nothing is allowed that no rule allows. [Config.Deny] and [Config.DenyPrivate]
//     take away from what is allowed, whoever allowed it.
//   - Connections and datagrams to somewhere are allowed by the remote address,
//     listening by the local one. The port of its own that a socket gets when it
//     connects or sends without having been bound needs no rule; a source address
//     that the guest chooses by bind does.
//   - Who may listen accepts from everybody, or from [AddrRule.From]. So does who may
//     bind a datagram socket; a datagram socket that was never bound by a rule hears
//     only those to whom it may send.
//   - Which names can be looked up is a question of its own, since a query carries
//     its name out of the sandbox. An address that was looked up by an allowed name
//     may then be used as the rule for the name says. This keeps working when the
//     name changes its addresses, and gives whoever owns the name no more than the
//     addresses it points to: with DenyPrivate these can't be addresses inside.
//   - Addresses are checked after names were resolved, at the last moment, and what
//     was checked is what is dialled: a name that resolves differently the second
//     time (DNS rebinding) gains nothing.
//   - A name that a rule spells out, and every name under [Config.All], is looked up
//     as the machine looks names up, its search list included. One that only matches a
//     wildcard is taken as it stands, so that the search list doesn't leak.
package netpolicy

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
)

// Config is what a guest may use. The zero Config allows nothing.
type Config struct {
	// All allows everything.
	All bool

	// Addrs and Names allow what they name.
	Addrs []AddrRule
	Names []NameRule

	// Deny takes uses away, whatever allows them.
	Deny Use

	// DenyPrivate takes away addresses that are not on the public Internet: loopback,
	// private, shared, link-local and unique local ones, those for documentation,
	// benchmarks and multicast, and IPv6 addresses that embed such an IPv4 address. An
	// address rule with nothing but such addresses stays as it is. Local addresses to
	// bind and listen are not concerned.
	DenyPrivate bool

	// Resolver looks names up. Nil is net.DefaultResolver.
	Resolver Resolver
}

// Resolver is the part of [net.Resolver] that is used.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Policy answers for one host. It is safe for use from several goroutines.
type Policy struct {
	cfg     Config
	lookups chan struct{} // an element for each lookup under way
	waiting atomic.Int32  // those that wait included

	mu      sync.Mutex
	learned learned
}

// New makes a policy with at most so many lookups under way at a time; others wait.
// A rule for what is no name allows nothing.
func New(cfg Config, lookups int) *Policy {
	cfg.Addrs, cfg.Names = slices.Clone(cfg.Addrs), slices.Clone(cfg.Names)
	for i := range cfg.Addrs {
		r := &cfg.Addrs[i]
		r.Uses = cmp.Or(r.Uses, Outgoing)
		r.Prefix, r.From = unmapped(r.Prefix), slices.Clone(r.From)
		for j := range r.From {
			r.From[j] = unmapped(r.From[j])
		}
	}
	for i := range cfg.Names {
		r := &cfg.Names[i]
		r.Uses = cmp.Or(r.Uses, Outgoing)
		r.Name, _ = normalPattern(r.Name) // "" is no name's
	}
	if cfg.Resolver == nil {
		cfg.Resolver = net.DefaultResolver
	}
	return &Policy{cfg: cfg, lookups: make(chan struct{}, max(lookups, 1))}
}

// unmapped is a prefix as the addresses come that it is compared with: those of IPv4 in
// the form of IPv6 as IPv4.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked()
}

// CheckProtocol returns a [*DeniedError] if Deny has every use there is of TCP or
// of UDP, so that sockets are of no use.
func (p *Policy) CheckProtocol(all Use) error {
	if p.cfg.Deny&all == all {
		return &DeniedError{Use: all}
	}
	return nil
}

// Check returns a [*DeniedError] if an address may not be used so. use is one
// use; for those of [Local] addr is the local address, else the remote one.
func (p *Policy) Check(use Use, addr netip.AddrPort) error {
	ip := whereTo(use, addr.Addr().Unmap().WithZone(""))
	allowed := p.cfg.Deny&use == 0 && (p.cfg.All || p.ruleAllows(use, ip, addr.Port(), false) || p.learnedAllows(use, ip, addr.Port()))
	if allowed && p.hides(use, ip) && !p.ruleAllows(use, ip, addr.Port(), true) {
		return &DeniedError{Use: use, Addr: addr, Private: true}
	}
	if !allowed {
		return &DeniedError{Use: use, Addr: addr}
	}
	return nil
}

// whereTo is the address that is reached by one: the unspecified ones lead to this
// machine where something is connected or sent to them.
func whereTo(use Use, ip netip.Addr) netip.Addr {
	switch {
	case use&Outgoing == 0 || !ip.IsUnspecified():
		return ip
	case ip.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// hides reports whether DenyPrivate is about an address.
func (p *Policy) hides(use Use, ip netip.Addr) bool {
	return p.cfg.DenyPrivate && use&Local == 0 && IsPrivate(ip)
}

// CheckPeer returns a [*DeniedError] if somebody may not talk to a socket that was
// allowed to use a local address: use is TCPListen or UDPBind. local is the address
// by which the socket was allowed.
func (p *Policy) CheckPeer(use Use, local, peer netip.AddrPort) error {
	if p.cfg.All {
		return nil
	}
	ip := local.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(p.cfg.Addrs, func(r AddrRule) bool {
		return r.covers(use, ip, local.Port()) && r.hears(peer.Addr())
	}) {
		return nil
	}
	return &DeniedError{Use: use, Addr: peer, peer: true}
}

// ruleAllows reports whether a rule for addresses does; with private set, one that
// has private addresses alone.
func (p *Policy) ruleAllows(use Use, ip netip.Addr, port uint16, private bool) bool {
	return slices.ContainsFunc(p.cfg.Addrs, func(r AddrRule) bool {
		return r.covers(use, ip, port) && (!private || isPrivatePrefix(r.Prefix))
	})
}
