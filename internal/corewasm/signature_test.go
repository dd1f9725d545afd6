package corewasm

import (
	"strings"
	"testing"
)

// TestSignatures: every instruction that can be checked without looking at more than
// its opcode has a signature, and relaxed vector instructions have that of their plain
// forms, which the specification's scripts check.
func TestSignatures(t *testing.T) {
	for _, name := range []string{"i32.add", "f64.promote_f32", "i64.load32_u", "v128.store64_lane", "i64.atomic.rmw32.cmpxchg_u", "i64.add128"} {
		op, ok := LookupOpcode(name)
		if !ok || op.info().sig == nil {
			t.Errorf("%s has no signature", name)
		}
	}
	for relaxed, plain := range plainForms {
		r, _ := LookupOpcode(relaxed)
		p, _ := LookupOpcode(plain)
		if got, want := text(r.info().sig), text(p.info().sig); got != want {
			t.Errorf("%s: %s, want %s", relaxed, got, want)
		}
	}
	for name, want := range map[string]string{
		"f32x4.relaxed_madd":                  "[v128 v128 v128] -> [v128]",
		"f64x2.relaxed_nmadd":                 "[v128 v128 v128] -> [v128]",
		"i16x8.relaxed_dot_i8x16_i7x16_s":     "[v128 v128] -> [v128]",
		"i32x4.relaxed_dot_i8x16_i7x16_add_s": "[v128 v128 v128] -> [v128]",
		"i64.mul_wide_u":                      "[i64 i64] -> [i64 i64]",
		"i64.sub128":                          "[i64 i64 i64 i64] -> [i64 i64]",
		"memory.atomic.wait64":                "address [i64 i64] -> [i32]",
		"i64.atomic.rmw8.cmpxchg_u":           "address [i64 i64] -> [i64]",
		"i32.atomic.store16":                  "address [i32] -> []",
	} {
		op, _ := LookupOpcode(name)
		if got := text(op.info().sig); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestEveryInstructionIsChecked: none is illegal to the checker that the table has.
func TestEveryInstructionIsChecked(t *testing.T) {
	b := NewBuilder()
	v := b.AddType(nil, nil)
	f := b.DeclareFunc(v)
	m := b.Module()
	check := func(op Opcode) {
		if imm := op.Imm(); imm == ImmInvalid {
			return
		}
		for _, in := range sinkInstrs(op) {
			m.Functions[f].Body = append(appendLocals(nil, nil), NewCode().Op(OpUnreachable).Instr(&in).Op(OpEnd).b...)
			if err := m.Validate(); err != nil && strings.Contains(err.Error(), "illegal") {
				t.Error(err)
			}
		}
	}
	for op := range firstPrefix {
		check(op)
	}
	for prefix := firstPrefix; prefix < lastPrefix; prefix++ {
		for op := range Opcode(0x120) {
			check(prefix<<16 | op)
		}
	}
}

func text(s *signature) string {
	if s == nil {
		return "none"
	}
	out := "[" + joinTypes(s.in) + "] -> [" + joinTypes(s.out) + "]"
	if s.address {
		out = "address " + out
	}
	return out
}
