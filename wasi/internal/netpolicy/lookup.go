package netpolicy

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
)

// LookupNetIP looks a name up that the policy allows, and never returns no
// addresses and no error. network is "ip", "ip4" or "ip6". The addresses may be used
// from now on as the rules for the name say.
//
// An address is its own result and no question for anybody. The error is
// [ErrInvalidName], [ErrLookupDisabled], a [*DeniedError], ctx's, or a *[net.DNSError].
func (p *Policy) LookupNetIP(ctx context.Context, network, name string) ([]netip.Addr, error) {
	if ip, ok := Literal(name); ok {
		if network == "ip4" && !ip.Is4() || network == "ip6" && !ip.Is6() {
			return nil, notFound(name)
		}
		return []netip.Addr{ip}, nil
	}
	normal, err := NormalName(name)
	if err != nil {
		return nil, err
	}
	rules, err := p.rulesFor(normal)
	if err != nil {
		return nil, err
	}
	ips, err := p.resolve(ctx, network, p.spelling(name, normal, rules))
	if err != nil {
		return nil, err
	}
	p.learn(ips, rules)
	return ips, nil
}

// CheckName says why a name could not be looked up, without asking anybody. The
// errors are those of [Policy.LookupNetIP].
func (p *Policy) CheckName(name string) error {
	if _, ok := Literal(name); ok {
		return nil
	}
	normal, err := NormalName(name)
	if err == nil {
		_, err = p.rulesFor(normal)
	}
	return err
}

// rulesFor are the rules that allow a name, which must be normal.
func (p *Policy) rulesFor(name string) (rules []*NameRule, err error) {
	for i := range p.cfg.Names {
		if r := &p.cfg.Names[i]; r.matches(name) {
			rules = append(rules, r)
		}
	}
	switch {
	case p.cfg.Deny&Lookup != 0, !p.cfg.All && len(p.cfg.Names) == 0:
		return nil, ErrLookupDisabled
	case !p.cfg.All && len(rules) == 0:
		return nil, &DeniedError{Use: Lookup, Name: name}
	}
	return rules, nil
}

// spelling is the name as the resolver gets it: with a final dot if the search
// list is not for it.
func (p *Policy) spelling(given, normal string, rules []*NameRule) string {
	exact := slices.ContainsFunc(rules, func(r *NameRule) bool { return !r.isWild() })
	if strings.HasSuffix(given, ".") || !p.cfg.All && !exact {
		return normal + "."
	}
	return normal
}

// resolve asks the resolver, when it is its turn.
func (p *Policy) resolve(ctx context.Context, network, name string) ([]netip.Addr, error) {
	if p.waiting.Add(1) > maxWaiting {
		p.waiting.Add(-1)
		return nil, &net.DNSError{Err: "too many lookups are under way", Name: name, IsTemporary: true}
	}
	defer p.waiting.Add(-1)
	select {
	case p.lookups <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.lookups }()
	found, err := p.cfg.Resolver.LookupNetIP(ctx, network, name)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	var ips []netip.Addr
	for _, ip := range found {
		if ip = ip.Unmap().WithZone(""); !slices.Contains(ips, ip) {
			ips = append(ips, ip)
		}
	}
	if len(ips) == 0 {
		return nil, notFound(name)
	}
	return ips, nil
}

// maxWaiting is how many lookups may be under way or wait for that.
const maxWaiting = 1024

func notFound(name string) error {
	return &net.DNSError{Err: "no suitable address", Name: name, IsNotFound: true}
}

// learned remembers which addresses allowed names had. It forgets the oldest.
type learned struct {
	rules map[netip.Addr][]*NameRule
	order []netip.Addr
}

// maxLearned is how many addresses are remembered.
const maxLearned = 4096

func (p *Policy) learn(ips []netip.Addr, rules []*NameRule) {
	if len(rules) == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &p.learned
	if l.rules == nil {
		l.rules = map[netip.Addr][]*NameRule{}
	}
	for _, ip := range ips {
		l.add(ip, rules)
	}
}

func (l *learned) add(ip netip.Addr, rules []*NameRule) {
	known, ok := l.rules[ip]
	if !ok {
		if len(l.order) == maxLearned {
			delete(l.rules, l.order[0])
			l.order = slices.Delete(l.order, 0, 1)
		}
		l.order = append(l.order, ip)
	}
	for _, r := range rules {
		if !slices.Contains(known, r) {
			known = append(known, r)
		}
	}
	l.rules[ip] = known
}

func (p *Policy) learnedAllows(use Use, ip netip.Addr, port uint16) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return anyAllows(p.learned.rules[ip], use, port)
}

func anyAllows(rules []*NameRule, use Use, port uint16) bool {
	return slices.ContainsFunc(rules, func(r *NameRule) bool {
		return r.Uses&use != 0 && inPorts(r.Ports, port)
	})
}

// LookupCode is what an error of [Policy.LookupNetIP] is for a guest: the name of a
// case of wasi:sockets/ip-name-lookup.error-code, which 0.2 has in its
// network.error-code. It is empty where there is none.
func LookupCode(err error) string {
	if errors.Is(err, ErrInvalidName) {
		return "invalid-argument"
	}
	if errors.Is(err, ErrLookupDisabled) {
		return "permanent-resolver-failure"
	}
	if _, ok := errors.AsType[*DeniedError](err); ok {
		return "access-denied"
	}
	dns, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return ""
	case dns.IsNotFound:
		return "name-unresolvable"
	case dns.IsTemporary || dns.IsTimeout:
		return "temporary-resolver-failure"
	}
	return "permanent-resolver-failure"
}
