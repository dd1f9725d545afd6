package host

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wasi/internal/stdio"
)

// Own is what one instance gets of its own. See wasi.Own.
type Own struct {
	Env            []string
	Stdout, Stderr io.Writer
}

// WithOwn returns a context for making an instance and calling it.
func WithOwn(ctx context.Context, own *Own) context.Context { return ownContext{ctx, own} }

// ownContext is a context.WithValue that needs one allocation.
type ownContext struct {
	context.Context
	own *Own
}

type ownKey struct{}

func (c ownContext) Value(key any) any {
	if key == (ownKey{}) {
		return c.own
	}
	return c.Context.Value(key)
}

var nothing Own

// ownOf is what the instance has of its own in which the function is called that has
// the context ctx.
func ownOf(ctx context.Context) *Own {
	if own, ok := ctx.Value(ownKey{}).(*Own); ok {
		return own
	}
	return &nothing
}

// Env is the environment, "NAME=value", of the instance that calls.
func (h *Host) Env(ctx context.Context) []string {
	own := ownOf(ctx).Env
	if len(own) == 0 {
		return h.env
	}
	env := slices.Clone(h.env)
	for _, kv := range own {
		name, _, _ := strings.Cut(kv, "=")
		env = slices.DeleteFunc(env, func(other string) bool { return strings.HasPrefix(other, name+"=") })
	}
	return append(env, own...)
}

// Stdout is the standard output of the instance that calls.
func (h *Host) Stdout(ctx context.Context) *stdio.Output {
	if w := ownOf(ctx).Stdout; w != nil {
		return h.outputs.NewOutput(w)
	}
	return h.stdout
}

// Stderr is the standard error of the instance that calls.
func (h *Host) Stderr(ctx context.Context) *stdio.Output {
	if w := ownOf(ctx).Stderr; w != nil {
		return h.outputs.NewOutput(w)
	}
	return h.stderr
}

// Terminal is the resource that stands for a terminal, of which there is nothing to
// know but that it is one.
type Terminal struct{}

// StdinTerminal is nil where the standard input is no terminal.
func (h *Host) StdinTerminal(context.Context) *Terminal { return terminal(h.terminals.stdin) }

// StdoutTerminal is nil where the standard output of the instance that calls is no
// terminal.
func (h *Host) StdoutTerminal(ctx context.Context) *Terminal {
	if w := ownOf(ctx).Stdout; w != nil {
		return terminal(stdio.IsTerminal(w))
	}
	return terminal(h.terminals.stdout)
}

// StderrTerminal is StdoutTerminal for the standard error.
func (h *Host) StderrTerminal(ctx context.Context) *Terminal {
	if w := ownOf(ctx).Stderr; w != nil {
		return terminal(stdio.IsTerminal(w))
	}
	return terminal(h.terminals.stderr)
}

func terminal(is bool) *Terminal {
	if is {
		return &Terminal{}
	}
	return nil
}
