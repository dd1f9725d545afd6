package corewasm

// needsHelper reports whether a function of the main part itself stands for an
// access to its own memory or a table, or for a copy between memories. All other
// ones stay where they are.
func (l *lowerer) needsHelper(a access) bool {
	switch a.op {
	case OpMemoryCopy:
		return a.index != a.index2 || l.memoryAddress(a.index) == I64
	case OpMemoryFill, OpMemoryGrow, OpMemoryInit:
		return l.memoryAddress(a.memory()) == I64
	case OpTableGet, OpTableSet, OpTableFill, OpTableGrow:
		return l.tableAddress(a.index) == I64
	case OpTableCopy:
		return l.tableAddress(a.index) == I64 || l.tableAddress(a.index2) == I64
	case OpTableInit:
		return l.tableAddress(a.index2) == I64
	}
	return isWait(a.op) && l.memories[a.index].typ.Shared
}

// planHelpers finds the helpers that bodies need, imports what the helpers need, and
// gives all of them their indices, behind the functions of the original.
func (l *lowerer) planHelpers() {
	if !l.bodies {
		return
	}
	seen := accessSet{}
	var copies, waits bool
	for i := range l.m.Functions {
		b, _ := l.m.Body(i) // scan has walked it
		for in := b.Next(); in != nil; in = b.Next() {
			if !mayNeedHelper(in.Op) {
				continue
			}
			if a := accessOf(in); l.sideOf(a) == nil && l.needsHelper(a) {
				seen.add(a)
				copies = copies || a.op == OpMemoryCopy && a.index != a.index2
				waits = waits || isWait(a.op)
			}
		}
	}
	if copies {
		l.copier = l.importFunc(Link{Kind: LinkCopy, Name: "copy"}, copierType())
	}
	if l.hasI31 {
		l.importI31()
	}
	if waits {
		l.waiter = l.importFunc(Link{Kind: LinkWait, Name: "wait"}, waiterType())
	}
	l.helpers = seen.list
	for i, a := range l.helpers {
		l.funcs[a] = l.first + l.by + uint32(len(l.m.Functions)+i)
	}
}

func mayNeedHelper(op Opcode) bool {
	return op>>16 == 0xfc && op >= OpMemoryInit || op == OpMemoryGrow || op == OpTableGet || op == OpTableSet || isWait(op)
}

// sideOf is the side part that an access goes to, or nil.
func (l *lowerer) sideOf(a access) *side {
	switch a.op.Imm() {
	case ImmMemArg, ImmMemArgLane, ImmMemory, ImmMemoryInit:
		return l.sides[a.memory()]
	case ImmMemoryCopy:
		if a.index == a.index2 {
			return l.sides[a.index]
		}
	}
	return nil
}

// functions writes all bodies anew, and the helpers.
func (l *lowerer) functions() {
	l.out.Functions = make([]Function, len(l.m.Functions), len(l.m.Functions)+len(l.helpers)+1)
	copy(l.out.Functions, l.m.Functions)
	if !l.bodies {
		return
	}
	e := bodyLowerer{l: l}
	for i := range l.m.Functions {
		l.out.Functions[i] = Function{l.m.Functions[i].Type, e.body(i), -1}
	}
	for _, a := range l.helpers {
		locals := appendVec(nil, a.locals(), func(dst []byte, t *ValType) []byte { return t.Append(append(dst, 1)) })
		code := l.code(a, place{segment: a.index, copier: l.copier, waiter: l.waiter})
		typ := l.types.index(l.signature(a).funcType())
		l.out.Functions = append(l.out.Functions, Function{typ, append(locals, code.End().b...), -1})
	}
}

// bodyLowerer writes one body after the other. What needs no change is copied in runs,
// as by the emitter.
type bodyLowerer struct {
	l       *lowerer
	dst     []byte
	src     []byte
	copied  int
	scratch scratch
}

// scratch are locals for operands that have to step aside.
type scratch struct {
	first uint32
	types []ValType
}

// local is the n-th scratch local of a type.
func (s *scratch) local(t ValType, n int) uint32 {
	for i, have := range s.types {
		if have == t {
			if n--; n < 0 {
				return s.first + uint32(i)
			}
		}
	}
	for ; n >= 0; n-- {
		s.types = append(s.types, t)
	}
	return s.first + uint32(len(s.types)-1)
}

