// Package wittypes translates WIT's resolved types into the interned types of package types, for the rooms that need the
// canonical ABI's view of a WIT function: its layout and its flattened signature.
//
// It must not know binaries, core modules, Go source or values.
//
// Spec: WIT.md#types, Explainer.md#type-definitions.
package wittypes
