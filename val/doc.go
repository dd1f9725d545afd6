// Package val holds dynamic Go values of component types: what a program uses
// that calls a component whose world it did not know when it was compiled.
//
// A [Value] is a small struct, not an interface, so that numbers, strings and
// byte lists cross without an allocation of their own. It knows its shape
// (a record with these fields, a list) but not its type: "is this a u8 list or
// a list of an enum" is for the function type that it meets to say, and
// [Check] says it, with a path to what does not fit.
//
// Streams, futures and resources are values too. This package owns the
// interfaces that they satisfy and knows nothing else of them.
//
// [ParseWAVE] and [Value.String] are the text of values, WAVE; [ParseWAVECall] reads
// the call of a function.
//
// # What it must not know
//
// No memory layout, no handles and indices, no text or binary format but WAVE.
//
// Values are immutable by convention: who makes one gives its parts away, who
// reads one must not change what it got. Under that rule they are safe for use
// from several goroutines.
//
// Spec: CanonicalABI.md#loading (the values that definitions.py load returns).
package val
