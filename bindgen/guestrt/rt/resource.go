package rt

import "fmt"

// A Table gives the Go values of an exported resource the numbers that represent them. The zero value is empty.
// It is safe for use by several goroutines.
type Table[T any] struct {
	mu      guard
	entries map[uint32]T
	last    uint32
}

// Add enters v and returns its representation, which is never 0.
func (t *Table[T]) Add(v T) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries == nil {
		t.entries = make(map[uint32]T)
	}
	for {
		t.last++
		if _, taken := t.entries[t.last]; t.last != 0 && !taken {
			t.entries[t.last] = v
			return t.last
		}
	}
}

// Get returns the value that rep represents.
func (t *Table[T]) Get(rep uint32) T {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, found := t.entries[rep]
	if !found {
		panic(fmt.Sprintf("resource representation %d has no Go value", rep))
	}
	return v
}

// Take removes rep from the table and returns its value: the handle's destructor won't close it then.
func (t *Table[T]) Take(rep uint32) T {
	v, found := t.remove(rep)
	if !found {
		panic(fmt.Sprintf("resource representation %d has no Go value", rep))
	}
	return v
}

// remove is Take for a rep that may be unknown.
func (t *Table[T]) remove(rep uint32) (T, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	v, found := t.entries[rep]
	delete(t.entries, rep)
	return v, found
}
