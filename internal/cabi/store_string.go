package cabi

import (
	"github.com/gondola-wasm/gondola/internal/transcode"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// Strings are valid UTF-8 here whatever they were in the memory that they come
// from. That encoding (sourceEncoding) still decides how a guest's realloc is
// called: once with the exact size where both are the same, else with a first
// guess that is corrected. Where it is latin1+utf16, a string was in Latin-1 if that
// can say it, unless the value says otherwise ([val.OfWideString]).

// storeStringIntoRange lowers a string to memory that the guest gives for it.
//
// Spec: definitions.py store_string_into_range.
func (cx *liftLowerContext) storeStringIntoRange(v val.Value) (ptr, taggedUnits uint64) {
	s := v.Str()
	if len(s) > maxReallocBytes/3 {
		trap.Throw(trap.StringTooLong, len(s), maxReallocBytes/3)
	}
	switch cx.opts.StringEncoding {
	case UTF16:
		return cx.storeUTF16(s)
	case Latin1UTF16:
		if cx.sourceEncoding == Latin1UTF16 {
			return cx.copyLatin1OrUTF16(s, v.IsWideString())
		}
		return cx.storeLatin1OrUTF16(s)
	}
	return cx.storeUTF8(s, v.IsWideString())
}

// allocateString gets memory for a string's bytes.
func (cx *liftLowerContext) allocateString(align, size int) uint64 {
	return cx.reallocateString(0, 0, align, size)
}

func (cx *liftLowerContext) reallocateString(old uint64, oldSize, align, size int) uint64 {
	ptr := cx.reallocate(old, oldSize, align, size)
	cx.trapUnlessAllocated(ptr, align, size, trap.ReallocOutOfBoundsString)
	return ptr
}

// storeUTF8 guesses that a string of so many code units is ASCII where it comes
// from another encoding.
//
// Spec: definitions.py store_string_copy, store_string_to_utf8.
func (cx *liftLowerContext) storeUTF8(s string, wide bool) (ptr, units uint64) {
	guess, worst := cx.utf8Guess(s, wide)
	ptr = cx.allocateString(1, guess)
	if guess < len(s) {
		copy(cx.memory()[ptr:], s[:transcode.ASCIIPrefix(s)])
		ptr = cx.reallocateString(ptr, guess, 1, worst)
		if worst > len(s) {
			copy(cx.memory()[ptr:], s)
			ptr = cx.reallocateString(ptr, worst, 1, len(s))
		}
	}
	copy(cx.memory()[ptr:], s)
	return ptr, uint64(len(s))
}

// utf8Guess is the size that is asked for first, and in the worst case.
//
// Spec: definitions.py store_utf16_to_utf8, store_latin1_to_utf8.
func (cx *liftLowerContext) utf8Guess(s string, wide bool) (guess, worst int) {
	switch cx.sourceEncoding {
	case UTF16:
		n := transcode.UTF16Len(s)
		return n, 3 * n
	case Latin1UTF16:
		if n, bytes := transcode.Latin1Prefix(s); bytes == len(s) && !wide {
			return n, 2 * n
		}
		n := transcode.UTF16Len(s)
		return n, 3 * n
	}
	return len(s), len(s)
}

// Spec: definitions.py store_string_copy, store_utf8_to_utf16.
func (cx *liftLowerContext) storeUTF16(s string) (ptr, units uint64) {
	size := 2 * transcode.UTF16Len(s)
	guess := size
	if cx.sourceEncoding == UTF8 {
		guess = 2 * len(s)
	}
	ptr = cx.allocateString(2, guess)
	transcode.EncodeUTF16(cx.memory()[ptr:], s)
	if size < guess {
		ptr = cx.reallocateString(ptr, guess, 2, size)
	}
	return ptr, uint64(size / 2)
}

// copyLatin1OrUTF16 stores a string that was in latin1+utf16 too.
//
// Spec: definitions.py store_string_copy, store_probably_utf16_to_latin1_or_utf16.
func (cx *liftLowerContext) copyLatin1OrUTF16(s string, wide bool) (ptr, taggedUnits uint64) {
	chars, bytes := transcode.Latin1Prefix(s)
	if bytes == len(s) && !wide {
		ptr = cx.allocateString(2, chars)
		transcode.EncodeLatin1(cx.memory()[ptr:], s)
		return ptr, uint64(chars)
	}
	n := 2 * transcode.UTF16Len(s)
	ptr = cx.allocateString(2, n)
	if !wide {
		transcode.EncodeUTF16(cx.memory()[ptr:], s)
		return ptr, uint64(n/2) | utf16Tag(cx.opts.Ptr)
	}
	transcode.EncodeLatin1(cx.memory()[ptr:], s)
	return cx.reallocateString(ptr, n, 1, chars), uint64(chars)
}

// storeLatin1OrUTF16 guesses that Latin-1 can say a string.
//
// Spec: definitions.py store_string_to_latin1_or_utf16.
func (cx *liftLowerContext) storeLatin1OrUTF16(s string) (ptr, taggedUnits uint64) {
	chars, bytes := transcode.Latin1Prefix(s)
	guess := cx.latin1Guess(s)
	ptr = cx.allocateString(2, guess)
	transcode.EncodeLatin1(cx.memory()[ptr:], s[:bytes])
	if bytes < len(s) {
		ptr = cx.reallocateString(ptr, guess, 2, 2*guess)
		n := transcode.EncodeUTF16(cx.memory()[ptr:], s)
		if n < 2*guess {
			ptr = cx.reallocateString(ptr, 2*guess, 2, n)
		}
		return ptr, uint64(n/2) | utf16Tag(cx.opts.Ptr)
	}
	if chars < guess {
		ptr = cx.reallocateString(ptr, guess, 2, chars)
	}
	return ptr, uint64(chars)
}

// latin1Guess is the number of code units in the source's encoding.
func (cx *liftLowerContext) latin1Guess(s string) int {
	if cx.sourceEncoding == UTF16 {
		return transcode.UTF16Len(s)
	}
	return len(s)
}
