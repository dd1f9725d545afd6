package cabi

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/testenv"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Guests that call built-ins at random, with hosts that answer, cancel and drop at
// random. Whatever they do ends in values and traps: no assertion of ours fails,
// nothing hangs, and every call of the host ends exactly once.

// hostile is one such world.
type hostile struct {
	*harness
	gen
	guests  []*hostileGuest
	funcs   []FuncInst
	callers []*hostCaller
	cancels []OnCancel
	calls   []*HostCall
	streams []*Stream
	futures []*Future
	res     []*Resource
	file    *ResourceType
	ops     int // that core code may still do
	did     int // of those, how many went well
}

type hostileGuest struct {
	*guest
	w        *hostile
	builtins []CoreBuiltin
	blocking []CoreBuiltin // built-ins that block
	imports  []hostileImport
}

type hostileImport struct {
	call   CoreBuiltin
	ft     *types.Func
	blocks bool
}

func newHostile(t testing.TB, seed uint64) *hostile {
	w := &hostile{harness: newHarness(t, NewSeeded(seed)), gen: newGen(seed), ops: 400}
	w.file = NewHostResourceType("file", func(uint32) {})
	file, thing := types.NewResource("file", 0), types.NewResource("thing", 1)
	stream, future, chars := types.Stream(types.U8), types.Future(types.String), types.Stream(types.Tuple(types.Own(file), types.Char))
	hostFuncs := []FuncInst{
		w.hostFunc(asyncType(nil)),
		w.hostFunc(asyncType(types.String, types.U32)),
		w.hostFunc(asyncType(stream, types.Borrow(file))),
		w.hostFunc(asyncType(types.Own(file), stream, future)),
	}
	var parent *ComponentInstance
	if w.IntN(2) == 0 {
		parent = w.NewInstance("root", nil)
	}
	var rt *ResourceType
	for i := range 3 {
		inst := w.NewInstance(fmt.Sprint("guest", i), parent)
		if w.IntN(4) > 0 {
			inst.SetMayBlock()
		}
		if w.IntN(8) == 0 {
			parent = inst
		}
		hp := newHeap(1 << 12)
		g := &hostileGuest{guest: w.guest(inst, hp, CoreFuncOf(func(stack []uint64) {
			switch w.IntN(300) {
			case 0:
				stack[0] = w.Uint64()
			default:
				hp.last = 1 << 10
				hp.Call(stack)
			}
		})), w: w}
		inst.SetResource(0, w.file)
		if i == 0 { // implements what all of them use
			rt = NewResourceType("thing", inst)
			rt.SetDtor(CoreFuncOf(func(stack []uint64) { g.random() }))
		}
		inst.SetResource(1, rt)
		g.addBuiltins(file, thing, []*types.Type{stream, future, chars})
		for _, f := range append(hostFuncs, w.funcs...) {
			g.imports = append(g.imports, hostileImport{g.lower(f, g.async), f.Type(), false})
			if inst.mayBlock || !f.Type().Async {
				g.imports = append(g.imports, hostileImport{g.lower(f, g.sync), f.Type(), f.Type().Async})
			}
		}
		w.guests = append(w.guests, g)
		for i, ft := range []*types.Func{
			funcType(nil), asyncType(nil), asyncType(types.U32), asyncType(types.String, types.String),
			funcType(types.List(types.Char), types.U8), asyncType(nil, stream, future), funcType(nil, types.Own(file)),
			asyncType(nil, types.Own(thing)),
		} {
			w.funcs = append(w.funcs, g.liftRandom(fmt.Sprint("f", i), ft))
		}
	}
	return w
}

// hostFunc is an async function of the host's that is answered some time.
func (w *hostile) hostFunc(ft *types.Func) FuncInst {
	return w.NewHostFunc(&HostFunc{Name: "host", Type: ft, Async: func(c *HostCall) {
		for _, v := range c.Args() {
			w.keep(v)
		}
		w.calls = append(w.calls, c)
		switch w.IntN(9) {
		case 0, 1, 2:
			w.answer(c)
		case 3:
			w.hostStep() // in the middle of guest code
		}
		c.SetCanceller(cancelFunc(func() {
			if w.IntN(2) == 0 {
				w.answer(c)
			}
		}))
	}})
}

// keep notes what the host was given.
func (w *hostile) keep(v val.Value) {
	switch v.Kind() {
	case types.KindStream:
		w.streams = append(w.streams, v.Stream().(*Stream))
	case types.KindFuture:
		w.futures = append(w.futures, v.Future().(*Future))
	case types.KindOwn:
		w.res = append(w.res, v.Resource().(*Resource))
	}
}

