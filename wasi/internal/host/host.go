// Package host is what guests of any version of WASI get from the process: its
// standard streams, arguments and environment, clocks and randomness.
package host

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
	"github.com/gondola-wasm/gondola/wasi/internal/stdio"
)

// Config is what a guest may see. See wasi.Config.
type Config struct {
	Args, Env      []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dirs           []fsys.Dir
	Cwd            string
	Network        netpolicy.Config
}

// Host serves the guests of one linker. It is safe for use from several
// goroutines.
type Host struct {
	Args  []string
	Cwd   string // "" for none
	Stdin *stdio.Input
	Clock Clock

	// Files are the directories that guests get.
	Files *fsys.FS

	// Network is asked by everything that uses the network.
	Network *netpolicy.Policy

	env            []string
	stdout, stderr *stdio.Output
	outputs        stdio.Outputs // all of them
}

// New makes a host.
func New(cfg Config) *Host {
	h := &Host{
		Args:  cfg.Args,
		Cwd:   cfg.Cwd,
		Stdin: stdio.NewInput(cfg.Stdin),
		Clock: Clock{base: time.Now()},

		Files:   fsys.New(cfg.Dirs, fsys.Limits{}),
		Network: netpolicy.New(cfg.Network),

		env: cfg.Env,
	}
	h.stdout = h.outputs.NewOutput(cfg.Stdout)
	h.stderr = h.outputs.NewOutput(cfg.Stderr)
	return h
}

// Flush returns when everything that guests have written is out.
func (h *Host) Flush(ctx context.Context) error {
	return h.outputs.Flush(ctx)
}

// ExitError is the error of a guest that ended itself.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("the guest exited with status %d", e.Code) }
