package cabi

import (
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
)

// CanonTaskReturn is canon task.return of a result type, nil for none:
// (flat result, or a pointer to it) -> (). Of opts only memory and string
// encoding count.
//
// Spec: CanonicalABI.md#-canon-taskreturn (definitions.py canon_task_return).
func CanonTaskReturn(inst *ComponentInstance, result *types.Type, opts *CanonicalOptions) CoreBuiltin {
	return func(stack []uint64) {
		k := inst.currentThread().task
		inst.trapUnlessMayLeave()
		if !k.returnsBy(result, opts) {
			trap.Throw(trap.TaskReturnInvalid)
		}
		cx := newContext(opts, inst)
		cx.views = k.viewsResult()
		v := cx.liftResult(layout.MaxFlatParams, stack, result)
		k.returnValue(v)
	}
}

// returnsBy reports whether a task.return of that type and options is the task's. The
// reference tests let one without a memory, which validation allows where the result
// needs none, return for a function that was lifted with one.
//
// Spec: definitions.py canon_task_return, LiftOptions.equal.
func (k *Task) returnsBy(result *types.Type, opts *CanonicalOptions) bool {
	own := k.lift.opts
	return own.Async && result == k.lift.ft.Result &&
		opts.StringEncoding == own.StringEncoding && (opts.Memory == nil || opts.Memory == own.Memory)
}

// CanonTaskCancel is canon task.cancel: () -> ().
//
// Spec: CanonicalABI.md#-canon-taskcancel (definitions.py canon_task_cancel).
func CanonTaskCancel(inst *ComponentInstance) CoreBuiltin {
	return func([]uint64) {
		k := inst.currentThread().task
		inst.trapUnlessMayLeave()
		if !k.lift.opts.Async {
			trap.Throw(trap.TaskReturnInvalid)
		}
		k.cancel()
	}
}
