// Package testenv is what tests share: it finds what they need beyond Go (tools
// and folders that environment variables name) and reads the variables that
// repeat random tests or make them longer. CONTRIBUTING.md lists them all.
//
// What is missing skips the test, with the variable to set; GONDOLA_REQUIRE=1
// makes it a failure. Only tests import this package.
package testenv

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"
)

// The variables.
const (
	Wasmtime     = "GONDOLA_WASMTIME"      // the binary of Wasmtime 46 or later
	WasmTools    = "GONDOLA_WASM_TOOLS"    // the binary of wasm-tools
	WITUI        = "GONDOLA_WIT_UI"        // tests/ui of wit-parser at wasm-tools commit a7ef4778a
	WITComponent = "GONDOLA_WIT_COMPONENT" // tests of wit-component at the same commit
	WAVEUI       = "GONDOLA_WAVE_UI"       // tests/ui of wasm-wave at the same commit
)

// The variables of folders that no package registry has. They are never
// required.
const (
	WASIWIT     = "GONDOLA_WASI_WIT"    // proposals of github.com/WebAssembly/WASI at 0.3.0
	WASIWIT02   = "GONDOLA_WASI_WIT_02" // the same at 0.2.12
	Components  = "GONDOLA_COMPONENTS"  // any components
	WASTCorpus  = "GONDOLA_WAST_CORPUS" // scripts and texts; several folders as in PATH
	Definitions = "GONDOLA_DEFINITIONS" // canonical-abi/definitions.py of the specification
)

// The variables of components that others built, never required either.
const (
	WASITestsuite    = "GONDOLA_WASI_TESTSUITE"    // tests/rust/testsuite/wasm32-wasip3 of wasi-testsuite, commit 9f80ca35
	WasmtimePrograms = "GONDOLA_WASMTIME_PROGRAMS" // Wasmtime's crates/test-programs, as components
	ThirdParty       = "GONDOLA_THIRD_PARTY"       // what docs/third-party.md says how to make
)

// The variables of random tests.
const (
	seed         = "GONDOLA_SEED"          // repeats a test
	Mutants      = "GONDOLA_MUTANTS"       // how many mutants of each component
	Hostile      = "GONDOLA_HOSTILE"       // how many worlds of hostile guests
	Random       = "GONDOLA_RANDOM_WIT"    // how many random WIT packages
	Replays      = "GONDOLA_REPLAYS"       // how many random worlds are replayed on definitions.py
	HostileCalls = "GONDOLA_HOSTILE_CALLS" // how many calls of WASI hostile guests make
	Differential = "GONDOLA_DIFFERENTIAL"  // how many sequences of operations run here and under Wasmtime
)

// Soak is the variable that says for how long a service is tested.
const Soak = "GONDOLA_SOAK"

// HostileClients is the variable that says for how long clients misbehave.
const HostileClients = "GONDOLA_HOSTILE_CLIENTS"

var optional = map[string]bool{WASIWIT: true, WASIWIT02: true, Components: true, WASTCorpus: true, Definitions: true,
	WASITestsuite: true, WasmtimePrograms: true, ThirdParty: true}

// Path is what a variable names. Where it names nothing the test is skipped, or
// fails.
func Path(t testing.TB, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		unset(t, variable)
	}
	return path
}

// Tool is the program that a variable names, or one of that name in PATH.
func Tool(t testing.TB, variable, name string) string {
	t.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		unset(t, variable)
	}
	return path
}

func unset(t testing.TB, variable string) {
	t.Helper()
	if optional[variable] {
		t.Skipf("%s is not set: see CONTRIBUTING.md", variable)
	}
	Missing(t, "%s is not set: see CONTRIBUTING.md", variable)
}

// Missing skips a test that can't do without something that is not there, which
// the message names, or fails it.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("GONDOLA_REQUIRE") == "1" {
		t.Fatalf("missing, and GONDOLA_REQUIRE=1 wants it: "+format, args...)
	}
	t.Skipf("missing: "+format, args...)
}

// Seed is another one each time, unless GONDOLA_SEED says which. It is logged
// with what repeats the test.
func Seed(t testing.TB) uint64 {
	t.Helper()
	n := rand.Uint64()
	if s := os.Getenv(seed); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("%s: %v", seed, err)
		}
	}
	t.Logf("repeat with %s=%d", seed, n)
	return n
}

// Duration is what a variable holds, such as 10m, or otherwise where it is not set.
func Duration(t testing.TB, variable string, otherwise time.Duration) time.Duration {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return d
}

// Number is what a variable holds, or otherwise where it is not set.
func Number(t testing.TB, variable string, otherwise int) int {
	t.Helper()
	s := os.Getenv(variable)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}
