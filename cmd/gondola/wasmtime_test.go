package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/internal/testenv"
)

// The sleepers print the same under Wasmtime as here, and wasm-tools finds nothing
// wrong with the file.
func TestSleepersUnderWasmtime(t *testing.T) {
	wasmtime := testenv.Tool(t, testenv.Wasmtime, "wasmtime")
	wasmTools := testenv.Tool(t, testenv.WasmTools, "wasm-tools")
	file := filepath.Join(t.TempDir(), "s.wasm")
	gondola := command(t)
	output(t, gondola("build", "-o", file, "../../examples/sleepers"))
	output(t, exec.Command(wasmTools, "validate", "--features", "all", file))
	ours := output(t, gondola("run", file))
	theirs := output(t, exec.Command(wasmtime, "run", "-W", "component-model-async=y", "-S", "p3", file))
	if !slices.Equal(withoutTicks(ours), withoutTicks(theirs)) {
		t.Errorf("here:\n%s\nunder Wasmtime:\n%s", ours, theirs)
	}
}

// output is what a command prints that must end well.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return string(out)
}

// withoutTicks leaves out what a busy machine may print once more or less.
func withoutTicks(out string) []string {
	return slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, "tick ") })
}
