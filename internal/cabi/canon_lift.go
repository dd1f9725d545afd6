package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// lifted is a component-level function that a core function implements.
//
// Spec: CanonicalABI.md#canon-lift (definitions.py Store.lift, canon_lift).
type lifted struct {
	name string
	core CoreFunc
	ft   *types.Func
	opts *CanonicalOptions
	inst *ComponentInstance

	// What follows from the above once the options are settled:
	prepared       bool
	needsExclusive bool
	params         signature
	scalarParams   bool // they are bools, numbers and chars
	scalarResult   bool // so is the result
	stackLen       int
}

// Lift makes the component-level function of a canon lift definition of inst. The
// name is what traps call it.
//
// Spec: CanonicalABI.md#embedding (definitions.py Store.lift).
func (s *Store) Lift(name string, f CoreFunc, ft *types.Func, opts *CanonicalOptions, inst *ComponentInstance) FuncInst {
	assert(inst.store == s, "a function and its instance live in one store")
	return newLifted(name, f, ft, opts, inst)
}

func newLifted(name string, f CoreFunc, ft *types.Func, opts *CanonicalOptions, inst *ComponentInstance) *lifted {
	return &lifted{name: name, core: f, ft: ft, opts: opts, inst: inst}
}

func (l *lifted) prepare() {
	l.needsExclusive = !l.opts.Async || l.opts.Callback != nil
	l.params = newSignature(l.ft.ParamTypes(), l.opts.Ptr)
	l.scalarParams = l.params.scalars()
	l.scalarResult = l.ft.Result != nil && isScalar(l.ft.Result)
	core := FlattenFunc(l.ft, l.opts, layout.Lift)
	l.stackLen = max(len(core.Params), len(core.Results))
	l.prepared = true
}

// Type is the function's type.
func (l *lifted) Type() *types.Func { return l.ft }

// call enters the instance and makes a task.
//
// Spec: definitions.py Store.lift (func_inst).
func (l *lifted) call(c Caller, from *ComponentInstance) OnCancel {
	if from != nil && !l.inst.mayEnterFrom(from) { // the host has asked before
		trap.Throw(trap.CannotEnter)
	}
	if !l.prepared {
		l.prepare()
	}
	k := l.inst.store.newTask(l, c, from)
	l.inst.enterFrom(from)
	on := l.lift(k)
	l.inst.leaveTo(from)
	return on
}

// lift runs a new task until it blocks or ends. A function that is not async has
// returned by then: other threads of the instance are run until it has.
//
// Spec: definitions.py canon_lift.
func (l *lifted) lift(k *Task) OnCancel {
	if !l.ft.Async && !l.inst.mayBlock {
		k.runDirectly()
		return OnCancel{}
	}
	if l.ft.Async {
		gen := k.gen
		k.implicit.resume(false)
		return OnCancel{task: k, gen: gen}
	}
	k.runSync()
	return OnCancel{}
}

// runSync runs a task that has to return before its caller goes on.
func (k *Task) runSync() {
	i, gen := k.inst, k.gen
	outer := i.sync // whose resource this one may be destroying
	i.sync = k
	k.implicit.resume(false)
	for k.gen == gen && k.state != taskResolved {
		t := i.readyForSync()
		if t == nil {
			k.throwBlocked()
		}
		t.resume(false)
	}
	i.sync = outer
}

// trapIfSyncCantBlock guards what blocks the running thread on its stack. While a
// sync function of the instance has not returned, that is only allowed if another
// thread can go on. The specification looks only once a thread has blocked; the
// reference tests want the trap for everything that could have.
//
// Spec: definitions.py canon_lift (trap_if not candidates), Concurrency.md#blocking.
func (i *ComponentInstance) trapIfSyncCantBlock() {
	if i.sync != nil && i.sync.state != taskResolved && i.countForSync() == 0 {
		trap.Throw(trap.CannotBlockSyncTask, i.store.idleReason())
	}
}

// runDirectly is what a new task amounts to that neither waits to enter nor can
// block: a call of its core function.
func (k *Task) runDirectly() {
	t, s := &k.implicit, k.inst.store
	t.state = threadRunning
	t.resumer, s.current = s.current, t
	k.phase = phaseCalling
	k.registerThread(t)
	k.callCore()
	s.current, t.resumer = t.resumer, nil
	k.recycle()
}

// throwBlocked traps a sync task that blocked. No thread of it is running, so
// what goes down is said here.
func (k *Task) throwBlocked() {
	t := trap.New(trap.CannotBlockSyncTask, k.inst.store.idleReason())
	t.Component, t.Func = k.inst.name, k.lift.name
	k.inst.root.doom(t)
	panic(t)
}

// idleReason says of a sync task that blocked why no other thread goes on.
func (s *Store) idleReason() string {
	if s.Ready() {
		return ": deadlock detected: event loop cannot make further progress, since no thread that is ready may run during the call"
	}
	return ""
}

// callCore calls the core function and does with what it returns as the options
// say.
//
// Spec: definitions.py canon_lift (thread_func).
func (k *Task) callCore() {
	l, s := k.lift, k.inst.store
	stack := s.takeStack()
	k.lowerArgs(stack)
	l.core.Call(stack[:l.stackLen])
	switch {
	case !l.opts.Async:
		k.returnSync(stack)
		s.putStack(stack)
	case l.opts.Callback == nil:
		s.putStack(stack)
		k.exitImplicitThread()
	default:
		packed := uint32(stack[0])
		s.putStack(stack)
		k.eventLoop(packed)
	}
}

