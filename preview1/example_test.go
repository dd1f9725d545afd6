package preview1_test

import (
	"context"
	"fmt"

	"github.com/gondola-wasm/gondola/preview1"
)

func ExampleModule_Call() {
	ctx := context.Background()
	m, err := preview1.Compile(ctx, []byte(`(module
		(func (export "add") (param i32 i32) (result i32)
			(i32.add (local.get 0) (local.get 1))))`), preview1.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close(ctx)
	results, err := m.Call(ctx, preview1.Config{}, "add", 2, 3)
	fmt.Println(results, err)
	// Output: [5] <nil>
}