func (e *bodyLowerer) body(i int) []byte {
	f := &e.l.m.Functions[i]
	b, _ := e.l.m.Body(i) // scan has walked it
	e.scratch = scratch{first: uint32(paramCount(e.l.m, f))}
	for _, g := range b.Locals {
		e.scratch.first += g.Count
	}
	e.src, e.copied = f.Body, b.code
	e.dst = make([]byte, 0, len(f.Body)+len(f.Body)/4)
	for in := b.Next(); in != nil; in = b.Next() {
		e.instr(in, b.r.pos)
	}
	e.flush(len(e.src))
	groups := b.Locals
	for i := range groups {
		groups[i].Type = i31AsExtern(groups[i].Type)
	}
	for _, t := range e.scratch.types {
		groups = append(groups, LocalGroup{1, t})
	}
	return append(appendLocals(nil, groups), e.dst...)
}

func (e *bodyLowerer) flush(pos int) {
	e.dst = append(e.dst, e.src[e.copied:pos]...)
	e.copied = pos
}

// replace puts code in the place of the instruction that ends at end.
func (e *bodyLowerer) replace(in *Instr, end int, c *Code) {
	e.flush(in.Pos)
	e.dst = append(e.dst, c.b...)
	e.copied = end
}

func (e *bodyLowerer) instr(in *Instr, end int) {
	l := e.l
	if l.hasI31 && e.i31(in, end) {
		return
	}
	switch in.Op.Imm() {
	case ImmFunc:
		if i := l.index(in.Index); i != in.Index {
			e.replace(in, end, NewCode().Idx(in.Op, i))
		}
	case ImmMemArg, ImmMemArgLane, ImmMemory, ImmMemoryCopy, ImmMemoryInit, ImmTableCopy, ImmTableInit:
		e.access(in, end)
	case ImmTable:
		e.access(in, end)
	case ImmCallIndirect:
		if l.tableAddress(in.Index2) == I64 {
			c := NewCode()
			e.narrowTop(c, nil)
			e.replace(in, end, c.Idx(in.Op, in.Index, in.Index2))
		}
	case ImmData:
		e.drop(in, end)
	}
}

// drop drops a segment everywhere.
func (e *bodyLowerer) drop(in *Instr, end int) {
	c := NewCode().Idx(OpDataDrop, in.Index)
	for i := range e.l.memories {
		if f, ok := e.l.funcs[access{op: OpDataDrop, index: in.Index, index2: uint32(i)}]; ok {
			c.Call(f)
		}
	}
	e.replace(in, end, c)
}

func (e *bodyLowerer) access(in *Instr, end int) {
	l, a := e.l, accessOf(in)
	if s := l.sideOf(a); s != nil {
		a = l.memories[s.memory].accesses.find(a)
		c := NewCode()
		if a.far {
			c.I64(int64(in.Imm))
		}
		e.replace(in, end, c.Call(l.funcs[a]))
		return
	}
	if f, ok := l.funcs[a]; ok {
		e.replace(in, end, NewCode().Call(f))
		return
	}
	e.own(in, end, a)
}

// own writes an access to the main part's memory, or to a table.
func (e *bodyLowerer) own(in *Instr, end int, a access) {
	l := e.l
	c := NewCode()
	switch a.op.Imm() {
	case ImmTable, ImmTableCopy, ImmTableInit:
		if a.op == OpTableSize && l.tableAddress(a.index) == I64 {
			e.replace(in, end, c.Idx(a.op, a.index).Op(OpI64ExtendI32U))
		}
		return
	case ImmMemArg, ImmMemArgLane:
		if l.memoryAddress(a.index) == I64 {
			e.narrowTop(c, a.op.info().sig.in)
		}
		a.align = in.Align
		a.appendMemory(c)
	default:
		a.append(c, a.index)
		if a.op == OpMemorySize && l.memoryAddress(a.index) == I64 {
			c.Op(OpI64ExtendI32U)
		}
	}
	e.replace(in, end, c)
}

// narrowTop narrows the address below the operands, which are the last ones on
// the stack.
func (e *bodyLowerer) narrowTop(c *Code, operands []ValType) {
	address := e.scratch.local(I64, 0)
	aside := make([]uint32, len(operands))
	taken := map[ValType]int{I64: 1}
	for i, t := range operands {
		aside[i] = e.scratch.local(t, taken[t])
		taken[t]++
	}
	for i := len(aside) - 1; i >= 0; i-- {
		c.Set(aside[i])
	}
	narrow(c.Set(address), address)
	for _, local := range aside {
		c.Get(local)
	}
}
