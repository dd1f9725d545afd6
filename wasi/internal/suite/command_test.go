package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// command runs guests by the gondola command.
type command struct{ path string }

var builtCommand = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gondola-suite-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "gondola.exe") // no system minds
	out, err := exec.Command("go", "build", "-o", path, "github.com/gondola-wasm/gondola/cmd/gondola").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if builtForTests {
		if path, err := builtCommand(); err == nil {
			os.RemoveAll(filepath.Dir(path))
		}
	}
	os.Exit(status)
}

var builtForTests bool // whether there is something to remove

func newCommand(t *testing.T) *command {
	builtForTests = true
	path, err := builtCommand()
	if err != nil {
		t.Fatal(err)
	}
	return &command{path}
}

// flags say the same as l.
func (l *launch) flags() []string {
	verb := []string{"run"}
	if l.service {
		verb = []string{"serve", "--addr", "127.0.0.1:0", "--no-logging-prefix"}
	}
	flags := verb
	for _, d := range l.dirs {
		text := d.Host + "::" + d.Guest
		if d.ReadOnly {
			text += ":ro"
		}
		flags = append(flags, "--dir", text)
	}
	for _, kv := range l.env {
		flags = append(flags, "--env", kv)
	}
	if l.network.All {
		flags = append(flags, "--inherit-network")
	}
	flags = append(flags, l.path)
	return append(flags, l.args...)
}

func (c *command) launch(ctx context.Context, l launch) (*guest, error) {
	cmd := exec.CommandContext(ctx, c.path, l.flags()...)
	cmd.WaitDelay = 5 * time.Second
	g := &guest{stdout: newTranscript(), stderr: newTranscript()}
	cmd.Stdout, cmd.Stderr = g.stdout, g.stderr
	var err error
	if g.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g.interrupt = func() error { return cmd.Process.Signal(os.Interrupt) }
	ended := make(chan error, 1)
	go func() {
		ended <- cmd.Wait()
		g.stdout.close()
		g.stderr.close()
	}()
	g.wait = func() (int, error) {
		err := <-ended
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode(), err
		}
		return 0, err
	}
	g.url = sync.OnceValues(g.announcedURL)
	return g, nil
}

// announcedURL is where a service says that it listens, in a line of its own.
func (g *guest) announcedURL() (string, error) {
	for {
		line, err := g.stderr.line()
		if _, url, ok := strings.Cut(line, "http://"); ok {
			return "http://" + strings.TrimRight(strings.Fields(url)[0], "/"), nil
		}
		if err != nil {
			return "", fmt.Errorf("the service does not say where it listens: %w", err)
		}
	}
}

// All components of the test-suite do what they must by the command, too.
func TestTestsuiteByCommand(t *testing.T) {
	specs := testsuite(t)
	l := newCommand(t)
	for _, s := range specs {
		t.Run(s.name, func(t *testing.T) {
			if err := runSpec(t, l, s, patience); err != nil {
				t.Error(err)
			}
		})
	}
}
