// Package trap holds the closed set of reasons for which a guest is stopped,
// their wording, and the error that carries one of them to the embedder.
//
// A trap is always the guest's fault. What the embedder or its input does wrong
// is a plain error; what we do wrong is an assertion (see internal/cabi).
//
// # Wording
//
// The texts are those that the component model's reference tests expect as
// substrings of the message, "wasm trap: " in front included. Where two
// reference texts describe one reason, the text holds both.
//
// # What it must not know
//
// Nothing of components, engines or memories: only numbers and words.
//
// Spec: CanonicalABI.md (definitions.py trap, trap_if), Explainer.md
// #component-invariants.
package trap
