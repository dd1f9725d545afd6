package leb128

import "fmt"

// Problem tells the ways in which an encoding can be malformed.
type Problem uint8

const (
	// Truncated: the buffer ends inside the integer.
	Truncated Problem = iota
	// TooLong: the integer has more bytes than its width allows.
	TooLong
	// TooLarge: unused bits of the last byte don't repeat the sign, or are not zero.
	TooLarge
)

// String gives the wording that the specification's own tests expect.
func (p Problem) String() string {
	switch p {
	case Truncated:
		return "unexpected end"
	case TooLong:
		return "integer representation too long"
	default:
		return "integer too large"
	}
}

// Error is a malformed integer.
type Error struct {
	Offset  int // of the byte at which reading failed, in the buffer that was given
	Bits    int // width of the integer that was expected
	Problem Problem
}

func (e *Error) Error() string {
	return fmt.Sprintf("offset %#x: %s in a %d-bit LEB128 integer", e.Offset, e.Problem, e.Bits)
}

// U32 reads an unsigned 32-bit integer at b[off:]. It returns the value and the
// offset behind it. An error is an *Error, and the offset is then off.
func U32(b []byte, off int) (uint32, int, error) {
	if off < len(b) && b[off] < 0x80 {
		return uint32(b[off]), off + 1, nil
	}
	v, next, err := unsigned(b, off, 32)
	return uint32(v), next, err
}

// U64 is like [U32] for 64 bits.
func U64(b []byte, off int) (uint64, int, error) { return unsigned(b, off, 64) }

// S32 is like [U32] for signed integers.
func S32(b []byte, off int) (int32, int, error) {
	v, next, err := signed(b, off, 32)
	return int32(v), next, err
}

// S33 reads the 33-bit signed integer in which block types and heap types share
// one space with type indices.
func S33(b []byte, off int) (int64, int, error) { return signed(b, off, 33) }

// S64 is like [S32] for 64 bits.
func S64(b []byte, off int) (int64, int, error) { return signed(b, off, 64) }

func unsigned(b []byte, off, bits int) (uint64, int, error) {
	var v uint64
	at, last := off, off+(bits+6)/7-1
	for shift := 0; ; shift += 7 {
		if at >= len(b) {
			return 0, off, &Error{at, bits, Truncated}
		}
		c := b[at]
		if at == last {
			if c >= 0x80 {
				return 0, off, &Error{at, bits, TooLong}
			}
			if c>>(bits-shift) != 0 {
				return 0, off, &Error{at, bits, TooLarge}
			}
		}
		v |= uint64(c&0x7f) << shift
		at++
		if c < 0x80 {
			return v, at, nil
		}
	}
}

func signed(b []byte, off, bits int) (int64, int, error) {
	var v int64
	at, last := off, off+(bits+6)/7-1
	for shift := 0; ; shift += 7 {
		if at >= len(b) {
			return 0, off, &Error{at, bits, Truncated}
		}
		c := b[at]
		if at == last {
			if c >= 0x80 {
				return 0, off, &Error{at, bits, TooLong}
			}
			if !signExtends(c, bits-shift) {
				return 0, off, &Error{at, bits, TooLarge}
			}
		}
		v |= int64(c&0x7f) << shift
		at++
		if c < 0x80 {
			unused := 64 - min(shift+7, 64)
			return v << unused >> unused, at, nil
		}
	}
}

// signExtends reports whether the bits of a last byte beyond the used ones copy
// the topmost used bit.
func signExtends(c byte, used int) bool {
	top := int8(c<<1) >> used // bits used-1..6 of c, sign-extended
	return top == 0 || top == -1
}

// AppendU32 appends the shortest encoding of v.
func AppendU32(dst []byte, v uint32) []byte { return AppendU64(dst, uint64(v)) }

// AppendU64 appends the shortest encoding of v.
func AppendU64(dst []byte, v uint64) []byte {
	for v >= 0x80 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v))
}

// AppendS32 appends the shortest encoding of v.
func AppendS32(dst []byte, v int32) []byte { return AppendS64(dst, int64(v)) }

// AppendS64 appends the shortest encoding of v. It serves 33-bit integers too.
func AppendS64(dst []byte, v int64) []byte {
	for v < -0x40 || v >= 0x40 {
		dst = append(dst, byte(v)|0x80)
		v >>= 7
	}
	return append(dst, byte(v)&0x7f)
}

// SizeU32 is the number of bytes that [AppendU32] appends.
func SizeU32(v uint32) int {
	n := 1
	for v >= 0x80 {
		v >>= 7
		n++
	}
	return n
}
