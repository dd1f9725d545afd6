package gobuild

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/componentize"
	"github.com/gondola-wasm/gondola/internal/testenv"
)

// A guestHost makes components and runs them.
type guestHost interface {
	// prepare is called once, with a folder for what the host needs.
	prepare(dir string) error
	// componentize makes a component of a core module and the world of that name in testdata/wit.
	componentize(core []byte, world, out string) error
	// compile does what can be done once for all runs of a component, and returns what to run instead.
	compile(component string) (string, error)
	// command returns the command line that runs a component; the guest's arguments follow it.
	command(component string) []string
}

// gondolaHost is this project.
type gondolaHost struct{ binary string }

func (h *gondolaHost) prepare(dir string) error {
	h.binary = filepath.Join(dir, "gondola.exe")
	return runTool("go", "build", "-o", h.binary, "../cmd/gondola")
}

func (h *gondolaHost) componentize(core []byte, world, out string) error {
	w, err := LoadWorld("testdata/wit", world, 0)
	if err != nil {
		return err
	}
	component, err := componentize.Encode(core, w, componentize.Options{})
	if err != nil {
		return err
	}
	return os.WriteFile(out, component, 0o666)
}

func (h *gondolaHost) compile(component string) (string, error) { return component, nil }

func (h *gondolaHost) command(component string) []string {
	return []string{h.binary, "run", component}
}

// wasmtimeHost is Wasmtime, with the reference tools.
type wasmtimeHost struct {
	wasmtime, wasmTools string
	flags               []string // of Wasmtime
}

// newWasmtimeHost skips the test unless GONDOLA_WASMTIME names Wasmtime and wasm-tools is at hand.
func newWasmtimeHost(t *testing.T) *wasmtimeHost {
	t.Helper()
	return &wasmtimeHost{
		wasmtime:  testenv.Tool(t, testenv.Wasmtime, "wasmtime"),
		wasmTools: testenv.Tool(t, testenv.WasmTools, "wasm-tools"),
	}
}

func (h *wasmtimeHost) prepare(string) error { return nil }

func (h *wasmtimeHost) componentize(core []byte, world, out string) error {
	module, embedded := out+".core", out+".embedded"
	if err := os.WriteFile(module, core, 0o666); err != nil {
		return err
	}
	if err := runTool(h.wasmTools, "component", "embed", "testdata/wit", "--world", world, module, "-o", embedded); err != nil {
		return err
	}
	return runTool(h.wasmTools, "component", "new", embedded, "-o", out)
}

func (h *wasmtimeHost) compile(component string) (string, error) {
	if err := runTool(h.wasmTools, "validate", "--features", "all", component); err != nil {
		return "", err
	}
	out := strings.TrimSuffix(component, ".wasm") + ".cwasm"
	return out, runTool(h.wasmtime, slices.Concat([]string{"compile"}, h.flags, []string{component, "-o", out})...)
}

func (h *wasmtimeHost) command(component string) []string {
	return slices.Concat([]string{h.wasmtime, "run", "--allow-precompiled"}, h.flags, []string{component})
}

// runTool runs a command; its error carries what it printed.
func runTool(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}
