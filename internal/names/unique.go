package names

import "strings"

// UniqueKey returns the canonical form of a name of an import, export, field,
// case or parameter: two names may stand in one scope if and only if their keys
// differ. `[method]foo.foo` and `FOO` have the same key `foo`; `[constructor]foo`
// has its own. The name is not checked.
//
// Spec: Explainer.md#name-uniqueness.
func UniqueKey(name string) string {
	name = strings.ToLower(name)
	annotation, rest, annotated := strings.Cut(name, "]")
	if !annotated || annotation == "[constructor" || !strings.HasPrefix(name, "[") {
		return name
	}
	if annotation == "[method" || annotation == "[static" {
		if resource, label, _ := strings.Cut(rest, "."); resource == label {
			return resource
		}
	}
	return rest
}
