package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
)

func addIPNameLookup(l *gondola.Linker, h *host.Host) {
	l.Func("wasi:sockets/ip-name-lookup"+version, "resolve-addresses", func(ctx context.Context, name string) ([]sockets.WITAddress, error) {
		if ip, ok := netpolicy.Literal(name); ok {
			return []sockets.WITAddress{sockets.ToWITAddress(ip)}, nil
		}
		if err := h.Network.CheckName(name); err != nil {
			return nil, lookupError(ctx, err)
		}
		return nil, gondola.Later(func(ctx context.Context) ([]sockets.WITAddress, error) {
			ips, err := h.Network.LookupNetIP(ctx, "ip", name)
			if err != nil {
				return nil, lookupError(ctx, err)
			}
			return sockets.ToWITAddresses(ips), nil
		})
	}, gondola.Ready())
}

func lookupError(ctx context.Context, err error) error {
	if err == ctx.Err() {
		return err
	}
	code := val.Variant("other", val.None())
	if name := netpolicy.LookupCode(err); name != "" {
		code = val.Variant(name, val.Value{})
	}
	return &gondola.Err[val.Value]{Value: code}
}
