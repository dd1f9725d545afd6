package p2

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/httpio"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
)

func addOutgoingHandler(l *gondola.Linker, h *host.Host) {
	l.Func("wasi:http/outgoing-handler"+version, "handle",
		func(ctx context.Context, r *httpio.OutgoingRequest, options **httpx.RequestOptions) (*httpio.FutureResponse, error) {
			if options == nil {
				return httpio.Send(ctx, h.HTTP, r, nil)
			}
			return httpio.Send(ctx, h.HTTP, r, *options)
		})
}
