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
	if !slices.Equal(linesOf(ours), linesOf(theirs)) {
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

// linesOf leaves out what a busy machine may print once more or less, and the order, which
// it may change.
func linesOf(out string) []string {
	lines := slices.DeleteFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, "tick ") })
	slices.Sort(lines)
	return lines
}

// Wasmtime's own programs end here as they do there: what they print, their status, and
// that nothing is printed any more by a command that has returned.
func TestRunWasmtimePrograms(t *testing.T) {
	dir := testenv.Path(t, testenv.WasmtimePrograms)
	gondola := command(t)
	for _, c := range []struct {
		program string
		args    []string // before the program; what follows it comes behind "--"
		stdin   string
		stdout  string
		code    int
	}{
		{"p2_cli_hello_stdout", nil, "", "hello, world\n", 0},
		{"p3_cli_hello_stdout", nil, "", "hello, world\n", 0},
		{"p3_cli_hello_stdout_post_return", nil, "", "hello, world\n", 0},
		{"p2_cli_hello_stdout", []string{"--invoke", "run()"}, "", "hello, world\nok\n", 0},
		{"p3_cli_hello_stdout_post_return", []string{"--invoke", "run()"}, "", "hello, world\nok\n", 0},
		{"p2_cli_invoke_async", []string{"--invoke", `echo("hello?")`}, "", "\"hello?\"\n", 0},
		{"p2_cli_exit_success", nil, "", "", 0},
		{"p2_cli_exit_default", nil, "", "", 0},
		{"p2_cli_exit_failure", nil, "", "", 1},
		{"p2_cli_exit_with_code", nil, "", "", 42},
		{"p2_cli_exit_panic", nil, "", "", exitTrap},
		{"p2_cli_env", []string{"--env", "frabjous=day", "--env", "callooh=callay"}, "", "", 0},
		{"p2_cli_initial_cwd", []string{"--cwd", "/sandbox"}, "", "", 0},
		{"p2_cli_stdin", nil, "So rested he by the Tumtum tree", "", 0},
		{"p2_cli_argv0", []string{"--argv0", "a", "--", "a"}, "", "", 0},
		{"p2_cli_much_stdout", []string{"--", "x", "262144"}, "", strings.Repeat("x", 262144), 0},
		{"p3_cli_many_tasks", []string{"--max-handles", "100"}, "", "", exitTrap},
	} {
		before, after := c.args, []string(nil)
		if i := slices.Index(c.args, "--"); i >= 0 {
			before, after = c.args[:i], c.args[i+1:]
		}
		args := slices.Concat([]string{"run"}, before, []string{filepath.Join(dir, c.program+".wasm")}, after)
		t.Run(strings.Join(append([]string{c.program}, before...), " "), func(t *testing.T) {
			cmd := gondola(args...)
			cmd.Stderr = nil
			cmd.Stdin = strings.NewReader(c.stdin)
			out, _ := cmd.Output()
			if code := cmd.ProcessState.ExitCode(); code != c.code || string(out) != c.stdout {
				t.Errorf("exit status %d, want %d; printed %q, want %q", code, c.code, out, c.stdout)
			}
		})
	}
}
