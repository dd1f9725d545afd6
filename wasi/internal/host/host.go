// Package host is what guests of any version of WASI get from the process: its
// standard streams, arguments and environment, clocks and randomness.
package host

import (
	"context"
	"io"
	"time"

	"github.com/gondola-wasm/gondola/wasi/internal/fsys"
	"github.com/gondola-wasm/gondola/wasi/internal/httpx"
	"github.com/gondola-wasm/gondola/wasi/internal/netpolicy"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
	"github.com/gondola-wasm/gondola/wasi/internal/sockets"
	"github.com/gondola-wasm/gondola/wasi/internal/stdio"
)

// Config is what a guest may see. See wasi.Config.
type Config struct {
	Args, Env      []string
	Cwd            string
	Timezone       *time.Location
	Limits         Limits
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dirs           []fsys.Dir
	Network        netpolicy.Config
	HTTP           HTTPConfig
}

// Host serves the guests of one linker. It is safe for use from several
// goroutines.
type Host struct {
	Stdin    *stdio.Input
	Clock    Clock
	Timezone Timezone
	Random   *Random
	Limits   Limits

	// Streams says how much streams carry at a time, and FilePermit how much of a file a
	// guest of 0.2 may write at a time.
	Streams    pollio.Limits
	FilePermit int

	// Files are the directories that guests get.
	Files *fsys.FS

	// Network is asked by everything that uses the network.
	Network *netpolicy.Policy
	Sockets *sockets.Host

	// HTTP sends requests. HTTPFields are the rules for fields, and HTTPPiece is how
	// much of a body is taken at a time.
	HTTP       *httpx.Client
	HTTPFields *httpx.FieldRules
	HTTPPiece  int
	HTTPBudget *httpx.Budget // of bodies

	args, env      []string
	cwd            string
	terminals      terminals
	stdout, stderr *stdio.Output
	outputs        *stdio.Outputs // all of them
}

// New makes a host.
func New(cfg Config) *Host {
	limits := cfg.Limits.withDefaults()
	streams, filePermit := limits.streams()
	h := &Host{
		Stdin:    stdio.NewInput(cfg.Stdin, streams.Pieces.Size(), limits.InputStreams),
		Clock:    Clock{base: time.Now()},
		Timezone: newTimezone(cfg.Timezone),
		Random:   newRandom(limits.RandomBytes),
		Limits:   limits,

		Streams:    streams,
		FilePermit: filePermit,

		Files:   fsys.New(cfg.Dirs, fsys.Limits{OpenFiles: limits.OpenFiles, Path: limits.Path, Hops: limits.SymlinkHops}),
		Network: netpolicy.New(cfg.Network, limits.Lookups),

		HTTPFields: cfg.HTTP.fieldRules(),
		HTTPPiece:  cfg.HTTP.maxPiece(),
		HTTPBudget: httpx.NewBudget(cfg.HTTP.MaxUnsent),

		args:      cfg.Args,
		env:       cfg.Env,
		cwd:       cfg.Cwd,
		terminals: terminals{stdio.IsTerminal(cfg.Stdin), stdio.IsTerminal(cfg.Stdout), stdio.IsTerminal(cfg.Stderr)},
		outputs:   stdio.NewOutputs(streams),
	}
	h.HTTP = cfg.HTTP.client(h.Network, h.HTTPFields)
	h.Sockets = sockets.New(h.Network, limits.Sockets)
	h.stdout = h.outputs.NewOutput(cfg.Stdout)
	h.stderr = h.outputs.NewOutput(cfg.Stderr)
	return h
}

// Flush returns when everything that guests have written is out.
func (h *Host) Flush(ctx context.Context) error {
	return h.outputs.Flush(ctx)
}

// KeepHTTP says how much is kept of the bodies that guests of 0.3 make.
func (h *Host) KeepHTTP() httpx.Keep { return httpx.Keep{Piece: h.HTTPPiece, Budget: h.HTTPBudget} }

// terminals says which standard streams are terminals.
type terminals struct{ stdin, stdout, stderr bool }
