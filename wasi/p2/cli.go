package p2

import (
	"context"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi/internal/host"
	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

func addEnvironment(l *gondola.Linker, h *host.Host) {
	const id = "wasi:cli/environment" + version
	l.Func(id, "get-environment", h.Environment)
	l.Func(id, "get-arguments", h.Arguments)
	l.Func(id, "initial-cwd", h.Cwd)
}

// status is a result without types.
type status = gondola.Result[struct{}, struct{}]

func addExit(l *gondola.Linker) {
	const id = "wasi:cli/exit" + version
	l.Func(id, "exit", func(_ context.Context, s status) error { return host.Exit(s.Err == nil) })
	l.Func(id, "exit-with-code", func(_ context.Context, code uint8) error {
		return &host.ExitError{Code: int(code)}
	})
}

func addTerminals(l *gondola.Linker, h *host.Host) {
	l.Resource("wasi:cli/terminal-input"+version, "terminal-input", func(host.Terminal) {})
	l.Resource("wasi:cli/terminal-output"+version, "terminal-output", func(host.Terminal) {})
	l.Func("wasi:cli/terminal-stdin"+version, "get-terminal-stdin", h.StdinTerminal)
	l.Func("wasi:cli/terminal-stdout"+version, "get-terminal-stdout", h.StdoutTerminal)
	l.Func("wasi:cli/terminal-stderr"+version, "get-terminal-stderr", h.StderrTerminal)
}

func addStdio(l *gondola.Linker, h *host.Host) {
	l.Func("wasi:cli/stdin"+version, "get-stdin", func(context.Context) *pollio.InputStream { return h.Streams.NewInputStream(h.Stdin) })
	l.Func("wasi:cli/stdout"+version, "get-stdout", func(ctx context.Context) *pollio.OutputStream { return h.Stdout(ctx).NewStream() })
	l.Func("wasi:cli/stderr"+version, "get-stderr", func(ctx context.Context) *pollio.OutputStream { return h.Stderr(ctx).NewStream() })
}
