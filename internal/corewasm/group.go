package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// AppendGroup appends the binary form of types that are defined together: one
// that stands alone, or those of a recursion group. Group of the first type says
// which.
//
// Spec: WebAssembly core 3.0, section 5.3.5 (recursive types).
func AppendGroup(dst []byte, types []Type) []byte {
	for i := range types {
		if g := types[i].Group; g > 0 {
			dst = leb128.AppendU32(append(dst, codeRec), uint32(g))
		}
		dst = appendType(dst, &types[i])
	}
	return dst
}

// DecodeGroup reads what [AppendGroup] writes, which is all of b.
func DecodeGroup(b []byte) ([]Type, error) {
	r := &reader{b: b, base: -1, where: "core type"}
	d := &decoder{m: &Module{}}
	d.recGroup(r)
	if r.more() {
		r.fail(r.pos, "%d bytes are left over", r.left())
	}
	return d.m.Types, r.err
}
