package wazero

import (
	"bytes"
	"runtime"
	"sync"
	"testing"
)

func TestMemoryBudget(t *testing.T) {
	b := &memoryBudget{left: 10 * pageSize}
	one, two := b.Allocate(0, 0), b.Allocate(0, 0)
	if got := one.Reallocate(4 * pageSize); len(got) != 4*pageSize {
		t.Fatalf("%d bytes", len(got))
	}
	first := one.Reallocate(4 * pageSize)
	first[5] = 7
	if got := two.Reallocate(7 * pageSize); got != nil {
		t.Error("two memories got more than both may take")
	}
	if err := b.check(7); err == nil {
		t.Error("no error for a memory that can't begin")
	}
	if got := two.Reallocate(4 * pageSize); len(got) != 4*pageSize {
		t.Errorf("%d bytes", len(got))
	}
	grown := one.Reallocate(6 * pageSize)
	if len(grown) != 6*pageSize || grown[5] != 7 || grown[6*pageSize-1] != 0 {
		t.Errorf("after growing: %d bytes", len(grown))
	}
	if one.Reallocate(7*pageSize) != nil || b.left != 0 {
		t.Errorf("%d bytes left", b.left)
	}
}

func TestMemoryIsUsedAgain(t *testing.T) {
	rooms := new(sync.Pool)
	space := func(left uint64) *memoryBudget { return &memoryBudget{left: left, spare: 2 * pageSize, rooms: rooms} }
	zero := func(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
	reused := 0
	for range 20 { // a pool may forget
		b := space(10 * pageSize)
		m := b.Allocate(0, 0)
		got := m.Reallocate(2 * pageSize)
		if len(got) != 2*pageSize || !zero(got) {
			t.Fatalf("a new memory of %d bytes is not clear", len(got))
		}
		if cap(got) > 2*pageSize {
			reused++
		}
		copy(got, bytes.Repeat([]byte{1}, len(got)))
		got = m.Reallocate(3 * pageSize)
		if !zero(got[2*pageSize:]) || got[0] != 1 {
			t.Fatal("a page that was grown is not clear")
		}
		copy(got, bytes.Repeat([]byte{2}, len(got)))
		if b.left != 7*pageSize {
			t.Errorf("%d bytes are left", b.left)
		}
		b.free()
		if !zero(got) {
			t.Fatal("what the memory held is still there")
		}
	}
	if reused == 0 {
		t.Error("no memory was used again")
	}

	// What an earlier instance grew to counts neither as used, nor without bound.
	for range 20 {
		b := space(4 * pageSize)
		one, two := b.Allocate(0, 0), b.Allocate(0, 0)
		first, second := one.Reallocate(pageSize), two.Reallocate(pageSize)
		if cap(first)+cap(second) > 4*pageSize {
			t.Fatalf("rooms of %d and %d bytes", cap(first), cap(second))
		}
		if two.Reallocate(3*pageSize) == nil || one.Reallocate(2*pageSize) != nil {
			t.Fatal("the budget is not what it was")
		}
		b.free()
	}
}

// A memory that grows takes not much more of the host than what it has and what it gets.
func TestGrowingTakesLittleMore(t *testing.T) {
	const most, step = 256 << 20, 1 << 20
	b := &memoryBudget{left: most}
	m := b.Allocate(0, 0).(*linearMemory)
	defer runtime.GC()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	for size := uint64(step); size <= most; size += step {
		had := cap(m.bytes)
		if m.Reallocate(size) == nil {
			t.Fatalf("it does not grow to %d bytes", size)
		}
		if cap(m.bytes) == had || had < maxSpare {
			continue
		}
		runtime.ReadMemStats(&now)
		if took, want := now.HeapInuse-before.HeapInuse, uint64(had+cap(m.bytes)); took > want+want/4 {
			t.Errorf("from %d MiB to %d MiB, %d MiB are taken", had>>20, cap(m.bytes)>>20, took>>20)
		}
	}
}
