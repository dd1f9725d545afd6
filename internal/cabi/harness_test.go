package cabi

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// everyOrder runs a scenario in order and in many orders that seeds choose.
func everyOrder(t *testing.T, scenario func(t *testing.T, h *harness)) {
	t.Run("in order", func(t *testing.T) { scenario(t, newHarness(t, nil)) })
	for seed := range uint64(20) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			scenario(t, newHarness(t, NewSeeded(seed)))
		})
	}
}

// harness is a store, and a host that drives it.
type harness struct {
	*Store
	t     testing.TB
	inbox []func() // what the host does between ticks
}

func newHarness(t testing.TB, c Chooser) *harness {
	h := &harness{Store: NewStore(Config{Chooser: c, PanicOnBug: true}), t: t}
	t.Cleanup(h.Close)
	return h
}

// instance makes an instance whose core code may block.
func (h *harness) instance(name string, parent *ComponentInstance) *ComponentInstance {
	i := h.NewInstance(name, parent)
	i.SetMayBlock()
	return i
}

// settle runs everything until nothing can go on.
func (h *harness) settle() {
	for {
		switch {
		case len(h.inbox) > 0 && (!h.Ready() || h.choose(ChoiceThread, 2) == 0):
			f := h.inbox[0]
			h.inbox = h.inbox[1:]
			f()
		case !h.Tick():
			return
		}
	}
}

// hostCaller is the host's side of a call.
type hostCaller struct {
	args   []val.Value
	result val.Value
	how    Resolution
	err    error
	ended  int
}

func (c *hostCaller) OnStart(args []val.Value) []val.Value { return append(args, c.args...) }

func (c *hostCaller) OnResolve(v val.Value, how Resolution) {
	c.result, c.how = v, how
	c.ended++
}

func (c *hostCaller) OnTrap(err error) {
	c.err = err
	c.ended++
}

// start begins a call.
func (h *harness) start(f FuncInst, args ...val.Value) (*hostCaller, OnCancel) {
	h.t.Helper()
	if err := CheckArgs(f, args); err != nil {
		h.t.Fatal(err)
	}
	c := &hostCaller{args: args}
	return c, h.Invoke(f, c, nil)
}

// run calls f, lets everything settle, and returns the result.
func (h *harness) run(f FuncInst, args ...val.Value) val.Value {
	h.t.Helper()
	c, _ := h.start(f, args...)
	h.settle()
	if c.ended != 1 || c.err != nil || c.how != Returned {
		h.t.Fatalf("the call ended %d times, resolution %d, with %v", c.ended, c.how, c.err)
	}
	return c.result
}

// runTrap calls f and returns the trap.
func (h *harness) runTrap(f FuncInst, args ...val.Value) *trap.Trap {
	h.t.Helper()
	c, _ := h.start(f, args...)
	h.settle()
	t, ok := errors.AsType[*trap.Trap](c.err)
	if !ok || c.ended != 1 {
		h.t.Fatalf("the call ended %d times, with %v", c.ended, c.err)
	}
	return t
}

// core makes a core function of one that takes and returns lists.
func core(f func(args []uint64) []uint64) CoreFunc {
	return CoreFuncOf(func(stack []uint64) { copy(stack, f(stack)) })
}

// does makes a core function without results.
func does(f func()) CoreFunc { return CoreFuncOf(func([]uint64) { f() }) }

// call calls a built-in and returns its result.
func call(b CoreBuiltin, args ...uint64) uint64 {
	stack := make([]uint64, max(1, len(args)))
	copy(stack, args)
	b(stack)
	return stack[0]
}

// expect fails unless a built-in returns want.
func (h *harness) expect(want uint64, b CoreBuiltin, args ...uint64) {
	h.t.Helper()
	if got := call(b, args...); got != want {
		h.t.Errorf("got %#x, want %#x", got, want)
	}
}

func (h *harness) equal(got, want uint64) {
	h.t.Helper()
	if got != want {
		h.t.Errorf("got %#x, want %#x", got, want)
	}
}

// traps fails unless f throws a trap, and lets guest code go on after it, as the
// scenarios of the specification do.
func (h *harness) traps(f func()) {
	h.t.Helper()
	defer func() {
		h.t.Helper()
		if _, ok := recover().(*trap.Trap); !ok {
			h.t.Error("no trap")
		}
	}()
	f()
}

// memory is a guest's.
type memory struct{ b []byte }

func newMemory(n int) *memory         { return &memory{make([]byte, n)} }
func (m *memory) Bytes() []byte       { return m.b }
func (m *memory) u32(at int) uint64   { return uint64(binary.LittleEndian.Uint32(m.b[at:])) }
func (m *memory) byteAt(i int) uint64 { return uint64(m.b[i]) }

// heap is a memory with an allocator.
type heap struct {
	memory
	last int
}

func newHeap(n int) *heap { return &heap{memory: memory{make([]byte, n)}} }

func (h *heap) realloc(old, oldSize, align, size uint64) uint64 {
	if old != 0 && size < oldSize {
		return uint64(layout.AlignTo(int(old), int(align)))
	}
	ret := layout.AlignTo(h.last, int(align))
	h.last = ret + int(size)
	if h.last > len(h.b) {
		trap.Throw(trap.Unreachable)
	}
	copy(h.b[ret:], h.b[old:old+oldSize])
	return uint64(ret)
}

func (h *heap) Call(stack []uint64) {
	stack[0] = h.realloc(stack[0], stack[1], stack[2], stack[3])
}

// gate is something that core code of a scenario waits for, as if by a blocking
// built-in.
type gate struct {
	h       *harness
	open    bool
	waiting []*Thread
	then    []func()
}

func (h *harness) gate() *gate { return &gate{h: h} }

// wait blocks the running thread until the gate is open.
func (g *gate) wait() {
	t := g.h.current
	if g.open && g.h.choose(ChoiceThread, 2) == 1 {
		return
	}
	t.startWaiting(waitHost)
	if g.open {
		t.wake()
	} else {
		g.waiting = append(g.waiting, t)
	}
	t.block(false, nil)
}

// set opens the gate.
func (g *gate) set() {
	g.open = true
	for _, t := range g.waiting {
		t.wake()
	}
	g.h.inbox = append(g.h.inbox, g.then...)
	g.waiting, g.then = nil, nil
}

// after lets the host do f once the gate is open.
func (g *gate) after(f func()) {
	if g.open {
		g.h.inbox = append(g.h.inbox, f)
	} else {
		g.then = append(g.then, f)
	}
}

// funcType makes a type with unnamed parameters.
func funcType(result *types.Type, params ...*types.Type) *types.Func {
	ft := &types.Func{Result: result}
	for i, p := range params {
		ft.Params = append(ft.Params, types.Field{Name: fmt.Sprint("p", i), Type: p})
	}
	return ft
}

func asyncType(result *types.Type, params ...*types.Type) *types.Func {
	ft := funcType(result, params...)
	ft.Async = true
	return ft
}

// unpack splits what an async lowering or a copy returns.
func unpack(packed uint64) (low, high uint64) {
	if packed == blocked {
		panic("blocked")
	}
	return packed & 0xf, packed >> 4
}

// ends splits what stream.new and future.new return.
func ends(packed uint64) (r, w uint64) { return packed & 0xffffffff, packed >> 32 }

func copied(n int, r CopyResult) uint64 { return uint64(n)<<4 | uint64(r) }

// cancelFunc is a Canceller.
type cancelFunc func()

func (f cancelFunc) RequestCancel() { f() }
