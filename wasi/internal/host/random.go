package host

import (
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
)

// Random makes random bytes for guests. It is safe for use from several goroutines.
type Random struct {
	max uint64

	mu       sync.Mutex
	insecure *rand.ChaCha8

	// Seed is what insecure-seed returns, the same every time. It has nothing to do
	// with what seeds the insecure numbers.
	Seed [2]uint64
}

func newRandom(max uint64) *Random {
	r := &Random{max: max, Seed: [2]uint64{SecureU64(), SecureU64()}}
	var seed [32]byte
	fillSecure(seed[:])
	r.insecure = rand.NewChaCha8(seed)
	return r
}

// Check is the error of a guest that asks for more bytes than a call makes. 0.2 lets
// a host return nothing else than what was asked for.
func (r *Random) Check(n uint64) error {
	if n > r.max {
		return fmt.Errorf("wasi:random: the guest asks for %d random bytes; the limit for one call is %d", n, r.max)
	}
	return nil
}

// Secure makes n bytes that nobody can guess, or as many as a call makes.
func (r *Random) Secure(n uint64) []byte {
	b := make([]byte, min(n, r.max))
	fillSecure(b)
	return b
}

// Insecure is like Secure and fast.
func (r *Random) Insecure(n uint64) []byte {
	b := make([]byte, min(n, r.max))
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = r.insecure.Read(b) // it never fails
	return b
}

// InsecureU64 is like SecureU64 and fast.
func (r *Random) InsecureU64() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.insecure.Uint64()
}

// SecureU64 makes a number that nobody can guess.
func SecureU64() uint64 {
	var b [8]byte
	fillSecure(b[:])
	return binary.NativeEndian.Uint64(b[:])
}

func fillSecure(b []byte) { _, _ = crand.Read(b) } // it never fails
