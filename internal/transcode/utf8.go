package transcode

import (
	"encoding/binary"
	"unicode/utf8"
)

// Fault is what is wrong with a string of a guest.
type Fault uint8

// The faults.
const (
	Valid      Fault = iota
	Invalid          // a sequence that no more bytes could mend
	Incomplete       // the string ends within a sequence
)

// CheckUTF8 reports whether b is valid UTF-8, and if it isn't, at which byte the
// first faulty sequence begins.
func CheckUTF8(b []byte) (at int, f Fault) {
	if utf8.Valid(b) {
		return 0, Valid
	}
	for at < len(b) {
		r, n := utf8.DecodeRune(b[at:])
		if r == utf8.RuneError && n <= 1 {
			if !utf8.FullRune(b[at:]) {
				return at, Incomplete
			}
			return at, Invalid
		}
		at += n
	}
	return at, Valid
}

const highBits = 0x8080808080808080

// ASCIIPrefix is the length of the longest prefix of s that is ASCII.
func ASCIIPrefix(s string) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if word(s[i:i+8])&highBits != 0 {
			break
		}
	}
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	return i
}

func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// asciiPrefixBytes is [ASCIIPrefix] for bytes.
func asciiPrefixBytes(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if binary.LittleEndian.Uint64(b[i:])&highBits != 0 {
			break
		}
	}
	for i < len(b) && b[i] < utf8.RuneSelf {
		i++
	}
	return i
}