func (w *hostile) answer(c *HostCall) {
	switch w.IntN(60) {
	case 0:
		c.Fail(errors.New("no"))
	case 1, 2, 3, 4, 5:
		c.Cancel()
	default:
		c.Return(w.hostValue(c.host.f.Type.Result, nil))
	}
}

// hostValue is a value for a type; scope says what its resources are.
func (w *hostile) hostValue(t *types.Type, scope *ComponentInstance) val.Value {
	if t == nil {
		return val.Value{}
	}
	switch t.Kind() {
	case types.KindStream:
		s := w.NewStream(t.Elem(), nil)
		w.streams = append(w.streams, s)
		return val.OfStream(s)
	case types.KindFuture:
		f := w.NewFuture(t.Elem(), nil)
		w.futures = append(w.futures, f)
		return val.OfFuture(f)
	case types.KindOwn:
		return val.Own(w.resource(t, scope))
	case types.KindBorrow:
		return val.Borrow(w.resource(t, scope))
	}
	return w.value(t)
}

func (w *hostile) resource(t *types.Type, scope *ComponentInstance) *Resource {
	rt := w.file
	if scope != nil {
		rt = scope.resource(t.Resource())
	}
	return &Resource{rt, uint64(w.Uint32())}
}

func (g *hostileGuest) addBuiltins(file, thing *types.Resource, ts []*types.Type) {
	i, th := g.inst, g.threads()
	table := CanonThreadNewIndirect(i, layout.CoreFuncType{Params: []layout.CoreType{layout.I32}}, &th.table, layout.Ptr32)
	for range 3 {
		th.table.add(func(uint64) { g.random() })
	}
	g.builtins = []CoreBuiltin{
		g.setNew, g.setNew, g.setPoll, g.setDrop, g.join, g.join, g.join, g.subCancelAsync, g.subDrop,
		g.pressureInc, g.pressureDec, g.taskCancel, th.index, th.later, table,
		CanonContextGet(i, layout.Ptr32, 0), CanonContextSet(i, layout.Ptr32, 1),
		CanonErrorContextNew(i, g.sync), CanonErrorContextDebugMessage(i, g.sync), CanonErrorContextDrop(i),
		g.returns(nil, g.async), g.returns(types.U32, g.async), g.returns(types.String, g.async), g.returns(ts[1], g.async),
	}
	for _, r := range []*types.Resource{file, thing} {
		g.builtins = append(g.builtins, CanonResourceNew(i, r), CanonResourceRep(i, r), CanonResourceDrop(i, r))
	}
	for _, t := range ts {
		o := g.ops(t)
		g.builtins = append(g.builtins, o.make_, o.make_, o.read, o.write, o.read, o.write, o.cancelReadAsync, o.cancelWriteAsync, o.dropReadable, o.dropWritable)
		if i.mayBlock {
			g.blocking = append(g.blocking, o.readSync, o.writeSync, o.cancelRead, o.cancelWrite)
		}
	}
	if i.mayBlock {
		g.blocking = append(g.blocking, g.setWait, g.setWait, CanonWaitableSetWait(i, g.sync, false), g.subCancel, g.yield, g.yieldCan,
			th.suspend, th.suspendCan, th.suspendThenResume, th.suspendThenResumeCan, th.yieldThenResumeCan, th.yieldThenPromote, th.suspendThenPromo)
	}
}

// arg is mostly an index or an address, sometimes anything.
func (g *hostileGuest) arg() uint64 {
	switch g.w.IntN(400) {
	case 0:
		return g.w.Uint64()
	case 1:
		return 4095
	}
	return uint64(g.w.IntN(9))
}

// importArg is an argument of a type: where that is a handle, mostly one that the
// guest has, if it has any (ok), else mostly an aligned address.
func (g *hostileGuest) importArg(t *types.Type) (arg uint64, ok bool) {
	if g.w.IntN(300) == 0 {
		return g.arg(), true
	}
	if !t.ContainsHandle() {
		return uint64(8 * g.w.IntN(3)), true
	}
	for i, h := range g.inst.handles.array {
		switch h := h.(type) {
		case *ResourceHandle:
			ok = t.ContainsResource() && h.rt == g.inst.resource(t.Resource()) && (h.own || t.ContainsBorrow())
		case *CopyEnd:
			ok = t.ContainsAsync() && (h.end == readableStream) == (t.Kind() == types.KindStream) && h.end.readable() &&
				h.shared.base().elem == t.Elem() && h.state == copyIdle && h.set == nil
		default:
			ok = false
		}
		if ok {
			return uint64(i), true
		}
	}
	return 0, false
}

