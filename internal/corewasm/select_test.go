package corewasm

import (
	"math"
	"runtime"
	"testing"
)

// selectCase is a function f(x, n, c) -> float of the select's type, whose code selects in
// a place where wazero's compiler may forget the second operand. Its second
// result is what was selected.
type selectCase struct {
	name    string
	wrong   bool // the compiler is known to get it wrong on amd64
	selects int
	typ     ValType
	code    func(typ ValType) *Code
}

func convert(t ValType) *Code {
	return NewCode().Get(1).Named(map[ValType]string{I32: "nop", I64: "i64.extend_i32_s", F32: "f32.convert_i32_s", F64: "f64.convert_i32_s", V128: "i32x4.splat"}[t])
}

// spilled calls the host, so that x is on the stack, and selects where x is passed on in
// the register that the other way to the end has its result in.
func spilled(selection func(t ValType) *Code) func(ValType) *Code {
	return func(t ValType) *Code {
		return seq(NewCode().Call(0).Op(OpDrop).Get(2).Block(OpIf, BlockOf(t)), convert(t), NewCode().Op(OpElse),
			NewCode().Get(0), convert(t), NewCode().I32(0).Mem(OpI32Load, 0, 0), selection(t), NewCode().Set(3).Get(0).End().Get(3))
	}
}

func selectCases() []selectCase {
	plain := func(ValType) *Code { return NewCode().Op(OpSelect) }
	typed := func(t ValType) *Code { return NewCode().Raw(0x1c, 1, byte(t)) }
	cases := []selectCase{
		{"i32", false, 0, I32, spilled(plain)},
		{"i64", false, 0, I64, spilled(plain)},
		{"i64, typed", false, 0, I64, spilled(typed)},
		{"f64 from a block", true, 1, F64, spilled(func(t ValType) *Code {
			return NewCode().Set(4).Set(3).Block(OpBlock, BlockOf(t)).Get(3).End().Get(4).Op(OpSelect)
		})},
		{"behind code that isn't reached", true, 1, F64, spilled(func(t ValType) *Code {
			return NewCode().Block(OpBlock, BlockVoid).Idx(OpBr, 0).Op(OpSelect, OpDrop).End().Op(OpSelect)
		})},
		{"not reached", false, 0, F64, func(ValType) *Code {
			return NewCode().Get(0).Get(0).Op(OpReturn).Op(OpSelect).Get(0)
		}},
	}
	for _, t := range []ValType{F32, F64, V128} {
		wrong := t != V128 // whose registers happen to be others here
		cases = append(cases, selectCase{t.String(), wrong, 1, t, spilled(plain)}, selectCase{t.String() + ", typed", wrong, 1, t, spilled(typed)})
	}
	return cases
}

// module exports f with parameters and results of 64 bits at most.
func (c selectCase) module() []byte {
	b := NewBuilder()
	b.ImportFunc("host", "tick", b.AddType(nil, []ValType{I32}))
	b.AddMemory(MemoryType{Limits: Limits{Min: 1}})
	b.AddExport("memory", KindMemory, 0)
	t := c.typ
	inner := b.AddFunc(b.AddType([]ValType{t, I32, I32}, []ValType{t, t}), []ValType{t, I32}, c.code(t))
	if t != V128 {
		b.AddExport("f", KindFunc, inner)
		return b.Encode()
	}
	lanes := NewCode().Get(0).Named("i64x2.splat").Get(1).Get(2).Call(inner).Set(3).Set(4).
		Get(4).Raw(0xfd, 0x1d, 0).Get(3).Raw(0xfd, 0x1d, 0)
	f := b.AddFunc(b.AddType([]ValType{I64, I32, I32}, []ValType{I64, I64}), []ValType{V128, V128}, lanes)
	b.AddExport("f", KindFunc, f)
	return b.Encode()
}

// TestSelects is the third class of wrong code in wazero's compiler.
func TestSelects(t *testing.T) {
	for _, c := range selectCases() {
		t.Run(c.name, func(t *testing.T) {
			bin := c.module()
			right, plain := mustInstantiate(t, false, bin, nil), mustInstantiate(t, true, bin, nil)
			fuel := fuelled(1)
			rewritten := []*instance{
				mustInstantiate(t, true, bin, &RewriteOptions{}), mustInstantiate(t, true, bin, &fuel), mustInstantiate(t, false, bin, &fuel),
			}
			wrong := false
			for _, mem := range []uint32{0, 1} {
				for _, in := range append([]*instance{right, plain}, rewritten...) {
					in.ExportedMemory("memory").WriteUint32Le(0, mem)
				}
				for _, a := range [][3]uint64{{math.Float64bits(2.5), 7, 0}, {math.Float64bits(2.5), 7, 1}, {1 << 30, 9, 0}} {
					want := outcome(right, "f", a[:]...)
					wrong = wrong || outcome(plain, "f", a[:]...) != want
					for _, in := range rewritten {
						if got := outcome(in, "f", a[:]...); got != want {
							t.Errorf("f(%#x) with %d in memory = %s, want %s", a, mem, got, want)
						}
					}
				}
			}
			if runtime.GOARCH == "amd64" && wrong != c.wrong {
				t.Errorf("compiled as it came it is wrong: %v; this test believes %v", wrong, c.wrong)
			}
			if n := rewritten[0].rw.Stats.Selects; n != c.selects {
				t.Errorf("%d selects became branches, want %d", n, c.selects)
			}
		})
	}
}
