package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// maxTableLength is the largest index that the specification permits; the
// store's configuration is stricter.
//
// Spec: definitions.py Table.MAX_LENGTH.
const maxTableLength = 1<<28 - 1

// table maps the indices that guests know to what they stand for. Index 0 is
// never used.
//
// Spec: CanonicalABI.md#table-state (definitions.py Table).
type table[E comparable] struct {
	array []E
	free  []uint32
	limit int
	// unknown is the trap for an index where nothing is.
	unknown trap.Code
}

// get returns what is at index i, or traps.
func (t *table[E]) get(i uint32) E {
	var none E
	if uint64(i) >= uint64(len(t.array)) || t.array[i] == none {
		trap.Throw(t.unknown, i)
	}
	return t.array[i]
}

// len is the number of entries.
func (t *table[E]) len() int {
	if len(t.array) == 0 {
		return 0
	}
	return len(t.array) - 1 - len(t.free) // without index 0
}

func (t *table[E]) add(e E) uint32 {
	if n := len(t.free); n > 0 {
		i := t.free[n-1]
		t.free = t.free[:n-1]
		t.array[i] = e
		return i
	}
	if len(t.array) == 0 {
		var none E
		t.array = append(t.array, none)
	}
	if len(t.array) > t.limit {
		trap.Throw(trap.TableFull, t.limit)
	}
	t.array = append(t.array, e)
	return uint32(len(t.array) - 1)
}

func (t *table[E]) remove(i uint32) E {
	e := t.get(i)
	var none E
	t.array[i] = none
	t.free = append(t.free, i)
	return e
}
