package corewasm

import (
	"runtime"
	"testing"
)

// lateCase is a function f(a i32) -> i32 with a local 1, i32: a condition made of mutable
// global 0, i32, or 1, f64, which change before the branch on it. Global 2 is
// constant.
type lateCase struct {
	name   string
	wrong  bool // the compiler is known to get it wrong on amd64
	fences int
	code   *Code
}

func lateCases() []lateCase {
	change := NewCode().Get(0).Idx(OpGlobalSet, 0).Get(0).Named("f64.convert_i32_s").Idx(OpGlobalSet, 1)
	// The edge to the end of the block is critical.
	branch := NewCode().Block(OpBlock, BlockOf(I32)).I32(7).Get(1).Idx(OpBrIf, 0).Op(OpDrop).I32(8).End()
	get := func(g uint32) *Code { return NewCode().Get(0).Idx(OpGlobalGet, g) }
	named := func(names ...string) *Code {
		c := NewCode()
		for _, n := range names {
			c.Named(n)
		}
		return c
	}
	keep := NewCode().Set(1)
	return []lateCase{
		{"equal", true, 1, seq(get(0), named("i32.eq"), keep, change, branch)},
		{"less", true, 1, seq(get(0), named("i32.lt_u"), keep, change, branch)},
		{"a float", true, 1, seq(NewCode().Get(0).Named("f64.convert_i32_s").Idx(OpGlobalGet, 1).Named("f64.gt"), keep, change, branch)},
		{"and, then zero", true, 1, seq(get(0), named("i32.and", "i32.eqz"), keep, change, branch)},
		{"through a tee", true, 1, seq(get(0), named("i32.eq"), NewCode().Tee(1).Op(OpDrop), change, branch)},
		{"branch in a later block", true, 1, seq(get(0), named("i32.eq"), keep, NewCode().Get(0).I32(9).Named("i32.ne").Block(OpIf, BlockVoid), change, NewCode().End(), branch)},
		{"changed by a call", true, 1, seq(get(0), named("i32.eq"), keep, NewCode().Get(0).Call(0), branch)},
		{"the size of a table", true, 1, seq(NewCode().I32(2).Idx(OpTableSize, 0), named("i32.eq"), keep,
			NewCode().Op(OpRefNull).Raw(byte(FuncRef)).I32(1).Idx(OpTableGrow, 0).Op(OpDrop), branch)},
		{"on the left", false, 1, seq(NewCode().Idx(OpGlobalGet, 0).Get(0), named("i32.eq"), keep, change, branch)},
		{"a global that doesn't change", false, 0, seq(get(2), named("i32.eq"), keep, change, branch)},
		{"behind a store", false, 0, seq(NewCode().I32(0).I32(0).Mem(OpI32Store, 0, 0), get(0), named("i32.eq"), keep, change, branch)},
		{"used at once", false, 0, seq(get(0), named("i32.eq"), NewCode().Block(OpIf, BlockVoid), change, NewCode().End().Get(0))},
	}
}

func (c lateCase) module() []byte {
	zero := NewCode().Named("f64.const").Raw(make([]byte, 8)...).End().Bytes()
	b := NewBuilder()
	b.AddMemory(MemoryType{Limits: Limits{Min: 1}})
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 1, Max: 9, HasMax: true}})
	b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(0))
	b.AddGlobal(GlobalType{Type: F64, Mutable: true}, zero)
	b.AddGlobal(GlobalType{Type: I32, Mutable: false}, ConstI32(3))
	b.AddFunc(b.AddType([]ValType{I32}, nil), nil, NewCode().Get(0).Idx(OpGlobalSet, 0))
	f := b.AddFunc(b.AddType([]ValType{I32}, []ValType{I32}), []ValType{I32}, c.code)
	b.AddExport("f", KindFunc, f)
	return b.Encode()
}

// TestLateReads is the fourth class of wrong code in wazero's compiler.
func TestLateReads(t *testing.T) {
	for _, c := range lateCases() {
		t.Run(c.name, func(t *testing.T) {
			bin := c.module()
			right, plain := mustInstantiate(t, false, bin, nil), mustInstantiate(t, true, bin, nil)
			fuel := fuelled(1)
			rewritten := []*instance{mustInstantiate(t, true, bin, &RewriteOptions{}), mustInstantiate(t, true, bin, &fuel)}
			wrong := false
			for _, a := range []uint64{1, 2, 2, 3, 1, 0, 0, 5} {
				want := outcome(right, "f", a)
				wrong = wrong || outcome(plain, "f", a) != want
				for _, in := range rewritten {
					if got := outcome(in, "f", a); got != want {
						t.Errorf("f(%d) = %s, want %s", a, got, want)
					}
				}
			}
			if runtime.GOARCH == "amd64" && wrong != c.wrong {
				t.Errorf("compiled as it came it is wrong: %v; this test believes %v", wrong, c.wrong)
			}
			if n := rewritten[0].rw.Stats.Late; n != c.fences {
				t.Errorf("%d fences, want %d", n, c.fences)
			}
		})
	}
}
