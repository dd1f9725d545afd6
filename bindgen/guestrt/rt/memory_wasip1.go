package rt

import "unsafe"

// Scalar is what has the same layout in linear memory as in Go.
type Scalar interface {
	~int8 | ~uint8 | ~int16 | ~uint16 | ~int32 | ~uint32 | ~int64 | ~uint64 | ~float32 | ~float64
}

// at returns the Go pointer to linear memory address p.
func at(p uint32) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(nil), uintptr(p)) }

// addr returns the linear memory address of p.
func addr(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

// Load reads the scalar at address p, which must be aligned for T.
func Load[T Scalar](p uint32) T { return *(*T)(at(p)) }

// Store writes the scalar v to address p, which must be aligned for T.
func Store[T Scalar](p uint32, v T) { *(*T)(at(p)) = v }

// LoadBool reads the bool at address p.
func LoadBool(p uint32) bool { return Load[uint8](p) != 0 }

// StoreBool writes the bool v to address p.
func StoreBool(p uint32, v bool) { Store(p, uint8(Bool(v))) }

// Bool returns v as a core value.
func Bool(v bool) uint32 {
	if v {
		return 1
	}
	return 0
}

// Char returns r as a core value. What isn't a Unicode scalar value becomes U+FFFD, since the host would trap on it.
func Char(r rune) uint32 {
	if r < 0 || r > 0x10ffff || 0xd800 <= r && r < 0xe000 {
		return 0xfffd
	}
	return uint32(r)
}

// TakeString takes the string of n bytes that cabi_realloc gave out at address p, without a copy.
func TakeString(p, n uint32) string {
	Free(p)
	if n == 0 {
		return ""
	}
	return unsafe.String((*byte)(at(p)), n)
}

// TakeBytes takes the list<u8> of n bytes that cabi_realloc gave out at address p, without a copy. It is never nil.
func TakeBytes(p, n uint32) []byte { return TakeSlice[byte](p, n) }

// TakeSlice takes the list of n scalars that cabi_realloc gave out at address p, without a copy. It is never nil.
func TakeSlice[T Scalar](p, n uint32) []T {
	Free(p)
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(at(p)), n)
}

// Free ends the rooting of the block that cabi_realloc gave out at address p: what has been lifted from it is in Go's hands
// now. For an address that isn't rooted, such as that of an empty list, it does nothing.
func Free(p uint32) { unroot(p) }
