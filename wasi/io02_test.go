package wasi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// guest02Wasm is testdata/guest02, built once for all tests, and guest02 is it compiled.
var guest02Wasm = sync.OnceValues(func() ([]byte, error) {
	return build("guest02", "go.mod.txt", "main.go.txt", "wit/world.wit")
})

var guest02 = sync.OnceValues(func() (*gondola.Component, error) {
	wasm, err := guest02Wasm()
	if err != nil {
		return nil, err
	}
	return rt.Compile(context.Background(), wasm)
})

// run02 runs a scenario of the guest and returns what it prints.
func run02(t *testing.T, scenario string, cfg wasi.Config) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	if cfg.Stdout == nil {
		cfg.Stdout = &out
	}
	if cfg.Stderr == nil {
		cfg.Stderr = os.Stderr
	}
	if cfg.Args == nil {
		cfg.Args = []string{"guest", scenario}
	}
	err = runGuest(t, guest02, cfg, nil)
	return out.String(), err
}

func TestScenariosOf02(t *testing.T) {
	lines := strings.Repeat("0123456789abcdef\n", 10_000)
	for _, c := range []struct {
		scenario string
		cfg      wasi.Config
		want     string
	}{
		{scenario: "clocks"},
		{scenario: "random"},
		{scenario: "garbage"},
		{
			scenario: "environment", cfg: wasi.Config{Env: []string{"A=b=c", "EMPTY="}, Cwd: "/home"},
			want: "arguments: [guest environment]\nenvironment: [{A b=c} {EMPTY }]\ncwd: /home\nterminals: false false false\n",
		},
		{scenario: "echo", cfg: wasi.Config{Stdin: strings.NewReader(lines)}, want: lines},
		{scenario: "echo", cfg: wasi.Config{Stdin: iotest.OneByteReader(strings.NewReader("hello"))}, want: "hello"},
		{scenario: "echo"},
		{scenario: "splice", cfg: wasi.Config{Stdin: strings.NewReader(lines)}, want: lines + "\n170000 bytes, true\n"},
		{scenario: "two stdins", cfg: wasi.Config{Stdin: strings.NewReader("hello, world")}, want: "\"hello\" \", world\"\n"},
		{scenario: "failing stdin", cfg: wasi.Config{Stdin: iotest.ErrReader(errors.New("it is broken"))}, want: "failed: true\nclosed: true\n"},
		{scenario: "much", want: strings.Repeat("0123456789abcdef", 1<<16)},
	} {
		t.Run(c.scenario, func(t *testing.T) {
			got, err := run02(t, c.scenario, c.cfg)
			if err != nil || got != c.want {
				t.Errorf("got %.200q (%d bytes), %v", got, len(got), err)
			}
		})
	}
}

// A guest that has no memory for what the host returns ends.
func TestGuestWithoutMemory(t *testing.T) {
	rt := gondola.NewRuntime(t.Context(), gondola.WithMaxMemory(32<<20))
	defer rt.Close(context.Background())
	wasm, err := guest02Wasm()
	if err != nil {
		t.Fatal(err)
	}
	comp, err := rt.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Args: []string{"guest", "hoard"}})
	in, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.Background())
	_, err = in.Func("wasi:cli/run@0.3.0", "run").Call(t.Context())
	if _, ok := errors.AsType[*gondola.Trap](err); !ok {
		t.Errorf("it has ended with %v", err)
	}
}

// What a guest writes to several streams of several versions, and to two files,
// comes out in the order in which it wrote it.
func TestOrderOfOutputs(t *testing.T) {
	var terminal bytes.Buffer
	if _, err := run02(t, "order", wasi.Config{Stdout: &terminal, Stderr: &terminal}); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range 100 {
		fmt.Fprintf(&want, "out %[1]d\nerr %[1]d\nnew %[1]d\n", i)
	}
	if terminal.String() != want.String() {
		t.Errorf("got %s", terminal.String())
	}
}

func TestExit02(t *testing.T) {
	for scenario, want := range map[string]int{"exit": 7, "exit with ok": 0, "exit with fail": 1} {
		_, err := run02(t, scenario, wasi.Config{})
		if exit, ok := errors.AsType[*wasi.ExitError](err); !ok || exit.Code != want {
			t.Errorf("%s: got %v", scenario, err)
		}
	}
}

