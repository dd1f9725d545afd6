// Host calls one instance of the guest in the folder above from three goroutines
// at once, while it gives that guest the function that it imports, and prints
// what came back and what overlapped.
//
//	go run ./examples/roundtrip/host
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/gobuild"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// The instances that the guest imports and exports.
const (
	bazInterface     = "local:local/baz"
	streamsInterface = "local:local/streams-and-futures"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	wasm, err := buildGuest(ctx)
	if err != nil {
		return err
	}
	rt := gondola.NewRuntime(ctx)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, wasm)
	if err != nil {
		return err
	}
	var inside, most atomic.Int64
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{Stderr: os.Stderr})
	linker.Func(bazInterface, "foo", func(ctx context.Context, s string, delay bool) (string, error) {
		n := inside.Add(1)
		defer inside.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		return answer(ctx, s, delay)
	})
	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		return err
	}
	defer inst.Close(ctx)
	results, err := callAll(ctx, inst, inputs, true)
	if err != nil {
		return err
	}
	for _, r := range results {
		fmt.Fprintln(out, r)
	}
	fmt.Fprintf(out, "%d calls of one instance; up to %d of its calls to the host at a time\n", len(results), most.Load())
	return nil
}

var inputs = []string{"hello, world!", "¡hola, mundo!", "hi y'all!"}

// answer is the function that the guest imports.
func answer(ctx context.Context, s string, delay bool) (string, error) {
	if delay {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return fmt.Sprintf("host[%s]", s), nil
}

// callAll calls the guest's foo with each input, all at once.
func callAll(ctx context.Context, inst *gondola.Instance, inputs []string, delay bool) ([]string, error) {
	foo := inst.Func(bazInterface, "foo")
	results := make([]string, len(inputs))
	errs := make([]error, len(inputs))
	var wg sync.WaitGroup
	for i, s := range inputs {
		wg.Go(func() {
			v, err := foo.Call(ctx, val.String(s), val.Bool(delay))
			if errs[i] = err; err == nil {
				results[i] = v.Str()
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// buildGuest builds the package in the folder above this one.
func buildGuest(ctx context.Context) ([]byte, error) {
	_, file, _, _ := runtime.Caller(0)
	return gobuild.Component(ctx, gobuild.ComponentOptions{
		Options: gobuild.Options{Dir: filepath.Dir(filepath.Dir(file)), Stderr: os.Stderr},
	})
}
