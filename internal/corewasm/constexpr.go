package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// ConstExpr is a constant expression in binary form, its final end included.
type ConstExpr []byte

// ConstI32 is the expression (i32.const v).
func ConstI32(v int32) ConstExpr {
	return append(leb128.AppendS32(ConstExpr{byte(OpI32Const)}, v), byte(OpEnd))
}

// ConstI64 is the expression (i64.const v).
func ConstI64(v int64) ConstExpr {
	return append(leb128.AppendS64(ConstExpr{byte(OpI64Const)}, v), byte(OpEnd))
}

// ConstGlobal is the expression (global.get i).
func ConstGlobal(i uint32) ConstExpr {
	return append(leb128.AppendU32(ConstExpr{byte(OpGlobalGet)}, i), byte(OpEnd))
}

// ConstFunc is the expression (ref.func i).
func ConstFunc(i uint32) ConstExpr {
	return append(leb128.AppendU32(ConstExpr{byte(OpRefFunc)}, i), byte(OpEnd))
}

// ConstNull is the expression (ref.null h).
func ConstNull(h HeapType) ConstExpr {
	return append(h.Append(ConstExpr{byte(OpRefNull)}), byte(OpEnd))
}

// allowedInConst are the instructions of constant expressions, extended ones
// included.
func allowedInConst(op Opcode) bool {
	switch op {
	case OpI32Const, OpI64Const, OpF32Const, OpF64Const, OpV128Const, OpGlobalGet, OpRefNull, OpRefFunc,
		OpI32Add, OpI32Sub, OpI32Mul, OpI64Add, OpI64Sub, OpI64Mul, OpEnd,
		opStructNew, opStructNewDefault, opArrayNew, opArrayNewDefault, opArrayNewFixed,
		opAnyConvertExtern, opExternConvertAny, opRefI31, opRefI31Shared:
		return true
	}
	return false
}

// constExpr reads up to and with the end. Which instructions may stand in it is for
// Validate to say.
func (r *reader) constExpr() ConstExpr {
	start, depth := r.pos, 0
	in := instrReader{reader: *r}
	defer func() { *r = in.reader }()
	for {
		at := in.pos
		if !in.next() {
			if in.err == nil {
				in.fail(at, "unexpected end of a constant expression")
			}
			return nil
		}
		switch in.Op {
		case OpBlock, OpLoop, OpIf, OpTry, OpTryTable:
			depth++
		case OpEnd, OpDelegate:
			if depth--; depth < 0 && in.Op == OpEnd {
				return ConstExpr(in.b[start:in.pos:in.pos])
			}
		}
	}
}

// Walk starts walking the instructions, up to and with the final end.
func (c ConstExpr) Walk() *Body {
	return &Body{r: instrReader{reader: reader{b: c, base: -1, where: "constant expression"}}}
}

// I32 evaluates an expression that consists of i32 constants and arithmetic on
// them alone, which is every offset that doesn't depend on an import.
func (c ConstExpr) I32() (int32, bool) {
	var stack []int32
	for in := (instrReader{reader: reader{b: c, base: -1}}); in.next(); {
		n := len(stack)
		switch in.Op {
		case OpI32Const:
			stack = append(stack, int32(in.Imm))
			continue
		case OpEnd:
			if n != 1 {
				return 0, false
			}
			return stack[0], true
		case OpI32Add, OpI32Sub, OpI32Mul:
			if n < 2 {
				return 0, false
			}
			stack = append(stack[:n-2], arith(in.Op, stack[n-2], stack[n-1]))
		default:
			return 0, false
		}
	}
	return 0, false
}

func arith(op Opcode, x, y int32) int32 {
	switch op {
	case OpI32Add:
		return x + y
	case OpI32Sub:
		return x - y
	default:
		return x * y
	}
}

// mapFuncs appends the expression with function indices mapped by f.
func (c ConstExpr) mapFuncs(dst []byte, f func(uint32) uint32) []byte {
	start := 0
	for in := (instrReader{reader: reader{b: c, base: -1}}); in.next(); start = in.pos {
		if in.Op == OpRefFunc {
			dst = leb128.AppendU32(append(dst, byte(OpRefFunc)), f(in.Index))
		} else {
			dst = append(dst, c[start:in.pos]...)
		}
	}
	return dst
}
