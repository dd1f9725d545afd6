// Package wast runs scripts of the specifications' tests against Gondola.
//
// A [File] is a script that was read; what stands in it is parsed, validated and
// compiled once, when it is first needed. [File.Run] carries its directives out in
// order, any number of times, each with a seed that chooses among the permitted
// orders of tasks.
//
// # What directives mean
//
//   - Each instantiation of a component has a store of its own. A trap poisons that
//     one.
//   - A component that has an identifier makes its exported core modules, resource
//     types and functions importable under it. Besides there are the imports of host.go, and for
//     core modules spectest.
//   - A trap's text must have the expected one in it; aliases.go lists what is taken
//     for one another. What is invalid, malformed or can't be linked must only be
//     refused, and before anything of it runs.
//   - That something is not supported satisfies no assertion, ever.
//   - All gates of the Component Model are open but 🪺, unless the header of the file
//     says otherwise (header.go).
//   - Each directive has a time limit. A deadlock is found by looking for it.
//
// Carrying out a directive gives an outcome; judging it against what the directive
// expects is a pure function (expect.go). So the control, in which every assertion is
// turned round and must be seen to fail, judges what really happened.
//
// Spec: the README of the component model's test/, WebAssembly core
// interpreter/README.md#scripts.
package wast

//go:generate go run ./conformance
