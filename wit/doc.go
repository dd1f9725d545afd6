// Package wit holds the resolved model of WIT packages: interfaces, worlds, types
// and functions with every name looked up, and the code that gets there from text.
//
// Start with [ParsePath], [ParseDir] or [ParseString], pick a world with
// [Resolve.SelectWorld], and walk [World.Imports] and [World.Exports], which are
// complete: includes are merged, and every interface that is needed only for its
// types is listed, before what needs it. [Print] and [PrintWorld] give text again.
//
// Of what WIT.md says about gates, three things are left out: that an item with a `@since`
// gate is used only by items with a gate at least as strong (the packages of WASI don't
// keep to it), that a target version older than the package's own hides newer items, and
// that a deprecated item is warned of.
//
// It must not know the canonical ABI, Go, or binaries: package componentize and
// package bindgen translate from this model. The interned types of package types
// and this model, which knows documentation and positions, meet only there.
//
// # Identity
//
// Interfaces, worlds and type definitions are pointers, and the pointer is the
// identity: two equal records at different places are different types. A type that
// comes through `use` has a [TypeDef] of its own whose kind is [Alias]; follow it with
// [Dealias].
//
// # Concurrency
//
// A [Resolve] and all that hangs on it may be read from any number of goroutines.
// Nothing in it changes after it was returned, but for [Resolve.Add], which must
// not run beside anything else.
//
// # Specifications
//
//   - WIT.md
//   - Explainer.md#import-and-export-definitions
package wit
