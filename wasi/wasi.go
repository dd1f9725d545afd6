package wasi

import (
	"context"
	"io"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/p2"
	"github.com/gondola-wasm/gondola/wasi/p3"
)

// Config says what a guest gets. The zero Config gives it no arguments, no
// environment, an empty standard input, nowhere to write, the clocks and
// randomness.
type Config struct {
	// Args are the guest's arguments, its own name first.
	Args []string

	// Env is the guest's environment as "NAME=value". Nothing comes from the
	// environment of the process.
	Env []string

	// Timezone is what the guest takes for its local time. Nil is UTC, which says
	// nothing of where it runs.
	Timezone *time.Location

	// Stdin is read while a guest reads it. Stdout and Stderr are written at
	// every write of a guest, unbuffered. Instances of one linker share them. Who
	// passes an *os.File keeps it; where it is a terminal, guests are told. What
	// wraps a file has that too if it has the file's method SyscallConn.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Dirs are the directories that guests get, in the order in which they see
	// them. Where one can't be opened, guests that ask for them are trapped with the
	// reason.
	Dirs []Dir

	// Cwd is the directory that guests are told to start in, which is up to them;
	// none if it is empty.
	Cwd string

	// Network says what of the network the guest may use. The zero Network allows
	// nothing.
	Network Network

	// Limits bound what the guest may make the host spend.
	Limits Limits

	// HTTP is about outgoing requests, and about messages in general.
	HTTP HTTP
}

// Host is what [AddTo] has added to a linker. It is safe for use from several
// goroutines.
type Host struct{ impl *host.Host }

// AddTo gives the interfaces of WASI to the components that l instantiates. Each can
// be replaced by a later definition in l, or wrapped.
func AddTo(l *gondola.Linker, cfg Config) *Host {
	h := &Host{host.New(host.Config{
		Args:     cfg.Args,
		Cwd:      cfg.Cwd,
		Timezone: cfg.Timezone,
		Limits:   cfg.Limits.limits(),
		Env:      cfg.Env,
		Stdin:    cfg.Stdin,
		Stdout:   cfg.Stdout,
		Stderr:   cfg.Stderr,
		Dirs:     dirsOf(cfg.Dirs),
		Network:  cfg.Network.config(),
		HTTP:     cfg.HTTP.config(),
	})}
	p2.AddTo(l, h.impl)
	p3.AddTo(l, h.impl)
	return h
}

// Flush returns when everything is out that guests have written to their
// standard output and error so far, or when ctx ends. Whoever ends the process
// after a guest calls it first.
func (h *Host) Flush(ctx context.Context) error { return h.impl.Flush(ctx) }

// ExitError is what calls return whose guest ended itself by wasi:cli/exit. It is
// inside the trap that ended the instance: find it with errors.As. Its Code, an int, is the
// status, from 0 to 255; exit(err) is 1.
type ExitError = host.ExitError
