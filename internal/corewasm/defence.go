package corewasm

import "slices"

// Defence against a miscompiled comparison.
//
// wazero 1.12.0 turns a branch on a comparison of (a & b) with the constant zero into
// a test instruction that sets the flags (backend/isa/amd64/machine.go and
// backend/isa/arm64/lower_instr.go, tryLowerBandToFlag). It does so too where the
// zero is the left operand, without turning the condition round; and arm64's test
// instruction clears the carry flag, which unsigned conditions look at, so that
// there also the zero on the right goes wrong. Equality is not affected.
//
// It happens only if the `and`, the comparison and the branch are in one instruction
// group, that is with no branch, label, call, store or global.set between them, and
// after copies through locals and shifts by zero have been folded away. That a value is the
// constant zero, on the other hand, can come from far away: an unassigned local, a
// block parameter. So the tracker follows which operands may be the result of an
// `and` of the current group and takes every operand for zero that isn't
// visibly another constant. Where a comparison may be hit, it is fenced:
//
//   - `and` on the right: (i32.const 0) (i32.or) in front of the comparison, so that
//     the operand is the result of an `or`;
//   - `and` on the left of an unsigned comparison: (i32.eqz) (i32.eqz) behind it, so
//     that the branch is on another comparison.

// value is what the tracker knows of an operand.
type value byte

const (
	valueOther   value = iota
	valueBand          // may be the result of an and in this group
	valueNonzero       // a constant other than zero
)

// bandTracker is an abstract operand stack of the current instruction group. An
// operand below its bottom is from an older group and therefore harmless, unless
// the tracker lost count (blurred).
type bandTracker struct {
	stack   []value
	blurred bool
	group   int32
	locals  []int32 // the group in which a local got the result of an and
}

// firstGroup is the number of a body's first group.
const firstGroup = 1

// reset starts a body.
func (t *bandTracker) reset(locals int) {
	if cap(t.locals) < locals {
		t.locals = make([]int32, locals)
	}
	t.locals = t.locals[:locals]
	clear(t.locals)
	t.group = 0
	t.boundary()
}

// boundary starts a new group. A body has too few instructions for the number of
// groups to overflow, unrolled ones included.
func (t *bandTracker) boundary() {
	t.stack = t.stack[:0]
	t.blurred = false
	t.group++
}

func (t *bandTracker) push(v value) { t.stack = append(t.stack, v) }

func (t *bandTracker) pop() value {
	if n := len(t.stack); n > 0 {
		v := t.stack[n-1]
		t.stack = t.stack[:n-1]
		return v
	}
	if t.blurred {
		return valueBand
	}
	return valueOther
}

// blur gives up counting: an instruction took an unknown number of operands.
func (t *bandTracker) blur() {
	t.blurred = t.blurred || slices.Contains(t.stack, valueBand)
	t.stack = t.stack[:0]
}

func (t *bandTracker) replace(pops int) {
	for range pops {
		t.pop()
	}
	t.push(valueOther)
}

func (t *bandTracker) set(local uint32, v value) {
	t.locals[local] = 0
	if v == valueBand {
		t.locals[local] = t.group
	}
}

func (t *bandTracker) get(local uint32) value {
	if t.locals[local] == t.group {
		return valueBand
	}
	return valueOther
}

func constValue(nonzero bool) value {
	if nonzero {
		return valueNonzero
	}
	return valueOther
}

// shift is a shift: by zero it is its left operand.
func (t *bandTracker) shift() {
	t.pop()
	if v := t.pop(); v == valueBand {
		t.push(valueBand)
		return
	}
	t.push(valueOther)
}

