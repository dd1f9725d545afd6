package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/wasi"
)

// lab has what the rows work with, each thing made when it is first asked for.
type lab struct {
	ctx     context.Context
	closers []func() error

	rt        func() (*gondola.Runtime, error)
	tiny      func() (*gondola.Component, error) // the guest of guest.go
	roundtrip func() (*gondola.Component, error) // examples/roundtrip
	sleepers  func() (*gondola.Component, error) // examples/sleepers
	kernels   func() (kernelSet, error)          // of kernels.go
	dir       func() (string, error)             // for files, removed at the end
}

func newLab(ctx context.Context) *lab {
	l := &lab{ctx: ctx}
	l.rt = sync.OnceValues(func() (*gondola.Runtime, error) {
		rt := gondola.NewRuntime(ctx)
		l.atEnd(func() error { return rt.Close(ctx) })
		return rt, nil
	})
	l.tiny = sync.OnceValues(func() (*gondola.Component, error) { return l.compile(guestComponent()) })
	l.roundtrip = sync.OnceValues(func() (*gondola.Component, error) { return l.compile(l.build("examples/roundtrip")) })
	l.sleepers = sync.OnceValues(func() (*gondola.Component, error) { return l.compile(l.build("examples/sleepers")) })
	l.kernels = sync.OnceValues(l.kernelModules)
	l.dir = sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "gondola-bench-")
		l.atEnd(func() error { return os.RemoveAll(dir) })
		return dir, err
	})
	return l
}

func (l *lab) atEnd(f func() error) { l.closers = append(l.closers, f) }

// close undoes everything, the last first.
func (l *lab) close() error {
	var errs []error
	for i := len(l.closers) - 1; i >= 0; i-- {
		errs = append(errs, l.closers[i]())
	}
	return errors.Join(errs...)
}

func (l *lab) compile(wasm []byte, err error) (*gondola.Component, error) {
	if err != nil {
		return nil, err
	}
	rt, err := l.rt()
	if err != nil {
		return nil, err
	}
	return rt.Compile(l.ctx, wasm)
}

// build makes a component of a package of this module.
func (l *lab) build(folder string) ([]byte, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	return gobuild.Component(l.ctx, gobuild.ComponentOptions{
		Options: gobuild.Options{Dir: filepath.Join(root, folder), Stderr: os.Stderr},
	})
}

// moduleRoot is the folder of this module, which bench is run in.
var moduleRoot = sync.OnceValues(func() (string, error) {
	const module = "github.com/gondola-wasm/gondola"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return "", fmt.Errorf("find the folder of %s; run this inside it: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
})

// tinyLinker gives the hand-written guest what it imports.
func (l *lab) tinyLinker(later any) (*gondola.Linker, error) {
	rt, err := l.rt()
	if err != nil {
		return nil, err
	}
	add := func(_ context.Context, a, b uint32) (uint32, error) { return a + b, nil }
	linker := rt.NewLinker()
	linker.Func(hostInterface, "add", add)
	linker.Func(hostInterface, "ready", add, gondola.Ready())
	linker.Func(hostInterface, "spawned", add)
	linker.Func(hostInterface, "later", later)
	return linker, nil
}

func echoLater(_ context.Context, id uint32) (uint32, error) { return id, nil }

// tinyInstance instantiates the hand-written guest, whose function later is the one given.
func (l *lab) tinyInstance(later any) (*gondola.Instance, error) {
	comp, err := l.tiny()
	if err != nil {
		return nil, err
	}
	linker, err := l.tinyLinker(later)
	if err != nil {
		return nil, err
	}
	in, err := linker.Instantiate(l.ctx, comp)
	if err == nil {
		l.atEnd(func() error { return in.Close(l.ctx) })
	}
	return in, err
}

// goLinker gives guests written in Go what they import.
func (l *lab) goLinker() (*gondola.Linker, error) {
	rt, err := l.rt()
	if err != nil {
		return nil, err
	}
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Stdout: io.Discard, Stderr: os.Stderr})
	linker.Func("local:local/baz", "foo", func(_ context.Context, s string, _ bool) (string, error) { return s, nil })
	return linker, nil
}
