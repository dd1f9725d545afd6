package gobuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// oldest is the first Go version whose standard library the patches are made for.
const oldest = "go1.26"

// A toolchain is the Go toolchain that builds a package.
type toolchain struct {
	command string   // the go command
	env     []string // its environment
	goroot  string   // as the go command will see it
	version string   // such as "go1.26.8"
	flags   string   // GOFLAGS
}

// findToolchain returns the toolchain that the go command selects in dir, ready to be used with an overlay.
func findToolchain(ctx context.Context, dir, cache string, env []string) (*toolchain, error) {
	command, err := exec.LookPath("go")
	if err != nil {
		return nil, fmt.Errorf("no go command in PATH: install Go from https://go.dev/dl/ (%w)", err)
	}
	t := &toolchain{command: command, env: env}
	var vars struct{ GOROOT, GOVERSION, GOMODCACHE, GOFLAGS string }
	out, err := t.output(ctx, dir, "env", "-json", "GOROOT", "GOVERSION", "GOMODCACHE", "GOFLAGS")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &vars); err != nil {
		return nil, fmt.Errorf("go env printed no JSON: %w", err)
	}
	t.goroot, t.version, t.flags = vars.GOROOT, vars.GOVERSION, vars.GOFLAGS
	release, _, _ := strings.Cut(t.version, " ") // experiments follow a space
	if version.IsValid(release) && version.Compare(release, oldest) < 0 {
		return nil, fmt.Errorf("%s at %s is too old: components are built by %s or later", t.version, t.goroot, oldest)
	}
	return t, t.moveOutOf(vars.GOMODCACHE, cache)
}

// moveOutOf makes a toolchain below the module cache usable. The go command refuses overlays of files there, as it sees their paths,
// so it is run by the path of a symbolic link elsewhere.
func (t *toolchain) moveOutOf(modcache, cache string) error {
	t.env = append(t.env, "GOTOOLCHAIN=local", "GOROOT="+t.goroot)
	inside, err := filepath.Rel(modcache, t.goroot)
	if modcache == "" || err != nil || !filepath.IsLocal(inside) {
		t.command = t.goCommand()
		return nil
	}
	link := filepath.Join(cache, "goroot", filepath.Base(t.goroot))
	if err := symlink(t.goroot, link); err != nil {
		return fmt.Errorf("the toolchain %s lies in the module cache, and a link to it can't be made: %w", t.goroot, err)
	}
	t.goroot = link
	t.env = append(t.env, "GOROOT="+link)
	t.command = t.goCommand()
	return nil
}

// goCommand returns the go command of the toolchain, which isn't always the first in PATH.
func (t *toolchain) goCommand() string {
	command := filepath.Join(t.goroot, "bin", "go"+filepath.Ext(t.command))
	if _, err := os.Stat(command); err != nil {
		return t.command
	}
	return command
}

// symlink makes link point to target, whatever it pointed to before. Safe for several processes at a time.
func symlink(target, link string) error {
	if old, err := os.Readlink(link); err == nil && old == target {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(link), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	fresh := filepath.Join(temp, "link")
	if err := os.Symlink(target, fresh); err != nil {
		return err
	}
	return os.Rename(fresh, link)
}

// output runs the go command in dir and returns what it prints. An error carries what it printed on standard error.
func (t *toolchain) output(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := t.cmd(ctx, dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, goError(err, stderr.String())
	}
	return out, nil
}

func (t *toolchain) cmd(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.command, args...)
	cmd.Dir = dir
	cmd.Env = append(t.env, "PWD="+dir)
	return cmd
}

// goError returns the go command's own words where it has any.
func goError(err error, stderr string) error {
	var exit *exec.ExitError
	if text := strings.TrimSpace(stderr); text != "" && errors.As(err, &exit) {
		return errors.New(text)
	}
	return err
}
