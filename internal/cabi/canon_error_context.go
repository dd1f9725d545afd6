package cabi

import "github.com/gondola-wasm/gondola/types"

// CanonErrorContextNew is canon error-context.new: (ptr, ptr) -> i32.
//
// Spec: CanonicalABI.md#-canon-error-contextnew (definitions.py
// canon_error_context_new).
func CanonErrorContextNew(inst *ComponentInstance, opts *CanonicalOptions) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		cx := newContext(opts, inst)
		s := cx.loadStringFromRange(cx.pointer(stack[0]), cx.pointer(stack[1]))
		stack[0] = uint64(inst.handles.add(&ErrorContext{s}))
	}
}

// CanonErrorContextDebugMessage is canon error-context.debug-message:
// (i32, ptr) -> ().
//
// Spec: CanonicalABI.md#-canon-error-contextdebug-message (definitions.py
// canon_error_context_debug_message).
func CanonErrorContextDebugMessage(inst *ComponentInstance, opts *CanonicalOptions) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		e := errorContextAt(inst, uint32(stack[0]))
		cx := newContext(opts, inst)
		ptr := cx.pointer(stack[1])
		cx.trapUnlessInMemory(ptr, cx.layout(types.String))
		begin, units := cx.storeStringIntoRange(e.message)
		cx.storePair(begin, units, ptr)
	}
}

// CanonErrorContextDrop is canon error-context.drop: (i32) -> ().
//
// Spec: CanonicalABI.md#-canon-error-contextdrop (definitions.py
// canon_error_context_drop).
func CanonErrorContextDrop(inst *ComponentInstance) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		i := uint32(stack[0])
		errorContextAt(inst, i)
		inst.handles.remove(i)
	}
}
