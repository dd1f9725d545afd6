package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
)

// CanonThreadIndex is canon thread.index: () -> i32.
//
// Spec: CanonicalABI.md#-canon-threadindex (definitions.py canon_thread_index).
func CanonThreadIndex(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = uint64(t.task.indexOf(t))
	}
}

// CanonThreadNewIndirect is canon thread.new-indirect: (index, context) -> i32.
// ft is (i32) -> () or (i64) -> (), p the type of the table's addresses.
//
// Spec: CanonicalABI.md#-canon-threadnew-indirect (definitions.py
// canon_thread_new_indirect).
func CanonThreadNewIndirect(inst *ComponentInstance, ft layout.CoreFuncType, table Table, p layout.PtrType) CoreBuiltin {
	return func(stack []uint64) {
		k := inst.currentThread().task
		inst.trapUnlessMayLeave()
		i := stack[0]
		if p == layout.Ptr32 {
			i = uint64(uint32(i))
		}
		t := k.spawn(table.Func(i, ft), stack[1])
		stack[0] = uint64(k.indexOf(t))
	}
}

// CanonThreadResumeLater is canon thread.resume-later: (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-threadresume-later (definitions.py
// canon_thread_resume_later).
func CanonThreadResumeLater(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		inst.suspendedAt(stack[0]).resumeLater()
	}
}

// suspendedAt is the thread at an index, which must be suspended.
func (i *ComponentInstance) suspendedAt(index uint64) *Thread {
	t := i.threads.get(uint32(index))
	if !t.suspended() {
		trap.Throw(trap.CannotResumeThread)
	}
	return t
}

// bit is a bool as core code sees it.
//
// Spec: definitions.py Cancelled.
func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// CanonThreadSuspend is canon thread.suspend: () -> i32.
//
// Spec: CanonicalABI.md#-canon-threadsuspend (definitions.py canon_thread_suspend).
func CanonThreadSuspend(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.suspend(c))
	}
}

// CanonThreadYield is canon thread.yield: () -> i32.
//
// Spec: CanonicalABI.md#-canon-threadyield (definitions.py canon_thread_yield).
func CanonThreadYield(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.yield(c))
	}
}

// CanonThreadSuspendThenResume is canon thread.suspend-then-resume: (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-threadsuspend-then-resume (definitions.py
// canon_thread_suspend_then_resume).
func CanonThreadSuspendThenResume(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.suspendThenResume(c, inst.suspendedAt(stack[0])))
	}
}

// CanonThreadYieldThenResume is canon thread.yield-then-resume: (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-threadyield-then-resume (definitions.py
// canon_thread_yield_then_resume).
func CanonThreadYieldThenResume(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.yieldThenResume(c, inst.suspendedAt(stack[0])))
	}
}

// CanonThreadSuspendThenPromote is canon thread.suspend-then-promote:
// (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-threadsuspend-then-promote (definitions.py
// canon_thread_suspend_then_promote).
func CanonThreadSuspendThenPromote(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.suspendThenPromote(c, inst.threads.get(uint32(stack[0]))))
	}
}

// CanonThreadYieldThenPromote is canon thread.yield-then-promote: (i32) -> i32.
//
// Spec: CanonicalABI.md#-canon-threadyield-then-promote (definitions.py
// canon_thread_yield_then_promote).
func CanonThreadYieldThenPromote(inst *ComponentInstance, c Cancellable) CoreBuiltin {
	return func(stack []uint64) {
		t := inst.currentThread()
		inst.trapUnlessMayLeave()
		stack[0] = bit(t.yieldThenPromote(c, inst.threads.get(uint32(stack[0]))))
	}
}

// CanonThreadAvailableParallelism is canon thread.available-parallelism: () -> i32. One
// thread runs at a time in a store.
//
// Spec: CanonicalABI.md#-canon-threadavailable-parallelism
// (canon_thread_available_parallelism).
func CanonThreadAvailableParallelism(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		stack[0] = 1
	}
}
