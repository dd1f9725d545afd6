package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
	"github.com/gondola-wasm/gondola/wasi"
)

// exampleComponent prints the time when it is told to.
func exampleComponent() *gondola.Component {
	comp, err := guest()
	if err != nil {
		log.Fatal(err)
	}
	return comp
}

// A command is run: what it prints goes where the Config says, and its exit status is
// an error's.
func ExampleAddTo() {
	ctx := context.Background()
	comp := exampleComponent() // of a runtime rt

	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{
		Args:   []string{"name", "echo"},
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
	})
	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		log.Fatal(err)
	}
	defer inst.Close(ctx)
	err = inst.Func("wasi:cli/run@0.3.0", "run").CallInto(ctx, nil)
	host.Flush(ctx)
	if exit, ok := errors.AsType[*wasi.ExitError](err); ok {
		fmt.Println("exit status", exit.Code)
	} else if err != nil {
		log.Fatal(err)
	}
}

// An interface is replaced by defining its functions again, here a clock by one that
// stands still.
func ExampleAddTo_replace() {
	ctx := context.Background()
	comp := exampleComponent()

	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Args: []string{"name", "time"}, Stdout: os.Stdout})
	type instant struct {
		Seconds     int64
		Nanoseconds uint32
	}
	linker.Func("wasi:clocks/system-clock@0.3.0", "now", func(context.Context) instant {
		return instant{Seconds: -14182940} // a day in July of 1969
	})

	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		log.Fatal(err)
	}
	defer inst.Close(ctx)
	if err := inst.Func("wasi:cli/run@0.3.0", "run").CallInto(ctx, nil); err != nil {
		log.Fatal(err)
	}
	host.Flush(ctx)
	// Output: It is 1969-07-20 20:17:40
}

// Functions are wrapped: calls of one are said, and another gives nothing any more.
func ExampleAddTo_wrap() {
	ctx := context.Background()
	comp := exampleComponent()

	linker := rt.NewLinker()
	host := wasi.AddTo(linker, wasi.Config{Args: []string{"name", "time"}, Env: []string{"SECRET=1"}})
	linker.Wrap("wasi:clocks/system-clock@0.3.0", "now", func(next gondola.HostFunc) gondola.HostFunc {
		return func(ctx context.Context, args []val.Value) (val.Value, error) {
			fmt.Println("the guest asks for the time")
			return next(ctx, args)
		}
	})
	linker.Wrap("wasi:cli/environment@0.3.0", "get-environment", func(gondola.HostFunc) gondola.HostFunc {
		return func(context.Context, []val.Value) (val.Value, error) { return val.List(), nil }
	})

	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		log.Fatal(err)
	}
	defer inst.Close(ctx)
	if err := inst.Func("wasi:cli/run@0.3.0", "run").CallInto(ctx, nil); err != nil {
		log.Fatal(err)
	}
	host.Flush(ctx)
	// Output: the guest asks for the time
}
