package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// Exit statuses, as wasmtime run has them.
const (
	exitFailure     = 1
	exitTrap        = 128 + int(syscall.SIGABRT)
	exitInterrupted = 128 + int(syscall.SIGINT)
)

type runFlags struct {
	sandbox sandboxFlags
	engine  engineFlags
	timeout time.Duration
}

func newRun() *cobra.Command {
	var flags runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] X [args]",
		Short: "Run a component, or a Go package that it builds first",
		Long: `Run runs the wasi:cli/run of a component. X is a .wasm file or the directory of a
Go package, which is built as by "gondola build" first. Flags stand before X;
what follows X is the guest's.

The guest gets its arguments, the standard streams, the clocks and randomness.
It gets no environment variable but those that --env names, no files but those in
directories that --dir names, and no network.

The exit status is the guest's own; 1 when it fails, 134 when it traps.`,
		Args:                  needs("a component or a Go package", -1),
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runComponent(cmd.Context(), &flags, args)
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false)
	flags.sandbox.register(f)
	flags.engine.register(cmd)
	f.DurationVar(&flags.timeout, "timeout", 0, "end the guest when it has run for this long, such as 1.5s; compiling does not count")
	laterFlags(cmd, "invoke")
	return cmd
}

// laterFlags adds flags that are planned and not there yet. They say so instead
// of being unknown.
func laterFlags(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		cmd.Flags().Func(name, "not there yet", func(string) error {
			return errors.New("this flag is planned and not there yet")
		})
		// A flag that was just added is there.
		_ = cmd.Flags().MarkHidden(name)
	}
}

func runComponent(ctx context.Context, flags *runFlags, args []string) error {
	ctx, stop := interruptible(ctx)
	defer stop()
	cfg := wasi.Config{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := flags.sandbox.grant(&cfg); err != nil {
		return err
	}
	wasm, name, err := loadComponent(ctx, args[0])
	if err != nil {
		return err
	}
	cfg.Args = append([]string{name}, args[1:]...)
	rt := gondola.NewRuntime(ctx, flags.engine.options()...)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		return inFile(args[0], err)
	}
	return runCommand(ctx, rt, comp, flags.timeout, cfg)
}

// interruptible is a context that ends at the first interrupt. A second one ends
// the process at once.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	return endedBySignal(parent, os.Interrupt)
}

func endedBySignal(parent context.Context, which ...os.Signal) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, which...)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// guestName is the guest's argv[0]: no path of the host.
func guestName(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Base(path)
}

// runInterface is what a command exports.
const runInterface = "wasi:cli/run@0.3.0"

// runCommand instantiates a command, runs it, and turns how it ended into the
// exit status.
func runCommand(ctx context.Context, rt *gondola.Runtime, comp *gondola.Component, timeout time.Duration, cfg wasi.Config) error {
	timed, cancel := ctx, context.CancelFunc(func() {})
	if timeout > 0 {
		timed, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	linker := rt.NewLinker()
	host := wasi.AddTo(linker, cfg)
	inst, err := linker.Instantiate(timed, comp, gondola.DetectDeadlock())
	if err == nil {
		err = callRun(timed, inst)
		err = errors.Join(err, inst.Close(context.WithoutCancel(ctx)))
	}
	if ferr := host.Flush(context.WithoutCancel(ctx)); err == nil {
		err = ferr
	}
	return exitOf(ctx, timed, timeout, err)
}

// callRun calls wasi:cli/run.run, whose result has no types.
func callRun(ctx context.Context, inst *gondola.Instance) error {
	run := inst.Func(runInterface, "run")
	result, err := run.Call(ctx)
	if err != nil {
		return err
	}
	if _, ok := result.Result(); !ok {
		return &exitError{code: exitFailure}
	}
	return nil
}

// exitOf is the error that ends the process with the right status for how the
// guest ended.
func exitOf(ctx, timed context.Context, timeout time.Duration, err error) error {
	var exit *wasi.ExitError
	var trap *gondola.Trap
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		if exit.Code == 0 {
			return nil
		}
		return &exitError{code: exit.Code}
	case ctx.Err() != nil:
		return &exitError{code: exitInterrupted}
	case timed.Err() != nil:
		return &exitError{exitTrap, fmt.Errorf("the guest was still running after %v, which --timeout allows", timeout)}
	case errors.As(err, &trap):
		return &exitError{exitTrap, trap}
	}
	return err
}
