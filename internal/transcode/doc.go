// Package transcode measures and converts strings between Go's UTF-8 and the
// encodings that the canonical ABI knows: UTF-8, UTF-16 in little endian, and
// Latin-1 (ISO 8859-1, whose 256 characters are the first of Unicode).
//
// Go strings that come in are valid UTF-8, which the caller has checked; guest
// bytes are not trusted at all.
//
// # What it must not know
//
// No memories, no pointers, no traps, no options: those are internal/cabi's.
//
// Spec: CanonicalABI.md#loading, #storing (definitions.py
// load_string_from_range, store_string_into_range and what they call).
package transcode
