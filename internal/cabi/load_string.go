package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/transcode"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// maxStringBytes is the largest size of a string.
//
// Spec: definitions.py MAX_STRING_BYTE_LENGTH.
const maxStringBytes = 1<<28 - 1

// Spec: definitions.py load_string.
func (cx *liftLowerContext) loadString(ptr uint64) val.Value {
	begin, units := cx.loadPtr(ptr), cx.loadPtr(ptr+uint64(cx.ptrSize()))
	return cx.loadStringFromRange(begin, units)
}

// utf16Tag marks the length of a string in UTF-16 where the encoding is
// latin1+utf16.
//
// Spec: definitions.py utf16_tag.
func utf16Tag(p layout.PtrType) uint64 { return 1 << (8*p.Size() - 1) }

// loadStringFromRange lifts a string from where the guest says that it lies.
//
// Spec: definitions.py load_string_from_range.
func (cx *liftLowerContext) loadStringFromRange(ptr, taggedUnits uint64) val.Value {
	switch cx.opts.StringEncoding {
	case UTF16:
		return val.String(cx.loadUTF16(ptr, taggedUnits))
	case Latin1UTF16:
		return cx.loadLatin1OrUTF16(ptr, taggedUnits)
	}
	return val.String(cx.loadUTF8(cx.stringBytes(ptr, taggedUnits, 1, 1)))
}

func (cx *liftLowerContext) loadLatin1OrUTF16(ptr, taggedUnits uint64) val.Value {
	if tag := utf16Tag(cx.opts.Ptr); taggedUnits&tag != 0 {
		s := cx.loadUTF16(ptr, taggedUnits^tag)
		if _, n := transcode.Latin1Prefix(s); n == len(s) {
			return val.OfWideString(s)
		}
		return val.String(s)
	}
	b := cx.stringBytes(ptr, taggedUnits, 1, 2)
	cx.spend(2 * len(b))
	return val.String(transcode.DecodeLatin1(b))
}

func (cx *liftLowerContext) loadUTF8(b []byte) string {
	switch at, f := transcode.CheckUTF8(b); f {
	case transcode.Invalid:
		trap.Throw(trap.InvalidUTF8, at)
	case transcode.Incomplete:
		trap.Throw(trap.IncompleteUTF8, at)
	}
	if cx.views {
		return viewString(b)
	}
	cx.spend(len(b))
	return string(b)
}

func (cx *liftLowerContext) loadUTF16(ptr, units uint64) string {
	b := cx.stringBytes(ptr, units, 2, 2)
	cx.spend(2 * len(b))
	s, at, f := transcode.DecodeUTF16(b)
	if f != transcode.Valid {
		trap.Throw(trap.InvalidUTF16, at)
	}
	return s
}

// stringBytes are the bytes of a string of so many code units of size unit.
func (cx *liftLowerContext) stringBytes(ptr, units uint64, unit, align int) []byte {
	if units > maxStringBytes/uint64(unit) {
		trap.Throw(trap.StringTooLong, units, maxStringBytes)
	}
	size := units * uint64(unit)
	trapUnlessAligned(ptr, align)
	if !cx.fits(ptr, int(size)) {
		trap.Throw(trap.StringOutOfBounds, size, ptr, len(cx.memory()))
	}
	return cx.memory()[ptr : ptr+size : ptr+size]
}
