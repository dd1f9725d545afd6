// Package syntax reads and writes the text of WIT files: tokens, syntax trees,
// a parser, and a formatter that keeps comments.
//
// It must not know what a name refers to. Whether a type exists, whether two items
// collide, which features are enabled: all that is package wit's business, one floor up.
// What it does decide is everything that can be said of one file on its own: the
// grammar, the shape of identifiers, versions, which attributes may stand where.
//
// Source text is hostile. The parser never panics, its recursion is bounded by
// [MaxDepth], and its running time is linear in the size of the text.
//
// # Terminology
//
// A gate is a proposal of the Component Model that is not yet part of the pinned
// standard ([Gates]); a feature gate (`@unstable(feature = x)`) is an annotation in
// the text. The two have nothing to do with each other.
//
// # Specifications
//
//   - WIT.md, from "Lexical structure" to "Handles"
//   - Explainer.md#import-and-export-definitions for labels
package syntax
