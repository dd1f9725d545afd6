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
	method := func(name string, fn any) { l.Func(socketTypes, "[method]udp-socket."+name, fn) }
	method("bind", func(ctx context.Context, s udp, local sockets.WITSocketAddress) error {
		return socketError(ctx, s.Bind(sockets.FromWIT(local)))
	})
	method("connect", func(ctx context.Context, s udp, remote sockets.WITSocketAddress) error {
		return socketError(ctx, s.Connect(sockets.FromWIT(remote)))
	})
	method("disconnect", func(ctx context.Context, s udp) error { return socketError(ctx, s.Disconnect()) })
	method("send", func(ctx context.Context, s udp, data []byte, to *sockets.WITSocketAddress) error {
		return socketError(ctx, s.Send(ctx, data, sockets.FromWITOption(to)))
	})
	method("receive", func(ctx context.Context, s udp) (datagram, error) {
		d, err := s.Receive(ctx)
		if err != nil {
			return datagram{}, socketError(ctx, err)
		}
		return datagram{d.Data, sockets.ToWIT(d.From)}, nil
	})
	addSocketAddresses[udp](l, "udp-socket")
	addSocketOptions[udp](l, "udp-socket")
	addSocketOption(l, "udp-socket", "unicast-hop-limit", udp.HopLimit, udp.SetHopLimit)
}

// datagram is tuple<list<u8>, ip-socket-address>.
type datagram struct {
	F0 []byte
	F1 sockets.WITSocketAddress
}
