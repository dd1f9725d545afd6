package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/val"
)

// SubtaskState is how far a subtask is, as core code sees it.
//
// Spec: definitions.py Subtask.State.
type SubtaskState uint32

// The states.
const (
	SubtaskStarting SubtaskState = iota
	SubtaskStarted
	SubtaskReturned
	SubtaskCancelledBeforeStarted
	SubtaskCancelledBeforeReturned
)

// Subtask is the caller's side of a call from core code. Subtasks are used
// again once they are dropped.
//
// Spec: CanonicalABI.md#subtask-state (definitions.py Subtask).
type Subtask struct {
	waitable
	lower           *lowered
	state           SubtaskState
	cancelRequested bool
	delivered       bool // core code knows that it resolved
	onCancel        OnCancel
	lenders         []*ResourceHandle
	args            []uint64                              // the flat arguments
	asyncArgs       [layout.MaxFlatAsyncParams + 1]uint64 // room for them where they outlive the call
	flatResult      [layout.MaxFlatResults]uint64         // only of a sync call
	nextFree        *Subtask
}

func (*Subtask) kind() string { return "a subtask" }

func (s *Store) newSubtask(l *lowered) *Subtask {
	st := s.freeSubtasks
	if st == nil {
		st = &Subtask{}
		st.source = st
	} else {
		s.freeSubtasks = st.nextFree
		st.nextFree = nil
	}
	st.lower = l
	return st
}

// recycle ends the use of a subtask that nobody refers to any more.
func (st *Subtask) recycle() {
	s := st.lower.inst.store
	clear(st.lenders)
	*st = Subtask{lenders: st.lenders[:0], nextFree: s.freeSubtasks}
	st.source = st
	s.freeSubtasks = st
}

// Spec: definitions.py Subtask.resolved.
func (st *Subtask) resolved() bool { return st.state >= SubtaskReturned }

// addLender notes that the call borrows h.
//
// Spec: definitions.py Subtask.add_lender.
func (st *Subtask) addLender(h *ResourceHandle) {
	assert(!st.delivered && !st.resolved(), "only a call that goes on borrows")
	h.numLends++
	st.lenders = append(st.lenders, h)
}

// resolve takes the state in which the call ended.
//
// Spec: definitions.py Subtask.resolve.
func (st *Subtask) resolve(state SubtaskState) {
	assert(!st.resolved(), "a call resolves once")
	st.state = state
	assert(st.resolved(), "a call resolves to a last state")
}

// deliverResolve gives back what was lent.
//
// Spec: definitions.py Subtask.deliver_resolve.
func (st *Subtask) deliverResolve() {
	assert(!st.delivered && st.resolved(), "that a call resolved is delivered once")
	for _, h := range st.lenders {
		h.numLends--
	}
	st.delivered = true
}

// drop takes the subtask out of use.
//
// Spec: definitions.py Subtask.drop.
func (st *Subtask) drop() {
	if !st.delivered {
		trap.Throw(trap.SubtaskNotResolved)
	}
	st.waitable.drop()
	st.recycle()
}

// event is what core code learns of the call.
//
// Spec: definitions.py canon_lower (subtask_event).
func (st *Subtask) event() Event {
	if st.resolved() {
		st.deliverResolve()
	}
	return Event{EventSubtask, st.index, uint32(st.state)}
}

// onProgress tells core code, if the call has blocked and it has an index for it.
//
// Spec: definitions.py canon_lower (on_progress).
func (st *Subtask) onProgress() {
	if st.index != 0 {
		st.setPending()
	}
}

// OnStart lifts the arguments out of the caller's memory.
//
// Spec: definitions.py canon_lower (on_start).
func (st *Subtask) OnStart(args []val.Value) []val.Value {
	st.onProgress()
	assert(st.state == SubtaskStarting, "a call starts once")
	st.state = SubtaskStarted
	l := st.lower
	cx := newContext(l.opts, l.inst)
	cx.subtask = st
	cx.views = l.viewsArgs()
	it := flatIter{vs: st.args}
	return cx.liftFlatValues(args, l.maxFlatParams, &it, &l.params)
}

// OnResolve lowers the result into the caller's memory.
//
// Spec: definitions.py canon_lower (on_resolve).
func (st *Subtask) OnResolve(result val.Value, how Resolution) {
	st.onProgress()
	switch {
	case st.lower.inst.root.poison != nil:
		st.resolve(SubtaskReturned) // nobody will look
	case how == Returned:
		assert(st.state == SubtaskStarted, "a call starts before it returns")
		st.lowerResult(result)
		st.resolve(SubtaskReturned)
	case st.state == SubtaskStarting:
		assert(st.cancelRequested, "a call is cancelled only on request")
		st.resolve(SubtaskCancelledBeforeStarted)
	default:
		assert(st.cancelRequested && st.state == SubtaskStarted, "a call is cancelled only on request")
		st.resolve(SubtaskCancelledBeforeReturned)
	}
	if st.index == 0 && st.syncWaiter != nil {
		st.syncWaiter.wake()
	}
}

// lowerResult leaves the result in flatResult, or in memory where the last
// argument points to.
func (st *Subtask) lowerResult(result val.Value) {
	l := st.lower
	if l.ft.Result == nil {
		return
	}
	cx := newContext(l.opts, l.inst)
	cx.sourceEncoding = l.calleeEncoding()
	if l.maxFlatResults == 1 && l.result.FlatLen == 1 {
		out := flatIter{vs: st.flatResult[:]}
		cx.lowerFlat(result, l.ft.Result, &out)
		return
	}
	ptr := st.args[len(st.args)-1]
	cx.storeResult(result, l.ft.Result, l.result, ptr)
}

// OnTrap ends a call whose callee is gone. The caller goes with it: to core code
// a call that traps is a trap.
func (st *Subtask) OnTrap(err error) { st.lower.inst.root.doom(err) }
