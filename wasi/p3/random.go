package p3

import (
	"context"
	"crypto/rand"
	"encoding/binary"

	"github.com/gondola-wasm/gondola"
)

// maxRandom caps what one call makes: the interface lets the host return less
// than was asked for.
const maxRandom = 64 << 20

func addRandom(l *gondola.Linker) {
	// The insecure interfaces promise less than this gives, and the source is
	// fast enough for them.
	for _, name := range []struct{ id, prefix string }{
		{"wasi:random/random" + version, "get-random-"},
		{"wasi:random/insecure" + version, "get-insecure-random-"},
	} {
		l.Func(name.id, name.prefix+"bytes", func(_ context.Context, n uint64) []byte { return randomBytes(n) })
		l.Func(name.id, name.prefix+"u64", func(context.Context) uint64 { return randomU64() })
	}
	l.Func("wasi:random/insecure-seed"+version, "get-insecure-seed", func(context.Context) struct{ F0, F1 uint64 } {
		return struct{ F0, F1 uint64 }{randomU64(), randomU64()}
	})
}

func randomBytes(n uint64) []byte {
	b := make([]byte, min(n, maxRandom))
	_, _ = rand.Read(b) // it never fails
	return b
}

func randomU64() uint64 { return binary.NativeEndian.Uint64(randomBytes(8)) }
