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

const allDriverTests = `^api: initialized
ok echo
ok concurrent
ok signal
ok signal-plain
ok relay
ok outlive
ok cancel
ok cancel-race
ok strings
ok garbage
ok read-all
ok echo-stream
ok stream-cancel
ok moving-stack
ok echo-strings
ok future
ok units
api: printing from a plain function
ok plain
(?:store: closing \w+\n){5}ok things
store: closing lent
ok borrow
ok background
ok spin
ok local
$`

var guestRuns = []guestRun{
	{
		guest: "initwork",
		stdout: "^init: printing\ninit: slept\nmain: started true\nsent by a goroutine of init\n" +
			"sent by a timer of init\nAfterFunc may print\nmain: deferred\n$",
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
	{guest: "enosys", stdout: `^(\S+ |listen udp )+true `, stderr: "^$"},
	{guest: "hammer", stdout: "^(line ){100}\n", stderr: "^worked: true\n$"},
	{guest: "driver", stdout: allDriverTests, stderr: "^$"},
	{
		guest: "driver", args: "sleep", exit: 2, stdout: "^api: initialized\n$",
		stderr: "^fatal error: sleep would have to wait, which a plain function of a component can't do: make it `async` in WIT\n",
	},
	{
		guest: "driver", args: "kept", exit: 2,
		stderr: "^panic: use of a resource that was lent to keep, which has returned\n",
	},
}

// TestGuests runs guest programs under Wasmtime.
func TestGuests(t *testing.T) {
	tools := findTools(t)
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
	tools := findTools(t)
	for range 40 {
		t.Run("driver", func(t *testing.T) {
			t.Parallel()
			guestRun{guest: "driver", stdout: allDriverTests, stderr: "^$"}.check(t, tools)
		})
	}
}

// TestReactorInitPanics instantiates a component whose package initialization panics.
func TestReactorInitPanics(t *testing.T) {
	tools := findTools(t)
	component, err := tools.buildOne("store", "store", Reactor, "-tags=initpanic")
	if err != nil {
		t.Fatal(err)
	}
	guestRun{
		exit: 2, stdout: "^$",
		stderr: `^store: about to panic\npanic: in the initialization of a reactor\n(?s:.*)/store/initpanic\.go:7 `,
	}.run(t, tools, "--invoke", "count()", component)
}

func (run guestRun) check(t *testing.T, tools *guestTools) {
	component := tools.component(t, run.guest)
	run.run(t, tools, append([]string{"--allow-precompiled", component}, strings.Fields(run.args)...)...)
}

func (run guestRun) run(t *testing.T, tools *guestTools, args ...string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, tools.wasmtime, append([]string{"run"}, args...)...)
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
	match(t, "stdout", stdout.String(), run.stdout)
	match(t, "stderr", stderr.String(), run.stderr)
}

func match(t *testing.T, what, got, want string) {
	if !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("%s is %q, which doesn't match %q", what, got[:min(len(got), 5000)], want)
	}
}

// guestTools builds guests once each and finds what runs them.
type guestTools struct {
	wasmtime, wasmTools string
	dir                 string
	mu                  sync.Mutex
	built               map[string]func() (string, error)
}

// findTools skips the test unless GONDOLA_WASMTIME names Wasmtime and wasm-tools is at hand.
func findTools(t *testing.T) *guestTools {
	tools := &guestTools{dir: t.TempDir(), built: map[string]func() (string, error){}}
	tools.wasmtime = findTool(t, "GONDOLA_WASMTIME", "wasmtime")
	tools.wasmTools = findTool(t, "GONDOLA_WASM_TOOLS", "wasm-tools")
	return tools
}

// findTool returns the tool that the environment names, or one in PATH. With GONDOLA_REQUIRE=1 it must be there.
func findTool(t *testing.T, env, name string) string {
	t.Helper()
	if path := os.Getenv(env); path != "" {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("GONDOLA_REQUIRE") == "1" {
			t.Fatalf("no %s: set %s", name, env)
		}
		t.Skipf("no %s: set %s to run this test", name, env)
	}
	return path
}

// component returns the path of a guest's component.
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

func (tools *guestTools) build(guest string) (string, error) {
	if guest != "driver" {
		return tools.precompile(tools.buildOne(guest, "command", Command))
	}
	var components [][]byte
	for _, part := range []struct {
		guest, witWorld string
		world           World
	}{{"store", "store", Reactor}, {"api", "guest", Reactor}, {"driver", "driver", Command}} {
		path, err := tools.buildOne(part.guest, part.witWorld, part.world)
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
	err = os.WriteFile(out, composed, 0o666)
	if err == nil {
		err = tools.run("validate", "--features", "all", out)
	}
	return tools.precompile(out, err)
}

// precompile lets Wasmtime compile a component once for all its runs.
func (tools *guestTools) precompile(component string, err error) (string, error) {
	if err != nil {
		return "", err
	}
	out := strings.TrimSuffix(component, ".wasm") + ".cwasm"
	text, err := exec.Command(tools.wasmtime, "compile", component, "-o", out).CombinedOutput()
	if err != nil {
		return "", errors.Join(err, errors.New(string(text)))
	}
	return out, nil
}

// buildOne builds a guest and lets the reference tools make a component of it.
func (tools *guestTools) buildOne(guest, witWorld string, world World, flags ...string) (string, error) {
	// Reading the sources here makes the test's cached result depend on them.
	if err := readAll(filepath.Join("testdata", "guests", guest), filepath.Join("testdata", "wit")); err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	m, err := Build(context.Background(), Options{Dir: "testdata/guests", Pkg: "./" + guest, World: world, Flags: flags, Stderr: &stderr})
	if err != nil {
		return "", errors.Join(err, errors.New(stderr.String()))
	}
	core, embedded, out := filepath.Join(tools.dir, guest+".core.wasm"), filepath.Join(tools.dir, guest+".embedded.wasm"), filepath.Join(tools.dir, guest+".wasm")
	if err := os.WriteFile(core, m.Core, 0o666); err != nil {
		return "", err
	}
	err = tools.run("component", "embed", "testdata/wit", "--world", witWorld, core, "-o", embedded)
	if err == nil {
		err = tools.run("component", "new", embedded, "-o", out)
	}
	if err == nil {
		err = tools.run("validate", "--features", "all", out)
	}
	return out, err
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

func (tools *guestTools) run(args ...string) error {
	cmd := exec.Command(tools.wasmTools, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}