// callImport calls an import, if the guest has what that takes.
func (g *hostileGuest) callImport(mayBlock bool) {
	im := g.imports[g.w.IntN(len(g.imports))]
	if im.blocks && !mayBlock {
		return
	}
	stack := make([]uint64, 20)
	n := 0
	for _, p := range im.ft.Params {
		arg, ok := g.importArg(p.Type)
		if !ok {
			return
		}
		stack[n] = arg
		n += layout.Of(p.Type, layout.Ptr32).FlatLen
	}
	stack[n] = uint64(8 * g.w.IntN(8)) // where the result goes
	g.tolerate(im.call, stack)
}

// random calls a few built-ins and imports.
func (g *hostileGuest) random() {
	w := g.w
	for range w.IntN(6) {
		if w.ops == 0 {
			return
		}
		w.ops--
		mayBlock := w.current.task.lift.ft.Async
		b := g.builtins[w.IntN(len(g.builtins))]
		switch w.IntN(6) {
		case 0, 1:
			g.callImport(mayBlock)
			continue
		case 2:
			if mayBlock && len(g.blocking) > 0 {
				b = g.blocking[w.IntN(len(g.blocking))]
			}
		}
		stack := make([]uint64, 20)
		for i := range stack {
			stack[i] = g.arg()
		}
		g.tolerate(b, stack)
	}
}

// harmless are traps that come before anything has happened.
var harmless = map[trap.Code]bool{
	trap.UnknownHandle: true, trap.WrongHandleType: true, trap.UnknownThread: true, trap.CannotEnter: true, trap.CannotResumeThread: true,
	trap.ConcurrentCopy: true, trap.ReadAfterDropped: true, trap.WriteAfterDropped: true, trap.ReadAfterRead: true,
	trap.WriteAfterWrite: true, trap.NoCopyInProgress: true, trap.WaitableSyncAndAsync: true, trap.SubtaskNotResolved: true,
	trap.SubtaskAlreadyResolved: true, trap.SubtaskAlreadyCancelled: true, trap.WaitableSetHasWaiters: true,
	trap.WaitableSetNotEmpty: true, trap.TaskReturnInvalid: true, trap.TaskNotCancelled: true, trap.DropBusyStream: true,
	trap.RemoveBusyStream: true, trap.DropBusyFuture: true, trap.RemoveBusyFuture: true, trap.FutureNotWritten: true,
	trap.TableOutOfBounds: true, trap.LiftInWaitableSet: true, trap.LiftBusy: true, trap.LiftAfterDone: true, trap.ResourceLent: true,
	trap.BackpressureOverflow: true, trap.PayloadMismatch: true, trap.TaskResolvedTwice: true, trap.CannotOwnBorrowed: true,
}

// tolerate calls a built-in and goes on after most traps, as if the guest had
// known better than to make that call, so that it gets further.
func (g *hostileGuest) tolerate(b CoreBuiltin, stack []uint64) {
	t, depth := g.h.current, g.h.depth
	defer func() {
		p := recover()
		if p == nil {
			g.w.did++
			return
		}
		tr, ok := p.(*trap.Trap)
		if !ok || !harmless[tr.Code] || g.h.current != t || g.h.depth != depth || !g.inst.mayLeave || g.w.IntN(200) == 0 {
			panic(p)
		}
	}()
	b(stack)
}

// anySet is the index of a waitable set, or 0.
func (g *hostileGuest) anySet() uint64 {
	for i, h := range g.inst.handles.array {
		if _, ok := h.(*WaitableSet); ok && g.w.IntN(2) == 0 {
			return uint64(i)
		}
	}
	return 0
}

func (g *hostileGuest) liftRandom(name string, ft *types.Func) FuncInst {
	w := g.w
	result := func(stack []uint64) {
		if len(stack) == 0 {
			return
		}
		stack[0] = uint64(w.IntN(64)) * 8
		if w.IntN(100) == 0 {
			stack[0] = g.arg()
		}
	}
	body := func(stack []uint64) { g.random(); result(stack) }
	if !ft.Async {
		return g.lift(name, CoreFuncOf(body), ft, g.sync)
	}
	ret := g.returns(ft.Result, g.async)
	// must says that there is no later chance.
	maybeReturn := func(must bool) {
		k := w.current.task
		if k.state == taskResolved || !must && w.IntN(2) == 0 || must && w.IntN(100) == 0 {
			return
		}
		if k.state == taskCancelDelivered && w.IntN(2) == 0 {
			g.taskCancel(nil)
			return
		}
		stack := make([]uint64, 4)
		result(stack)
		ret(stack)
	}
	switch w.IntN(3) {
	case 0:
		return g.lift(name, CoreFuncOf(body), ft, g.sync)
	case 1:
		return g.lift(name, CoreFuncOf(func([]uint64) { g.random(); maybeReturn(true) }), ft, g.async)
	}
	code := func(stack []uint64) {
		g.random()
		maybeReturn(false)
		stack[0] = uint64(w.IntN(2))
		if set := g.anySet(); set != 0 && w.IntN(2) == 0 {
			stack[0] = waitOn(set)
		}
		switch {
		case w.IntN(200) == 0:
			stack[0] = w.Uint64()
		case w.ops == 0 || stack[0] == 0:
			maybeReturn(true)
			stack[0] = 0
		}
	}
	opts := *g.async
	opts.Callback = CoreFuncOf(code)
	return g.lift(name, CoreFuncOf(code), ft, &opts)
}