// step follows one instruction other than a fenced comparison.
func (t *bandTracker) step(in *Instr) {
	switch op := in.Op; {
	case op == OpLocalGet:
		t.push(t.get(in.Index))
	case op == OpLocalSet:
		t.set(in.Index, t.pop())
	case op == OpLocalTee:
		v := t.pop()
		t.set(in.Index, v)
		t.push(v)
	case op == OpI32Const:
		t.push(constValue(uint32(in.Imm) != 0))
	case op == OpI64Const:
		t.push(constValue(in.Imm != 0))
	case op == OpI32And, op == OpI64And:
		t.replace(2)
		t.stack[len(t.stack)-1] = valueBand
	case op >= OpI32Shl && op <= OpI32ShrU, op >= OpI64Shl && op <= OpI64ShrU:
		t.shift()
	case op == OpNop, op == OpBlock:
	default:
		t.stepOther(op)
	}
}

func (t *bandTracker) stepOther(op Opcode) {
	switch {
	case op >= OpI32Load && op <= OpI64Load32U:
		t.replace(1)
	case op == OpGlobalGet, op == OpMemorySize, op == OpF32Const, op == OpF64Const, op == OpRefNull:
		t.push(valueOther)
	case op >= 0x45 && op <= 0xc4:
		t.replace(arity(op))
	case op == OpDrop:
		t.pop()
	case op == OpSelect, op == OpSelectT:
		t.replace(3)
	case op >= 0xfc0000 && op <= 0xfc0007, op == OpRefIsNull, op == OpRefAsNonNull:
		t.replace(1)
	case op>>16 == 0xfd:
		t.blur()
	case op == OpTableGet:
		t.replace(1)
	case endsGroup(op):
		t.boundary()
	default:
		t.blur()
	}
}

// endsGroup are instructions that the engine translates to something with a side
// effect other than a trap, or to a new basic block.
func endsGroup(op Opcode) bool {
	switch op {
	case OpLoop, OpIf, OpElse, OpEnd, OpTryTable, OpBr, OpBrIf, OpBrTable, OpReturn, OpUnreachable, OpThrow, OpThrowRef,
		OpCall, OpCallIndirect, OpCallRef, OpReturnCall, OpReturnCallIndirect, OpReturnCallRef, OpGlobalSet:
		return true
	}
	return op >= OpI32Store && op <= OpI64Store32
}

// arity is the number of operands of the numeric instructions 0x45 to 0xc4, which
// all have one result.
func arity(op Opcode) int {
	switch {
	case op == OpI32Eqz, op == OpI64Eqz,
		op >= 0x67 && op <= 0x69, op >= 0x79 && op <= 0x7b, // clz, ctz, popcnt
		op >= 0x8b && op <= 0x91, op >= 0x99 && op <= 0x9f, // abs to sqrt
		op >= OpI32WrapI64: // conversions, sign extension
		return 1
	}
	return 2
}

// ordered are the comparisons other than equality.
func ordered(op Opcode) (ok, unsigned, is64 bool) {
	switch {
	case op >= OpI32LtS && op <= OpI32GeU:
		return true, op&1 == OpI32LtU&1, false
	case op >= OpI64LtS && op <= OpI64GeU:
		return true, op&1 == OpI64GeU&1, true
	}
	return false, false, false
}

// defend follows the instruction in r and fences it if it must be.
func (e *emitter) defend(r *instrReader) {
	t := &e.bands
	ok, unsigned, is64 := ordered(r.Op)
	if !ok {
		t.step(&r.Instr)
		return
	}
	right, left := t.pop(), t.pop()
	t.push(valueOther)
	switch {
	case right == valueBand && left != valueNonzero:
		e.w.res.Stats.Fences++
		e.flush(r.Pos)
		if is64 {
			e.dst = append(e.dst, byte(OpI64Const), 0, byte(OpI64Or))
		} else {
			e.dst = append(e.dst, byte(OpI32Const), 0, byte(OpI32Or))
		}
	case left == valueBand && unsigned && right != valueNonzero:
		e.w.res.Stats.Fences++
		e.flush(r.pos)
		e.dst = append(e.dst, byte(OpI32Eqz), byte(OpI32Eqz))
	}
}
