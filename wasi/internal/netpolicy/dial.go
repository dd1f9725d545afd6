package netpolicy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"
)

// DialContext connects to a host and port as [net.Dialer.DialContext] does, where
// the policy allows it: the name may be looked up, and the address that is dialled
// may be connected to. network is "tcp", "tcp4" or "tcp6". The error may be any
// that [Policy.LookupNetIP] has.
//
// It has no time limit of its own: ctx is one.
func (p *Policy) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d, err := p.destination(network, address)
	if err != nil {
		return nil, err
	}
	ips, err := p.LookupNetIP(ctx, d.family, d.host)
	if err != nil {
		return nil, err
	}
	allowed, err := p.allowed(d, ips)
	if err != nil {
		return nil, err
	}
	return dialFirst(ctx, func(ctx context.Context, addr netip.AddrPort) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, addr.String())
	}, allowed)
}

type destination struct {
	family string // for LookupNetIP
	host   string
	port   uint16
	rules  []*NameRule // that allow the host, unless it is an address
}

func (p *Policy) destination(network, address string) (*destination, error) {
	family, ok := map[string]string{"tcp": "ip", "tcp4": "ip4", "tcp6": "ip6"}[network]
	if !ok {
		return nil, net.UnknownNetworkError(network)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, &net.AddrError{Err: "the port is not a number up to 65535", Addr: address}
	}
	d := &destination{family: family, host: host, port: uint16(n)}
	if _, ok := Literal(host); ok {
		return d, nil
	}
	name, err := NormalName(host)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", host, err)
	}
	if d.rules, err = p.rulesFor(name); err != nil {
		return nil, err
	}
	if !p.cfg.All && !anyAllows(d.rules, TCPConnect, d.port) {
		return nil, &DeniedError{Use: TCPConnect, Name: net.JoinHostPort(name, port)}
	}
	return d, nil
}

// allowed are the addresses that may be connected to. If there is none, the error
// says why not the first.
func (p *Policy) allowed(d *destination, ips []netip.Addr) (addrs []netip.AddrPort, first error) {
	for _, ip := range ips {
		addr := netip.AddrPortFrom(ip, d.port)
		// They were learned a moment ago, so that the rules for the name count.
		err := p.Check(TCPConnect, addr)
		if err == nil {
			addrs = append(addrs, addr)
		} else if first == nil {
			first = err
		}
	}
	if len(addrs) == 0 {
		var denied *DeniedError
		if len(d.rules) > 0 && errors.As(first, &denied) {
			denied.Name = d.host
		}
		return nil, first
	}
	return addrs, nil
}

// nextAttempt is how long an attempt to connect has before the next address is
// tried beside it (RFC 8305, section 5).
const nextAttempt = 250 * time.Millisecond

type dialFunc func(ctx context.Context, addr netip.AddrPort) (net.Conn, error)

// dialFirst connects to whichever address answers first, giving each a start over
// the next.
func dialFirst(ctx context.Context, dial dialFunc, addrs []netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &dialRace{results: make(chan attempt), over: make(chan struct{})}
	defer close(r.over)
	next := time.NewTimer(0)
	defer next.Stop()
	var first error
	for failed := 0; failed < len(addrs); {
		select {
		case <-next.C:
			go r.try(ctx, dial, addrs[r.started])
			if r.started++; r.started < len(addrs) {
				next.Reset(nextAttempt)
			}
		case a := <-r.results:
			if a.err == nil {
				return a.conn, nil
			}
			if first == nil {
				first = a.err
			}
			if failed++; r.started < len(addrs) {
				next.Reset(0)
			}
		}
	}
	return nil, first
}

// dialRace are attempts to connect that are under way.
type dialRace struct {
	started int
	results chan attempt
	over    chan struct{} // closed when nobody wants results any more
}

type attempt struct {
	conn net.Conn
	err  error
}

func (r *dialRace) try(ctx context.Context, dial dialFunc, addr netip.AddrPort) {
	conn, err := dial(ctx, addr)
	select {
	case r.results <- attempt{conn, err}:
	case <-r.over:
		if err == nil {
			conn.Close()
		}
	}
}
