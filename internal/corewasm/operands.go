package corewasm

import "strings"

// operandTypes follows the types of the operands through a valid body, as far as a
// select needs them: it knows f32, f64 and v128 and takes everything else for i32.
// In code that can't be reached a type may be 0, unknown.
type operandTypes struct {
	m      *Module
	locals []ValType
	stack  []ValType
	frames []operandFrame

	// lost: the body took operands that weren't there, and so isn't valid, or heaps up
	// more than anything that the engine could compile.
	lost bool
}

// maxOperands is far above what a compiler leaves on the stack.
const maxOperands = 1 << 20

// operandFrame is an open control instruction.
type operandFrame struct {
	op      Opcode
	typ     FuncType
	height  int  // of the stack below its operands
	endless bool // its end can't be reached from here: operands come out of nothing
}

// reset starts the body of defined function i.
func (t *operandTypes) reset(m *Module, i int, b *Body) {
	typ := m.Types[m.Functions[i].Type].FuncType
	t.m, t.lost = m, false
	t.locals = append(t.locals[:0], typ.Params...)
	for _, g := range b.Locals {
		for range g.Count {
			t.locals = append(t.locals, g.Type)
		}
	}
	t.stack = t.stack[:0]
	t.frames = append(t.frames[:0], operandFrame{op: OpEnd, typ: typ})
}

func (t *operandTypes) push(ts ...ValType) {
	t.stack = append(t.stack, ts...)
	t.lost = t.lost || len(t.stack) > maxOperands
}

func (t *operandTypes) pop() ValType {
	top := &t.frames[len(t.frames)-1]
	n := len(t.stack)
	if n <= top.height {
		t.lost = t.lost || !top.endless
		return 0
	}
	v := t.stack[n-1]
	t.stack = t.stack[:n-1]
	return v
}

// top is the type of the last operand, or 0.
func (t *operandTypes) top() ValType {
	if n := len(t.stack); n > 0 {
		return t.stack[n-1]
	}
	return 0
}

func (t *operandTypes) popN(n int) {
	for range n {
		t.pop()
	}
}

// call takes and gives what a function type says.
func (t *operandTypes) call(typ FuncType) {
	t.popN(len(typ.Params))
	t.push(typ.Results...)
}

func (t *operandTypes) endless() {
	top := &t.frames[len(t.frames)-1]
	t.stack = t.stack[:top.height]
	top.endless = true
}

// step follows one instruction.
func (t *operandTypes) step(in *Instr) {
	switch op := in.Op; op {
	case OpBlock, OpLoop, OpTryTable:
		t.open(in)
	case OpIf:
		t.pop()
		t.open(in)
	case OpElse:
		t.finish()
		top := &t.frames[len(t.frames)-1]
		top.endless = false
		t.push(top.typ.Params...)
	case OpEnd:
		t.finish()
		top := t.frames[len(t.frames)-1]
		t.frames = t.frames[:len(t.frames)-1]
		t.push(top.typ.Results...)
	case OpBr, OpBrTable, OpReturn, OpUnreachable, OpThrow, OpThrowRef, OpReturnCall, OpReturnCallIndirect, OpReturnCallRef:
		t.endless()
	case OpBrIf, OpDrop, OpLocalSet, OpGlobalSet, OpBrOnNonNull:
		t.pop()
	case OpLocalGet:
		t.push(t.locals[in.Index])
	case OpLocalTee:
		t.pop()
		t.push(t.locals[in.Index])
	case OpGlobalGet:
		g, _ := t.m.GlobalType(in.Index)
		t.push(g.Type)
	case OpSelect, OpSelectT:
		t.selection()
	default:
		t.stepRare(in)
	}
}

// selection takes a select's operands. One of the two may be unknown.
func (t *operandTypes) selection() {
	t.pop()
	t.push(max(t.pop(), t.pop()))
}

func (t *operandTypes) stepRare(in *Instr) {
	switch op := in.Op; op {
	case OpCall:
		typ, _ := t.m.FuncType(in.Index)
		t.call(typ)
	case OpCallIndirect, OpCallRef:
		t.pop()
		t.call(t.m.Types[in.Index].FuncType)
	case OpNop, OpBrOnNull, OpDataDrop, OpElemDrop:
	default:
		pops, result := operandEffect(op)
		t.popN(pops)
		if result != 0 {
			t.push(result)
		}
	}
}

