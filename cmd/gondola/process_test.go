package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// command builds gondola, as a process that can be interrupted.
func command(t *testing.T) func(args ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gondola")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(args ...string) *exec.Cmd {
		cmd := exec.Command(path, args...)
		cmd.Stderr = os.Stderr
		return cmd
	}
}

// exitCode waits for a process, but not for ever.
func exitCode(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	late := time.AfterFunc(3*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// The sleepers end after the last of them although nobody closes standard input,
// and each line is there as soon as it is written.
func TestSleepersWithOpenInput(t *testing.T) {
	gondola := command(t)
	var problem string
	for _, late := range []string{"300ms", "3s", "30s"} { // on a late machine all may be over too soon
		if problem = sleepWithOpenInput(t, gondola("run", "../../examples/sleepers", "late="+late, "soon=100ms"), late); problem == "" {
			return
		}
	}
	t.Error(problem)
}

// sleepWithOpenInput says what is wrong with a run of the sleepers.
func sleepWithOpenInput(t *testing.T, cmd *exec.Cmd, late string) (problem string) {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	var got []string
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "tick ") {
			got = append(got, line)
		}
		if line == "tick 1" {
			// It comes in the middle of the run, or else nothing interleaves.
			if _, err := io.WriteString(stdin, "from outside\n"); err != nil {
				problem = err.Error()
			}
		}
	}
	if code := exitCode(t, cmd); code != 0 {
		t.Errorf("exit status %d", code)
	}
	i := slices.Index(got, "line 1: from outside")
	if i < 0 {
		return fmt.Sprintf("the line from standard input is not there: %q", got)
	}
	want := []string{"soon: good morning after 100ms", "late: good morning after " + late, "summary:", "  100ms soon", "  " + late + " late"}
	if rest := slices.Delete(got, i, i+1); !slices.Equal(rest, want) {
		return fmt.Sprintf("got %q, want %q", rest, want)
	}
	return problem
}

func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process can't be interrupted from outside there")
	}
	gondola := command(t)
	dir := t.TempDir()
	for name, source := range map[string]string{
		"flood/main.go": "package main\n\nimport (\"fmt\"; \"strings\")\n\nfunc main() { fmt.Println(\"ready\"); fmt.Println(strings.Repeat(\"x\", 1<<20)) }\n",
		"go.mod":        "module example.com/app\n\ngo 1.26\n",
		"sleep/main.go": "package main\n\nimport (\"fmt\"; \"time\")\n\nfunc main() { fmt.Println(\"ready\"); time.Sleep(time.Hour) }\n",
		"spin/main.go":  "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"ready\"); for {} }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, guest := range []string{"sleep", "spin"} {
		t.Run(guest, func(t *testing.T) {
			cmd := gondola("run", "./"+guest)
			cmd.Dir = dir
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
				t.Errorf("got %q, %v", line, err)
			}
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
			if code := exitCode(t, cmd); code != exitInterrupted {
				t.Errorf("exit status %d, want %d", code, exitInterrupted)
			}
		})
	}

	// What is printed and not taken does not keep the command, neither when the guest is
	// ended by a timeout nor after an interrupt. A second interrupt ends it at once.
	for _, c := range []struct {
		name  string
		flags []string
		code  int
	}{
		{"stuck for too long", []string{"--timeout", "1s"}, exitTrap},
		{"stuck and interrupted", nil, exitInterrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := gondola(append(append([]string{"run"}, c.flags...), "./flood")...)
			cmd.Dir = dir
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer stdout.Close()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if c.flags == nil {
				if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
					t.Fatal(err)
				}
			}
			// Not by Wait, which would close what nobody reads.
			late := time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Kill() })
			defer late.Stop()
			state, err := cmd.Process.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if state.ExitCode() != c.code {
				t.Errorf("exit status %d, want %d", state.ExitCode(), c.code)
			}
		})
	}
	t.Run("twice", func(t *testing.T) {
		cmd := gondola("run", "./flood")
		cmd.Dir = dir
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
			t.Fatal(err)
		}
		ended := make(chan int, 1)
		go func() { ended <- exitCode(t, cmd) }()
		for {
			if err := cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			select {
			case code := <-ended:
				if code != exitInterrupted {
					t.Errorf("exit status %d, want %d", code, exitInterrupted)
				}
				return
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
}
