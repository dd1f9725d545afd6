package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gondola-wasm/gondola/wasi"
)

// patience is how long anything may take: the test-suite's own 5 s are too
// short for a machine that does other things too.
const patience = 60 * time.Second

// launcher starts guests in one way or another.
type launcher interface {
	launch(ctx context.Context, l launch) (*guest, error)
}

// launch is what is to be started, and what it gets.
type launch struct {
	path      string // of the component
	service   bool   // serve it
	argv0     string // or the file's name
	args, env []string
	cwd       string
	dirs      []wasi.Dir
	network   wasi.Network
	limits    wasi.Limits
}

// guest is a component that runs.
type guest struct {
	stdin          io.WriteCloser
	stdout, stderr *transcript
	url            func() (string, error) // where a service listens, without a slash at the end
	interrupt      func() error
	wait           func() (status int, err error)
}

// runner takes one component through its operations.
type runner struct {
	launcher launcher
	spec     *spec
	dir      string // for a copy of the root folder

	ctx   context.Context
	guest *guest
	stop  func() // the servers
	conns map[string]net.Conn
}

// runSpec returns why a component does not do what its specification says, or
// nil.
func runSpec(t *testing.T, l launcher, s *spec, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := &runner{launcher: l, spec: s, dir: t.TempDir(), ctx: ctx, conns: map[string]net.Conn{}}
	defer r.close()
	for i := range s.Operations {
		op := &s.Operations[i]
		if err := r.step(op); err != nil {
			return fmt.Errorf("operation %d, %s: %w%s", i, op.Type, err, r.rest())
		}
	}
	return nil
}

var steps = map[string]func(*runner, *operation) error{
	"run":     (*runner).run,
	"wait":    (*runner).wait,
	"read":    (*runner).read,
	"write":   (*runner).write,
	"connect": (*runner).connect,
	"send":    (*runner).send,
	"recv":    (*runner).recv,
	"request": (*runner).request,
	"kill":    (*runner).kill,
}

// errHangs is the error of an operation that does not end in time.
var errHangs = errors.New("nothing came of it in time")

// step does one operation. What blocks for ever is given up.
func (r *runner) step(op *operation) error {
	done := make(chan error, 1)
	go func() { done <- steps[op.Type](r, op) }()
	select {
	case err := <-done:
		return err
	case <-r.ctx.Done():
		return errHangs
	}
}

func (r *runner) run(op *operation) error {
	env, stop, err := startServers(r.spec.Servers)
	if err != nil {
		return err
	}
	r.stop = stop
	maps.Copy(env, op.Env)
	l := launch{
		path:    r.spec.path,
		service: r.spec.World == worldService,
		args:    op.Args,
	}
	if len(r.spec.Proposals) > 0 {
		l.network = everything()
	}
	for name, value := range env {
		l.env = append(l.env, name+"="+value)
	}
	if op.Root != "" {
		root := filepath.Join(r.dir, "root")
		if err := os.CopyFS(root, os.DirFS(filepath.Join(filepath.Dir(r.spec.path), op.Root))); err != nil {
			return err
		}
		l.dirs = []wasi.Dir{{Guest: "/", Host: root}}
	}
	r.guest, err = r.launcher.launch(r.ctx, l)
	return err
}

func (r *runner) wait(op *operation) error {
	status, err := r.guest.wait()
	if status != op.ExitCode {
		return fmt.Errorf("the exit status is %d (%v), not %d", status, err, op.ExitCode)
	}
	return nil
}

func (r *runner) output(id string) (*transcript, error) {
	switch id {
	case "", "stdout":
		return r.guest.stdout, nil
	case "stderr":
		return r.guest.stderr, nil
	}
	return nil, fmt.Errorf("the stream %q is unknown", id)
}

func (r *runner) read(op *operation) error {
	out, err := r.output(op.ID)
	if err != nil {
		return err
	}
	return expect(out, op.Payload)
}

func expect(in io.Reader, want string) error {
	got := make([]byte, len(want))
	n, err := io.ReadFull(in, got)
	if string(got[:n]) != want {
		return fmt.Errorf("got %q (%v), not %q", got[:n], err, want)
	}
	return nil
}

func (r *runner) write(op *operation) error {
	_, err := io.WriteString(r.guest.stdin, op.Payload)
	return err
}

func (r *runner) connect(op *operation) error {
	line, err := r.guest.stdout.line()
	if err != nil {
		return fmt.Errorf("the guest does not say where it listens: %q, %w", line, err)
	}
	c, err := (&net.Dialer{}).DialContext(r.ctx, "tcp", strings.TrimSpace(line))
	if err == nil {
		r.conns[op.ID] = c
	}
	return err
}

func (r *runner) send(op *operation) error {
	_, err := io.WriteString(r.conns[op.ID], op.Payload)
	return err
}

func (r *runner) recv(op *operation) error { return expect(r.conns[op.ID], op.Payload) }

func (r *runner) request(op *operation) error {
	url, err := r.guest.url()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(r.ctx, op.Method, url+op.Path, strings.NewReader(op.Body))
	if err != nil {
		return err
	}
	for name, value := range op.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return op.Response.compare(resp, string(body))
}

// compare checks what a service answers.
func (r *response) compare(got *http.Response, body string) error {
	if got.StatusCode != r.Status {
		return fmt.Errorf("the status is %s, not %d; the body %q", got.Status, r.Status, body)
	}
	for name, want := range r.Headers {
		if value := strings.Join(got.Header.Values(name), ", "); value != want {
			return fmt.Errorf("the header %s is %q, not %q", name, value, want)
		}
	}
	if body != r.Body {
		return fmt.Errorf("the body is %q, not %q", body, r.Body)
	}
	return nil
}

func (r *runner) kill(op *operation) error {
	if op.Signal != "SIGINT" {
		return fmt.Errorf("the signal %q is unknown", op.Signal)
	}
	return r.guest.interrupt()
}

// rest is all that the guest has printed, for error messages.
func (r *runner) rest() string {
	if r.guest == nil {
		return ""
	}
	return fmt.Sprintf("\nstdout: %s\nstderr: %s", r.guest.stdout, r.guest.stderr)
}

func (r *runner) close() {
	for _, c := range r.conns {
		c.Close()
	}
	if r.guest != nil {
		r.guest.stdin.Close()
	}
	if r.stop != nil {
		r.stop()
	}
}
