package wazero

import (
	"context"
	"math"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// What the host does for modules that corewasm.Lower took apart.

// copyPiece is how much is copied between two ticks.
const copyPiece = 1 << 20

// copyMemory copies between two memories. See corewasm.LinkCopy.
func copyMemory(ctx context.Context, stack []uint64) {
	s := spaceOf(ctx)
	to, from := s.memoryAt(stack[0]), s.memoryAt(stack[1])
	dst, src, n := stack[2], stack[3], stack[4]
	if !within(to, dst, n) || !within(from, src, n) {
		panic(trap.New(trap.MemoryOutOfBounds))
	}
	// Where both are one memory, an end that overlaps must not be read after it was
	// written.
	backwards := dst > src
	for n > 0 {
		piece := min(n, copyPiece)
		n -= piece
		at := uint64(0)
		if backwards {
			at = n
		}
		d, _ := to.Read(uint32(dst+at), uint32(piece))
		b, _ := from.Read(uint32(src+at), uint32(piece))
		copy(d, b)
		if !backwards {
			dst, src = dst+piece, src+piece
		}
		if n > 0 {
			s.tick()
		}
	}
}

// memoryAt is the memory with a number.
func (s *space) memoryAt(number uint64) api.Memory {
	p := s.code.memories[uint32(number)]
	return s.set.cores[p.instance].parts[p.part].Memory()
}

func within(m api.Memory, at, n uint64) bool {
	pages, _ := m.Grow(0)
	size := uint64(pages) * pageSize
	return n <= size && at <= size-n
}

// wait waits where nobody can notify, because only one thread runs in a store:
// until the timeout, or until a tick ends the call. See corewasm.LinkWait.
func wait(ctx context.Context, stack []uint64) {
	s := spaceOf(ctx)
	left := time.Duration(stack[0])
	if left < 0 {
		left = math.MaxInt64
	}
	for end := time.Now().Add(left); left > 0; left = time.Until(end) {
		s.tick()
		time.Sleep(min(left, waitPiece))
	}
}

// waitPiece is how long code waits between two ticks.
const waitPiece = time.Millisecond

// A reference to a number of 31 bits is an externref with the number above its lowest
// bit, which tells it from null. See corewasm.LinkI31Make.

func makeI31(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(stack[0])<<1 | 1) }

func getI31S(_ context.Context, stack []uint64) { stack[0] = uint64(uint32(int32(i31(stack[0])) >> 1)) }

func getI31U(_ context.Context, stack []uint64) { stack[0] = uint64(i31(stack[0]) >> 1) }

func i31(ref uint64) uint32 {
	if ref == 0 {
		panic(trap.New(trap.NullReference))
	}
	return uint32(ref)
}
