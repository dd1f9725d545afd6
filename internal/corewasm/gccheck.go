package corewasm

// Opcodes of the garbage collection proposal.
const (
	opStructGet     Opcode = 0xfb0002
	opStructGetS    Opcode = 0xfb0003
	opStructGetU    Opcode = 0xfb0004
	opStructSet     Opcode = 0xfb0005
	opArrayNewData  Opcode = 0xfb0009
	opArrayNewElem  Opcode = 0xfb000a
	opArrayGet      Opcode = 0xfb000b
	opArrayGetS     Opcode = 0xfb000c
	opArrayGetU     Opcode = 0xfb000d
	opArraySet      Opcode = 0xfb000e
	opArrayLen      Opcode = 0xfb000f
	opArrayFill     Opcode = 0xfb0010
	opArrayCopy     Opcode = 0xfb0011
	opArrayInitData Opcode = 0xfb0012
	opArrayInitElem Opcode = 0xfb0013
	opI31GetS       Opcode = 0xfb001d
	opI31GetU       Opcode = 0xfb001e
)

// gc checks the instructions with the prefix 0xfb.
func (c *bodyChecker) gc(in *Instr) {
	switch op := in.Op; op {
	case opStructNew, opStructNewDefault, opStructGet, opStructGetS, opStructGetU, opStructSet:
		if t, ok := c.composite(in.Index, TypeStruct); ok {
			c.structOp(in, t.Fields)
		}
	case opArrayLen:
		c.popShareable(HeapArray)
		c.push(I32)
	case OpRefTest, OpRefTestNull, OpRefCast, OpRefCastNull:
		c.cast(in)
	case OpBrOnCast, OpBrOnCastFail:
		c.brOnCast(in)
	case opAnyConvertExtern:
		c.convert(HeapExtern, HeapAny)
	case opExternConvertAny:
		c.convert(HeapAny, HeapExtern)
	case opRefI31:
		c.pop(I32)
		c.push(RefType(HeapI31, false))
	case opI31GetS, opI31GetU:
		c.popShareable(HeapI31)
		c.push(I32)
	default:
		if t, ok := c.composite(in.Index, TypeArray); ok {
			c.arrayOp(in, t.Fields[0])
		}
	}
}

// composite is type i, which must be of a kind.
func (c *bodyChecker) composite(i uint32, k TypeKind) (*Type, bool) {
	if !c.in("type", i, len(c.types.types)) {
		return nil, false
	}
	t := &c.types.types[i]
	if t.Kind != k {
		c.fail("type mismatch in %s: type %d is no %s type but a type of kind %s", c.r.Op, i, k, t.Kind)
		return nil, false
	}
	c.access(k.String()+" type", i, t.Shared)
	return t, true
}

// refI31Shared makes a shared reference of an integer.
func (c *bodyChecker) refI31Shared() {
	t := RefType(HeapI31.Shared(), false)
	if c.valType(t) {
		c.pop(I32)
		c.push(t)
	}
}

// popShareable takes a reference to an abstract heap type or to its shared form, and
// gives which it was.
func (c *bodyChecker) popShareable(h HeapType) HeapType {
	t := c.popAny()
	switch {
	case t == bottom || c.types.matches(t, RefType(h, true)):
		return h
	case c.types.matches(t, RefType(h.Shared(), true)):
		return h.Shared()
	}
	c.mismatch(RefType(h, true), t)
	return h
}

// convert changes between internal and external references; null stays null.
func (c *bodyChecker) convert(from, to HeapType) {
	nullable := true
	if n := len(c.stack); n > c.floor {
		nullable = c.stack[n-1].Nullable()
	}
	if c.popShareable(from).IsShared() {
		to = to.Shared()
	}
	c.push(RefType(to, nullable))
}

// unpacked is the type that a field's values have as operands.
func unpacked(t ValType) ValType {
	if t == I8 || t == I16 {
		return I32
	}
	return t
}

func (c *bodyChecker) structOp(in *Instr, fields []FieldType) {
	ref := RefType(HeapType(in.Index), true)
	switch in.Op {
	case opStructNew:
		c.spend(len(fields))
		for i := len(fields) - 1; i >= 0 && c.r.err == nil; i-- {
			c.pop(unpacked(fields[i].Type))
		}
		c.push(nonNull(ref))
		return
	case opStructNewDefault:
		c.spend(len(fields))
		for i, f := range fields {
			if !defaultable(f.Type) {
				c.fail("type mismatch in struct.new_default: field %d of type %s has no default", i, f.Type)
			}
		}
		c.push(nonNull(ref))
		return
	}
	if !c.in("field", in.Index2, len(fields)) {
		return
	}
	f := fields[in.Index2]
	if in.Op == opStructSet {
		c.mutable(f, "field")
		c.pop(unpacked(f.Type))
		c.pop(ref)
		return
	}
	c.extension(f, in.Op != opStructGet)
	c.pop(ref)
	c.push(unpacked(f.Type))
}

// extension checks that a packed field is read with a sign, and no other.
func (c *bodyChecker) extension(f FieldType, signed bool) {
	switch packed := unpacked(f.Type) != f.Type; {
	case packed && !signed:
		c.fail("type mismatch in %s: the field is packed: it can only be read with _s or _u", c.r.Op)
	case !packed && signed:
		c.fail("type mismatch in %s: the field is not packed", c.r.Op)
	}
}