// lowerArgs starts the task and leaves its arguments at the front of the stack.
func (k *Task) lowerArgs(stack *coreStack) {
	l, s := k.lift, k.inst.store
	args := s.takeArgs()
	all := k.start(args)
	if l.scalarParams {
		for i, t := range l.params.types {
			stack[i] = lowerScalar(all[i], t, s.cfg.Chooser)
		}
		s.freeArgs = append(s.freeArgs, all[:0])
		return
	}
	cx := newContext(l.opts, k.inst)
	cx.task = k
	if st, ok := k.caller.(*Subtask); ok {
		cx.sourceEncoding = st.lower.opts.StringEncoding
	}
	out := flatIter{vs: stack[:]}
	cx.lowerFlatValues(all, layout.MaxFlatParams, &l.params, &out)
	s.putArgs(all)
}

// returnSync lifts what the core function of a sync lift returned.
func (k *Task) returnSync(stack *coreStack) {
	v := k.liftResult(stack)
	_, fromGuest := k.caller.(*Subtask)
	if !fromGuest {
		// The host learns of the result only after post-return, so that a trap
		// there is still a trap of the call.
		k.trapUnlessMayReturn()
		k.callPostReturn(stack)
	}
	k.returnValue(v)
	if fromGuest {
		k.callPostReturn(stack)
	}
	k.exitImplicitThread()
}

func (k *Task) liftResult(stack *coreStack) val.Value {
	l := k.lift
	if l.scalarResult {
		return liftScalar(stack[0], l.ft.Result.Kind())
	}
	cx := newContext(l.opts, k.inst)
	cx.views = k.viewsResult()
	return cx.liftResult(layout.MaxFlatResults, stack[:], l.ft.Result)
}

// viewsResult reports whether what the task returns may be lifted as views: the
// caller lowers it at once, into another memory.
func (k *Task) viewsResult() bool {
	st, ok := k.caller.(*Subtask)
	return ok && st.lower.opts.Memory != k.lift.opts.Memory
}

func (k *Task) callPostReturn(stack *coreStack) {
	i := k.inst
	if k.lift.opts.PostReturn == nil {
		return
	}
	assert(i.mayLeave, "post-return is not called within realloc or post-return")
	i.mayLeave = false
	k.lift.opts.PostReturn.Call(stack[:layout.MaxFlatResults])
	i.mayLeave = true
}

// callbackCode is what core code with a callback wants next.
//
// Spec: definitions.py CallbackCode.
type callbackCode uint32

const (
	callbackExit callbackCode = iota
	callbackYield
	callbackWait
)

// unpackCallbackResult splits what the core function or the callback returned.
//
// Spec: definitions.py unpack_callback_result.
func unpackCallbackResult(packed uint32) (code callbackCode, set uint32) {
	code = callbackCode(packed & 0xf)
	if code > callbackWait {
		trap.Throw(trap.UnsupportedCallbackCode, code)
	}
	return code, packed >> 4
}

// eventLoop goes on from what core code returned until the thread waits or
// exits.
//
// Spec: definitions.py canon_lift (thread_func).
func (k *Task) eventLoop(packed uint32) {
	for {
		code, si := unpackCallbackResult(packed)
		if code == callbackExit {
			k.exitImplicitThread()
			return
		}
		k.inst.release(&k.implicit)
		var blocked bool
		if code == callbackYield {
			blocked = k.pause(phaseYielding, waitFor{reason: waitYieldGated}, true)
		} else {
			k.set = k.inst.waitableSetAt(si)
			blocked = k.pause(phaseWaiting, waitFor{reason: waitSetGated, set: k.set}, k.set.pending.len > 0)
		}
		if blocked {
			return
		}
		packed = k.callCallback()
	}
}

// pause leaves the implicit thread waiting, or says what event to go on with.
//
// Spec: definitions.py Thread.wait_until, WaitableSet.wait_for_event_and.
func (k *Task) pause(p taskPhase, w waitFor, ready bool) (blocked bool) {
	choice := ChoiceYield
	if p == phaseWaiting {
		choice = ChoiceWait
	}
	switch {
	case k.deliverPendingCancel(true):
		k.event = Event{Code: EventTaskCancelled}
		return false
	case ready && k.inst.store.choose(choice, 2) == 1:
		k.event = Event{Code: EventNone}
		if p == phaseWaiting {
			k.event = k.set.takeEvent()
		}
		return false
	}
	k.phase = p
	t := &k.implicit
	t.cancellable = true
	t.startWaitingFor(w)
	if ready {
		t.wake()
	}
	return true
}

// callCallback delivers the event to the callback and returns its answer.
func (k *Task) callCallback() (packed uint32) {
	k.implicit.cancellable = false
	k.inst.acquire(&k.implicit)
	s := k.inst.store
	stack := s.takeStack()
	stack[0], stack[1], stack[2] = uint64(k.event.Code), uint64(k.event.Index), uint64(k.event.Payload)
	k.lift.opts.Callback.Call(stack[:3])
	packed = uint32(stack[0])
	s.putStack(stack)
	return packed
}
