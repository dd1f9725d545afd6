package transcode

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF16Len is the number of code units that s has in UTF-16.
func UTF16Len(s string) int {
	n := ASCIIPrefix(s)
	for _, r := range s[n:] {
		n += utf16.RuneLen(r)
	}
	return n
}

// EncodeUTF16 writes s in UTF-16 to dst, which is at least 2 times
// [UTF16Len] long, and returns the number of bytes written.
func EncodeUTF16(dst []byte, s string) int {
	ascii := ASCIIPrefix(s)
	wide := dst[:2*ascii]
	for i := range ascii {
		wide[2*i], wide[2*i+1] = s[i], 0
	}
	n := 2 * ascii
	for _, r := range s[ascii:] {
		if r < 0x10000 {
			binary.LittleEndian.PutUint16(dst[n:], uint16(r))
			n += 2
			continue
		}
		hi, lo := utf16.EncodeRune(r)
		binary.LittleEndian.PutUint16(dst[n:], uint16(hi))
		binary.LittleEndian.PutUint16(dst[n+2:], uint16(lo))
		n += 4
	}
	return n
}

// DecodeUTF16 converts UTF-16, two bytes a code unit. f is Invalid where a
// surrogate has no partner; at is then its index in code units.
func DecodeUTF16(b []byte) (s string, at int, f Fault) {
	units := len(b) / 2
	out := make([]byte, 0, units)
	for i := 0; i < units; i++ {
		r := rune(binary.LittleEndian.Uint16(b[2*i:]))
		if utf16.IsSurrogate(r) {
			if i+1 == units {
				return "", i, Invalid
			}
			pair := utf16.DecodeRune(r, rune(binary.LittleEndian.Uint16(b[2*i+2:])))
			if pair == utf8.RuneError {
				return "", i, Invalid
			}
			r = pair
			i++
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), 0, Valid
}
