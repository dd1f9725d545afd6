package wazero

import (
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// maxPages is what one memory can have. With one page more it had 4 GiB, which
// wazero's API can't tell from nothing.
const maxPages = 1<<16 - 1

// memoryBudget is what the memories of one space may take together. It is
// wazero's allocator for them, so that a guest with many memories can't take
// many times of what one is allowed.
type memoryBudget struct{ left uint64 }

// check reports whether a memory that begins with a number of pages can be made.
// wazero has no way to fail from within the allocator then.
func (b *memoryBudget) check(pages uint64) error {
	if pages > maxPages {
		return fmt.Errorf("its memory begins with %d pages of 64 KiB; one memory can have %d", pages, maxPages)
	}
	if pages > b.left/pageSize {
		return fmt.Errorf("its memory begins with %d pages of 64 KiB; the guest may take %d more", pages, b.left/pageSize)
	}
	return nil
}

// Allocate implements [experimental.MemoryAllocator].
func (b *memoryBudget) Allocate(_, _ uint64) experimental.LinearMemory {
	return &linearMemory{budget: b}
}

// linearMemory is a memory on Go's heap, which frees it when nobody refers to it
// any more: not even a call that is parked, or an instance that imports it.
type linearMemory struct {
	budget *memoryBudget
	bytes  []byte
}

// Reallocate implements [experimental.LinearMemory].
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size <= uint64(cap(m.bytes)) {
		m.bytes = m.bytes[:size]
		return m.bytes
	}
	grown, ok := m.budget.grow(uint64(cap(m.bytes)), size)
	if !ok {
		return nil
	}
	bytes := make([]byte, size, grown)
	copy(bytes, m.bytes)
	m.bytes = bytes
	return bytes
}

// grow takes room for a memory that has some and needs more: a quarter more than
// that, so that growing page by page does not copy each time, if there is so
// much.
func (b *memoryBudget) grow(have, need uint64) (room uint64, ok bool) {
	if need > maxPages*pageSize || need-have > b.left {
		return 0, false
	}
	room = min(max(need, have+have/4), have+b.left, maxPages*pageSize)
	b.left -= room - have
	return room, true
}

// Free implements [experimental.LinearMemory]. It does nothing: wazero calls it
// when an instance closes that only imports the memory.
func (m *linearMemory) Free() {}
