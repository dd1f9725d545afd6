package gondola

import (
	"context"
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/val"
)

// cancelBeside is a tour whose tasks ask the host to end their call, and go on
// waiting for it as before. It needs a gated form of subtask.cancel.
var cancelBeside = strings.NewReplacer("IMPORT-CANCEL\n", "import $root [async-lower][subtask-cancel] i32 -> i32 = subtask-cancel\n", "ON-CANCEL", `
    call context-get i32.load 8 call subtask-cancel local.tee 2
    i32.const -1 i32.eq
    if
      call context-get i32.load 4 i32.const 4 i32.shl i32.const 2 i32.or return
    end
`).Replace(tourCore)

func TestClosedGate(t *testing.T) {
	rt := testRuntime(t, WithFeatures(component.AllFeatures&^component.FeatureMoreAsyncBuiltins))
	_, err := rt.Compile(t.Context(), mustBuild(t, tourWIT, cancelBeside))
	if err == nil || !strings.Contains(err.Error(), "need the feature "+component.FeatureMoreAsyncBuiltins.String()+", which is off") {
		t.Errorf("got %v", err)
	}
}

func TestOpenGate(t *testing.T) {
	h := newSlowHost(untilCancelled)
	gates := []Option{WithFeatures(component.FeatureMoreAsyncBuiltins), WithFeatures(component.FeatureErrorContext)}
	testCalls(t, tourOf(t, cancelBeside, nil, gates...))
	in := tourOf(t, cancelBeside, h.give, gates...)
	if in.store.owned {
		t.Error("its tasks need coroutines, although nothing in it blocks")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-h.called
		cancel()
	}()
	if got, err := in.Func("", "call-later").Call(ctx, val.U32(1)); err != context.Canceled {
		t.Errorf("got %v, %v", got, err)
	}
	if err := <-h.ended; err != context.Canceled {
		t.Errorf("the host function's context ended as %v", err)
	}
}
