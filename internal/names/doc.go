// Package names parses and compares the names that the Component Model gives to
// imports, exports, fields, cases and packages.
//
// It knows labels in kebab case, the words of package names, extern names
// (`foo`, `[constructor]r`, `[method]r.f`, `[static]r.f`, `ns:pkg/iface@1.2.3`),
// semantic versions with their compatibility track, and the key that decides
// whether two names are strongly unique.
//
// It must not know types, positions in a file, or what a name refers to: whether
// `[method]r.f` really names a method of a resource is the validator's business.
//
// All functions are pure and all values are immutable and comparable with ==, so
// that they may be used from any goroutine and as map keys.
//
// # Specifications
//
//   - Explainer.md#import-and-export-definitions (productions externname, plainname,
//     label, words, interfacename, canonversion)
//   - Explainer.md#name-uniqueness
//   - Explainer.md#-canonical-interface-name
//   - https://semver.org, version 2.0.0
package names
