package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// guest is testdata/guest, compiled once for all tests.
var guest = sync.OnceValues(func() (*gondola.Component, error) {
	wasm, err := build("guest", "go.mod.txt", "main.go.txt", "wit/world.wit")
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

var rt = gondola.NewRuntime(context.Background())

// build builds a guest of a folder in testdata. It generates the bindings into a copy
// of its files, whose names lose their ".txt".
func build(guest string, files ...string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gondola-wasi-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for _, name := range files {
		data, err := os.ReadFile(filepath.Join("testdata", guest, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, filepath.FromSlash(strings.TrimSuffix(name, ".txt")))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			return nil, err
		}
	}
	return gobuild.Component(context.Background(), gobuild.ComponentOptions{
		Options: gobuild.Options{Dir: dir, Stderr: os.Stderr},
	})
}

// run runs the guest. override may replace what wasi gives.
func run(t *testing.T, cfg wasi.Config, override func(*gondola.Linker)) error {
	t.Helper()
	return runGuest(t, guest, cfg, override)
}

func runGuest(t *testing.T, guest func() (*gondola.Component, error), cfg wasi.Config, override func(*gondola.Linker)) error {
	t.Helper()
	comp, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	if override != nil {
		override(linker)
	}
	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		t.Fatal(err)
	}
	_, err = inst.Func("wasi:cli/run@0.3.0", "run").Call(ctx)
	if cerr := inst.Close(ctx); cerr != nil {
		t.Error(cerr)
	}
	if ferr := host.Flush(ctx); ferr != nil {
		t.Error(ferr)
	}
	return err
}

const output = `^arguments: \[name\]
environment: \[\{A b=c\} \{EMPTY \}\]
initial cwd: <nil>
terminals: <nil> <nil> <nil>
ok waits
ok past times are over at once
ok a wait for ever can be cancelled
ok clock resolutions
system time: 20\d\d-.*Z
ok random bytes
ok a huge request is cut short
ok random numbers
ok insecure
ok one seed
$`

func TestCommandLine(t *testing.T) {
	var stdout bytes.Buffer
	err := run(t, wasi.Config{Args: []string{"name"}, Env: []string{"A=b=c", "EMPTY="}, Stdout: &stdout, Stderr: os.Stderr}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(output).MatchString(stdout.String()) {
		t.Errorf("the guest printed:\n%s", stdout.String())
	}
}

func TestExit(t *testing.T) {
	err := run(t, wasi.Config{Args: []string{"name", "exit"}}, nil)
	var exit *wasi.ExitError
	if !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("got %v", err)
	}
}

// An embedder replaces an interface by defining it again.
func TestReplaced(t *testing.T) {
	var stdout bytes.Buffer
	err := run(t, wasi.Config{Args: []string{"name"}, Stdout: &stdout}, func(l *gondola.Linker) {
		l.Func("wasi:clocks/system-clock@0.3.0", "now", func(context.Context) struct {
			Seconds     int64
			Nanoseconds uint32
		} {
			return struct {
				Seconds     int64
				Nanoseconds uint32
			}{-1, 500_000_000}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := "system time: 1969-12-31T23:59:59.5Z\n"; !strings.Contains(stdout.String(), want) {
		t.Errorf("the guest printed:\n%s", stdout.String())
	}
}

// What a broken output does not take is the guest's to know, and nothing hangs.
func TestBrokenOutput(t *testing.T) {
	if err := run(t, wasi.Config{Args: []string{"name"}, Stdout: brokenWriter{}}, nil); err != nil {
		t.Error(err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
