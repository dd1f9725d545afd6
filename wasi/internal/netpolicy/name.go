package netpolicy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"
)

// NameRule allows to look names up and to use the addresses that come of it.
type NameRule struct {
	Uses  Use    // of Outgoing, all of it if 0; to look up is always allowed
	Name  string // "*" is every name, and "*.example.com" all below example.com
	Ports []Ports
}

func (r *NameRule) matches(name string) bool {
	suffix, wild := strings.CutPrefix(r.Name, "*")
	return r.Name == name || wild && strings.HasSuffix(name, suffix)
}

func (r *NameRule) isWild() bool { return strings.HasPrefix(r.Name, "*") }

// ParseNameRule reads a rule for names as it is written on a command line:
//
//	[USE[,USE…]@]NAME[:PORTS]
//
// NAME may be *.example.com, for all names below that one, or *, for all. USE is
// connect or udp; without one it is both. PORTS is as for addresses.
func ParseNameRule(text string) (NameRule, error) {
	uses, rest, err := cutUses(text, Outgoing)
	if err != nil {
		return NameRule{}, err
	}
	if uses&^Outgoing != 0 {
		return NameRule{}, fmt.Errorf("%q: names are for connect and udp; to bind or listen takes an address", text)
	}
	name, ports, err := cutPorts(rest)
	if err != nil {
		return NameRule{}, fmt.Errorf("%q: %w", text, err)
	}
	r := NameRule{Uses: uses, Ports: ports}
	if r.Name, err = normalPattern(name); err != nil {
		return NameRule{}, fmt.Errorf("%q: %q is no domain name; it may start with *. and no other part of it may have a *", text, name)
	}
	return r, nil
}

func normalPattern(pattern string) (string, error) {
	if pattern == "*" {
		return pattern, nil
	}
	name, wild := strings.CutPrefix(pattern, "*.")
	name, err := NormalName(name)
	if wild {
		name = "*." + name
	}
	return name, err
}

// maxNameText bounds what is looked at: 253 characters, each of which a name in
// Unicode can have in four bytes.
const maxNameText = 4 * 253

// NormalName is a domain name in lower case, without a final dot, its labels in
// ASCII. The error is [ErrInvalidName].
//
// What looks like a number at the end makes a name invalid: there are systems that
// take 127.1 or 0x7f000001 for an address.
func NormalName(name string) (string, error) {
	if len(name) > maxNameText {
		return "", ErrInvalidName
	}
	if !isASCII(name) {
		var err error
		if name, err = toASCII(name); err != nil {
			return "", ErrInvalidName
		}
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if name == "" || len(name) > 253 {
		return "", ErrInvalidName
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if !isLabel(label) {
			return "", ErrInvalidName
		}
	}
	if looksNumeric(labels[len(labels)-1]) {
		return "", ErrInvalidName
	}
	return name, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isLabel also lets underscores pass, which names of services have.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

func looksNumeric(label string) bool {
	hex, isHex := strings.CutPrefix(label, "0x")
	digits := "0123456789"
	if isHex {
		digits, label = "0123456789abcdef", hex
	}
	return strings.Trim(label, digits) == ""
}

// toASCII does what IDNA calls ToASCII for a lookup. In the standard library that is
// behind [http.Transport], which dials names in ASCII.
func toASCII(name string) (string, error) {
	if !utf8.ValidString(name) || strings.ContainsAny(name, "/:%[]@ \r\n\t\ufffd") {
		return "", ErrInvalidName
	}
	var dialled string
	t := http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		dialled = address
		return nil, ErrInvalidName // seen enough
	}}
	defer t.CloseIdleConnections()
	_, err := t.RoundTrip(&http.Request{Header: http.Header{}, URL: &url.URL{Scheme: "http", Host: name}})
	name, _, ok := strings.Cut(dialled, ":")
	if err == nil || !ok || !isASCII(name) {
		return "", ErrInvalidName
	}
	return name, nil
}

// Literal is the address that a name spells out, if it does, with IPv6 in brackets
// or not. An IPv4 address in the form of IPv6 comes as IPv4. Zones are no part of
// what WASI calls an address.
func Literal(name string) (ip netip.Addr, ok bool) {
	if inner, ok := strings.CutPrefix(name, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		ip, err := netip.ParseAddr(inner)
		if err != nil || !closed || !ip.Is6() || ip.Zone() != "" {
			return netip.Addr{}, false
		}
		return ip.Unmap(), true
	}
	ip, err := netip.ParseAddr(name)
	if err != nil || ip.Zone() != "" {
		return netip.Addr{}, false
	}
	return ip.Unmap(), true
}
