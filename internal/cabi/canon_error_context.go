package cabi

import (
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// CanonErrorContextNew is canon error-context.new: (ptr, ptr) -> i32. Guests must
// not rely on the message, which a [Chooser] may let go, and of which no more than 4 KiB
// are kept.
//
// Spec: CanonicalABI.md#-canon-error-contextnew (definitions.py
// canon_error_context_new).
func CanonErrorContextNew(inst *ComponentInstance, opts *CanonicalOptions) CoreBuiltin {
	return func(stack []uint64) {
		inst.currentThread()
		inst.trapUnlessMayLeave()
		e := &ErrorContext{}
		if inst.store.choose(ChoiceValue, 2) == 0 {
			cx := newContext(opts, inst)
			e.message = shortened(cx.loadStringFromRange(cx.pointer(stack[0]), cx.pointer(stack[1])).Str())
		}
		stack[0] = uint64(inst.handles.add(e))
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
		ptr, l := cx.pointer(stack[1]), cx.layout(types.String)
		begin, units := cx.storeStringIntoRange(val.String(e.message))
		if !cx.fits(ptr, l.Size) { // which is all that is asked of it
			trap.Throw(trap.PointerOutOfBounds, l.Size, ptr, len(cx.memory()))
		}
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
