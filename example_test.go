package gondola_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/gondola-wasm/gondola"
	"github.com/gondola-wasm/gondola/val"
)

// greeter is a component of this world, written by hand: `greet` hands its
// argument to `shout`, and what comes back is its result.
var greeter = gondola.MustBuild(`
	import shout: func(s: string) -> string;
	export greet: func(name: string) -> string;
`, `
import $root shout i32 i32 i32 -> = shout
memory 1
`+gondola.Realloc+`
export greet i32 i32 -> i32
  local.get 0 local.get 1 i32.const 16 call shout
  i32.const 16
`)

func Example() {
	ctx := context.Background()
	rt := gondola.NewRuntime(ctx)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, greeter)
	if err != nil {
		log.Fatal(err)
	}

	linker := rt.NewLinker()
	linker.Func("", "shout", func(_ context.Context, s string) (string, error) {
		return strings.ToUpper(s) + "!", nil
	})
	inst, err := linker.Instantiate(ctx, comp)
	if err != nil {
		log.Fatal(err)
	}
	greet := inst.Func("", "greet")

	// With Go values, …
	var greeting string
	if err := greet.CallInto(ctx, &greeting, "hello, gondola"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(greeting)

	// … or with dynamic ones.
	result, err := greet.Call(ctx, val.String("hello again"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result)
	// Output:
	// HELLO, GONDOLA!
	// "HELLO AGAIN!"
}

// echo is a component whose function returns the stream that it is given.
var echo = gondola.MustBuild(`
	export echo: async func(s: stream<u8>) -> stream<u8>;
`, `
import [export]$root [task-return]echo i32 -> = return
export [async-lift]echo i32 -> i32
  local.get 0 call return
  i32.const 0
export [callback][async-lift]echo i32 i32 i32 -> i32
  unreachable
`)

func ExampleNewStream() {
	ctx := context.Background()
	rt := gondola.NewRuntime(ctx)
	defer rt.Close(ctx)
	comp, err := rt.Compile(ctx, echo)
	if err != nil {
		log.Fatal(err)
	}
	inst, err := rt.NewLinker().Instantiate(ctx, comp)
	if err != nil {
		log.Fatal(err)
	}

	w, r := gondola.NewStream[byte]()
	go func() {
		defer w.Close()
		fmt.Fprint(w, "there and back")
	}()
	var back *gondola.StreamReader[byte]
	if err := inst.Func("", "echo").CallInto(ctx, &back, r); err != nil {
		log.Fatal(err)
	}
	text, err := io.ReadAll(back)
	fmt.Printf("%s, %v\n", text, err)
	// Output: there and back, <nil>
}
