package corewasm

import (
	"runtime"
	"strings"
	"testing"
)

// fusedCase is a function f(a, b i32) -> i32 whose branch wazero's compiler
// may decide wrongly. Locals 2 and 3 are never assigned i32s, 4 and 5 free i32s, 6 an
// i64.
type fusedCase struct {
	name   string
	wrong  bool // the compiler is known to get it wrong on amd64
	fences int
	code   *Code
}

func and() *Code { return NewCode().Get(0).Get(1).Op(OpI32And) }

// branch makes 1 or 2 of a condition.
func branch(cond *Code) *Code {
	return NewCode().Raw(cond.Bytes()...).Block(OpIf, BlockOf(I32)).I32(1).Op(OpElse).I32(2).End()
}

func seq(cs ...*Code) *Code {
	all := NewCode()
	for _, c := range cs {
		all.Raw(c.Bytes()...)
	}
	return all
}

func fusedCases() []fusedCase {
	zero := func() *Code { return NewCode().I32(0) }
	op := func(name string) *Code { return NewCode().Named(name) }
	cases := []fusedCase{
		{"through a local", true, 1, branch(seq(and(), NewCode().Set(4), zero(), NewCode().Get(4), op("i32.lt_u")))},
		{"through a tee", true, 1, branch(seq(zero(), and(), NewCode().Tee(4), op("i32.lt_u")))},
		{"zero from an unassigned local", true, 1, branch(seq(NewCode().Get(2), and(), op("i32.lt_u")))},
		{"zero from a block", true, 1, branch(seq(
			NewCode().Get(0).Block(OpIf, BlockOf(I32)).Get(2).Op(OpElse).Get(3).End(), and(), op("i32.lt_u")))},
		{"shifted by zero", true, 1, branch(seq(zero(), and(), zero(), op("i32.shl"), op("i32.lt_u")))},
		{"behind a nop", true, 1, branch(seq(zero(), and(), NewCode().Op(OpNop), op("i32.lt_u")))},
		{"behind a dropped value", true, 1, branch(seq(zero(), and(), NewCode().Get(0).Op(OpDrop), op("i32.lt_u")))},
		{"behind a block, whose end starts a group", false, 0, branch(seq(zero(), and(), NewCode().Block(OpBlock, BlockVoid), zero(), NewCode().Op(OpDrop).End(), op("i32.lt_u")))},
		{"condition through a local", true, 1, branch(seq(zero(), and(), op("i32.lt_u"), NewCode().Set(5).Get(5)))},
		{"br_if", true, 1, seq(NewCode().Block(OpBlock, BlockVoid), zero(), and(), op("i32.lt_u"),
			NewCode().Idx(OpBrIf, 0).I32(2).Op(OpReturn).End().I32(1))},
		{"i64", true, 1, branch(NewCode().I64(0).Get(0).Op(OpI64ExtendI32U).Get(1).Op(OpI64ExtendI32U, OpI64And).Named("i64.lt_u"))},
		{"i64 through a local", true, 1, branch(NewCode().Get(0).Op(OpI64ExtendI32U).Get(1).Op(OpI64ExtendI32U, OpI64And).Set(6).
			I64(0).Get(6).Named("i64.ge_s"))},
		{"and on the left, unsigned", false, 1, branch(seq(and(), zero(), op("i32.gt_u")))},
		{"and on the left, unassigned local", false, 1, branch(seq(and(), NewCode().Get(2), op("i32.le_u")))},
		{"and on the left, signed", false, 0, branch(seq(and(), zero(), op("i32.gt_s")))},
		{"and on the left, another constant", false, 0, branch(seq(and(), NewCode().I32(5), op("i32.lt_u")))},
		{"another constant on the left", false, 0, branch(seq(NewCode().I32(5), and(), op("i32.lt_u")))},
		{"equality", false, 0, branch(seq(zero(), and(), op("i32.eq")))},
		{"and in an older group", false, 0, branch(seq(and(), NewCode().Set(4).Block(OpBlock, BlockVoid).End(), zero(), NewCode().Get(4), op("i32.lt_u")))},
		{"no and", false, 0, branch(seq(zero(), NewCode().Get(0).Get(1).Op(OpI32Or), op("i32.lt_u")))},
		{"local overwritten", false, 0, branch(seq(and(), NewCode().Set(4).Get(0).Set(4), zero(), NewCode().Get(4), op("i32.lt_u")))},
	}
	for _, cc := range []string{"lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"} {
		cases = append(cases, fusedCase{"direct " + cc, true, 1, branch(seq(zero(), and(), op("i32."+cc)))})
	}
	return cases
}

func (c fusedCase) module() []byte {
	b := NewBuilder()
	f := b.AddFunc(b.AddType([]ValType{I32, I32}, []ValType{I32}), []ValType{I32, I32, I32, I32, I64}, c.code)
	b.AddExport("f", KindFunc, f)
	return b.Encode()
}

var fusedArgs = [][2]uint64{{0, 0}, {1, 2}, {3, 6}, {6, 6}, {0xffffffff, 0xffffffff}, {0x80000000, 0xf0000000}, {12, 4}, {5, 0xffffffff}}

