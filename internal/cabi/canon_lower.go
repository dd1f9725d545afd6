package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// lowered is a core function that calls a component-level one.
//
// Spec: CanonicalABI.md#canon-lower (definitions.py Store.lower, canon_lower).
type lowered struct {
	callee FuncInst
	ft     *types.Func
	opts   *CanonicalOptions
	inst   *ComponentInstance

	// What follows from the above once the options are settled:
	prepared       bool
	maxFlatParams  int
	maxFlatResults int
	params         signature
	result         *layout.Layout
	coreParams     int
	scalars        bool // parameters and result are bools, numbers and chars
}

// Lower makes the core function of a canon lower definition of inst. ft is the
// type of f as inst understands it.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.lower).
func (s *Store) Lower(f FuncInst, ft *types.Func, opts *CanonicalOptions, inst *ComponentInstance) CoreBuiltin {
	assert(inst.store == s, "a function and its instance live in one store")
	l := &lowered{callee: f, ft: ft, opts: opts, inst: inst}
	if h, ok := f.(*hostFunc); ok && h.f.Plain != nil {
		return (&loweredPlain{lowered: l, host: h}).call
	}
	return l.call
}

func (l *lowered) prepare() {
	l.maxFlatParams, l.maxFlatResults = layout.MaxFlatParams, layout.MaxFlatResults
	if l.opts.Async {
		l.maxFlatParams, l.maxFlatResults = layout.MaxFlatAsyncParams, 0
	}
	l.params = newSignature(l.ft.ParamTypes(), l.opts.Ptr)
	l.result = &layout.Layout{}
	if l.ft.Result != nil {
		l.result = layout.Of(l.ft.Result, l.opts.Ptr)
	}
	l.coreParams = len(FlattenFunc(l.ft, l.opts, layout.Lower).Params)
	l.scalars = l.params.scalars() && (l.ft.Result == nil || isScalar(l.ft.Result))
	l.prepared = true
}

// enter is what every call begins with. It returns the calling thread.
func (l *lowered) enter() *Thread {
	t := l.inst.currentThread()
	l.inst.trapUnlessMayLeave()
	if !l.prepared {
		l.prepare()
	}
	return t
}

// call is the core function.
//
// Spec: definitions.py canon_lower.
func (l *lowered) call(stack []uint64) {
	t := l.enter()
	if l.ft.Async && !l.opts.Async {
		l.inst.trapIfSyncCantBlock()
	}
	l.trapIfRelated()
	st := l.inst.store.newSubtask(l)
	st.args = stack[:l.coreParams]
	if l.opts.Async {
		st.args = st.asyncArgs[:copy(st.asyncArgs[:], st.args)]
	}
	st.onCancel = l.callee.call(st, l.inst)
	assert(l.ft.Async || st.state == SubtaskReturned, "only async functions block")
	l.answer(t, st, stack)
}

// answer ends a call that has begun: it waits for it where the core function does.
func (l *lowered) answer(t *Thread, st *Subtask, stack []uint64) {
	if l.opts.Async {
		stack[0] = l.answerAsync(st)
		return
	}
	if !st.resolved() {
		t.waitUntil(waitFor{reason: waitSubtask, on: &st.waitable}, false, false)
	}
	st.deliverResolve()
	if l.result.FlatLen == 1 {
		stack[0] = st.flatResult[0]
	}
	st.recycle()
}

// trapIfRelated refuses calls between an instance and itself, its ancestors and its
// descendants. The specification allows those that don't reenter an instance; the
// reference tests want the trap "for now".
func (l *lowered) trapIfRelated() {
	f := l.liftedCallee()
	if f == nil || f.inst.root != l.inst.root {
		return
	}
	if b := f.inst.boundary(l.inst); b == f.inst || b == l.inst {
		trap.Throw(trap.CannotEnter)
	}
}

