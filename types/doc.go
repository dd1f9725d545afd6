// Package types holds resolved component-level types: the <valtype>s of
// Explainer.md after every name, alias and index has been resolved.
//
// # Identity
//
// Types are interned: two types are equal exactly when their pointers are
// equal, so equality, which the canonical ABI asks for at every stream and
// future operation, is one comparison, and a type that is built from the same
// part many times over stays a small graph. The pool holds its types weakly:
// what nobody refers to any more is collected.
//
// Resource types are the exception that the specification makes: each
// [Resource] is a new identity, whatever its name.
//
// # What it must not know
//
// No positions, no documentation, no binary or text format, no memory layout:
// those live in wit, component and internal/layout.
//
// Spec: Explainer.md#type-definitions, CanonicalABI.md (definitions.py ValType
// and its subclasses).
//
// Everything here is immutable after construction and safe for use from
// several goroutines.
package types
