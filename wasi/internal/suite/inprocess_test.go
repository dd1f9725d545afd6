package suite

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/serve"
	"github.com/gondola-wasm/gondola/wasi"
)

// inProcess runs guests as an embedder would: by the public API.
type inProcess struct {
	rt *gondola.Runtime

	damage damage

	*compilations
}

// damage breaks a host in some way, or replaces a part of it. Each part may be nil.
type damage struct {
	config  func(*wasi.Config)
	linker  func(*gondola.Linker)
	handler func(http.Handler) http.Handler // of a service
	exit    func(error) error               // what the process makes of how the guest ended
	serve   serve.Options                   // of a service
}

// compilations are what has been compiled, by the path.
type compilations struct {
	mu       sync.Mutex
	compiled map[string]*gondola.Component
}

func newInProcess(t testing.TB, opts ...gondola.Option) *inProcess {
	rt := gondola.NewRuntime(context.Background(), opts...)
	t.Cleanup(func() { rt.Close(context.Background()) })
	return &inProcess{rt: rt, compilations: &compilations{compiled: map[string]*gondola.Component{}}}
}

// damagedBy runs guests of the same runtime with other hosts.
func (p *inProcess) damagedBy(d damage) *inProcess {
	return &inProcess{rt: p.rt, damage: d, compilations: p.compilations}
}

func (p *inProcess) compile(ctx context.Context, path string) (*gondola.Component, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.compiled[path]; c != nil {
		return c, nil
	}
	wasm, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := p.rt.Compile(ctx, wasm)
	if err == nil {
		p.compiled[path] = c
	}
	return c, err
}

func (p *inProcess) launch(ctx context.Context, l launch) (*guest, error) {
	comp, err := p.compile(ctx, l.path)
	if err != nil {
		return nil, err
	}
	stdin, write := io.Pipe()
	g := &guest{stdin: write, stdout: newTranscript(), stderr: newTranscript()}
	cfg := wasi.Config{
		Args:    append([]string{cmp.Or(l.argv0, filepath.Base(l.path))}, l.args...),
		Env:     l.env,
		Stdin:   stdin,
		Stdout:  g.stdout,
		Stderr:  g.stderr,
		Cwd:     l.cwd,
		Dirs:    l.dirs,
		Network: l.network,
		Limits:  l.limits,
		HTTP:    wasi.HTTP{ForbiddenFields: []string{"custom-forbidden-header"}}, // as in Wasmtime's tests
	}
	if p.damage.config != nil {
		p.damage.config(&cfg)
	}
	linker := p.rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	if p.damage.linker != nil {
		p.damage.linker(linker)
	}
	if l.service {
		return g, g.serve(ctx, p.damage, linker, host, comp)
	}
	g.command(ctx, p.damage, linker, host, comp)
	return g, nil
}

// command calls the component's run beside the runner.
func (g *guest) command(ctx context.Context, d damage, linker *gondola.Linker, host *wasi.Host, comp *gondola.Component) {
	result := make(chan error, 1)
	go func() {
		err := runCommand(ctx, linker, comp)
		if d.exit != nil {
			err = d.exit(err)
		}
		result <- errors.Join(err, host.Flush(ctx))
		g.stdin.Close()
		g.stdout.close()
		g.stderr.close()
	}()
	g.wait = func() (int, error) {
		err := <-result
		return exitStatus(err), err
	}
}

// serve serves the component's handler.
func (g *guest) serve(ctx context.Context, d damage, linker *gondola.Linker, host *wasi.Host, comp *gondola.Component) error {
	log := slog.New(slog.NewTextHandler(g.stderr, nil))
	d.serve.Log = log
	handler, err := serve.New(ctx, linker, host, comp, d.serve)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	var top http.Handler = handler
	if d.handler != nil {
		top = d.handler(top)
	}
	server := serve.NewServer(top, log)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	g.url = func() (string, error) { return "http://" + listener.Addr().String(), nil }
	g.interrupt = func() error {
		return errors.Join(server.Shutdown(ctx), handler.Shutdown(ctx), host.Flush(ctx))
	}
	g.wait = func() (int, error) {
		err := <-served
		if err == http.ErrServerClosed {
			err = nil
		}
		return exitStatus(err), err
	}
	return nil
}

// errFailed is a run that returned an error.
var errFailed = errors.New("the guest's run failed")

func runCommand(ctx context.Context, linker *gondola.Linker, comp *gondola.Component) error {
	inst, err := linker.Instantiate(ctx, comp, gondola.DetectDeadlock())
	if err != nil {
		return err
	}
	result, err := inst.Func(runInterface(comp), "run").Call(ctx)
	if cerr := inst.Close(context.WithoutCancel(ctx)); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if _, ok := result.Result(); !ok {
		return errFailed
	}
	return nil
}

// runInterface is what a command is run by; that of the newest version where it
// has two.
func runInterface(comp *gondola.Component) string {
	best := ""
	for _, item := range comp.Exports() {
		if strings.HasPrefix(item.Instance, "wasi:cli/run@") {
			best = max(best, item.Instance)
		}
	}
	return best
}

// exitStatus is what a process would end with, or -1 where the guest never ran.
func exitStatus(err error) int {
	var exit *wasi.ExitError
	var trap *gondola.Trap
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.Code
	case errors.As(err, &trap):
		return 134
	case errors.Is(err, errFailed):
		return 1
	}
	return -1
}
