package cabi

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// What lifting says that it spends is about what it takes, whatever a guest packs
// into its lists: a cap on the one is a cap on the other.
func TestLiftingSpendsWhatItTakes(t *testing.T) {
	u8, str := types.U8, types.String
	field := func(t *types.Type) types.Field { return types.Field{Name: "f", Type: t} }
	file := types.NewResource("file", 0)
	labels := make([]string, 32)
	for i := range labels {
		labels[i] = fmt.Sprint("l", i)
	}
	for _, elem := range []*types.Type{
		u8, types.U32, types.Char, str, types.List(u8),
		types.Record(field(u8)), types.Tuple(u8, u8, u8), types.Option(u8), types.Option(types.Option(str)), types.Result(u8, str),
		types.Enum("a", "b"), types.Flags(labels...), types.Variant(types.Case{Name: "a", Type: u8}, types.Case{Name: "b", Type: types.List(u8)}),
		types.Map(u8, u8), types.Borrow(file),
	} {
		// Words of 1: each is a discriminant, a length, an address, or a handle.
		mem := bytes.Repeat([]byte{1, 0, 0, 0}, 1<<16)
		if elem.Kind() == types.KindFlags {
			mem = bytes.Repeat([]byte{0xff}, 1<<18)
		}
		h := newHarness(t, nil)
		inst := h.instance("inst", nil)
		rt := NewHostResourceType("file", nil)
		inst.SetResource(0, rt)
		for range 2 {
			inst.addResource(ResourceHandle{rt: rt, own: true})
		}
		cx := newContext(&CanonicalOptions{Memory: &memory{b: mem}}, inst)
		cx.subtask = &Subtask{}
		cx.memory()
		n := 1 << 16 / max(layout.Of(elem, layout.Ptr32).Size, 4)
		took, spent := 1<<62, 0
		for range 3 { // something else may allocate meanwhile
			before, after := runtime.MemStats{}, runtime.MemStats{}
			was := cx.spent
			runtime.ReadMemStats(&before)
			v := cx.loadElems(0, n, elem)
			runtime.ReadMemStats(&after)
			took, spent = min(took, int(after.TotalAlloc-before.TotalAlloc)), cx.spent-was
			runtime.KeepAlive(v)
		}
		if took > 2*spent+1<<14 {
			t.Errorf("list<%v>: %d bytes were spent on %d elements, which took %d", elem, spent, n, took)
		}
	}
}
