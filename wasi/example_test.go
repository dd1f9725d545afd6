package wasi_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"testing/fstest"

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
	err = inst.Func("wasi:cli/run", "run").CallInto(ctx, nil) // of whatever version
	host.Flush(ctx)
	if exit, ok := errors.AsType[*wasi.ExitError](err); ok {
		fmt.Println("exit status", exit.Code)
	} else if err != nil {
		log.Fatal(err)
	}
}

// What is in the program's binary is a directory of the guest's.
func ExampleDir() {
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{
		Dirs: []wasi.Dir{{Guest: "/assets", FS: assets}},
	})
}

// assets is an embed.FS in a real program.
var assets fs.FS = fstest.MapFS{"hello.txt": {Data: []byte("hello")}}

// Requests that guests send go through the program's own transport.
func ExampleHTTP() {
	linker := rt.NewLinker()
	wasi.AddTo(linker, wasi.Config{
		HTTP: wasi.HTTP{Transport: authorized{http.DefaultTransport}},
	})
}

// authorized sends requests with a password that guests do not get to know, to one host.
type authorized struct{ through http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" || r.URL.Host != "api.example.com" {
		return nil, fmt.Errorf("guests have no business at %s", r.URL.Host)
	}
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
	return a.through.RoundTrip(r)
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
	if err := inst.Func("wasi:cli/run", "run").CallInto(ctx, nil); err != nil {
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
	if err := inst.Func("wasi:cli/run", "run").CallInto(ctx, nil); err != nil {
		log.Fatal(err)
	}
	host.Flush(ctx)
	// Output: the guest asks for the time
}