func (c *bodyChecker) mutable(f FieldType, what string) {
	if !f.Mutable {
		c.fail("immutable %s in %s", what, c.r.Op)
	}
}

func (c *bodyChecker) arrayOp(in *Instr, f FieldType) {
	switch in.Op {
	case opArrayNew, opArrayNewDefault, opArrayNewFixed, opArrayNewData, opArrayNewElem:
		c.arrayNew(in, f)
	case opArrayGet, opArrayGetS, opArrayGetU:
		c.extension(f, in.Op != opArrayGet)
		c.popElement(in)
		c.push(unpacked(f.Type))
	case opArraySet:
		c.mutable(f, "array")
		c.pop(unpacked(f.Type))
		c.popElement(in)
	case opArrayFill:
		c.mutable(f, "array")
		c.pop(I32)
		c.pop(unpacked(f.Type))
		c.popElement(in)
	case opArrayCopy:
		c.arrayCopy(in, f)
	case opArrayInitData, opArrayInitElem:
		c.mutable(f, "array")
		c.arraySegment(in, f)
		c.pop(I32)
		c.pop(I32)
		c.popElement(in)
	}
}

// popElement takes an index into an array and the array.
func (c *bodyChecker) popElement(in *Instr) {
	c.pop(I32)
	c.pop(RefType(HeapType(in.Index), true))
}

func (c *bodyChecker) arrayNew(in *Instr, f FieldType) {
	switch in.Op {
	case opArrayNew:
		c.pop(I32)
		c.pop(unpacked(f.Type))
	case opArrayNewDefault:
		if !defaultable(f.Type) {
			c.fail("type mismatch in array.new_default: elements of type %s have no default", f.Type)
		}
		c.pop(I32)
	case opArrayNewFixed:
		c.popFixed(in.Index2, unpacked(f.Type))
	default:
		c.arraySegment(in, f)
		c.pop(I32)
		c.pop(I32)
	}
	c.push(RefType(HeapType(in.Index), false))
}

func (c *bodyChecker) popFixed(n uint32, t ValType) {
	if n > MaxArrayFixed {
		c.fail("array.new_fixed of %d elements, at most %d are supported", n, MaxArrayFixed)
		return
	}
	c.spend(int(n))
	for ; n > 0 && c.r.err == nil && len(c.stack) >= c.floor; n-- {
		c.pop(t)
	}
}

// arraySegment checks that a segment can fill an array.
func (c *bodyChecker) arraySegment(in *Instr, f FieldType) {
	if in.Op == opArrayNewData || in.Op == opArrayInitData {
		if f.Type.IsRef() {
			c.fail("type mismatch in %s: array type %d is not numeric or vector", in.Op, in.Index)
		}
		c.data(in.Index2)
		return
	}
	if e, ok := c.element(in.Index2); ok && !c.types.matches(e, f.Type) {
		c.fail("type mismatch in %s: expected elements of type %s, found %s", in.Op, f.Type, e)
	}
}

func (c *bodyChecker) arrayCopy(in *Instr, to FieldType) {
	from, ok := c.composite(in.Index2, TypeArray)
	if !ok {
		return
	}
	c.mutable(to, "array")
	if !c.types.matches(from.Fields[0].Type, to.Type) {
		c.fail("type mismatch in array.copy: array types do not match: expected %s, found %s", to.Type, from.Fields[0].Type)
	}
	c.pop(I32)
	c.pop(I32)
	c.pop(RefType(HeapType(in.Index2), true))
	c.popElement(in)
}

// cast checks ref.test and ref.cast.
func (c *bodyChecker) cast(in *Instr) {
	to := RefType(in.Heap, in.Op == OpRefTestNull || in.Op == OpRefCastNull)
	if !c.valType(to) {
		return
	}
	top := c.types.top(in.Heap)
	c.castable(top)
	c.pop(RefType(top, true))
	if in.Op == OpRefTest || in.Op == OpRefTestNull {
		to = I32
	}
	c.push(to)
}

// castable refuses casts among continuations, which carry no type.
func (c *bodyChecker) castable(top HeapType) {
	if top.Unshared() == HeapCont {
		c.fail("invalid cast in %s: continuations can't be cast", c.r.Op)
	}
}

// brOnCast checks a branch on the success of a cast, or on its failure.
func (c *bodyChecker) brOnCast(in *Instr) {
	if !c.valType(in.From) || !c.valType(in.To) {
		return
	}
	c.castable(c.types.top(in.To.Heap()))
	if !c.types.matches(in.To, in.From) {
		c.fail("type mismatch in %s: %s is not below %s", in.Op, in.To, in.From)
		return
	}
	ts, ok := c.labelTypes(in.Index)
	if !ok {
		return
	}
	taken, left := in.To, difference(in.From, in.To)
	if in.Op == OpBrOnCastFail {
		taken, left = left, taken
	}
	n := len(ts) - 1
	if n < 0 || !c.types.matches(taken, ts[n]) {
		c.fail("type mismatch in %s: the branch takes along %s last, label %d takes [%s]", in.Op, taken, in.Index, joinTypes(ts))
		return
	}
	c.pop(in.From)
	c.retype(ts[:n])
	c.push(left)
}

// difference is the type of what is in from and not in to.
func difference(from, to ValType) ValType {
	return RefType(from.Heap(), from.Nullable() && !to.Nullable())
}
