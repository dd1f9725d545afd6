package corewasm

import "math"

// maxPages64 is what a memory with 64-bit addresses can have: so much that an
// address of 32 bits is left that is out of bounds for certain.
const maxPages64 = 1<<16 - 1

// outOfBounds is an address, a length and a number of pages or entries that no
// memory with 64-bit addresses and no table has. It is aligned for every access.
const outOfBounds = -8

// narrowMemory is t as the engine can have it.
func narrowMemory(t MemoryType) MemoryType {
	t.Shared = false
	if !t.Limits.Is64 {
		return t
	}
	l := Limits{Min: min(t.Limits.Min, maxPages64), HasMax: true, Max: maxPages64}
	if t.Limits.HasMax {
		l.Max = min(t.Limits.Max, maxPages64)
	}
	t.Limits = l
	return t
}

// narrowTable is t as the engine can have it.
func narrowTable(t TableType) TableType {
	if t.Limits.Is64 {
		l := Limits{Min: t.Limits.Min, HasMax: t.Limits.HasMax}
		if l.HasMax {
			l.Max = min(t.Limits.Max, math.MaxUint32)
		}
		t.Limits = l
	}
	return t
}

// narrow appends the value of a local with a 64-bit address as a 32-bit one,
// which is out of bounds if the other one does not fit.
func narrow(c *Code, local uint32) *Code {
	c.Get(local).Op(OpI32WrapI64).I32(outOfBounds)
	c.Get(local).I64(32).Op(OpI64ShrU, OpI64Eqz)
	return c.Op(OpSelectT).Raw(1, byte(I32))
}
