package corewasm

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// genSpace is what a generated module has of memories and tables. A module whose memories
// are several, or have 64-bit addresses, can be written flat too: with one memory in which
// each of them has a region, and a function for every access, which checks bounds. That is
// the reference for the lowered one, which shares no code with it.
type genSpace struct {
	memories []genMemory
	flat     bool
	wide     bool // a table has 64-bit addresses
	segments int  // passive ones, behind one active one for each memory
	empty    int  // a segment with nothing in it
	helpers  map[string]uint32
}

type genMemory struct {
	min, max uint64
	is64     bool
	size     uint32 // flat: the global that has the pages
}

// genRegion is the number of pages that a region takes.
const genRegion = 3

// newSpace chooses memories. one is for modules that run as they come.
func newSpace(r *rand.Rand, one bool) genSpace {
	if one {
		return genSpace{memories: []genMemory{{min: 1, max: 2}}}
	}
	s := genSpace{wide: r.IntN(2) == 0, segments: 2}
	for range 1 + r.IntN(4) {
		s.memories = append(s.memories, genMemory{min: 1, max: 1 + uint64(r.IntN(genRegion)), is64: r.IntN(2) == 0})
	}
	return s
}

// more is the number of kinds of statements that only lowered modules have.
func (s *genSpace) more() int {
	if s.segments > 0 {
		return 3
	}
	return 0
}

func (g *generator) addMemories() {
	g.helpers = map[string]uint32{}
	if g.flat {
		g.b.AddMemory(memory(uint64(len(g.memories)*genRegion), uint64(len(g.memories)*genRegion), false))
		g.b.AddExport("memory", KindMemory, 0)
	}
	for i := range g.memories {
		m := &g.memories[i]
		offset := int32(g.IntN(1000))
		d := Data{Memory: uint32(i), Offset: ConstI32(offset), Init: []byte("some bytes to begin with, \x00\xff\x80\x7f")}
		switch {
		case g.flat:
			m.size = g.b.AddGlobal(GlobalType{Type: I32, Mutable: true}, ConstI32(int32(m.min)))
			g.b.AddExport(fmt.Sprint("size", i), KindGlobal, m.size)
			d.Memory, d.Offset = 0, ConstI32(offset+g.base(i))
		default:
			g.b.AddMemory(memory(m.min, m.max, m.is64))
			g.b.AddExport(fmt.Sprint("m", i), KindMemory, uint32(i))
			if m.is64 {
				d.Offset = ConstI64(int64(offset))
			}
		}
		g.b.AddData(d)
	}
	for i := range g.segments {
		g.b.AddData(Data{Mode: Passive, Init: []byte(strings.Repeat(fmt.Sprint("segment ", i), 20))})
	}
	if g.segments > 0 {
		g.empty = int(g.b.AddData(Data{Mode: Passive}))
		g.b.SetDataCount()
	}
}

func (g *generator) base(memory int) int32 { return int32(memory * genRegion * pageSize) }

func (m genMemory) address() ValType {
	if m.is64 {
		return I64
	}
	return I32
}

func (g *generator) addTables(all []uint32) {
	n := uint64(len(all))
	t := TableType{Elem: FuncRef, Limits: Limits{Min: n + 1}}
	offset := ConstI32(0)
	if g.wide && !g.flat {
		t.Limits.Is64, offset = true, ConstI64(0)
	}
	g.b.AddTable(t)
	g.b.AddElement(Element{Offset: offset, Type: FuncRef, Funcs: all})
	if g.segments > 0 {
		g.b.AddTable(TableType{Elem: FuncRef, Limits: Limits{Min: 3, Max: 6, HasMax: true}})
		g.b.AddElement(Element{Mode: Passive, Type: FuncRef, Funcs: all})
	}
}

// index writes an index into table 0.
func (g *generator) index(c *Code, narrow func()) {
	narrow()
	if !g.wide {
		return
	}
	high := int64(g.IntN(200) / 199) // rarely beyond 32 bits
	c.Op(OpI64ExtendI32U).I64(high << 33).Op(OpI64Or)
	g.toFlat(c)
}

// toFlat turns a wide index into one that is not: in the flat form all that have something
// above 31 bits go to the end.
func (g *generator) toFlat(c *Code) {
	if !g.flat {
		return
	}
	f, ok := g.helpers["index"]
	if !ok {
		code := NewCode().Get(0).I64(1<<31-1).Named("i64.gt_u").Block(OpIf, BlockOf(I32)).I32(1<<31 - 1).
			Op(OpElse).Get(0).Op(OpI32WrapI64).End()
		f = g.b.AddFunc(g.b.AddType([]ValType{I64}, []ValType{I32}), nil, code)
		g.helpers["index"] = f
	}
	c.Call(f)
}

