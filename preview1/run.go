package preview1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/gondola-wasm/gondola/internal/engine"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// Config says what a guest gets. The zero Config gives it no arguments, no environment,
// an empty standard input, nowhere to write, and no directory.
type Config struct {
	// Args are the guest's arguments, its own name first.
	Args []string

	// Env is the guest's environment as "NAME=value".
	Env []string

	// Stdin is read while the guest reads it, Stdout and Stderr are written at every
	// write of the guest.
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	// Dirs are the directories that the guest can open.
	Dirs []Dir
}

// Dir is a directory of the host that a guest gets. Whoever opened Root closes it, after
// the run.
type Dir struct {
	Guest    string // the guest's name for it: "/data", or "/"
	Root     *os.Root
	ReadOnly bool
}

// ExitError is what a run returns whose guest ended itself with another status than 0:
// its Code, a uint32.
type ExitError = engine.ExitError

// Trap is the error of a guest that was stopped, as gondola has it: its Code says why,
// its Error that and where.
type Trap = trap.Trap

// Run makes an instance of a command and runs it.
//
// # Errors
//
// An [*ExitError] is how the guest ended itself, a [*Trap] how it was stopped. When ctx
// ends, the guest is stopped and the error is ctx's, joined with the trap; a guest that
// is in the middle of reading its standard input or a FIFO then is left to
// itself, and goes no further.
func (m *Module) Run(ctx context.Context, cfg Config) error {
	if _, ok := m.Func("_start"); !ok {
		return fmt.Errorf("the module is no command, which would export _start; %s", m.exported())
	}
	_, err := m.Call(ctx, cfg, "_start")
	return err
}

func (m *Module) exported() string {
	var names []string
	for _, f := range m.Funcs() {
		names = append(names, f.Name)
	}
	if len(names) == 0 {
		return "it exports no function"
	}
	return "it exports " + strings.Join(names, ", ")
}

// Call makes an instance, initializes it where the module asks for that (_initialize),
// and calls one of its functions. Arguments and results are the bits of numbers, those
// of 32 bits in the lower half. The errors are those of [Module.Run].
func (m *Module) Call(ctx context.Context, cfg Config, name string, args ...uint64) ([]uint64, error) {
	f, ok := m.Func(name)
	switch {
	case !ok:
		return nil, fmt.Errorf("the module does not export a function %s; %s", name, m.exported())
	case len(args) != len(f.Params):
		return nil, fmt.Errorf("%s takes %d arguments, got %d", f, len(f.Params), len(args))
	}
	for _, t := range slices.Concat(f.Params, f.Results) {
		if !slices.Contains([]string{"i32", "i64", "f32", "f64"}, t) {
			return nil, fmt.Errorf("%s can't be called from here: only numbers can be passed, no %s", f, t)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &run{module: m, ctx: ctx, stack: make([]uint64, max(len(args), len(f.Results)))}
	copy(r.stack, args)
	if err := r.wait(cfg, f); err != nil {
		return nil, err
	}
	return r.stack[:len(f.Results)], nil
}

// run is one instance, from its making to its end.
type run struct {
	module *Module
	ctx    context.Context
	breath engine.Breath
	burnt  uint64 // fuel
	stack  []uint64
}

// grace is how long a guest is waited for whose context has ended.
const grace = 100 * time.Millisecond

// wait runs the guest on a goroutine of its own, which can be left.
func (r *run) wait(cfg Config, f Func) error {
	if err := r.module.begin(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		defer r.module.runs.Done()
		ended <- catch(func() error { return r.run(cfg, f) })
	}()
	select {
	case err := <-ended:
		return r.blame(err)
	case <-r.ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case err := <-ended:
		return r.blame(err)
	case <-late.C:
		return r.ctx.Err()
	}
}

// blame joins the end of the caller's own context to the trap that it caused.
func (r *run) blame(err error) error {
	if t, ok := errors.AsType[*Trap](err); ok && t.Code == trap.Interrupted && r.ctx.Err() != nil {
		return fmt.Errorf("%w: %w", r.ctx.Err(), err)
	}
	return err
}

func (r *run) run(cfg Config, f Func) error {
	space := r.module.code.NewSpace(r.module.unknown, r.tick)
	defer space.Close()
	give := &engine.Preview1{Args: cfg.Args, Env: cfg.Env, Stdin: cfg.Stdin, Stdout: cfg.Stdout, Stderr: cfg.Stderr, Check: r.check, Sleep: r.sleep}
	for _, d := range cfg.Dirs {
		give.Dirs = append(give.Dirs, engine.Preview1Dir{Guest: d.Guest, Root: d.Root, ReadOnly: d.ReadOnly})
	}
	space.GivePreview1(give)
	in, err := space.Instantiate(r.ctx, 0)
	if err != nil {
		return err
	}
	if initialize, ok := r.module.Func("_initialize"); ok && f.Name != initialize.Name && len(initialize.Params)+len(initialize.Results) == 0 {
		fn, _ := in.Func(initialize.Name)
		fn.Call(nil)
	}
	fn, _ := in.Func(f.Name)
	fn.Call(r.stack)
	return nil
}

// catch is the error that f returns or is unwound by.
func catch(f func() error) (err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *ExitError:
			err = e
			if e.Code == 0 {
				err = nil
			}
		case *Trap:
			err = e
		case error:
			err = trap.Host(e) // of a function of preview 1
		default:
			panic(e)
		}
	}()
	return f()
}

// check ends the guest when its caller's context has ended.
func (r *run) check() {
	if err := r.ctx.Err(); err != nil {
		trap.Throw(trap.Interrupted, "the caller's context ended: "+err.Error())
	}
}

// tick is called by the running guest every few thousand iterations.
func (r *run) tick() {
	r.breath.Take()
	r.check()
	if r.module.fuel > 0 {
		if r.burnt += engine.StepsPerTick; r.burnt >= r.module.fuel {
			trap.Throw(trap.OutOfFuel)
		}
	}
}

// sleep is what the guest sleeps with.
func (r *run) sleep(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.ctx.Done():
		r.check()
	}
}
