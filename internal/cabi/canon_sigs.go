package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// CanonResourceNew is canon resource.new of r, which inst implements:
// (rep i32) -> i32.
//
// Spec: CanonicalABI.md#canon-resourcenew (definitions.py canon_resource_new).
func CanonResourceNew(inst *ComponentInstance, r *types.Resource) CoreBuiltin { panic(soon) }

// CanonResourceDrop is canon resource.drop of r: (i32) -> ().
//
// Spec: CanonicalABI.md#canon-resourcedrop (definitions.py canon_resource_drop).
func CanonResourceDrop(inst *ComponentInstance, r *types.Resource) CoreBuiltin { panic(soon) }

// CanonResourceRep is canon resource.rep of r, which inst implements:
// (i32) -> rep i32.
//
// Spec: CanonicalABI.md#canon-resourcerep (definitions.py canon_resource_rep).
func CanonResourceRep(inst *ComponentInstance, r *types.Resource) CoreBuiltin { panic(soon) }

// CanonContextGet is canon context.get of slot i, 0 or 1: () -> ptr.
func CanonContextGet(inst *ComponentInstance, p layout.PtrType, i int) CoreBuiltin { panic(soon) }

// CanonContextSet is canon context.set of slot i, 0 or 1: (ptr) -> ().
func CanonContextSet(inst *ComponentInstance, p layout.PtrType, i int) CoreBuiltin { panic(soon) }

// CanonBackpressureInc is canon backpressure.inc: () -> ().
func CanonBackpressureInc(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonBackpressureDec is canon backpressure.dec: () -> ().
func CanonBackpressureDec(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonTaskReturn is canon task.return of a result type, nil for none:
// (flat result, or a pointer to it) -> (). Of opts only memory and string
// encoding count.
func CanonTaskReturn(inst *ComponentInstance, result *types.Type, opts *CanonicalOptions) CoreBuiltin {
	panic(soon)
}

// CanonTaskCancel is canon task.cancel: () -> ().
func CanonTaskCancel(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonWaitableSetNew is canon waitable-set.new: () -> i32.
func CanonWaitableSetNew(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonWaitableSetWait is canon waitable-set.wait: (i32, ptr) -> i32. Of opts
// only the memory counts.
func CanonWaitableSetWait(inst *ComponentInstance, opts *CanonicalOptions, c Cancellable) CoreBuiltin {
	panic(soon)
}

// CanonWaitableSetPoll is canon waitable-set.poll: (i32, ptr) -> i32. Of opts
// only the memory counts.
func CanonWaitableSetPoll(inst *ComponentInstance, opts *CanonicalOptions, c Cancellable) CoreBuiltin {
	panic(soon)
}

// CanonWaitableSetDrop is canon waitable-set.drop: (i32) -> ().
func CanonWaitableSetDrop(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonWaitableJoin is canon waitable.join: (i32, i32) -> ().
func CanonWaitableJoin(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonSubtaskCancel is canon subtask.cancel: (i32) -> i32.
func CanonSubtaskCancel(inst *ComponentInstance, m Mode) CoreBuiltin { panic(soon) }

// CanonSubtaskDrop is canon subtask.drop: (i32) -> ().
func CanonSubtaskDrop(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonNew is canon stream.new or future.new of t: () -> i64.
func CanonNew(inst *ComponentInstance, t *types.Type) CoreBuiltin { panic(soon) }

// CanonRead is canon stream.read of t: (i32, ptr, ptr) -> ptr, or future.read:
// (i32, ptr) -> i32. It blocks unless opts.Async.
func CanonRead(inst *ComponentInstance, t *types.Type, opts *CanonicalOptions) CoreBuiltin {
	panic(soon)
}

// CanonWrite is canon stream.write of t: (i32, ptr, ptr) -> ptr, or
// future.write: (i32, ptr) -> i32. It blocks unless opts.Async.
func CanonWrite(inst *ComponentInstance, t *types.Type, opts *CanonicalOptions) CoreBuiltin {
	panic(soon)
}

// CanonCancelRead is canon stream.cancel-read or future.cancel-read of t:
// (i32) -> i32.
func CanonCancelRead(inst *ComponentInstance, t *types.Type, m Mode) CoreBuiltin { panic(soon) }

// CanonCancelWrite is canon stream.cancel-write or future.cancel-write of t:
// (i32) -> i32.
func CanonCancelWrite(inst *ComponentInstance, t *types.Type, m Mode) CoreBuiltin { panic(soon) }

// CanonDropReadable is canon stream.drop-readable or future.drop-readable of t:
// (i32) -> ().
func CanonDropReadable(inst *ComponentInstance, t *types.Type) CoreBuiltin { panic(soon) }

// CanonDropWritable is canon stream.drop-writable or future.drop-writable of t:
// (i32) -> ().
func CanonDropWritable(inst *ComponentInstance, t *types.Type) CoreBuiltin { panic(soon) }

// CanonThreadIndex is canon thread.index: () -> i32.
func CanonThreadIndex(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonThreadNewIndirect is canon thread.new-indirect: (index, context) -> i32.
// ft is (i32) -> () or (i64) -> ().
func CanonThreadNewIndirect(inst *ComponentInstance, ft layout.CoreFuncType, table Table) CoreBuiltin {
	panic(soon)
}

// CanonThreadResumeLater is canon thread.resume-later: (i32) -> ().
func CanonThreadResumeLater(inst *ComponentInstance) CoreBuiltin { panic(soon) }

// CanonThreadSuspend is canon thread.suspend: () -> i32.
func CanonThreadSuspend(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonThreadYield is canon thread.yield: () -> i32.
func CanonThreadYield(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonThreadSuspendThenResume is canon thread.suspend-then-resume: (i32) -> i32.
func CanonThreadSuspendThenResume(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonThreadYieldThenResume is canon thread.yield-then-resume: (i32) -> i32.
func CanonThreadYieldThenResume(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonThreadSuspendThenPromote is canon thread.suspend-then-promote: (i32) -> i32.
func CanonThreadSuspendThenPromote(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonThreadYieldThenPromote is canon thread.yield-then-promote: (i32) -> i32.
func CanonThreadYieldThenPromote(inst *ComponentInstance, c Cancellable) CoreBuiltin { panic(soon) }

// CanonErrorContextNew is canon error-context.new: (ptr, ptr) -> i32.
func CanonErrorContextNew(inst *ComponentInstance, opts *CanonicalOptions) CoreBuiltin { panic(soon) }

// CanonErrorContextDebugMessage is canon error-context.debug-message:
// (i32, ptr) -> ().
func CanonErrorContextDebugMessage(inst *ComponentInstance, opts *CanonicalOptions) CoreBuiltin {
	panic(soon)
}

// CanonErrorContextDrop is canon error-context.drop: (i32) -> ().
func CanonErrorContextDrop(inst *ComponentInstance) CoreBuiltin { panic(soon) }