// tableOp changes tables, within one or between them.
func (g *generator) tableOp(c *Code) {
	small := func() { g.leaf(c, I32); c.I32(3).Op(OpI32And) }
	switch g.IntN(5) {
	case 0:
		g.index(c, small)
		small()
		c.Idx(OpTableGet, 1).Idx(OpTableSet, 0)
	case 1:
		small()
		g.index(c, small)
		c.Idx(OpTableGet, 0).Idx(OpTableSet, 1)
	case 2: // table 1 from table 0
		small()
		g.index(c, small)
		small()
		c.Idx(OpTableCopy, 1, 0)
	case 3:
		g.index(c, small)
		small()
		small()
		c.Idx(OpTableInit, 1, 0)
	case 4:
		c.Idx(OpRefFunc, uint32(g.fn))
		c.I32(int32(g.IntN(2))).Idx(OpTableGrow, 1).Op(OpDrop)
	}
}

// address is mostly within the first page, and aligned for every access if it is asked for.
func (g *generator) address(c *Code, m int) { g.maskedAddress(c, m, 0x7fff) }

func (g *generator) maskedAddress(c *Code, m int, mask int64) {
	lowered := g.segments > 0
	if !g.memories[m].is64 {
		g.expr(c, I32)
		if lowered && g.IntN(100) > 0 || !lowered && g.IntN(20) > 0 {
			c.I32(int32(mask)).Op(OpI32And)
		}
		return
	}
	g.expr(c, I64)
	switch g.IntN(100) {
	case 0:
	case 1:
		c.I64(1<<(32+g.IntN(32)) | mask).Op(OpI64And)
	default:
		c.I64(mask).Op(OpI64And)
	}
}

func (g *generator) anyMemory() int { return g.IntN(len(g.memories)) }

func (g *generator) offset() uint64 {
	if g.IntN(1000) == 0 {
		return uint64(g.Uint32())
	}
	return uint64(g.IntN(100))
}

// alignedOffset is rarely none that atomic accesses trap for.
func (g *generator) alignedOffset() uint64 {
	if g.IntN(100) == 0 {
		return g.offset()
	}
	return uint64(g.IntN(12)) * 8
}

// memOp writes an access to a memory.
func (g *generator) memOp(c *Code, op string, m int, offset uint64, lane ...byte) {
	if !g.flat {
		c.memarg(op, uint32(m), offset, lane...)
		return
	}
	key := fmt.Sprint(op, m, offset, lane)
	f, ok := g.helpers[key]
	if !ok {
		f = g.flatAccess(op, m, offset, lane)
		g.helpers[key] = f
	}
	c.Call(f)
}

// flatAccess is a function with an access in the region of memory m.
func (g *generator) flatAccess(op string, m int, offset uint64, lane []byte) uint32 {
	code, _ := LookupOpcode(op)
	sig := code.info().sig
	params := append([]ValType{g.memories[m].address()}, sig.in...)
	ea := uint32(len(params))
	c := NewCode()
	g.flatAddress(c, m, 0)
	c.I64(int64(offset)).Op(OpI64Add).Set(ea)
	c.Get(ea).I64(int64(offset)).Named("i64.lt_u")
	c.Get(ea)
	g.flatSize(c, m)
	c.I64(int64(accessWidth(op))).Op(OpI64Sub).Named("i64.gt_u", "i32.or")
	trapIf(c)
	c.Get(ea).Op(OpI32WrapI64).I32(g.base(m)).Op(OpI32Add)
	for i := range sig.in {
		c.Get(uint32(i + 1))
	}
	c.memarg(op, 0, 0, lane...)
	return g.b.AddFunc(g.b.AddType(params, sig.out), []ValType{I64}, c)
}

// flatAddress appends a local with an address of memory m as 64 bits.
func (g *generator) flatAddress(c *Code, m int, local uint32) {
	c.Get(local)
	if !g.memories[m].is64 {
		c.Op(OpI64ExtendI32U)
	}
}

// flatSize appends the size of memory m in bytes, as 64 bits.
func (g *generator) flatSize(c *Code, m int) {
	c.Idx(OpGlobalGet, g.memories[m].size).Op(OpI64ExtendI32U).I64(16).Op(OpI64Shl)
}

// trapIf traps out of bounds if the i32 on the stack is not zero.
func trapIf(c *Code) {
	c.Block(OpIf, BlockVoid).I32(-1).memarg("i32.load", 0, 1<<32-1).Op(OpDrop).End()
}

// accessWidth is the number of bytes that an instruction accesses.
func accessWidth(op string) int {
	code, _ := LookupOpcode(op)
	return 1 << code.info().width
}

