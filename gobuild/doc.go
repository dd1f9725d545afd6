// Package gobuild turns a Go package into a core WebAssembly module that speaks WASI 0.3 and the async ABI of the Component Model
// by itself, with the Go toolchain that the user has installed.
//
// It patches a handful of lines of the standard library by anchors that must match exactly once, adds files to packages runtime
// and syscall (folder _std), and passes the result to "go build" as an overlay. No copy of a Go source file is kept: the patches
// are applied to the toolchain's own files, and a toolchain that they don't fit is refused by the name of the anchor.
//
// The guest's scheduler lives in _std/runtime. A task is one call of an async export (Concurrency.md, "Async Export ABI");
// goroutines belong to the task whose goroutine started them, and their waitables stand in its waitable set. When no goroutine is
// runnable, control returns to the host with WAIT. The functions that generated bindings link to are named runtime.gondola_v1_…;
// their contract stands in package guestrt/rt.
//
// This package must not know WIT or how a component is encoded.
package gobuild