// TestFusedComparisons is the first class of wrong code in wazero's compiler.
func TestFusedComparisons(t *testing.T) {
	for _, c := range fusedCases() {
		t.Run(c.name, func(t *testing.T) {
			bin := c.module()
			right := mustInstantiate(t, false, bin, nil)
			plain := mustInstantiate(t, true, bin, nil)
			fenced := mustInstantiate(t, true, bin, &RewriteOptions{})
			fuel := fuelled(1)
			checked := mustInstantiate(t, true, bin, &fuel)
			wrong := false
			for _, a := range fusedArgs {
				want := outcome(right, "f", a[0], a[1])
				wrong = wrong || outcome(plain, "f", a[0], a[1]) != want
				for _, in := range []*instance{fenced, checked} {
					if got := outcome(in, "f", a[0], a[1]); got != want {
						t.Errorf("f(%#x, %#x) = %s, want %s", a[0], a[1], got, want)
					}
				}
			}
			if runtime.GOARCH == "amd64" && wrong != c.wrong {
				t.Errorf("compiled as it came it is wrong: %v; this test believes %v", wrong, c.wrong)
			}
			if n := fenced.rw.Stats.Fences; n != c.fences {
				t.Errorf("%d fences, want %d", n, c.fences)
			}
		})
	}
}

// ehBuilder makes modules with exceptions: tag 0 without values, tag 1 with an
// i32; function 0 throws tag 0 if its argument is odd, function 1 throws tag 1 with
// its argument and else gives it plus 1; table 0 holds both.
type ehBuilder struct {
	*Builder
	v, i, ii, refs uint32 // types []->[], [i32]->[], [i32]->[i32], []->[exnref]
}

func newEH() *ehBuilder {
	b := &ehBuilder{Builder: NewBuilder()}
	b.v, b.i = b.AddType(nil, nil), b.AddType([]ValType{I32}, nil)
	b.ii, b.refs = b.AddType([]ValType{I32}, []ValType{I32}), b.AddType(nil, []ValType{ExnRef})
	b.AddTag(b.v)
	b.AddTag(b.i)
	b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 2}})
	odd := func() *Code { return NewCode().Get(0).I32(1).Op(OpI32And).Block(OpIf, BlockVoid) }
	b.AddFunc(b.i, nil, odd().Idx(OpThrow, 0).End())
	b.AddFunc(b.ii, nil, odd().Get(0).Idx(OpThrow, 1).End().Get(0).I32(1).Op(OpI32Add))
	b.AddElement(Element{Offset: ConstI32(0), Type: FuncRef, Funcs: []uint32{0, 1}})
	return b
}

type ehCase struct {
	name  string
	wrong bool // the compiler is known to get it wrong
	push  int
	make  func(b *ehBuilder) *Code // of f(n i32) -> i32 with locals 1, 2 i32, 3 exnref
}

func assign(v int32) *Code { return NewCode().I32(v).Set(1) }

func addTo1(v int32) *Code { return NewCode().Get(1).I32(v).Op(OpI32Add).Set(1) }

