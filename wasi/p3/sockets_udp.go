package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

func addUDP(l *gondola.Linker, h *host.Host) {
	type udp = *sockets.UDP
	l.Resource(socketTypes, "udp-socket", udp.Close)
	l.Func(socketTypes, "[static]udp-socket.create", func(ctx context.Context, f sockets.Family) (udp, error) {
		s, err := h.Sockets.NewUDP(f)
		return s, socketError(ctx, err)
	})
	method := func(name string, fn any, opts ...gondola.FuncOption) {
		l.Func(socketTypes, "[method]udp-socket."+name, fn, opts...)
	}
	method("bind", func(ctx context.Context, s udp, local sockets.WITSocketAddress) error {
		return socketError(ctx, s.Bind(sockets.FromWIT(local)))
	})
	method("connect", func(ctx context.Context, s udp, remote sockets.WITSocketAddress) error {
		return socketError(ctx, s.Connect(sockets.FromWIT(remote)))
	})
	method("disconnect", func(ctx context.Context, s udp) error { return socketError(ctx, s.Disconnect()) })
	method("send", func(ctx context.Context, s udp, data []byte, to *sockets.WITSocketAddress) error {
		// In the order of the calls, as long as there is room.
		wait, err := s.StartSend(data, sockets.FromWITOption(to))
		if wait == nil {
			return socketError(ctx, err)
		}
		return gondola.Later(func(ctx context.Context) error { return socketError(ctx, wait(ctx)) })
	}, gondola.Ready())
	method("receive", func(ctx context.Context, s udp) (datagram, error) {
		d, ok, err := s.TryReceive()
		if ok || err != nil {
			return datagramOf(ctx, d, err)
		}
		return datagram{}, gondola.Later(func(ctx context.Context) (datagram, error) {
			d, err := s.Receive(ctx)
			return datagramOf(ctx, d, err)
		})
	}, gondola.Ready())
	addSocketAddresses[udp](l, "udp-socket")
	addSocketOptions[udp](l, "udp-socket")
	addSocketOption(l, "udp-socket", "unicast-hop-limit", udp.HopLimit, udp.SetHopLimit)
}

// datagram is tuple<list<u8>, ip-socket-address>.
type datagram struct {
	F0 []byte
	F1 sockets.WITSocketAddress
}

func datagramOf(ctx context.Context, d sockets.Datagram, err error) (datagram, error) {
	if err != nil {
		return datagram{}, socketError(ctx, err)
	}
	return datagram{d.Data, sockets.ToWIT(d.From)}, nil
}
