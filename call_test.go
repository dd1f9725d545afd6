package gondola

import (
	"context"
	"testing"

	"github.com/gondola-wasm/gondola/val"
)

const addWIT = `export add: func(a: s32, b: s32) -> s32;`

const addCore = `
export add i32 i32 -> i32
  local.get 0 local.get 1 i32.add
`

func TestCallSync(t *testing.T) {
	in := instantiateGuest(t, addWIT, addCore, nil)
	got, err := in.Func("", "add").Call(context.Background(), val.S32(2), val.S32(40))
	if err != nil || got.Int() != 42 {
		t.Fatalf("got %v, %v", got, err)
	}
}
