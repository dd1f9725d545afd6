package gobuild

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A guestRun is one run of a guest program below testdata/guests and what must come of it.
type guestRun struct {
	guest  string
	args   string
	stdin  string
	exit   int
	stdout string // a regular expression for all of it; "" accepts anything
	stderr string
}

// allDriverTests is what the composed guests print: the driver's lines in order, then the others' sorted, because the order
// between several components is the host's.
const allDriverTests = `^ok echo
ok concurrent
ok signal
ok signal-plain
ok relay
ok outlive
ok cancel
ok cancel-race
ok strings
ok garbage
ok large
ok read-all
ok echo-stream
ok stream-cancel
ok moving-stack
ok echo-strings
ok future
ok units
ok plain
ok things
ok borrow
ok background
ok spin
ok barge-in
ok end-in-plain
ok local
ok queue
ok forgotten
api: initialized
api: printing from a plain function
(api: printing while blocked
)+store: closing forgotten
store: closing forgotten
store: closing forgotten
store: closing lent
store: closing one
store: closing two
$`

var guestRuns = []guestRun{
	{
		guest: "initwork",
		stdout: "^init: printing\ninit: slept\nmain: started true\n" +
			"(sent by a goroutine of init\nsent by a timer of init|sent by a timer of init\nsent by a goroutine of init)\n" + // 10 ms apart
			"AfterFunc may print\nstacks begin with 8192 bytes\nmain: deferred\n$",
		stderr: "^println goes to stderr\n$",
	},
	{
		guest: "deadlock", exit: 2, stdout: "^waiting\n$",
		stderr: `^fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 \[chan receive\]:\nmain\.main\(\)\n\t.*/deadlock/main\.go:10 `,
	},
	{
		guest: "goexit", exit: 2, stdout: "^the last goroutine ends\n$",
		stderr: `^fatal error: no goroutines \(main called runtime\.Goexit\) - deadlock!\n`,
	},
	{guest: "panics", args: "main", exit: 2, stdout: "^before\n$", stderr: `^panic: in main\n\ngoroutine 1 \[running\]:\nmain\.main\(\)\n\t.*/panics/main\.go:21 `},
	{guest: "panics", args: "goroutine", exit: 2, stdout: "^before\n$", stderr: `^panic: in a goroutine\n(?s:.*)/panics/main\.go:23 `},
	{guest: "panics", args: "nil", exit: 2, stdout: "^before\n$", stderr: `^panic: runtime error: invalid memory address or nil pointer(?s:.*)/panics/main\.go:27 `},
	{guest: "panics", args: "index", exit: 2, stdout: "^before\n$", stderr: `^panic: runtime error: index out of range(?s:.*)/panics/main\.go:30 `},
	{guest: "panics", args: "init", exit: 2, stdout: "^before\n$", stderr: `^panic: in init\n(?s:.*)/panics/main\.go:13 `},
	{guest: "panics", args: "exit", exit: 3, stdout: "^before\n$", stderr: "^$"},
	{guest: "panics", args: "exit-goroutine", exit: 4, stdout: "^before\n$", stderr: "^$"},
	{guest: "panics", args: "recovered", stdout: "^before\nrecovered: caught\n$", stderr: "^$"},
	{guest: "panics", args: "busy-output", exit: 2, stdout: "^before\n(output\n)+", stderr: `^panic: while writing\n`},
	{guest: "spin", stdin: "one\ntwo\n", stdout: "^read one\nread two\nlate: false\n$"},
	{guest: "cat", stdin: strings.Repeat("0123456789", 300_000), stdout: "^(0123456789){1000}", stderr: "^3000000 <nil>\n$"},
	{guest: "cat", stdout: "^$", stderr: "^0 <nil>\n$"},
	{guest: "enosys", stdout: `^((\S+|listen udp) true .*\n){14}stdout true <nil>\n$`, stderr: "^$"},
	{guest: "hammer", stdout: "^(line ){100}\n", stderr: "^worked: true\n$"},
	{guest: "driver", stdout: allDriverTests, stderr: "^$"},
	{
		// Alone, so that the first collection of all, which starts the collector's goroutines, falls due inside a call.
		guest: "driver", args: "large", stdout: "^ok large\napi: initialized\n$", stderr: "^$",
	},
	{
		guest: "driver", args: "sleep", exit: 2, stdout: "^api: initialized\n$",
		stderr: "^fatal error: sleep would have to wait, which a plain function of a component can't do: make it `async` in WIT\n",
	},
	{
		guest: "driver", args: "kept", exit: 2,
		stderr: "^panic: use of a resource that was lent to keep, which has returned\n",
	},
}

// TestGuests runs guest programs, made into components by this project, under its own runtime.
func TestGuests(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: guests are compiled and linked")
	}
	checkAll(t, newGuestTools(t, &gondolaHost{}))
}

// TestGuestsUnderWasmtime runs guest programs, made into components by the reference tools, under Wasmtime.
func TestGuestsUnderWasmtime(t *testing.T) {
	checkAll(t, newGuestTools(t, newWasmtimeHost(t)))
}

func checkAll(t *testing.T, tools *guestTools) {
	for _, run := range guestRuns {
		t.Run(run.guest+" "+run.args, func(t *testing.T) {
			t.Parallel()
			run.check(t, tools)
		})
	}
}

