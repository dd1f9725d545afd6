// Package leb128 reads and appends the variable-length integers of the
// WebAssembly binary format.
//
// Readers take a buffer and an offset and give the value and the offset behind
// it, so that every error can name the byte it is about. They accept what the
// specification accepts and nothing more: an encoding of an N-bit integer has at
// most ceil(N/7) bytes, padding with redundant continuation bytes is allowed up to
// that length, and the unused bits of the last byte must be zero (or, in a signed
// integer, copies of the sign).
//
// The package knows nothing about sections, instructions or components.
//
// Specification: WebAssembly core, section 5.2.2 (binary format, integers).
package leb128
