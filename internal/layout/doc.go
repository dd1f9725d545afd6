// Package layout computes how component-level types lie in a linear memory and
// how they flatten to core wasm values.
//
// Everything here is a pure function of the type, computed once per type and
// kept on it ([types.Type.Layout]), so that a type that is built from the same
// part many times over costs what its graph costs, not what its text would.
// Sizes and counts saturate: a hostile type can make them large, never wrong.
//
// # What it must not know
//
// No memories, no values, no handles: those are internal/cabi's.
//
// Spec: CanonicalABI.md#despecialization, #alignment, #element-size,
// #flattening (definitions.py alignment, elem_size, flatten_type, join,
// discriminant_type).
//
// Safe for use from several goroutines.
package layout
