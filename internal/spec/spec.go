// Package spec is the one place that says which specifications the project
// follows.
package spec

const (
	// ComponentModelCommit is the commit of github.com/WebAssembly/component-model
	// whose texts, definitions.py and reference tests decide.
	ComponentModelCommit = "6d28164"
	// ComponentModelDate is the day of that commit.
	ComponentModelDate = "2026-08-21"
	// WASI and WASI02 are the versions of the WASI packages that come with the project.
	WASI, WASI02 = "0.3.0", "0.2.12"
)
