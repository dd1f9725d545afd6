package wazero

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// maxPages is what one memory can have. With one page more it had 4 GiB, which
// wazero's API can't tell from nothing.
const maxPages = 1<<16 - 1

// memoryBudget is what the memories of one space may take together. It is
// wazero's allocator for them, so that a guest with many memories can't take
// many times of what one is allowed.
type memoryBudget struct {
	left  uint64
	spare uint64     // the room beyond what they use that memories may begin with, because it is there
	rooms *sync.Pool // for the memory that is made next; see linearMemory
	made  []*linearMemory
}

// maxSpare is more than one memory of most programs has, and bounds what a space can
// take beyond its budget.
const maxSpare = 64 << 20

// check reports whether a memory that begins with a number of pages can be made.
// wazero has no way to fail from within the allocator then.
func (b *memoryBudget) check(pages uint64) error {
	if pages > maxPages {
		return fmt.Errorf("its memory begins with %d pages of 64 KiB; one memory can have %d", pages, maxPages)
	}
	if pages > b.left/pageSize {
		return fmt.Errorf("its memory begins with %d pages of 64 KiB; the cap on memory leaves the guest %d", pages, b.left/pageSize)
	}
	return nil
}

// last is the memory that was made last, or nil.
func (b *memoryBudget) last() *linearMemory {
	if len(b.made) == 0 {
		return nil
	}
	return b.made[len(b.made)-1]
}

// put makes all memories what they are in an image, or what they were at first if there
// is none, and the budget what is left of all then. It reports whether it could, and
// whether they are worth keeping.
func (b *memoryBudget) put(img *image, all uint64) bool {
	b.left = all
	room, used := 0, uint64(0)
	for i, m := range b.made {
		to := &m.first
		if img != nil {
			to = &img.memories[i]
		}
		if !m.put(to) {
			return false
		}
		room += cap(m.bytes)
		used += uint64(len(m.bytes))
	}
	if room > maxSpare || used > all {
		return false
	}
	b.left = all - used
	b.spare = 0 // there is nothing to be made
	return true
}

// Allocate implements [experimental.MemoryAllocator].
func (b *memoryBudget) Allocate(_, _ uint64) experimental.LinearMemory {
	m := &linearMemory{budget: b, rooms: b.rooms}
	b.made = append(b.made, m)
	return m
}

// take takes bytes out of the budget.
func (b *memoryBudget) take(bytes uint64) bool {
	if bytes > b.left {
		return false
	}
	b.left -= bytes
	return true
}

// free ends the use of all memories, into which nobody looks any more.
func (b *memoryBudget) free() {
	for _, m := range b.made {
		m.keep()
	}
	b.made = nil
}

// linearMemory is a memory on Go's heap. When its space closes it goes to rooms, to
// be used again: clearing what was used of one costs much less than making one,
// growing it, and having Go collect it. If the space never closes, it is collected
// when nobody refers to it any more.
type linearMemory struct {
	budget *memoryBudget
	rooms  *sync.Pool // of *[]byte of length 0, zero up to their capacity; nil where nothing is kept
	bytes  []byte     // zero from its length to its capacity

	// What put needs.
	grower    api.Memory // the engine's side
	first     memoryImage
	shrinking bool // to a length of shrunk
	shrunk    int
}

// put makes the memory what it is in an image.
func (m *linearMemory) put(to *memoryImage) bool {
	if !m.resize(to.size) {
		return false
	}
	at := 0
	for _, s := range to.pieces {
		clear(m.bytes[min(at, int(s.Offset)):s.Offset])
		at = max(at, int(s.Offset)+len(s.Data))
	}
	clear(m.bytes[at:])
	for _, s := range to.pieces {
		restore(m.bytes[s.Offset:], s.Data)
	}
	return true
}

// restore copies what differs. Most of an image is what no guest changes, and to compare
// takes less time than to copy.
func restore(to, from []byte) {
	for len(from) > 0 {
		n := min(len(from), grain)
		if !bytes.Equal(to[:n], from[:n]) {
			copy(to, from[:n])
		}
		to, from = to[n:], from[n:]
	}
}

// resize reports false where the memory has all that it can have, so that it can't be made
// smaller.
func (m *linearMemory) resize(size int) bool {
	switch {
	case size < len(m.bytes):
		// The engine has no way to shrink a memory but one that grows to what it is given.
		clear(m.bytes[size:])
		m.shrinking, m.shrunk = true, size
		_, ok := m.grower.Grow(1)
		m.shrinking = false
		return ok
	case size > len(m.bytes):
		_, ok := m.grower.Grow(uint32((size - len(m.bytes)) / pageSize))
		return ok
	}
	return true
}

// Reallocate implements [experimental.LinearMemory].
func (m *linearMemory) Reallocate(size uint64) []byte {
	if m.shrinking {
		m.bytes = m.bytes[:m.shrunk]
		return m.bytes
	}
	if size > maxPages*pageSize || !m.budget.take(size-uint64(len(m.bytes))) {
		return nil
	}
	if size > uint64(cap(m.bytes)) {
		m.bytes = m.move(size)
	}
	m.bytes = m.bytes[:size]
	return m.bytes
}

// move is the memory with more room.
func (m *linearMemory) move(size uint64) []byte {
	if len(m.bytes) == 0 {
		if b := m.kept(size); b != nil {
			return b
		}
	}
	if len(m.bytes) >= maxSpare {
		// What it had before is garbage, of which there might be twice as much before Go
		// collects it. Nothing is given back to the system, which takes ten times as long.
		runtime.GC()
	}
	// A quarter more, so that growing page by page does not copy each time.
	room := min(uint64(len(m.bytes))*5/4, size+m.budget.left, maxPages*pageSize)
	b := make([]byte, len(m.bytes), max(size, room))
	copy(b, m.bytes)
	return b
}

// kept is a memory that was used before, or nil.
func (m *linearMemory) kept(size uint64) []byte {
	if m.rooms == nil {
		return nil
	}
	b, _ := m.rooms.Get().(*[]byte)
	if b == nil || uint64(cap(*b)) < size || uint64(cap(*b))-size > m.budget.spare {
		return nil
	}
	m.budget.spare -= uint64(cap(*b)) - size
	return *b
}

// keep gives the memory back.
func (m *linearMemory) keep() {
	b := m.bytes
	m.bytes = nil
	if m.rooms == nil || cap(b) == 0 || cap(b) > maxSpare {
		return
	}
	clear(b)
	b = b[:0]
	m.rooms.Put(&b)
}

// Free implements [experimental.LinearMemory]. It does nothing: wazero calls it
// when an instance closes that only imports the memory.
func (m *linearMemory) Free() {}