func (g *generator) store(c *Code) {
	m := g.anyMemory()
	i32Ops, i64Ops := []string{"i32.store", "i32.store8", "i32.store16"}, []string{"i64.store", "i64.store8", "i64.store16", "i64.store32"}
	if g.segments > 0 {
		switch g.IntN(8) {
		case 0:
			g.address(c, m)
			g.expr(c, I64)
			c.Named("i64x2.splat")
			if k := g.IntN(5); k < 4 {
				g.memOp(c, fmt.Sprintf("v128.store%d_lane", 8<<k), m, g.offset(), byte(g.IntN(16>>k)))
			} else {
				g.memOp(c, "v128.store", m, g.offset())
			}
			return
		case 1:
			g.atomicStore(c, m)
			return
		}
	}
	g.address(c, m)
	t, ops := I32, i32Ops
	if g.IntN(2) == 0 {
		t, ops = I64, i64Ops
	}
	g.expr(c, t)
	g.memOp(c, ops[g.IntN(len(ops))], m, g.offset())
}

func (g *generator) atomicStore(c *Code, m int) {
	g.maskedAddress(c, m, 0x7ff8)
	if g.IntN(2) == 0 {
		g.expr(c, I32)
		g.memOp(c, []string{"i32.atomic.store", "i32.atomic.store8"}[g.IntN(2)], m, g.alignedOffset())
		return
	}
	g.expr(c, I64)
	g.memOp(c, []string{"i64.atomic.store", "i64.atomic.store16", "i64.atomic.store32"}[g.IntN(3)], m, g.alignedOffset())
}

func (g *generator) load(c *Code, t ValType) {
	m := g.anyMemory()
	if g.segments > 0 {
		switch g.IntN(12) {
		case 0:
			g.memorySize(c, m, t, false)
			return
		case 1:
			g.memorySize(c, m, t, true)
			return
		case 2:
			g.atomic(c, m, t)
			return
		case 3:
			g.vectorLoad(c, m, t)
			return
		}
	}
	g.address(c, m)
	ops := map[ValType][]string{
		I32: {"i32.load", "i32.load8_s", "i32.load8_u", "i32.load16_s", "i32.load16_u"},
		I64: {"i64.load", "i64.load8_s", "i64.load8_u", "i64.load32_s", "i64.load32_u"},
	}[t]
	g.memOp(c, ops[g.IntN(len(ops))], m, g.offset())
}

func (g *generator) atomic(c *Code, m int, t ValType) {
	g.maskedAddress(c, m, 0x7ff8)
	ops := map[ValType][]string{
		I32: {"i32.atomic.rmw.add", "i32.atomic.rmw8.xchg_u", "i32.atomic.rmw16.cmpxchg_u", "i32.atomic.load16_u"},
		I64: {"i64.atomic.rmw.xor", "i64.atomic.rmw32.sub_u", "i64.atomic.rmw.cmpxchg", "i64.atomic.load"},
	}[t]
	op := ops[g.IntN(len(ops))]
	code, _ := LookupOpcode(op)
	sig := code.info().sig
	g.exprs(c, sig.in)
	g.memOp(c, op, m, g.alignedOffset())
}

func (g *generator) vectorLoad(c *Code, m int, t ValType) {
	g.address(c, m)
	if k := g.IntN(8); k < 4 {
		g.expr(c, I64)
		c.Named("i64x2.splat")
		g.memOp(c, fmt.Sprintf("v128.load%d_lane", 8<<k), m, g.offset(), byte(g.IntN(16>>k)))
	} else {
		g.memOp(c, "v128.load", m, g.offset())
	}
	c.Named(map[ValType]string{I32: "i32x4.extract_lane", I64: "i64x2.extract_lane"}[t]).Raw(1)
}

// memorySize writes the size of a memory, perhaps after growing it.
func (g *generator) memorySize(c *Code, m int, t ValType, grow bool) {
	mem := g.memories[m]
	if grow {
		c.I32(int32(g.IntN(3)))
		if mem.is64 {
			c.Op(OpI64ExtendI32U)
			if g.IntN(10) == 0 {
				c.I64(1 << 40).Op(OpI64Or)
			}
		}
	}
	switch {
	case !g.flat && grow:
		c.Idx(OpMemoryGrow, uint32(m))
	case !g.flat:
		c.Idx(OpMemorySize, uint32(m))
	case grow:
		c.Call(g.flatGrow(m))
	default:
		c.Idx(OpGlobalGet, mem.size)
		if mem.is64 {
			c.Op(OpI64ExtendI32U)
		}
	}
	switch {
	case mem.is64 && t == I32:
		c.Op(OpI32WrapI64)
	case !mem.is64 && t == I64:
		c.Op(opI64ExtendI32S)
	}
}