func ehCases() []ehCase {
	all := Catch{CatchAll, 0, 0}
	return []ehCase{
		{"throw", true, 1, func(*ehBuilder) *Code {
			return seq(assign(7), NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(8),
				NewCode().Idx(OpThrow, 0).End().End().Get(1))
		}},
		{"call", true, 1, func(*ehBuilder) *Code {
			return seq(assign(7), NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(8),
				NewCode().Get(0).Call(0), assign(9), NewCode().End().End().Get(1))
		}},
		{"call with a result and operands below", true, 1, func(*ehBuilder) *Code {
			return seq(assign(7), NewCode().Block(OpBlock, BlockOf(I32)).TryTable(BlockOf(I32), Catch{CatchTag, 1, 0}), assign(8),
				NewCode().I32(100).Get(0).Call(1).Op(OpI32Add), addTo1(1), NewCode().End().End().Get(1).I32(10).Op(OpI32Mul, OpI32Add))
		}},
		{"call_indirect", true, 1, func(b *ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockOf(I32)).TryTable(BlockOf(I32), Catch{CatchTag, 1, 0}), assign(8),
				NewCode().I32(3).Get(0).I32(1).Idx(OpCallIndirect, b.ii, 0).Op(OpI32Sub).End().End().Get(1).Op(OpI32Add))
		}},
		{"call_ref", true, 1, func(b *ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockOf(I32)).TryTable(BlockOf(I32), Catch{CatchTag, 1, 0}), assign(8),
				NewCode().I32(3).Get(0).Idx(OpRefFunc, 1).Idx(OpCallRef, b.ii).Op(OpI32Sub).End().End().Get(1).Op(OpI32Add))
		}},
		{"throw_ref", true, 2, func(b *ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid),
				NewCode().TryTable(BlockVoid, Catch{CatchAll, 0, 0}), assign(4),
				NewCode().Block(OpBlock, BlockOf(ExnRef)).TryTable(BlockVoid, Catch{CatchAllRef, 0, 0}).Get(0).Call(0).End(),
				NewCode().Idx(OpBr, 1).End().Set(3), addTo1(30), NewCode().Get(3).Op(OpThrowRef).End(), assign(1), NewCode().End().Get(1))
		}},
		{"nested, the outer one catches", true, 2, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(1),
				NewCode().Block(OpBlock, BlockOf(I32)).TryTable(BlockOf(I32), Catch{CatchTag, 1, 0}), addTo1(2), NewCode().Get(0).Call(0), addTo1(4),
				NewCode().I32(5).End().End().Op(OpDrop), addTo1(8), NewCode().End().End().Get(1))
		}},
		{"nested, the inner one catches", true, 2, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(1),
				NewCode().Block(OpBlock, BlockOf(I32)).TryTable(BlockOf(I32), Catch{CatchTag, 1, 0}), addTo1(2), NewCode().Get(0).Call(1), addTo1(4),
				NewCode().End().End().Get(1).Op(OpI32Add).Set(1), addTo1(16), NewCode().End().End().Get(1))
		}},
		{"in a loop that unwinds with branches", true, 1, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpLoop, BlockVoid).Block(OpBlock, BlockVoid).Block(OpBlock, BlockVoid),
				NewCode().TryTable(BlockVoid, Catch{CatchAll, 0, 0}), addTo1(1),
				NewCode().Get(1).I32(10).Named("i32.gt_s").Idx(OpBrIf, 2).Get(1).Call(0), addTo1(2),
				NewCode().Get(1).I32(20).Named("i32.gt_s").Idx(OpBrIf, 2).End(), addTo1(5), NewCode().Idx(OpBr, 1).End(),
				addTo1(1), NewCode().Get(1).I32(30).Named("i32.lt_s").Idx(OpBrIf, 1).End().End().Get(1))
		}},
		{"loop inside the body", true, 1, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all).Block(OpLoop, BlockVoid), addTo1(2),
				NewCode().Get(1).Get(0).I32(20).Op(OpI32Mul).Named("i32.gt_s").Block(OpIf, BlockVoid).I32(1).Call(0).End(),
				NewCode().Get(1).I32(50).Named("i32.lt_s").Idx(OpBrIf, 0).End().End().End().Get(1))
		}},
		{"br_table over the body", true, 1, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).Block(OpBlock, BlockVoid).TryTable(BlockVoid, Catch{CatchAll, 0, 1}), assign(3),
				NewCode().Get(0).BrTable(0, 2, 1, 0).End(), addTo1(100), NewCode().Get(0).Call(0).End(), addTo1(1000), NewCode().End().Get(1))
		}},
		{"return inside", false, 1, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(3),
				NewCode().Get(0).Block(OpIf, BlockVoid).Get(1).Op(OpReturn).End().End().End().I32(-1))
		}},
		{"tail call inside is not caught", false, 1, func(*ehBuilder) *Code {
			return seq(NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all), assign(3),
				NewCode().Get(0).Idx(OpReturnCall, 1).End().End().I32(-1))
		}},
		{"nothing assigned", false, 0, func(*ehBuilder) *Code {
			return seq(assign(7), NewCode().Block(OpBlock, BlockVoid).TryTable(BlockVoid, all),
				NewCode().Get(0).Call(0).End().End().Get(1))
		}},
		{"no clauses", false, 0, func(*ehBuilder) *Code {
			return seq(assign(7), NewCode().TryTable(BlockVoid), assign(8), NewCode().Get(0).Call(0).End().Get(1))
		}},
	}
}

// TestLocalsInTryTable is the second class of wrong code in wazero's compiler.
func TestLocalsInTryTable(t *testing.T) {
	for _, c := range ehCases() {
		t.Run(c.name, func(t *testing.T) {
			b := newEH()
			f := b.AddFunc(b.ii, []ValType{I32, I32, ExnRef}, c.make(b))
			b.AddExport("f", KindFunc, f)
			bin := b.Encode()
			right, plain := mustInstantiate(t, false, bin, nil), mustInstantiate(t, true, bin, nil)
			var rewritten []*instance
			fuel := fuelled(1)
			for _, o := range []RewriteOptions{{}, fuel} {
				rewritten = append(rewritten, mustInstantiate(t, true, bin, &o), mustInstantiate(t, false, bin, &o))
			}
			wrong := false
			for n := range uint64(6) {
				want := outcome(right, "f", n)
				wrong = wrong || outcome(plain, "f", n) != want
				for i, in := range rewritten {
					if got := outcome(in, "f", n); sansAddress(got) != sansAddress(want) {
						t.Errorf("%d: f(%d) = %s, want %s", i, n, got, want)
					}
				}
			}
			if wrong != c.wrong {
				t.Errorf("compiled as it came it is wrong: %v; this test believes %v", wrong, c.wrong)
			}
			if n := rewritten[0].rw.Stats.PushedDown; n != c.push {
				t.Errorf("%d try_tables pushed down, want %d", n, c.push)
			}
		})
	}
}

// sansAddress cuts what an uncaught exception's message says beyond its kind.
func sansAddress(s string) string {
	before, _, _ := strings.Cut(s, "0x")
	return before
}