// answerAsync is what an async lowering returns: that the call has returned, or
// how far it is and the index of the subtask.
func (l *lowered) answerAsync(st *Subtask) uint64 {
	if st.resolved() {
		st.deliverResolve()
		st.recycle()
		return uint64(SubtaskReturned)
	}
	st.index = l.inst.handles.add(st)
	return uint64(uint32(st.state) | st.index<<4)
}

// callScalars is what call amounts to where no more than bools, numbers and chars
// are passed.
func (l *loweredPlain) callScalars(t *Thread, stack []uint64) {
	s := l.inst.store
	args := s.takeArgs()
	for i, t := range l.params.types {
		args = append(args, liftScalar(stack[i], t.Kind()))
	}
	v, err := l.host.f.Plain(t.task.context, args)
	s.freeArgs = append(s.freeArgs, args[:0])
	if err == nil && l.ft.Result != nil && isPlain(v, l.ft.Result) {
		stack[0] = lowerScalar(v, l.ft.Result, l.inst.store.cfg.Chooser)
		return
	}
	if later, ok := err.(Starter); ok {
		st := s.newSubtask(l.lowered)
		st.args = stack[:l.coreParams]
		l.startLater(t, st, st.OnStart(nil), later, stack)
		return
	}
	l.finishScalars(stack, v, err)
}

// startLater goes on with a call that the host could not answer on the spot.
func (l *loweredPlain) startLater(t *Thread, st *Subtask, args []val.Value, later Starter, stack []uint64) {
	assert(l.ft.Async, "only async functions block")
	if l.opts.Async {
		// The caller goes on, and uses its stack for other things.
		st.args = st.asyncArgs[:copy(st.asyncArgs[:], st.args)]
	} else {
		l.inst.trapIfSyncCantBlock()
	}
	st.onCancel = l.host.start(st, l.inst, args, later.Start)
	l.answer(t, st, stack)
}

// finishScalars deals with what doesn't happen every time.
func (l *loweredPlain) finishScalars(stack []uint64, v val.Value, err error) {
	if err == nil {
		err = l.host.checkResult(v)
	}
	if err != nil {
		panic(trap.Host(err))
	}
	if l.ft.Result != nil {
		stack[0] = lowerScalar(v, l.ft.Result, l.inst.store.cfg.Chooser)
	}
}

// liftedCallee is the guest's function that is called, or nil.
func (l *lowered) liftedCallee() *lifted {
	f, _ := l.callee.(*lifted)
	return f
}

// viewsArgs reports whether arguments may be lifted as views: the callee lowers
// them at once, into another memory.
func (l *lowered) viewsArgs() bool {
	f := l.liftedCallee()
	return f != nil && f.opts.Memory != l.opts.Memory
}

// calleeEncoding is the encoding that strings in the result come from.
func (l *lowered) calleeEncoding() StringEncoding {
	if f := l.liftedCallee(); f != nil {
		return f.opts.StringEncoding
	}
	return UTF8
}

// loweredPlain is a lowered function of the host that answers on the spot, as a rule.
// It needs neither task nor, unless it borrows, subtask.
type loweredPlain struct {
	*lowered
	host *hostFunc
}

func (l *loweredPlain) call(stack []uint64) {
	t := l.enter()
	if l.scalars && !l.opts.Async {
		l.callScalars(t, stack)
		return
	}
	s := l.inst.store
	st := s.newSubtask(l.lowered)
	st.args = stack[:l.coreParams]
	args := st.OnStart(s.takeArgs())
	v, err := l.host.callPlain(args, l.inst)
	if later, ok := err.(Starter); ok {
		l.startLater(t, st, args, later, stack)
		return
	}
	if err != nil {
		panic(trap.Host(err))
	}
	s.putArgs(args)
	st.OnResolve(v, Returned)
	st.deliverResolve()
	if l.opts.Async {
		stack[0] = uint64(SubtaskReturned)
	} else if l.result.FlatLen == 1 {
		stack[0] = st.flatResult[0]
	}
	st.recycle()
}