func (g *generator) flatGrow(m int) uint32 {
	key := fmt.Sprint("grow", m)
	f, ok := g.helpers[key]
	if !ok {
		mem := g.memories[m]
		at := mem.address()
		size := func(c *Code) *Code { return c.Idx(OpGlobalGet, mem.size).Op(OpI64ExtendI32U) }
		c := NewCode()
		g.flatAddress(c, m, 0)
		size(c.I64(int64(mem.max))).Op(OpI64Sub).Named("i64.gt_u")
		c.Block(OpIf, BlockOf(I64)).I64(-1).Op(OpElse)
		size(c)
		size(c)
		g.flatAddress(c, m, 0)
		c.Op(OpI64Add, OpI32WrapI64).Idx(OpGlobalSet, mem.size).End()
		if at == I32 {
			c.Op(OpI32WrapI64)
		}
		f = g.b.AddFunc(g.b.AddType([]ValType{at}, []ValType{at}), nil, c)
		g.helpers[key] = f
	}
	return f
}

// length is up to 255, rarely anything.
func (g *generator) length(c *Code, t ValType) {
	g.expr(c, I32)
	if g.IntN(200) > 0 {
		c.I32(0xff).Op(OpI32And)
	}
	if t == I64 {
		c.Op(opI64ExtendI32S)
	}
}

func (g *generator) bulk(c *Code) {
	to := g.anyMemory()
	g.address(c, to)
	at := g.memories[to].address()
	if g.IntN(2) == 0 {
		g.expr(c, I32)
		g.length(c, at)
		g.bulkOp(c, OpMemoryFill, to, to)
		return
	}
	from := g.anyMemory()
	g.address(c, from)
	g.length(c, narrower(at, g.memories[from].address()))
	g.bulkOp(c, OpMemoryCopy, to, from)
}

// segmentOp uses or drops a data segment.
func (g *generator) segmentOp(c *Code) {
	segment := len(g.memories) + g.IntN(g.segments)
	if g.IntN(20) == 0 { // one that was applied
		segment = g.IntN(len(g.memories))
		if g.flat { // the engine forgets that
			segment = g.empty
		}
	}
	if g.IntN(20) == 0 {
		c.Idx(OpDataDrop, uint32(segment))
		return
	}
	m := g.anyMemory()
	g.address(c, m)
	c.I32(int32(g.IntN(100)))
	c.I32(int32(g.IntN(100)))
	g.bulkOp(c, OpMemoryInit, m, segment)
}

// bulkOp writes a bulk operation on memory to: from another one, or from a segment.
func (g *generator) bulkOp(c *Code, op Opcode, to, from int) {
	if !g.flat {
		switch op {
		case OpMemoryFill:
			c.Idx(op, uint32(to))
		case OpMemoryCopy:
			c.Idx(op, uint32(to), uint32(from))
		default:
			c.Idx(op, uint32(from), uint32(to))
		}
		return
	}
	key := fmt.Sprint(op, to, from)
	f, ok := g.helpers[key]
	if !ok {
		f = g.flatBulk(op, to, from)
		g.helpers[key] = f
	}
	c.Call(f)
}

func (g *generator) flatBulk(op Opcode, to, from int) uint32 {
	at := g.memories[to].address()
	params := map[Opcode][]ValType{OpMemoryFill: {at, I32, at}, OpMemoryInit: {at, I32, I32}}[op]
	if op == OpMemoryCopy {
		src := g.memories[from].address()
		params = []ValType{at, src, narrower(at, src)}
	}
	length := func(c *Code) *Code {
		c.Get(2)
		if params[2] == I32 {
			c.Op(OpI64ExtendI32U)
		}
		return c
	}
	check := func(c *Code, local uint32, m int) {
		length(c) // n > size || at > size - n
		g.flatSize(c, m)
		c.Named("i64.gt_u")
		g.flatAddress(c, m, local)
		g.flatSize(c, m)
		length(c).Op(OpI64Sub).Named("i64.gt_u", "i32.or")
		trapIf(c)
	}
	place := func(c *Code, local uint32, m int) {
		g.flatAddress(c, m, local)
		c.Op(OpI32WrapI64).I32(g.base(m)).Op(OpI32Add)
	}
	c := NewCode()
	check(c, 0, to)
	if op == OpMemoryCopy {
		check(c, 1, from)
	}
	place(c, 0, to)
	switch op {
	case OpMemoryFill:
		length(c.Get(1)).Op(OpI32WrapI64).Idx(op, 0)
	case OpMemoryCopy:
		place(c, 1, from)
		length(c).Op(OpI32WrapI64).Idx(op, 0, 0)
	case OpMemoryInit:
		c.Get(1).Get(2).Idx(op, uint32(from), 0)
	}
	return g.b.AddFunc(g.b.AddType(params, nil), nil, c)
}
