package p2

import (
	"context"
	"errors"
	"net/netip"
	"runtime/debug"
	"slices"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

// addressStream is wasi:sockets/ip-name-lookup.resolve-address-stream.
type addressStream struct {
	pollio.Parent
	cancel context.CancelFunc
	done   pollio.Event

	// Once done:
	addrs []netip.Addr // that the guest has not had
	err   error
}

func addIPNameLookup(l *gondola.Linker, h *host.Host) {
	const id, resource = "wasi:sockets/ip-name-lookup" + version, "resolve-address-stream"
	l.Resource(id, resource, (*addressStream).drop)
	l.Func(id, "resolve-addresses", func(ctx context.Context, _ *network, name string) (*addressStream, error) {
		return resolveAddresses(ctx, h.Network, name)
	})
	l.Func(id, "[method]"+resource+".resolve-next-address", func(_ context.Context, s *addressStream) (*sockets.WITAddress, error) {
		return s.next()
	})
	l.Func(id, "[method]"+resource+".subscribe", func(_ context.Context, s *addressStream) *pollio.Pollable {
		return s.Subscribe(&s.done)
	})
}

// resolveAddresses begins a lookup, unless it can't be.
func resolveAddresses(ctx context.Context, p *netpolicy.Policy, name string) (*addressStream, error) {
	if err := p.CheckName(name); err != nil {
		return nil, lookupError(err)
	}
	s := &addressStream{}
	ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go s.lookup(ctx, p, name)
	return s, nil
}

// lookup looks the name up, by a resolver that may be the embedder's: a panic of its
// is no reason to end the process.
func (s *addressStream) lookup(ctx context.Context, p *netpolicy.Policy, name string) {
	defer s.done.Set()
	defer func() {
		if p := recover(); p != nil {
			s.err = &gondola.PanicError{Func: "resolve-addresses", Value: p, Stack: debug.Stack()}
		}
	}()
	s.addrs, s.err = p.LookupNetIP(ctx, "ip", name)
}

func (s *addressStream) drop() error {
	s.cancel()
	return s.CheckDrop()
}

// next is the next address, or nil after the last.
func (s *addressStream) next() (*sockets.WITAddress, error) {
	switch {
	case !s.done.Ready():
		return nil, netWouldBlock
	case s.err != nil:
		return nil, lookupError(s.err)
	case len(s.addrs) == 0:
		return nil, nil
	}
	a := sockets.ToWITAddress(s.addrs[0])
	s.addrs = s.addrs[1:]
	return &a, nil
}

// lookupError is an error for a guest. A panic traps it.
func lookupError(err error) error {
	if p, ok := errors.AsType[*gondola.PanicError](err); ok {
		return p
	}
	// What has no name is unknown, which is the first.
	return networkError(max(slices.Index(networkErrorNames[:], netpolicy.LookupCode(err)), 0))
}
