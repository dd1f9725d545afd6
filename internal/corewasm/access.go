package corewasm

import (
	"fmt"
	"math"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// access is an instruction on memories or tables with its immediates, in whose place
// a function can be called. The indices are those of [Instr].
type access struct {
	op            Opcode
	index, index2 uint32
	align         uint32 // of atomics, which must have theirs; others get along with 0
	lane          byte
	offset        uint64
	// far: the offset comes as a last operand, for code that has too many different ones.
	far bool
}

func accessOf(in *Instr) access {
	a := access{op: in.Op, index: in.Index}
	switch in.Op.Imm() {
	case ImmMemArgLane:
		a.lane, a.offset = in.Lane, in.Imm
	case ImmMemArg:
		a.offset = in.Imm
		if in.Op>>16 == 0xfe {
			a.align = in.Align
		}
	case ImmMemoryCopy, ImmMemoryInit, ImmTableCopy, ImmTableInit:
		a.index2 = in.Index2
	}
	return a
}

// memory is the memory that is accessed, or the destination of a copy.
func (a access) memory() uint32 {
	if a.op == OpMemoryInit || a.op == OpDataDrop {
		return a.index2
	}
	return a.index
}

// asFar is the access with its offset as an operand.
func (a access) asFar() access {
	a.far, a.offset = true, 0
	return a
}

// name is what backtraces call the function.
func (a access) name() string {
	switch a.op {
	case OpMemoryCopy:
		return fmt.Sprintf("%s from memory %d to %d", a.op, a.index2, a.index)
	case OpMemoryInit, OpDataDrop:
		return fmt.Sprintf("%s of segment %d", a.op, a.index)
	}
	if a.op.Imm() == ImmTable || a.op == OpTableCopy || a.op == OpTableInit {
		return a.op.String()
	}
	return fmt.Sprintf("%s of memory %d", a.op, a.index)
}

// accessType is what an access takes and gives.
type accessType struct {
	params  []operand
	results []ValType
}

// operand is a parameter; those that are addresses, lengths or sizes are of the
// type of the memory's or table's addresses.
type operand struct {
	typ     ValType
	address bool
}

func (s accessType) funcType() FuncType {
	t := FuncType{Results: s.results}
	for _, p := range s.params {
		t.Params = append(t.Params, p.typ)
	}
	return t
}

func (s *accessType) takes(types ...ValType) {
	for _, t := range types {
		s.params = append(s.params, operand{typ: t})
	}
}

func (s *accessType) takesAddress(types ...ValType) {
	for _, t := range types {
		s.params = append(s.params, operand{t, true})
	}
}

func (l *lowerer) memoryAddress(i uint32) ValType { return l.memories[i].typ.Limits.Address() }

func (l *lowerer) tableAddress(i uint32) ValType {
	t, _ := l.m.TableType(i)
	return t.Limits.Address()
}

func (l *lowerer) signature(a access) (s accessType) {
	switch a.op {
	case OpMemorySize:
		s.results = []ValType{l.memoryAddress(a.index)}
	case OpMemoryGrow:
		s.takesAddress(l.memoryAddress(a.index))
		s.results = []ValType{l.memoryAddress(a.index)}
	case OpMemoryFill:
		at := l.memoryAddress(a.index)
		s.takesAddress(at)
		s.takes(I32)
		s.takesAddress(at)
	case OpMemoryCopy:
		to, from := l.memoryAddress(a.index), l.memoryAddress(a.index2)
		s.takesAddress(to, from, narrower(to, from))
	case OpMemoryInit:
		s.takesAddress(l.memoryAddress(a.index2))
		s.takes(I32, I32)
	case OpDataDrop:
	case OpTableGet, OpTableSet, OpTableGrow, OpTableFill, OpTableCopy, OpTableInit:
		return l.tableSignature(a)
	default:
		sig := a.op.info().sig
		s.takesAddress(l.memoryAddress(a.index))
		s.takes(sig.in...)
		if a.far {
			s.takes(I64)
		}
		s.results = sig.out
	}
	return s
}

func (l *lowerer) tableSignature(a access) (s accessType) {
	t, _ := l.m.TableType(a.index)
	at := l.tableAddress(a.index)
	switch a.op {
	case OpTableGet:
		s.takesAddress(at)
		s.results = []ValType{t.Elem}
	case OpTableSet:
		s.takesAddress(at)
		s.takes(t.Elem)
	case OpTableGrow:
		s.takes(t.Elem)
		s.takesAddress(at)
		s.results = []ValType{at}
	case OpTableFill:
		s.takesAddress(at)
		s.takes(t.Elem)
		s.takesAddress(at)
	case OpTableCopy:
		from := l.tableAddress(a.index2)
		s.takesAddress(at, from, narrower(at, from))
	case OpTableInit:
		s.takesAddress(l.tableAddress(a.index2))
		s.takes(I32, I32)
	}
	return s
}

// narrower is the type of a length between two memories or tables.
func narrower(a, b ValType) ValType {
	if a == I64 && b == I64 {
		return I64
	}
	return I32
}

// place is where the code of an access will be: what it finds there.
type place struct {
	segment        uint32 // the index of the data segment that it names
	copier, waiter uint32 // function indices
}

// code is the body of the function that stands for an access, where its memory is
// memory 0. Parameters are the locals from 0 on.
func (l *lowerer) code(a access, p place) *Code {
	switch {
	case a.op == OpMemoryCopy && a.index != a.index2:
		return l.copyBetween(a, p)
	case isWait(a.op) && l.memories[a.index].typ.Shared:
		return l.wait(a, p)
	case a.far:
		return l.farCode(a)
	}
	c := NewCode()
	s := l.signature(a)
	for i, o := range s.params {
		if o.address && o.typ == I64 {
			narrow(c, uint32(i))
		} else {
			c.Get(uint32(i))
		}
	}
	a.append(c, p.segment)
	if len(s.results) > 0 && s.results[0] == I64 {
		switch a.op {
		case OpMemorySize:
			c.Op(OpI64ExtendI32U)
		case OpMemoryGrow, OpTableGrow:
			c.Op(opI64ExtendI32S)
		}
	}
	return c
}

const opI64ExtendI32S Opcode = 0xac

// append appends the instruction on memory 0.
func (a access) append(c *Code, segment uint32) {
	switch a.op.Imm() {
	case ImmMemory:
		c.Idx(a.op, 0)
	case ImmMemoryCopy:
		c.Idx(a.op, 0, 0)
	case ImmMemoryInit:
		c.Idx(a.op, segment, 0)
	case ImmData:
		c.Idx(a.op, segment)
	case ImmTable:
		c.Idx(a.op, a.index)
	case ImmTableCopy, ImmTableInit:
		c.Idx(a.op, a.index, a.index2)
	default:
		a.appendMemory(c)
	}
}

// appendMemory appends a load, a store or the like. An offset beyond 32 bits is out
// of bounds whatever the address, so that the largest one does as well: the address
// must have been replaced.
func (a access) appendMemory(c *Code) {
	offset := uint32(a.offset)
	if a.offset > math.MaxUint32 {
		offset = math.MaxUint32 &^ 7
	}
	c.Op(a.op)
	c.b = leb128.AppendU32(leb128.AppendU32(c.b, a.align), offset)
	if a.op.Imm() == ImmMemArgLane {
		c.Raw(a.lane)
	}
}

// farCode adds the offset to the address. Here the memory may have all of 4 GiB.
func (l *lowerer) farCode(a access) *Code {
	s := l.signature(a)
	offset := uint32(len(s.params) - 1)
	sum := uint32(len(s.params)) // a local of type i64
	c := NewCode().Get(0)
	if s.params[0].typ == I32 {
		c.Op(OpI64ExtendI32U)
	}
	c.Get(offset).Op(OpI64Add).Tee(sum).I64(32).Op(OpI64ShrU, OpI64Eqz, OpI32Eqz)
	c.Get(sum).Get(offset).Named("i64.lt_u", "i32.or")
	c.Block(OpIf, BlockVoid).I32(outOfBounds).Mem(OpI32Load, 0, math.MaxUint32).Op(OpDrop).End()
	c.Get(sum).Op(OpI32WrapI64)
	for i := 1; i < int(offset); i++ {
		c.Get(uint32(i))
	}
	a.appendMemory(c)
	return c
}

// locals are those that the code of an access has besides its parameters.
func (a access) locals() []ValType {
	if a.far {
		return []ValType{I64}
	}
	return nil
}

// copyBetween asks the host.
func (l *lowerer) copyBetween(a access, p place) *Code {
	c := NewCode().I32(int32(l.o.FirstMemory + a.index)).I32(int32(l.o.FirstMemory + a.index2))
	for i, o := range l.signature(a).params {
		c.Get(uint32(i))
		if o.typ == I32 {
			c.Op(OpI64ExtendI32U)
		}
	}
	return c.Call(p.copier)
}

func copierType() FuncType { return FuncType{Params: []ValType{I32, I32, I64, I64, I64}} }

func isWait(op Opcode) bool { return op == opAtomicWait32 || op == opAtomicWait64 }

const (
	opAtomicWait32    Opcode = 0xfe0001
	opAtomicWait64    Opcode = 0xfe0002
	opI32AtomicLoad   Opcode = 0xfe0010
	opI64AtomicLoad   Opcode = 0xfe0011
	waitNotEqual             = 1
	waitTimedOut             = 2
	waitExpectedLocal        = 1
	waitTimeoutLocal         = 2
)

// wait is memory.atomic.wait in a store where nobody else runs: unless the value is
// another one it ends with the timeout. Whether the address is aligned comes before
// whether it is in bounds.
func (l *lowerer) wait(a access, p place) *Code {
	load := access{op: opI32AtomicLoad, align: 2, offset: a.offset}
	ne := "i32.ne"
	if a.op == opAtomicWait64 {
		load.op, load.align, ne = opI64AtomicLoad, 3, "i64.ne"
	}
	wide := l.memoryAddress(a.index) == I64
	c := NewCode().Get(0)
	if wide {
		c.Op(OpI32WrapI64)
	}
	c.I32(int32(a.offset)).Op(OpI32Add).I32(1<<load.align - 1).Op(OpI32And)
	c.Block(OpIf, BlockVoid).I32(1).Mem(load.op, load.align, 0).Op(OpDrop).End()
	if wide {
		narrow(c, 0)
	} else {
		c.Get(0)
	}
	load.appendMemory(c)
	c.Get(waitExpectedLocal).Named(ne).Block(OpIf, BlockVoid).I32(waitNotEqual).Op(OpReturn).End()
	return c.Get(waitTimeoutLocal).Call(p.waiter).I32(waitTimedOut)
}

func waiterType() FuncType { return FuncType{Params: []ValType{I64}} }
