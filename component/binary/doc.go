// Package binary reads and writes the binary format of components.
//
// [Decode] turns bytes into the plain data of package component, [Encode] turns it
// back. Decoding keeps everything that the format leaves open, custom sections and
// section boundaries included, so that encoding gives the same bytes again, unless
// they held integers that were longer than needed.
//
// Bytes are hostile: counts are checked against the bytes that are left before
// anything is allocated, nesting is bounded by [MaxNesting], and memory is
// proportional to the input. Whatever is wrong is a *[component.Error] with offset
// and path.
//
// Decoding checks the grammar alone, every gated feature's included. What indices
// refer to, whether names are well-formed and whether a gate is open is
// component/validate's business. Core modules stay bytes.
//
// There is a file per section; decoder and encoder of a production stand in the
// same file. All functions are pure and may be called from several goroutines.
//
// Spec: Binary.md, whole.
package binary
