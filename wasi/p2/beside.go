package p2

import (
	"context"
	"errors"

	"github.com/gondola-wasm/gondola/wasi/internal/pollio"
)

// none is the result of what has none.
type none struct{}

// outcome is what a function has returned.
type outcome[T any] struct {
	v   T
	err error
}

// errEnded is the error of what ended its goroutine.
var errEnded = errors.New("a file system has ended the goroutine that called it")

// prompter is what is known of where files are: see Prompt of [descriptor].
type prompter interface{ Prompt() bool }

// slower is one of two that is not prompt, if any is.
func slower(a, b prompter) prompter {
	if a.Prompt() {
		return b
	}
	return a
}

// of calls f, which asks about d. Where that may wait for whatever it likes, it is done
// beside the guest, which then waits no longer than ctx lasts: what comes later is given to
// late, unless that is nil.
func of[T any](ctx context.Context, d prompter, late func(T), f func(context.Context) (T, error)) (v T, err error) {
	if d.Prompt() {
		return f(ctx)
	}
	done := make(chan outcome[T])
	go func() {
		o := outcome[T]{err: errEnded}
		defer func() {
			select {
			case done <- o:
			case <-ctx.Done():
				if o.err == nil && late != nil {
					late(o.v)
				}
			}
		}()
		if err := pollio.Guard("a file system", func() { o.v, o.err = f(ctx) }); err != nil {
			o.err = err
		}
	}()
	select {
	case o := <-done:
		return o.v, o.err
	case <-ctx.Done():
		return v, context.Cause(ctx)
	}
}

// do is of for what has no result.
func do(ctx context.Context, d prompter, f func(context.Context) error) error {
	_, err := of(ctx, d, nil, func(ctx context.Context) (none, error) { return none{}, f(ctx) })
	return err
}