// TestGuestsUnderLoad runs the composed guests again and again while others compete for the processor.
func TestGuestsUnderLoad(t *testing.T) {
	if os.Getenv("GONDOLA_STRESS") == "" {
		t.Skip("GONDOLA_STRESS isn't set: a longer run")
	}
	for name, tools := range map[string]*guestTools{"gondola": newGuestTools(t, &gondolaHost{}), "wasmtime": newGuestTools(t, newWasmtimeHost(t))} {
		for range 20 {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				guestRun{guest: "driver", stdout: allDriverTests, stderr: "^$"}.check(t, tools)
			})
		}
	}
}

// TestAsyncCancel runs the composed guests with the form of subtask.cancel that doesn't block, which a host must open a gate for.
func TestAsyncCancel(t *testing.T) {
	host := newWasmtimeHost(t)
	host.flags = []string{"-W", "component-model-more-async-builtins=y"}
	tools := newGuestTools(t, host)
	tools.flags = []string{"-tags=gondola_async_cancel"}
	guestRun{guest: "driver", stdout: allDriverTests, stderr: "^$"}.check(t, tools)
}

// TestReactorInitPanics instantiates a component whose package initialization panics.
func TestReactorInitPanics(t *testing.T) {
	host := newWasmtimeHost(t)
	tools := newGuestTools(t, host)
	tools.flags = []string{"-tags=initpanic"}
	component, err := tools.buildOne(part{"store", "store", Reactor})
	if err != nil {
		t.Fatal(err)
	}
	guestRun{
		exit: 2, stdout: "^$",
		stderr: `^store: about to panic\npanic: in the initialization of a reactor\n(?s:.*)/store/initpanic\.go:7 `,
	}.run(t, host.wasmtime, "run", "--invoke", "count()", component)
}

func (run guestRun) check(t *testing.T, tools *guestTools) {
	command := append(tools.host.command(tools.component(t, run.guest)), strings.Fields(run.args)...)
	run.run(t, command[0], command[1:]...)
}

func (run guestRun) run(t *testing.T, name string, args ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(run.stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != run.exit {
		t.Errorf("exit code %d, want %d", got, run.exit)
	}
	printed := stdout.String()
	if run.guest == "driver" {
		printed = driverFirst(printed)
	}
	match(t, "stdout", printed, run.stdout)
	match(t, "stderr", stderr.String(), run.stderr)
}

// driverFirst returns the driver's lines in order and then the other lines sorted.
func driverFirst(printed string) string {
	var driver, others []string
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "api: ") || strings.HasPrefix(line, "store: ") {
			others = append(others, line)
		} else {
			driver = append(driver, line)
		}
	}
	slices.Sort(others)
	return strings.Join(append(driver, others...), "")
}

func match(t *testing.T, what, got, want string) {
	if !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("%s is %q, which doesn't match %q", what, got[:min(len(got), 5000)], want)
	}
}

// guestTools builds guests, once each, for a host.
type guestTools struct {
	host  guestHost
	flags []string // of go build
	dir   string
	mu    sync.Mutex
	built map[string]func() (string, error)
}

func newGuestTools(t *testing.T, host guestHost) *guestTools {
	tools := &guestTools{host: host, dir: t.TempDir(), built: map[string]func() (string, error){}}
	if err := host.prepare(tools.dir); err != nil {
		t.Fatal(err)
	}
	return tools
}

// component returns the path of a guest, ready for the host.
func (tools *guestTools) component(t *testing.T, guest string) string {
	t.Helper()
	tools.mu.Lock()
	build, ok := tools.built[guest]
	if !ok {
		build = sync.OnceValues(func() (string, error) { return tools.build(guest) })
		tools.built[guest] = build
	}
	tools.mu.Unlock()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A part is a guest, the name of its world in testdata/wit, and what kind of world that is.
type part struct {
	guest, witWorld string
	world           World
}

func (tools *guestTools) build(guest string) (string, error) {
	if guest != "driver" {
		path, err := tools.buildOne(part{guest, "command", Command})
		if err != nil {
			return "", err
		}
		return tools.host.compile(path)
	}
	var components [][]byte
	for _, part := range []part{{"store", "store", Reactor}, {"api", "guest", Reactor}, {"driver", "driver", Command}} {
		path, err := tools.buildOne(part)
		if err != nil {
			return "", err
		}
		component, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		components = append(components, component)
	}
	composed, err := compose(components...)
	if err != nil {
		return "", err
	}
	out := filepath.Join(tools.dir, "composed.wasm")
	if err := os.WriteFile(out, composed, 0o666); err != nil {
		return "", err
	}
	return tools.host.compile(out)
}

// buildOne builds a guest and makes a component of it.
func (tools *guestTools) buildOne(part part) (string, error) {
	// Reading the sources here makes the test's cached result depend on them.
	if err := readAll(filepath.Join("testdata", "guests", part.guest), filepath.Join("testdata", "wit")); err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	m, err := Build(context.Background(), Options{Dir: "testdata/guests", Pkg: "./" + part.guest, World: part.world, Flags: tools.flags, Stderr: &stderr})
	if err != nil {
		return "", errors.Join(err, errors.New(stderr.String()))
	}
	out := filepath.Join(tools.dir, part.guest+".wasm")
	return out, tools.host.componentize(m.Core, part.witWorld, out)
}

// readAll reads all files below some folders.
func readAll(folders ...string) error {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			_, err = os.ReadFile(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
