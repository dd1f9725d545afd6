// Package suite is tests alone: they run components that others built against
// the WASI hosts and the command line. The components are on no package registry
// or too big to be kept here, so each test needs a folder that a variable names
// (see CONTRIBUTING.md), and skips without it.
//
// The first are those of github.com/WebAssembly/wasi-testsuite, whose doc folder
// says what their JSON files mean. They run in this process, as an embedder would
// have them, and by the gondola command. Since a runtime that does nothing passes
// most of them, a list of hosts that are broken on purpose says which must fail.
package suite
