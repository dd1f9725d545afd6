// Package testenv finds what tests need beyond Go: tools and folders that
// environment variables name. CONTRIBUTING.md lists them.
//
// What is missing skips the test, with the variable to set; GONDOLA_REQUIRE=1
// makes it a failure. Only tests import this package.
package testenv

import (
	"os"
	"os/exec"
	"testing"
)

// The variables.
const (
	Wasmtime     = "GONDOLA_WASMTIME"      // the binary of Wasmtime 46 or later
	WasmTools    = "GONDOLA_WASM_TOOLS"    // the binary of wasm-tools
	WITUI        = "GONDOLA_WIT_UI"        // tests/ui of wit-parser at wasm-tools commit a7ef4778a
	WITComponent = "GONDOLA_WIT_COMPONENT" // tests of wit-component at the same commit
)

// The variables of folders that no package registry has. They are never
// required.
const (
	WASIWIT    = "GONDOLA_WASI_WIT"   // proposals of github.com/WebAssembly/WASI at 0.3.0
	Components = "GONDOLA_COMPONENTS" // any components
)

var optional = map[string]bool{WASIWIT: true, Components: true}

// Path is what a variable names. Where it names nothing the test is skipped, or
// fails.
func Path(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path != "" {
		return path
	}
	missing(t, variable)
	return ""
}

// Tool is the program that a variable names, or one of that name in PATH.
func Tool(t testing.TB, variable, name string) string {
	t.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, variable)
	}
	return path
}

func missing(t testing.TB, variable string) {
	t.Helper()
	if os.Getenv("GONDOLA_REQUIRE") == "1" && !optional[variable] {
		t.Fatalf("%s is not set, and GONDOLA_REQUIRE=1 wants what it names: see CONTRIBUTING.md", variable)
	}
	t.Skipf("%s is not set: see CONTRIBUTING.md", variable)
}
