// Package guestrt holds the support code that generated guest bindings carry with them as gen/rt.
//
// The sources live in the folder rt, an ordinary package without dependencies outside std, and are embedded here so that the
// generator can write them beside its output. Package rt's own documentation is the contract between generated bindings, rt
// and the runtime that package gobuild adds to the Go toolchain.
//
// This package must not know WIT, components or how bindings are generated.
package guestrt