func (t *operandTypes) open(in *Instr) {
	f := operandFrame{op: in.Op}
	if i, ok := in.Block.Index(); ok {
		f.typ = t.m.Types[i].FuncType
	} else if r, ok := in.Block.Result(); ok {
		f.typ.Results = []ValType{r}
	}
	t.popN(len(f.typ.Params))
	f.height = len(t.stack)
	t.frames = append(t.frames, f)
	t.push(f.typ.Params...)
}

// finish takes the results of the innermost frame, so that it is as high as at its
// beginning.
func (t *operandTypes) finish() {
	top := &t.frames[len(t.frames)-1]
	t.popN(len(top.typ.Results))
	t.lost = t.lost || len(t.stack) != top.height
	t.stack = t.stack[:top.height]
}

// operandEffect is how many operands an instruction without control flow takes,
// and the type of its result, or 0.
func operandEffect(op Opcode) (pops int, result ValType) {
	switch {
	case op == opF32Load:
		return 1, F32
	case op == opF64Load:
		return 1, F64
	case op >= OpI32Load && op <= OpI64Load32U:
		return 1, I32
	case op >= OpI32Store && op <= OpI64Store32:
		return 2, 0
	case op >= OpI32Eqz && op <= 0xc4:
		return arity(op), numericResult(op)
	case op == OpF32Const:
		return 0, F32
	case op == OpF64Const:
		return 0, F64
	case op == OpMemorySize, op == OpI32Const, op == OpI64Const, op == OpRefNull, op == OpRefFunc, op == opTableSize:
		return 0, I32
	case op == OpMemoryGrow, op == OpTableGet, op == OpRefIsNull, op == OpRefAsNonNull:
		return 1, I32
	case op == OpTableSet:
		return 2, 0
	case op == OpTableGrow:
		return 2, I32
	}
	return prefixedEffect(op)
}

const (
	opF32Load   Opcode = 0x2a
	opF64Load   Opcode = 0x2b
	opTableSize Opcode = 0xfc0010
)

// prefixedEffect is operandEffect of the rest.
func prefixedEffect(op Opcode) (pops int, result ValType) {
	switch op >> 16 {
	case 0xfc:
		if op <= 0xfc0007 {
			return 1, I32 // saturating conversions
		}
		return 3, 0 // memory and table operations
	case 0xfe:
		return atomicEffect(op & 0xffff)
	default:
		return vectorEffect(op.String())
	}
}

func atomicEffect(code Opcode) (pops int, result ValType) {
	switch {
	case code == 0x03: // atomic.fence
		return 0, 0
	case code >= 0x10 && code <= 0x16:
		return 1, I32
	case code >= 0x17 && code <= 0x1d:
		return 2, 0
	case code == 0x01, code == 0x02, code >= 0x48: // wait, cmpxchg
		return 3, I32
	default: // notify, rmw
		return 2, I32
	}
}

// numericResult is the type of the result of the instructions 0x45 to 0xc4.
func numericResult(op Opcode) ValType {
	switch {
	case op >= 0x8b && op <= 0x98, op >= 0xb2 && op <= 0xb6, op == 0xbe:
		return F32
	case op >= 0x99 && op <= 0xa6, op >= 0xb7 && op <= 0xbb, op == 0xbf:
		return F64
	}
	return I32
}

// vectorEffect reads an instruction's effect off its name, which the text format
// builds regularly: shape, operation, details.
func vectorEffect(name string) (pops int, result ValType) {
	shape, operation, _ := strings.Cut(name, ".")
	is := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(operation, p) {
				return true
			}
		}
		return false
	}
	switch {
	case is("extract_lane") && shape == "f32x4":
		return 1, F32
	case is("extract_lane") && shape == "f64x2":
		return 1, F64
	case is("extract_lane"):
		return 1, I32
	case is("any_true", "all_true", "bitmask"):
		return 1, I32
	case is("store"):
		return 2, 0
	case is("const"):
		return 0, V128
	case is("load") && !strings.HasSuffix(operation, "_lane"):
		return 1, V128
	case is("bitselect", "relaxed_laneselect", "relaxed_madd", "relaxed_nmadd", "relaxed_dot_i8x16_i7x16_add"):
		return 3, V128
	case is("splat", "not", "abs", "neg", "popcnt", "sqrt", "ceil", "floor", "trunc", "nearest", "extadd_", "extend_", "convert_",
		"demote_", "promote_", "relaxed_trunc"):
		return 1, V128
	}
	return 2, V128
}
