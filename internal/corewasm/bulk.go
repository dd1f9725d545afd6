package corewasm

// Bulk memory operations of any size would run in one piece, during which nothing
// else in the process can finish a garbage collection. They go through helper
// functions that work in pieces and tick after each. What can be seen from inside
// stays the same: an operation that reaches beyond the memory traps before it writes
// anything, since then the helper runs it in one go; overlapping copies go in the
// direction that is safe; and a memory never shrinks between pieces.

// bulkPiece is the largest piece, 1 MiB: some tens of microseconds.
const bulkPiece = 1 << 20

// bulkHelpers are the function indices of the helpers, 0 if not needed yet; no
// helper is function 0, because the tick is before it.
type bulkHelpers struct {
	fill, copy uint32
	functions  []Function
	names      []string // what backtraces call them
}

// bulkOp replaces memory.fill and memory.copy of memory 0 by a call, unless the
// size is a small constant or the memory can't be large.
func (e *emitter) bulkOp(r *instrReader) {
	w := e.w
	if !w.res.Ticks || r.Index != 0 || r.Op == OpMemoryCopy && r.Index2 != 0 {
		return
	}
	if e.last.valid && e.last.value <= bulkPiece {
		return
	}
	if t, _ := w.m.MemoryType(0); t.Limits.HasMax && uint64(t.Limits.Max)*pageSize <= bulkPiece {
		return
	}
	w.res.Stats.Bulk++
	e.flush(r.Pos)
	e.dst = append(e.dst, NewCode().Call(w.bulkHelper(r.Op)).Bytes()...)
	e.skip(r)
}

func (w *rewriter) bulkHelper(op Opcode) uint32 {
	h := &w.bulk
	index, code := &h.fill, w.fillCode
	if op == OpMemoryCopy {
		index, code = &h.copy, w.copyCode
	}
	if *index == 0 {
		*index = w.first + w.by + uint32(len(w.m.Functions)+len(h.functions))
		typ := w.typeIndex([]ValType{I32, I32, I32}, nil)
		body := append(appendLocals(nil, nil), code().End().Bytes()...)
		h.functions = append(h.functions, Function{typ, body, -1})
		h.names = append(h.names, op.String())
	}
	return *index
}

// Parameters of both helpers.
const (
	bulkTo   = iota
	bulkFrom // or the value
	bulkLen
)

// fits appends whether local `at`, an address, plus the length is within the memory.
func fits(c *Code, at uint32) *Code {
	c.Get(at).Op(OpI64ExtendI32U).Get(bulkLen).Op(OpI64ExtendI32U, OpI64Add)
	c.Idx(OpMemorySize, 0).Op(OpI64ExtendI32U).I64(16).Op(OpI64Shl)
	return c.Named("i64.le_u")
}

// large opens a block for the case that the length is more than a piece, and in
// it a loop, both to be closed by endLarge.
func large(c *Code, inBounds func()) {
	c.Get(bulkLen).I32(bulkPiece).Op(OpI32GtU).Block(OpIf, BlockVoid)
	inBounds()
	c.Block(OpIf, BlockVoid).Block(OpLoop, BlockVoid)
}

// endLarge shortens the length by a piece, ticks, and goes on while more than a
// piece is left.
func (w *rewriter) endLarge(c *Code) {
	c.Raw(appendRefill(nil, w.tick, w.fuel)...)
	c.Get(bulkLen).I32(bulkPiece).Op(OpI32GtU).Idx(OpBrIf, 0)
	c.End().End().End()
}

func shorten(c *Code) { c.Get(bulkLen).I32(bulkPiece).Op(OpI32Sub).Set(bulkLen) }

func advance(c *Code, local uint32) { c.Get(local).I32(bulkPiece).Op(OpI32Add).Set(local) }

func (w *rewriter) fillCode() *Code {
	c := NewCode()
	large(c, func() { fits(c, bulkTo) })
	c.Get(bulkTo).Get(bulkFrom).I32(bulkPiece).Idx(OpMemoryFill, 0)
	advance(c, bulkTo)
	shorten(c)
	w.endLarge(c)
	return c.Get(bulkTo).Get(bulkFrom).Get(bulkLen).Idx(OpMemoryFill, 0)
}

func (w *rewriter) copyCode() *Code {
	c := NewCode()
	large(c, func() { fits(fits(c, bulkTo), bulkFrom).Op(OpI32And) })
	c.Get(bulkTo).Get(bulkFrom).Named("i32.le_u").Block(OpIf, BlockVoid)
	c.Get(bulkTo).Get(bulkFrom).I32(bulkPiece).Idx(OpMemoryCopy, 0, 0)
	advance(c, bulkTo)
	advance(c, bulkFrom)
	shorten(c)
	c.Op(OpElse) // from the end, whose place the shortened length gives
	shorten(c)
	c.Get(bulkTo).Get(bulkLen).Op(OpI32Add)
	c.Get(bulkFrom).Get(bulkLen).Op(OpI32Add)
	c.I32(bulkPiece).Idx(OpMemoryCopy, 0, 0).End()
	w.endLarge(c)
	return c.Get(bulkTo).Get(bulkFrom).Get(bulkLen).Idx(OpMemoryCopy, 0, 0)
}
