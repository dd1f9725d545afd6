// Package engine stands between the canonical ABI and whatever runs core code.
//
// [Engine] is the small interface that an engine implements:
// internal/engine/wazero does, and code that was translated to Go ahead of time
// can. Nothing above it sees an engine's types, its stacks, or the bytes of a
// module after it was compiled.
//
// [Template] drives a plan: it compiles what the plan's steps need once, and
// walks the steps for each instance, making core instances, lifting and lowering
// with internal/cabi, and collecting the exports.
//
// # What it must not know
//
// No host interfaces, no goroutines: whoever owns a store decides when it runs.
package engine
