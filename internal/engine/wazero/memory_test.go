package wazero

import "testing"

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
