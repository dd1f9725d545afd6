// Package component holds a component as plain data: the abstract syntax tree of
// Binary.md and Explainer.md, definition by definition, in the order in which it
// is written.
//
// The decoder in component/binary, the text parser and the componentizer build
// this model; the encoder, the printer and the validator read it. Indices are
// kept as they are written: nothing here is resolved, and nothing is checked. A
// model may be wrong in every way that its Go types allow; component/validate
// says so.
//
// # Shape
//
// A [Component] is a list of sections, a [Section] a list of definitions of one
// kind. Only the encoding cares for section boundaries; to walk a component in
// the order that matters, range over [Component.Definitions]. To build one, use a
// [Builder], which hands out indices.
//
// # Offsets
//
// Everything that can be wrong on its own has a field At, the [Offset] of its first
// byte in the file. It is 0 in models that were not decoded.
//
// # What it must not know
//
// No encoding, no text syntax, no resolved types: [ValType] is a primitive or an
// index. Of package types it uses the names of primitives alone.
//
// A model must not be changed while several goroutines read it.
//
// Spec: Binary.md and Explainer.md, whole.
package component
