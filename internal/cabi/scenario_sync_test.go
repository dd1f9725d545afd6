package cabi

import (
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Spec: run_tests.py test_roundtrips. The core function gives its arguments back;
// where they come spilled it gives back the pointer to them.
func TestSpecRoundtrips(t *testing.T) {
	seventeen := make([]*types.Type, 17)
	values := make([]val.Value, 17)
	for i := range 16 {
		seventeen[i], values[i] = types.U32, val.U32(uint32(i+1))
	}
	seventeen[16], values[16] = types.String, val.String("wat")
	cases := []struct {
		typ *types.Type
		v   val.Value
	}{
		{types.S8, val.S8(-1)},
		{types.Tuple(types.U16, types.U16), tuple(val.U16(3), val.U16(4))},
		{types.List(types.String), val.List(val.String("hello there"))},
		{types.List(types.List(types.String)), val.List(listOf(val.String, "one", "two"), listOf(val.String, "three"))},
		{types.List(types.Option(types.Tuple(types.String, types.U16))), val.List(val.Some(tuple(val.String("answer"), val.U16(42))))},
		{types.Variant(types.Case{Name: "x", Type: types.Tuple(seventeen...)}), val.Variant("x", val.Tuple(values...))},
	}
	for _, p := range []layout.PtrType{layout.Ptr32, layout.Ptr64} {
		for _, c := range cases {
			h := newHarness(t, nil)
			hp := newHeap(1000)
			opts := &CanonicalOptions{Memory: hp, Ptr: p, Realloc: hp}
			inst := h.NewInstance("callee", nil)
			l := layout.Of(c.typ, p)
			// The result is spilled where it has more than one flat value.
			callee := core(func(args []uint64) []uint64 {
				if l.FlatLen <= layout.MaxFlatResults || l.FlatLen > layout.MaxFlatParams {
					return args[:1]
				}
				return []uint64{storeFlat(hp, c.typ, p, args)}
			})
			got := h.run(h.Lift("f", callee, funcType(c.typ, c.typ), opts, inst), c.v)
			if !val.Equal(got, c.v) {
				t.Errorf("%v: got %v, want %v", c.typ, got, c.v)
			}
		}
	}
}

// storeFlat puts flat values where a pointer to the value is wanted, as core code
// would, without anything from this package that puts them.
func storeFlat(hp *heap, typ *types.Type, p layout.PtrType, flat []uint64) uint64 {
	l := layout.Of(typ, p)
	ptr := hp.realloc(0, 0, uint64(l.Align), uint64(l.Size))
	at := ptr
	for i, ct := range l.Flat {
		size := uint64(4)
		if ct == layout.I64 || ct == layout.F64 {
			size = 8
		}
		if typ.Kind() == types.KindTuple {
			size = uint64(l.Size / len(l.Flat))
		}
		for b := range size {
			hp.b[at+b] = byte(flat[i] >> (8 * b))
		}
		at += size
	}
	return ptr
}

// Spec: run_tests.py test_cross_component_realloc.
func TestSpecCrossComponentRealloc(t *testing.T) {
	h := newHarness(t, nil)
	root := h.instance("root", nil)
	ft := funcType(types.List(types.U8))

	producerHeap := newHeap(16)
	producerInst := h.instance("producer", root)
	producerOpts := &CanonicalOptions{Memory: producerHeap}
	set := CanonContextSet(producerInst, layout.Ptr32, 0)
	producer := h.Lift("producer", core(func([]uint64) []uint64 {
		call(set, 0xdead)
		buf := producerHeap.realloc(0, 0, 1, 3)
		copy(producerHeap.b[buf:], "\x0a\x0b\x0c")
		retp := producerHeap.realloc(0, 0, 4, 8)
		producerHeap.b[retp], producerHeap.b[retp+4] = byte(buf), 3
		return []uint64{retp}
	}), ft, producerOpts, producerInst)

	consumerHeap := newHeap(24)
	consumerInst := h.instance("consumer", root)
	get := [2]CoreBuiltin{CanonContextGet(consumerInst, layout.Ptr32, 0), CanonContextGet(consumerInst, layout.Ptr32, 1)}
	put := [2]CoreBuiltin{CanonContextSet(consumerInst, layout.Ptr32, 0), CanonContextSet(consumerInst, layout.Ptr32, 1)}
	var consumerThread *Thread
	reallocs := 0
	realloc := core(func(args []uint64) []uint64 {
		reallocs++
		th := h.current
		if th == consumerThread || th.task == consumerThread.task || th.task.inst != consumerInst ||
			consumerInst.mayEnter || consumerInst.mayLeave {
			t.Error("realloc must run on a thread of its own that may not leave")
		}
		h.expect(0, get[0])
		h.expect(0, get[1])
		call(put[0], 0xfeed)
		h.expect(0xfeed, get[0])
		h.traps(func() { call(CanonThreadIndex(consumerInst)) })
		return []uint64{consumerHeap.realloc(args[0], args[1], args[2], args[3])}
	})
	opts := &CanonicalOptions{Memory: consumerHeap, Realloc: realloc}
	lowered := h.Lower(producer, ft, opts, consumerInst)
	consumer := does(func() {
		consumerThread = h.current
		call(put[0], 42)
		call(put[1], 43)
		retp := consumerHeap.realloc(0, 0, 4, 8)
		call(lowered, retp)
		h.equal(uint64(reallocs), 1)
		h.expect(42, get[0])
		h.expect(43, get[1])
		ptr, n := consumerHeap.u32(int(retp)), consumerHeap.u32(int(retp+4))
		if got := string(consumerHeap.b[ptr : ptr+n]); got != "\x0a\x0b\x0c" {
			t.Errorf("got %q", got)
		}
	})
	h.run(h.Lift("consumer", consumer, funcType(nil), &CanonicalOptions{}, consumerInst))
	h.equal(uint64(reallocs), 1)
}

// Spec: run_tests.py test_handles. Results come through memory here, since the
// limit of flat results can't be raised.
func TestSpecHandles(t *testing.T) {
	h := newHarness(t, nil)
	root := h.instance("root", nil)
	other := h.instance("other", root)
	inst := h.instance("inst", root)
	dtorValue := uint64(0)
	dtor := core(func(args []uint64) []uint64 { dtorValue = args[0]; return nil })
	rt, rt2 := NewResourceType("rt", other), NewResourceType("rt2", inst)
	rt.SetDtor(dtor)
	rt2.SetDtor(dtor)
	r, r2 := types.NewResource("rt", 0), types.NewResource("rt2", 1)
	inst.SetResource(0, rt)
	inst.SetResource(1, rt2)

	hp := newHeap(64)
	opts := &CanonicalOptions{Memory: hp, Realloc: hp}
	hostType := funcType(types.Own(r), types.Borrow(r), types.Borrow(r))
	host := h.NewHostFunc(&HostFunc{Name: "host", Type: hostType, Scope: inst,
		Plain: func(_ any, args []val.Value) (val.Value, error) {
			if a, b := args[0].Resource().(*Resource).Rep, args[1].Resource().(*Resource).Rep; a != 42 || b != 44 {
				t.Errorf("the host got %d and %d", a, b)
			}
			return val.Own(&Resource{rt, 45}), nil
		}})
	lowered := h.Lower(host, hostType, opts, inst)
	rep, drop, make_ := CanonResourceRep(inst, r), CanonResourceDrop(inst, r), CanonResourceNew(inst, r)
	callee := core(func(args []uint64) []uint64 {
		h1, h2, h3 := args[0], args[1], args[2]
		if len(inst.handles.array) != 4 || h1 != 1 || h2 != 2 || h3 != 3 || args[3] != 13 {
			t.Errorf("arguments %d, table of %d", args, len(inst.handles.array))
		}
		h.expect(42, rep, h1)
		h.expect(43, rep, h2)
		h.expect(44, rep, h3)
		h4 := call(lowered, h1, h3)
		h.equal(h4, 4)
		h.expect(45, rep, h4)
		dtorValue = 0
		call(drop, h1)
		h.equal(dtorValue, 42)
		if len(inst.handles.array) != 5 || inst.handles.array[h1] != nil || len(inst.handles.free) != 1 {
			t.Error("the dropped handle must leave a hole")
		}
		again := call(make_, 46)
		h.equal(again, h1)
		if len(inst.handles.array) != 5 || len(inst.handles.free) != 0 {
			t.Error("the hole must be used again")
		}
		dtorValue = 0
		call(drop, h3)
		h.equal(dtorValue, 0)
		return []uint64{storeFlat(hp, types.Tuple(types.U32, types.U32, types.U32), layout.Ptr32, []uint64{again, h2, h4})}
	})
	ft := funcType(types.Tuple(types.Own(r), types.Own(r), types.Own(r)), types.Own(r), types.Own(r), types.Borrow(r), types.Borrow(r2))
	res := func(rt *ResourceType, rep uint64) *Resource { return &Resource{rt, rep} }
	got := h.run(h.Lift("f", callee, ft, opts, inst),
		val.Own(res(rt, 42)), val.Own(res(rt, 43)), val.Borrow(res(rt, 44)), val.Borrow(res(rt2, 13)))
	for i, want := range []uint64{46, 43, 45} {
		if rep := got.Elems()[i].Resource().(*Resource).Rep; rep != want {
			t.Errorf("result %d is %d, want %d", i, rep, want)
		}
	}
	if len(inst.handles.array) != 5 || len(inst.handles.free) != 4 {
		t.Errorf("the table has %d entries, %d free", len(inst.handles.array), len(inst.handles.free))
	}
}

// Spec: run_tests.py test_async_flat_params.
func TestSpecAsyncFlatParams(t *testing.T) {
	everyOrder(t, func(t *testing.T, h *harness) {
		hp := newHeap(1000)
		inst := h.instance("inst", nil)
		opts := &CanonicalOptions{Memory: hp, Realloc: hp, Async: true}
		host := func(ft *types.Func, want ...val.Value) CoreBuiltin {
			f := h.NewHostFunc(&HostFunc{Name: "f", Type: ft, Async: func(c *HostCall) {
				if !val.Equal(val.Tuple(c.Args()...), val.Tuple(want...)) {
					t.Errorf("got %v, want %v", c.Args(), want)
				}
				c.Return(val.Value{})
			}})
			return h.Lower(f, ft, opts, inst)
		}
		f1 := host(funcType(nil, types.F32, types.F64, types.U32, types.S64), val.F32(1.1), val.F64(2.2), val.U32(3), val.S64(4))
		f2 := host(funcType(nil, types.U32, types.U8, types.U8, types.U8), val.U32(1), val.U8(2), val.U8(3), val.U8(4))
		f3 := host(funcType(nil, types.U32, types.U8, types.U8, types.U8, types.U8), val.U32(1), val.U8(2), val.U8(3), val.U8(4), val.U8(5))
		ret := CanonTaskReturn(inst, nil, opts)
		callee := does(func() {
			h.expect(uint64(SubtaskReturned), f1, val.F32(1.1).Bits(), val.F64(2.2).Bits(), 3, 4)
			h.expect(uint64(SubtaskReturned), f2, 1, 2, 3, 4)
			copy(hp.b[12:], "\x01\x00\x00\x00\x02\x03\x04\x05")
			h.expect(uint64(SubtaskReturned), f3, 12)
			call(ret)
		})
		h.run(h.Lift("f", callee, funcType(nil), opts, inst))
	})
}
