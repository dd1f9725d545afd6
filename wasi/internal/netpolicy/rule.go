package netpolicy

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Ports is a range of ports, both ends included.
type Ports struct{ First, Last uint16 }

func (r Ports) contains(port uint16) bool { return r.First <= port && port <= r.Last }

// AddrRule allows to use addresses.
type AddrRule struct {
	Uses   Use // Outgoing if 0
	Prefix netip.Prefix

	// Ports are those of the address; none means all. Port 0 in a rule for binding is
	// the right to have a free port chosen.
	Ports []Ports

	// From are those who may connect or send datagrams to a local address; none means
	// everybody.
	From []netip.Prefix
}

func (r AddrRule) covers(use Use, ip netip.Addr, port uint16) bool {
	return r.Uses&use != 0 && r.Prefix.Contains(ip) && inPorts(r.Ports, port)
}

func (r AddrRule) hears(peer netip.Addr) bool {
	peer = peer.Unmap().WithZone("")
	return len(r.From) == 0 || slices.ContainsFunc(r.From, func(p netip.Prefix) bool { return p.Contains(peer) })
}

func inPorts(ranges []Ports, port uint16) bool {
	return len(ranges) == 0 || slices.ContainsFunc(ranges, func(r Ports) bool { return r.contains(port) })
}

// ParseAddrRule reads rules for addresses as they are written on a command line:
//
//	[USE[,USE…]@]ADDRESS[/BITS][:PORTS]
//
// USE is connect, bind, listen (which bind is part of), udp or udp-bind; without
// one it is connect and udp. ADDRESS is an IP address, where IPv6 is in brackets if
// PORTS follow, or * for all. PORTS is a list of ports and ranges, 80,8000-8999, or *.
// To listen at 0.0.0.0 or :: is to listen at any address. * for an address makes two
// rules.
func ParseAddrRule(text string) ([]AddrRule, error) {
	uses, rest, err := cutUses(text, TCPConnect|UDPSend)
	if err != nil {
		return nil, err
	}
	host, ports, err := cutPorts(rest)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	if host == "*" {
		return []AddrRule{
			{Uses: uses, Prefix: netip.PrefixFrom(netip.IPv4Unspecified(), 0), Ports: ports},
			{Uses: uses, Prefix: netip.PrefixFrom(netip.IPv6Unspecified(), 0), Ports: ports},
		}, nil
	}
	prefix, err := parsePrefix(host)
	if err != nil {
		return nil, fmt.Errorf("%q: %q is no IP address with or without /BITS; names go by rules for names", text, host)
	}
	if uses&Outgoing == 0 && prefix.IsSingleIP() && prefix.Addr().IsUnspecified() {
		prefix = netip.PrefixFrom(prefix.Addr(), 0)
	}
	return []AddrRule{{Uses: uses, Prefix: prefix, Ports: ports}}, nil
}

func parsePrefix(host string) (netip.Prefix, error) {
	addr, bits, ok := strings.Cut(strings.NewReplacer("[", "", "]", "").Replace(host), "/")
	ip, err := netip.ParseAddr(addr)
	if err != nil || ip.Zone() != "" {
		return netip.Prefix{}, ErrInvalidName
	}
	if !ok {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), nil
	}
	return netip.ParsePrefix(ip.String() + "/" + bits)
}

func cutUses(text string, otherwise Use) (uses Use, rest string, err error) {
	words, rest, ok := strings.Cut(text, "@")
	if !ok {
		return otherwise, text, nil
	}
	for word := range strings.SplitSeq(words, ",") {
		u, ok := useOf(word)
		if !ok {
			return 0, "", fmt.Errorf("%q: no such use as %q; there are %s", text, word, allUseWords())
		}
		uses |= u
	}
	return uses, rest, nil
}

// cutPorts cuts the ports off. A colon inside brackets, or one of several without
// brackets, is part of an address.
func cutPorts(text string) (host string, ports []Ports, err error) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 || i < strings.LastIndexByte(text, ']') || !strings.Contains(text, "]") && strings.Count(text, ":") > 1 {
		return text, nil, nil
	}
	ports, err = parsePorts(text[i+1:])
	return text[:i], ports, err
}

func parsePorts(text string) (ports []Ports, err error) {
	if text == "*" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		a, err1 := strconv.ParseUint(first, 10, 16)
		b, err2 := strconv.ParseUint(last, 10, 16)
		if err1 != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("%q is no port, range of ports, or *", part)
		}
		ports = append(ports, Ports{uint16(a), uint16(b)})
	}
	return ports, nil
}
