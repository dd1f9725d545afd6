package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/wasi"
)

// Exit statuses, as wasmtime run has them. That of a trap is in a file of its own.
const (
	exitFailure     = 1
	exitInterrupted = 128 + int(syscall.SIGINT)
)

// interruptible is a context that ends at the first interrupt. A second one ends
// the process at once.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	return endedBySignal(parent, os.Interrupt)
}

// endedBySignal is a context that ends at the first of some signals. A second one, or
// one where parent has ended by then, ends the process at once.
func endedBySignal(parent context.Context, which ...os.Signal) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, which...)
	go func() {
		<-signals
		if parent.Err() == nil {
			cancel()
			<-signals
		}
		os.Exit(exitInterrupted)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// grace is how long what guests have printed has to come out when they were ended: whoever
// should read it may never.
const grace = time.Second

// flush returns when everything is out that guests have printed, or soon after over has
// ended.
func flush(over context.Context, host *wasi.Host) error {
	ctx, cancel := context.WithCancel(context.WithoutCancel(over))
	defer cancel()
	defer context.AfterFunc(over, func() { time.AfterFunc(grace, cancel) })()
	err := host.Flush(ctx)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("what guests have printed is lost in part: nobody took it within %v of the end", grace)
	}
	return err
}

// unlessInterrupted is the error that ends the process where something else than the
// guest has failed, which it does, too, when ctx is ended by an interrupt.
func unlessInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &exitError{code: exitInterrupted}
	}
	return err
}

// withTimeout is ctx, ended by --timeout if there is one.
func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, timeout)
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
