package wast

import (
	"strings"
	"testing"

	"github.com/gondola-wasm/gondola"
)

func TestFixedOrder(t *testing.T) {
	if f := fixedOrderOf("x/async/cancel-stream.wast"); f != nil || !f.varies(gondola.ChoiceThread) {
		t.Errorf("got %v", f)
	}
	f := fixedOrderOf("x/async/drop-subtask.wast")
	if f == nil || f.varies(gondola.ChoiceYield) || !f.varies(gondola.ChoiceThread) ||
		!strings.HasPrefix(f.String(), "seeds don't vary whether a thread that yields goes on: ") {
		t.Errorf("got %v", f)
	}
}