// An output that nobody reads any more is closed for the guest.
func TestClosedStdout02(t *testing.T) {
	for _, broken := range []error{io.ErrClosedPipe, &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}} {
		var stderr bytes.Buffer
		if _, err := run02(t, "closed stdout", wasi.Config{Stdout: failingWriter{broken}, Stderr: &stderr}); err != nil || stderr.String() != "closed: true\n" {
			t.Errorf("got %q, %v", stderr.String(), err)
		}
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// The rules that a guest breaks at its own peril.
func TestTraps02(t *testing.T) {
	for scenario, want := range map[string]string{
		"poll nothing":    "poll of an empty list",
		"drop a parent":   "resource has children",
		"write too much":  "write of 65537 bytes, more than the 65536 that check-write permits",
		"too many zeroes": "write-zeroes of 18446744073709551615 bytes, more than the 65536 that check-write permits",
		"too long":        "blocking-write-and-flush of 4097 bytes, it takes at most 4096",
		"too long zeroes": "blocking-write-zeroes-and-flush of 4097 bytes, it takes at most 4096",
		"too random":      "asks for 67108865 random bytes; the limit for one call is 67108864",
		"too insecure":    "asks for 9223372036854775808 random bytes",
	} {
		_, err := run02(t, scenario, wasi.Config{})
		if _, ok := errors.AsType[*gondola.Trap](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", scenario, err, want)
		}
	}
	if _, err := run02(t, "random", wasi.Config{Limits: wasi.Limits{RandomBytes: 99_999}}); err == nil || !strings.Contains(err.Error(), "the limit for one call is 99999") {
		t.Errorf("got %v", err)
	}
}

// What is no text is said. A guest in Go asks for all of it when it starts.
func TestEnvironmentThatIsNoText(t *testing.T) {
	comp, err := guest02()
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []wasi.Config{
		{Env: []string{"GOOD=1", "BAD=\xff"}},
		{Args: []string{"guest", "environment", "BAD\xff"}},
	} {
		linker := rt.NewLinker()
		wasi.AddTo(linker, cfg)
		_, err := linker.Instantiate(t.Context(), comp)
		if _, ok := errors.AsType[*gondola.Trap](err); !ok || !strings.Contains(err.Error(), `BAD`) || !strings.Contains(err.Error(), "is not UTF-8") {
			t.Errorf("got %v", err)
		}
	}
}

func TestLargeEnvironment(t *testing.T) {
	var env []string
	for i := range 512 {
		env = append(env, fmt.Sprintf("VARIABLE%d=%s", i, strings.Repeat("x", 1024)))
	}
	out, err := run02(t, "environment", wasi.Config{Env: env})
	if err != nil || strings.Count(out, "VARIABLE") != 512 {
		t.Errorf("%d variables, %v", strings.Count(out, "VARIABLE"), err)
	}
}

// A list of handles costs the host more than the guest, and counts for what it costs.
func TestPollOfMany02(t *testing.T) {
	if out, err := run02(t, "poll many", wasi.Config{}); err != nil || out != "100000 are ready\n" {
		t.Errorf("got %q, %v", out, err)
	}
	wasm, err := build("guest02", "go.mod.txt", "main.go.txt", "wit/world.wit")
	if err != nil {
		t.Fatal(err)
	}
	small := gondola.NewRuntime(t.Context(), gondola.WithMaxValueSize(1<<20))
	defer small.Close(context.WithoutCancel(t.Context()))
	comp, err := small.Compile(t.Context(), wasm)
	if err != nil {
		t.Fatal(err)
	}
	linker := small.NewLinker()
	wasi.AddTo(linker, wasi.Config{Args: []string{"guest", "poll many"}})
	in, err := linker.Instantiate(t.Context(), comp)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close(context.WithoutCancel(t.Context()))
	_, err = in.Func("wasi:cli/run@0.3.0", "run").Call(t.Context())
	if trap, ok := errors.AsType[*gondola.Trap](err); !ok || !strings.Contains(trap.Error(), "more than 1048576 bytes of the host's memory") {
		t.Errorf("got %v", err)
	}
}

// A guest that waits, however it does, keeps neither its caller nor who closes it.
func TestEndOfWaits02(t *testing.T) {
	comp, err := guest02()
	if err != nil {
		t.Fatal(err)
	}
	never, _ := io.Pipe()
	for _, scenario := range []string{"wait for ever", "read for ever", "write for ever"} {
		for _, how := range []string{"cancel", "close"} {
			linker := rt.NewLinker()
			_, full := io.Pipe()
			said := make(chan struct{}, 10)
			wasi.AddTo(linker, wasi.Config{Args: []string{"guest", scenario}, Stdin: never, Stdout: full, Stderr: tellingWriter(said)})
			in, err := linker.Instantiate(t.Context(), comp)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := in.Func("wasi:cli/run@0.3.0", "run").Call(ctx)
				done <- err
			}()
			<-said
			if how == "cancel" {
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got %v", scenario, err)
				}
			}
			if err := in.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if how == "close" {
				if err := <-done; !errors.Is(err, gondola.ErrClosed) {
					t.Errorf("%s: got %v", scenario, err)
				}
			}
			cancel()
			full.CloseWithError(io.ErrClosedPipe)
		}
	}
}

type tellingWriter chan struct{}

func (w tellingWriter) Write(p []byte) (int, error) {
	w <- struct{}{}
	return len(p), nil
}
