package wasi_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/gondola-wasm/gondola/wasi"
)

// A guest of 0.3 and its standard streams.
func TestStdio(t *testing.T) {
	never, _ := io.Pipe()
	lines := strings.Repeat("0123456789abcdef\n", 10_000)
	for _, c := range []struct {
		scenario string
		stdin    io.Reader
		want     string
	}{
		{"echo", strings.NewReader(lines), lines + "\n 170000 ok\n"},
		{"echo", iotest.OneByteReader(strings.NewReader("hello")), "hello\n 5 ok\n"},
		{"echo", nil, "\n 0 ok\n"},
		{"drop stdin", never, "ok\n"},
		{"drop stdin after a read", never, "ok\n"},
		{"two stdins", strings.NewReader("hello, world"), "\"hello\" \", world\" ok\n"},
		{"failing stdin", io.MultiReader(strings.NewReader("x"), iotest.ErrReader(errors.New("broken"))), "\"x\" <nil> io\n"},
		{"many outputs", nil, strings.Repeat("x", 200)},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			var stdout bytes.Buffer
			err := run(t, wasi.Config{Args: []string{"guest", c.scenario}, Stdin: c.stdin, Stdout: &stdout, Stderr: os.Stderr}, nil)
			if err != nil || stdout.String() != c.want {
				t.Errorf("got %.200q, %v", stdout.String(), err)
			}
		})
	}
}

// A guest that never reads takes nothing of its standard input.
func TestStdinThatNobodyWants(t *testing.T) {
	stdin := strings.NewReader("not yours")
	if err := run(t, wasi.Config{Args: []string{"guest", "drop stdin"}, Stdin: stdin}, nil); err != nil || stdin.Len() != 9 {
		t.Errorf("%d bytes are left, %v", stdin.Len(), err)
	}
}

func TestBrokenStdout(t *testing.T) {
	for want, broken := range map[string]error{
		"io\n":   errors.New("broken"),
		"pipe\n": &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE},
	} {
		var stderr bytes.Buffer
		err := run(t, wasi.Config{Args: []string{"guest", "broken output"}, Stdout: failingWriter{broken}, Stderr: &stderr}, nil)
		if err != nil || stderr.String() != want {
			t.Errorf("got %q, %v", stderr.String(), err)
		}
	}
}

// A directory is no input, and that is an error.
func TestStdinThatIsADirectory(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	var stdout bytes.Buffer
	if err := run(t, wasi.Config{Args: []string{"guest", "failing stdin"}, Stdin: dir, Stdout: &stdout}, nil); err != nil || stdout.String() != "\"\" <nil> io\n" {
		t.Errorf("got %q, %v", stdout.String(), err)
	}
}

func TestTerminals(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("a pseudo-terminal without a library is made on Linux only")
	}
	pty, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("there are no pseudo-terminals: ", err)
	}
	defer pty.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := run(t, wasi.Config{Args: []string{"guest", "terminals"}, Stdin: pty, Stdout: pty, Stderr: file}, nil); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file.Name()); err != nil || string(got) != "true true false\n" {
		t.Errorf("got %q, %v", got, err)
	}
}
