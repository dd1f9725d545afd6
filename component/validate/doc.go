// Package validate checks a decoded component and yields the typed one.
//
// [Validate] walks the definitions once, in order, with the index spaces of the
// component and of those that enclose it. What comes out is a [Component]: what
// each definition is typed as, and the types of all imports and exports with every
// name, alias and index resolved. internal/plan inlines it, linkers match it
// against what a host gives, and WIT is printed from it.
//
// # Terminology
//
// An [Entity] is the static type of something with an index: a function, a type,
// an instance, a component, a core module. A [TypeDef] is one entry of the type
// index space; value types are interned (package types), but every definition,
// import and export of a type keeps an identity of its own, because names hang on it.
//
// Resource types are *[types.Resource] throughout. An [InstanceType] or
// [ComponentType] that is used as a type binds the resources that its exports
// introduce: each import, export or instantiation puts fresh ones in their place.
//
// # Limits
//
// Bytes are hostile. Types nest [MaxDepth] deep at most and spell out to [MaxTypeSize]
// parts; all substitutions and comparisons of one component together may visit
// [MaxWork] types. Beyond that the component is refused with an error that says
// so.
//
// # Where tools judge otherwise
//
// The rules are those of the pinned specification. Where its prose and its
// reference tests differ, the tests win: an async lower that passes nothing through
// memory needs none. wasm-tools of today follows later rules in places: `a1` and
// `a-1` collide, `cancellable` is gone, pre-releases are never truncated, constructors
// can't be async. And an instance that is exported with an ascribed type may hide
// which resource type it is about, as Explainer.md#type-checking says of types.
//
// Value definitions 🪙 must be used exactly once, like all values, although an
// example of Explainer.md#-value-definitions leaves some alone.
//
// # Core code
//
// Core modules are checked completely, whatever version of WebAssembly they need;
// what the engine can't run it refuses by name. The types of all of them, and of core type
// definitions, are in one [corewasm.Universe]: functions, tables, globals and tags match
// as core WebAssembly 3.0 says, recursive groups and declared supertypes included.
//
// All functions are pure; results are immutable and safe for use from several
// goroutines.
//
// Spec: Explainer.md and Binary.md, whole; CanonicalABI.md#canonical-definitions.
package validate
