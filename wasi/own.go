package wasi

import (
	"context"
	"io"

	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

// Own is what one instance of a linker gets of its own, in place of what [Config]
// gives to all.
type Own struct {
	// Env is added to Config.Env; a variable takes the place of one of its name.
	Env []string

	// Stdout and Stderr take the place of Config's where they are not nil.
	Stdout, Stderr io.Writer
}

// WithOwn returns a context under which an instance has something of its own. Pass it to
// [gondola.Linker.Instantiate] and to each call of that instance. own must not be changed
// afterwards.
func WithOwn(ctx context.Context, own *Own) context.Context {
	return host.WithOwn(ctx, (*host.Own)(own))
}