// hostStep is something that the host does on its own.
func (w *hostile) hostStep() {
	switch w.IntN(10) {
	case 0, 1, 2:
		f := w.funcs[w.IntN(len(w.funcs))]
		args := make([]val.Value, len(f.Type().Params))
		for i, p := range f.Type().Params {
			args[i] = w.hostValue(p.Type, f.(*lifted).inst)
		}
		if CheckArgs(f, args) != nil {
			return
		}
		c, on := w.start(f, args...)
		w.callers, w.cancels = append(w.callers, c), append(w.cancels, on)
	case 3:
		if n := len(w.cancels); n > 0 {
			w.cancels[w.IntN(n)].Request()
		}
	case 4:
		if n := len(w.calls); n > 0 {
			w.answer(w.calls[w.IntN(n)])
		}
	case 5, 6:
		if n := len(w.streams); n > 0 {
			w.streamStep(w.streams[w.IntN(n)])
		}
	case 7:
		if n := len(w.futures); n > 0 {
			w.futureStep(w.futures[w.IntN(n)])
		}
	case 8:
		if n := len(w.res); n > 0 {
			w.DropResource(w.res[n-1])
			w.res = w.res[:n-1]
		}
	default:
		if !w.Running() {
			w.Tick()
		}
	}
}

// hostBuffer is a buffer for elements of a type.
func (w *hostile) hostBuffer(elem *types.Type, n int) *HostBuffer {
	if elem == types.U8 && w.IntN(2) == 0 {
		return NewBytesBuffer(make([]byte, n), 1)
	}
	vs := make([]val.Value, n)
	for i := range vs {
		vs[i] = val.String("x")
		if elem == types.U8 {
			vs[i] = val.U8(1)
		}
	}
	return NewValuesBuffer(vs)
}

func (w *hostile) streamStep(s *Stream) {
	done := func(CopyResult) {}
	switch w.IntN(6) {
	case 0:
		s.Read(w.hostBuffer(s.elem, w.IntN(4)), done)
	case 1, 2:
		s.Write(w.hostBuffer(s.elem, w.IntN(4)), done)
	case 3:
		s.CancelWrite()
	case 4:
		s.CancelRead()
	case 5:
		s.DropWritable()
	}
}

func (w *hostile) futureStep(f *Future) {
	done := func(CopyResult) {}
	switch w.IntN(5) {
	case 0:
		f.Read(w.hostBuffer(f.elem, 1), done)
	case 1:
		f.Write(w.hostBuffer(f.elem, 1), done)
	case 2:
		f.CancelRead()
	case 3:
		f.CancelWrite()
	case 4:
		f.DropWritable()
	}
}

// runHostile runs a world to its end and returns how much of it went well.
func runHostile(t testing.TB, seed uint64) (did int) {
	w := newHostile(t, seed)
	defer func() {
		if p := recover(); p != nil {
			panic(fmt.Sprintf("seed %d: %v", seed, p))
		}
	}()
	for range 200 {
		w.hostStep()
	}
	w.ops = 0
	for range 200 {
		w.Tick()
	}
	w.TrapDeadlock()
	w.Close()
	for i, c := range w.callers {
		if c.ended != 1 {
			t.Errorf("seed %d: call %d ended %d times", seed, i, c.ended)
		}
		if _, isBug := c.err.(*Bug); isBug {
			t.Errorf("seed %d: %v", seed, c.err)
		}
		if _, isTrap := c.err.(*trap.Trap); c.err != nil && !isTrap && c.err != ErrClosed {
			t.Errorf("seed %d: call %d ended by %v", seed, i, c.err)
		}
	}
	if w.Live() != 0 || w.Ready() || w.hostCalls.len != 0 {
		t.Errorf("seed %d: %d tasks and %d calls are left", seed, w.Live(), w.hostCalls.len)
	}
	return w.did
}

func TestHostileGuests(t *testing.T) {
	n := testenv.Number(t, testenv.Hostile, 500)
	base, did := testenv.Seed(t), 0
	for i := range uint64(n) {
		did += runHostile(t, base+i)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d operations went well in a world", did/n)
	if did < 20*n {
		t.Errorf("only %d operations in %d worlds went well: they are not hostile enough", did, n)
	}
}

func FuzzHostileGuests(f *testing.F) {
	for seed := range uint64(5) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { runHostile(t, seed) })
}
