package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// CanonBackpressureInc is canon backpressure.inc: () -> ().
//
// Spec: CanonicalABI.md#-canon-backpressureincdec (definitions.py
// canon_backpressure_inc).
func CanonBackpressureInc(inst *ComponentInstance) CoreBuiltin {
	return func([]uint64) {
		inst.currentThread()
		inst.backpressure++
		if inst.backpressure == 1<<16 {
			trap.Throw(trap.BackpressureOverflow)
		}
		inst.refresh()
	}
}

// CanonBackpressureDec is canon backpressure.dec: () -> ().
//
// Spec: CanonicalABI.md#-canon-backpressureincdec (definitions.py
// canon_backpressure_dec).
func CanonBackpressureDec(inst *ComponentInstance) CoreBuiltin {
	return func([]uint64) {
		inst.currentThread()
		if inst.backpressure == 0 {
			trap.Throw(trap.BackpressureOverflow)
		}
		inst.backpressure--
		inst.refresh()
	}
}
