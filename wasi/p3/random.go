package p3

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

func addRandom(l *gondola.Linker, h *host.Host) {
	const random = "wasi:random/random" + version
	l.Func(random, "get-random-bytes", func(_ context.Context, n uint64) []byte { return h.Random.Secure(n) })
	l.Func(random, "get-random-u64", func(context.Context) uint64 { return host.SecureU64() })

	const insecure = "wasi:random/insecure" + version
	l.Func(insecure, "get-insecure-random-bytes", func(_ context.Context, n uint64) []byte { return h.Random.Insecure(n) })
	l.Func(insecure, "get-insecure-random-u64", func(context.Context) uint64 { return h.Random.InsecureU64() })

	l.Func("wasi:random/insecure-seed"+version, "get-insecure-seed", func(context.Context) struct{ F0, F1 uint64 } {
		return struct{ F0, F1 uint64 }{h.Random.Seed[0], h.Random.Seed[1]}
	})
}
