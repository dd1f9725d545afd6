// Package corewasm handles core WebAssembly modules as sections and
// instructions: it reads, checks, writes and rewrites them.
//
// The shapes:
//
//   - [Decode] turns bytes into a [Module], plain data that borrows the bytes;
//     [Module.Encode] turns it back. Function bodies stay byte ranges until somebody
//     walks them with [Body] or checks them with [Module.Validate].
//   - [Lower] and [Rewrite] are what stands in front of the engine. Lower takes apart
//     what has more than one memory or 64-bit addresses. Rewrite gives what is left
//     unique import names, exported globals, data segments as an image, fuel checks, and
//     detours around code that the engine compiles wrongly.
//   - [Builder] and [Code] synthesize small modules: shims that re-export under
//     other names, trampolines, memories.
//   - [Opcode] and [LookupOpcode] are the table of instructions, with text names and
//     the kind of their immediates.
//
// Module bytes are hostile. Every count is checked against the bytes that are
// left and against the limits in limits.go before anything is allocated, and every
// error is an [*Error], with the offset of the byte it is about where that is known.
// Validate type-checks everything, in one pass and in time that grows with the
// module's size: what calls and branches move in lists is bounded too.
//
// Understood is all of WebAssembly 3.0 with threads, and, so that it can be read, written
// and named in errors, what comes of the proposals for legacy exceptions (try, catch,
// rethrow, delegate), custom page sizes, wide arithmetic, stack switching, memory control and
// shared-everything threads. What the engine can't run Rewrite refuses by name
// (refuse.go): these proposals and garbage-collected types, but for tables, globals and
// functions of i31ref, which Lower makes externref. Relaxed vector instructions
// give one of the permitted results, the same everywhere.
//
// The defences against wrong code of wazero 1.12.0 cover four classes whose cause is
// understood (docs/decisions/005-wazero-wrong-code.md). They are no proof that there is no
// fifth. What arm64 needs was read in the engine's source and not run there.
//
// The package knows nothing about components and nothing about a particular
// engine's API; what it knows of the engine's defects stands in defence.go,
// pushdown.go, select.go and late.go.
//
// Specification: WebAssembly core 3.0, section 5 (binary format); the name section is
// appendix 7.4.
package corewasm
