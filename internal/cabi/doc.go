// Package cabi is the canonical ABI at run time: all of its stateful semantics.
//
// Spec: CanonicalABI.md (canonical-abi/definitions.py), Concurrency.md.
package cabi
