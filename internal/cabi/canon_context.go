package cabi

import "github.com/gondola-wasm/gondola/internal/layout"

// CanonContextGet is canon context.get of slot i, 0 or 1: () -> i32, or i64 where
// p is [layout.Ptr64].
//
// Spec: CanonicalABI.md#-canon-contextget (definitions.py canon_context_get).
func CanonContextGet(inst *ComponentInstance, p layout.PtrType, i int) CoreBuiltin {
	return func(stack []uint64) {
		v := inst.currentThread().storage[i]
		assert(p == layout.Ptr64 || v>>32 == 0, "storage of 32 bits holds no more")
		stack[0] = v
	}
}

// CanonContextSet is canon context.set of slot i, 0 or 1: (i32) -> (), or (i64)
// where p is [layout.Ptr64].
//
// Spec: CanonicalABI.md#-canon-contextset (definitions.py canon_context_set).
func CanonContextSet(inst *ComponentInstance, p layout.PtrType, i int) CoreBuiltin {
	return func(stack []uint64) {
		v := stack[0]
		if p == layout.Ptr32 {
			v = uint64(uint32(v))
		}
		inst.currentThread().storage[i] = v
	}
}
