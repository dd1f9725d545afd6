package wat

import (
	"strings"
	"sync"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// naturalAlign is the exponent of the alignment that a memory access has if none is
// written: its width.
func naturalAlign(op corewasm.Opcode) uint32 { return uint32(naturalAligns()[op]) }

var naturalAligns = sync.OnceValue(func() map[corewasm.Opcode]uint8 {
	aligns := map[corewasm.Opcode]uint8{}
	for _, name := range corewasm.OpcodeNames() {
		op, _ := corewasm.LookupOpcode(name)
		if imm := op.Imm(); imm != corewasm.ImmMemArg && imm != corewasm.ImmMemArgLane {
			continue
		}
		for width := accessWidth(name); width > 1; width /= 2 {
			aligns[op]++
		}
	}
	return aligns
})

// accessWidth reads off an instruction's name how many bytes it accesses: those that
// are said behind the operation (i32.load8_u, i64.atomic.rmw16.add_u, v128.load8x8_s),
// else those of the type.
func accessWidth(name string) int {
	typ, operation, _ := strings.Cut(name, ".")
	switch {
	case operation == "atomic.notify" || operation == "atomic.wait32":
		return 4
	case operation == "atomic.wait64":
		return 8
	}
	for _, verb := range []string{"load", "store", "rmw"} {
		i := strings.Index(operation, verb)
		if i < 0 {
			continue
		}
		bits, rest := leadingNumber(operation[i+len(verb):])
		switch {
		case strings.HasPrefix(rest, "x"): // several lanes that are half as wide as they get
			return 8
		case bits > 0:
			return bits / 8
		}
	}
	bits, _ := leadingNumber(typ[1:])
	return bits / 8
}

// leadingNumber splits the digits off that s begins with.
func leadingNumber(s string) (n int, rest string) {
	for s != "" && isDecimal(s[0]) {
		n = n*10 + int(s[0]-'0')
		s = s[1:]
	}
	return n, s
}
