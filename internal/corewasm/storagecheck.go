package corewasm

import "math"

// memory is the type of memory i.
func (c *bodyChecker) memory(i uint32) (MemoryType, bool) {
	t, ok := c.m.MemoryType(i)
	if !ok {
		c.in("memory", i, c.m.Count(KindMemory))
	}
	return t, ok
}

// table is the type of table i.
func (c *bodyChecker) table(i uint32) (TableType, bool) {
	t, ok := c.m.TableType(i)
	if !ok {
		c.in("table", i, c.m.Count(KindTable))
		return t, false
	}
	c.access("table", i, t.Shared)
	return t, true
}

// memArg checks the immediates of an access to memory and gives the type of its
// address.
func (c *bodyChecker) memArg(info *opInfo) ValType {
	in := &c.r.Instr
	t, ok := c.memory(in.Index)
	if !ok {
		return I32
	}
	switch {
	case in.Op>>16 == 0xfe && in.Align != uint32(info.width):
		c.fail("alignment of an atomic access must be natural: %s is aligned to %d bytes", in.Op, 1<<info.width)
	case in.Align > uint32(info.width):
		c.fail("alignment must not be larger than natural: %s accesses %d bytes", in.Op, 1<<info.width)
	case !t.Limits.Is64 && in.Imm > math.MaxUint32:
		c.fail("offset out of range: %d does not fit a 32-bit memory", in.Imm)
	}
	return t.Limits.Address()
}

// lanes checks lane indices.
func (c *bodyChecker) lanes(info *opInfo) {
	in := &c.r.Instr
	switch info.imm {
	case ImmShuffle:
		for _, l := range in.Bytes {
			if l >= 32 {
				c.fail("invalid lane index %d in %s: there are 32", l, in.Op)
			}
		}
		return
	case ImmMemArgLane:
		if n := 16 >> info.width; int(in.Lane) >= n {
			c.fail("invalid lane index %d in %s: there are %d", in.Lane, in.Op, n)
		}
	default:
		if n := laneCount(in.Op); in.Lane >= n {
			c.fail("invalid lane index %d in %s: there are %d", in.Lane, in.Op, n)
		}
	}
}

// laneCount is the number of lanes that extract_lane and replace_lane can name.
func laneCount(op Opcode) uint8 {
	switch {
	case op <= 0xfd0017:
		return 16
	case op <= 0xfd001a:
		return 8
	case op <= 0xfd001c, op == 0xfd001f, op == 0xfd0020:
		return 4
	default:
		return 2
	}
}

// storage checks instructions on whole memories, tables and segments.
func (c *bodyChecker) storage(in *Instr) {
	switch in.Op.Imm() {
	case ImmMemory:
		c.wholeMemory(in)
	case ImmMemoryCopy:
		to, ok1 := c.memory(in.Index)
		from, ok2 := c.memory(in.Index2)
		if ok1 && ok2 {
			c.popCopy(to.Limits, from.Limits)
		}
	case ImmMemoryInit:
		if t, ok := c.memory(in.Index2); ok && c.data(in.Index) {
			c.popInit(t.Limits.Address())
		}
	case ImmData:
		c.data(in.Index)
	case ImmElem:
		c.element(in.Index)
	case ImmTable:
		if t, ok := c.table(in.Index); ok {
			c.wholeTable(in.Op, t)
		}
	case ImmTableCopy:
		to, ok1 := c.table(in.Index)
		from, ok2 := c.table(in.Index2)
		if ok1 && ok2 {
			c.sameElements(from.Elem, to.Elem)
			c.popCopy(to.Limits, from.Limits)
		}
	case ImmTableInit:
		t, ok := c.table(in.Index2)
		if e, found := c.element(in.Index); ok && found {
			c.sameElements(e, t.Elem)
			c.popInit(t.Limits.Address())
		}
	default:
		c.fail("illegal %s", in.Op)
	}
}

func (c *bodyChecker) sameElements(from, to ValType) {
	if !c.types.matches(from, to) {
		c.fail("type mismatch in %s: expected elements of type %s, found %s", c.r.Op, to, from)
	}
}

// popCopy takes the operands of a copy: both addresses and a length that fits both.
func (c *bodyChecker) popCopy(to, from Limits) {
	length := I64
	if !to.Is64 || !from.Is64 {
		length = I32
	}
	c.pop(length)
	c.pop(from.Address())
	c.pop(to.Address())
}

// popInit takes the operands of memory.init or table.init.
func (c *bodyChecker) popInit(address ValType) {
	c.pop(I32)
	c.pop(I32)
	c.pop(address)
}

func (c *bodyChecker) wholeMemory(in *Instr) {
	t, ok := c.memory(in.Index)
	if !ok {
		return
	}
	address := t.Limits.Address()
	switch in.Op {
	case OpMemorySize:
		c.push(address)
	case OpMemoryGrow:
		c.pop(address)
		c.push(address)
	case OpMemoryFill:
		c.pop(address)
		c.pop(I32)
		c.pop(address)
	}
}

func (c *bodyChecker) wholeTable(op Opcode, t TableType) {
	address := t.Limits.Address()
	switch op {
	case OpTableGet:
		c.pop(address)
		c.push(t.Elem)
	case OpTableSet:
		c.pop(t.Elem)
		c.pop(address)
	case OpTableSize:
		c.push(address)
	case OpTableGrow:
		c.pop(address)
		c.pop(t.Elem)
		c.push(address)
	case OpTableFill:
		c.pop(address)
		c.pop(t.Elem)
		c.pop(address)
	}
}

// data checks the index of a data segment.
func (c *bodyChecker) data(i uint32) bool {
	if c.m.DataCount == nil {
		c.fail("data count section required by %s", c.r.Op)
		return false
	}
	return c.in("data segment", i, int(*c.m.DataCount))
}

// element is the type of the elements of segment i.
func (c *bodyChecker) element(i uint32) (ValType, bool) {
	if !c.in("elem segment", i, len(c.m.Elements)) {
		return 0, false
	}
	return c.m.Elements[i].elemType(), true
}

// elemType is the type of a segment's elements, which is narrower than what is
// written where they are given as functions.
func (e *Element) elemType() ValType {
	if e.Exprs == nil {
		return RefType(HeapFunc, false)
	}
	return e.Type
}
