package gondola

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/gondola-wasm/gondola/val"
)

// Wrap puts a function in front of one that the linker gives, which it may call, or
// not, with these arguments or others:
//
//	l.Wrap("wasi:random/random@0.3.0", "get-random-bytes", func(next gondola.HostFunc) gondola.HostFunc {
//		return func(ctx context.Context, args []val.Value) (val.Value, error) {
//			log.Printf("%d random bytes", args[0].Uint())
//			return next(ctx, args)
//		}
//	})
//
// The function that wrap returns may do what the one below it may: see [Linker.Func].
// One for an async WIT function is called on a goroutine of its own even where the
// one below is [Ready]. It may be wrapped again. Wrap panics where the linker gives
// no such function.
func (l *Linker) Wrap(instance, name string, wrap func(next HostFunc) HostFunc) {
	key := linkKey(instance, name)
	below := l.funcs[key]
	if below == nil {
		panic(fmt.Sprintf("gondola: %s can't be wrapped, since the linker gives no such function", Item{instance, name, nil}))
	}
	f := *below
	f.ready = false
	f.wraps = append(slices.Clip(f.wraps), wrap)
	l.funcs[key] = &f
	l.changed()
}

// wrapped is a codec for the function with all that is in front of it.
func (f *hostFunc) wrapped(c *funcCodec) *funcCodec {
	call := c.callToTheEnd
	for _, wrap := range f.wraps {
		call = wrap(call)
	}
	return &funcCodec{t: c.t, fn: reflect.ValueOf(call), dynamic: call, failure: c.failure}
}

// callToTheEnd calls the function, and what it leaves for [Later].
func (c *funcCodec) callToTheEnd(ctx context.Context, args []val.Value) (val.Value, error) {
	result, err := c.call(ctx, args)
	l, ok := err.(*later)
	if !ok {
		return result, err
	}
	rest, err := c.later(l.f)
	if err != nil {
		return val.Value{}, err
	}
	return rest(ctx)
}
