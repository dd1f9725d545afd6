package p3

import (
	"context"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
)

// variable is tuple<string, string>.
type variable struct{ F0, F1 string }

func addEnvironment(l *gondola.Linker, h *host.Host) {
	const id = "wasi:cli/environment" + version
	l.Func(id, "get-environment", func(ctx context.Context) []variable {
		env := h.Env(ctx)
		vars := make([]variable, len(env))
		for i, kv := range env {
			vars[i].F0, vars[i].F1, _ = strings.Cut(kv, "=")
		}
		return vars
	})
	l.Func(id, "get-arguments", func(context.Context) []string { return h.Args })
	l.Func(id, "get-initial-cwd", func(context.Context) *string {
		if h.Cwd == "" {
			return nil
		}
		return &h.Cwd
	})
}

// status is a result without types.
type status = gondola.Result[struct{}, struct{}]

func addExit(l *gondola.Linker) {
	const id = "wasi:cli/exit" + version
	l.Func(id, "exit", func(_ context.Context, s status) error {
		if s.Err != nil {
			return &host.ExitError{Code: 1}
		}
		return &host.ExitError{Code: 0}
	})
	l.Func(id, "exit-with-code", func(_ context.Context, code uint8) error {
		return &host.ExitError{Code: int(code)}
	})
}

// terminal stands for a resource that is never made: the host does not tell
// guests about terminals yet, which they take as there being none.
type terminal struct{}

func addTerminals(l *gondola.Linker) {
	none := func(context.Context) *terminal { return nil }
	for _, t := range []struct{ stream, resource string }{
		{"stdin", "terminal-input"},
		{"stdout", "terminal-output"},
		{"stderr", "terminal-output"},
	} {
		l.Resource("wasi:cli/"+t.resource+version, t.resource, func(terminal) {})
		l.Func("wasi:cli/terminal-"+t.stream+version, "get-terminal-"+t.stream, none)
	}
}
