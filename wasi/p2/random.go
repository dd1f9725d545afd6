package p2

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

func addRandom(l *gondola.Linker, h *host.Host) {
	// A list of another length than was asked for is not allowed here.
	exactly := func(make func(n uint64) []byte) func(context.Context, uint64) ([]byte, error) {
		return func(_ context.Context, n uint64) ([]byte, error) {
			if err := h.Random.Check(n); err != nil {
				return nil, err
			}
			return make(n), nil
		}
	}
	const random = "wasi:random/random" + version
	l.Func(random, "get-random-bytes", exactly(h.Random.Secure))
	l.Func(random, "get-random-u64", func(context.Context) uint64 { return host.SecureU64() })

	const insecure = "wasi:random/insecure" + version
	l.Func(insecure, "get-insecure-random-bytes", exactly(h.Random.Insecure))
	l.Func(insecure, "get-insecure-random-u64", func(context.Context) uint64 { return h.Random.InsecureU64() })

	l.Func("wasi:random/insecure-seed"+version, "insecure-seed", func(context.Context) struct{ F0, F1 uint64 } {
		return struct{ F0, F1 uint64 }{h.Random.Seed[0], h.Random.Seed[1]}
	})
}
