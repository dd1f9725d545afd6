package corewasm

import (
	"fmt"
	"math"
)

// Validate checks the structure of the whole module: that every index is in its
// space, that constant expressions and bodies consist of known instructions with
// well-formed immediates, and that control instructions nest. It does not type-check
// operands; the engine does. The error is an [*Error] or an [*UnsupportedError].
func (m *Module) Validate() error {
	m = m.withSpaces()
	if err := m.validateSections(); err != nil {
		return err
	}
	var w bodyWalk
	for i := range m.Functions {
		if err := w.walk(m, i, nil); err != nil {
			return err
		}
	}
	return nil
}

// checker collects the first error of the sections.
type checker struct {
	m   *Module
	err error
}

func (c *checker) failf(where, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{-1, where, fmt.Sprintf(format, args...)}
	}
}

func (c *checker) in(where, what string, i uint32, n int) {
	if int64(i) >= int64(n) {
		c.failf(where, "unknown %s %d: there are %d", what, i, n)
	}
}

func (m *Module) validateSections() error {
	c := &checker{m: m}
	c.types()
	c.imports()
	for i := range m.Functions {
		c.in("function section", "type", m.Functions[i].Type, len(m.Types))
	}
	for _, t := range m.Tags {
		c.in("tag section", "type", t.Type, len(m.Types))
	}
	c.exports()
	for _, e := range m.Exports {
		c.in("export section", e.Kind.String(), e.Index, m.Count(e.Kind))
	}
	if m.Start != nil {
		c.in("start section", "func", *m.Start, m.Count(KindFunc))
	}
	c.definitions()
	c.segments()
	return c.err
}

// withSpaces is m, or a shallow copy, that has its index spaces at hand.
func (m *Module) withSpaces() *Module {
	if m.spaces != nil && m.spaces.nImports == len(m.Imports) {
		return m
	}
	c := *m
	c.spaces = newSpaces(m.Imports)
	return &c
}

func (c *checker) types() {
	end := 0
	for i := range c.m.Types {
		t := &c.m.Types[i]
		if t.Group >= 0 {
			end = i + max(t.Group, 1)
		}
		for _, ts := range [][]ValType{t.Params, t.Results} {
			for _, v := range ts {
				c.valType("type section", v, end)
			}
		}
	}
}

func (c *checker) valType(where string, t ValType, nTypes int) {
	if h := t.Heap(); t.IsRef() && h >= 0 {
		c.in(where, "type", uint32(h), nTypes)
	}
}

func (c *checker) imports() {
	const where = "import section"
	for i := range c.m.Imports {
		switch im := &c.m.Imports[i]; im.Kind {
		case KindFunc, KindTag:
			c.in(where, "type", im.Type, len(c.m.Types))
		case KindTable:
			c.tableType(where, &im.Table)
		case KindMemory:
			c.memoryType(where, &im.Memory)
		case KindGlobal:
			c.valType(where, im.Global.Type, len(c.m.Types))
		}
	}
}

func (c *checker) exports() {
	seen := make(map[string]struct{}, len(c.m.Exports))
	for _, e := range c.m.Exports {
		if _, dup := seen[e.Name]; dup {
			c.failf("export section", "duplicate export name %q", e.Name)
		}
		seen[e.Name] = struct{}{}
	}
}

func (c *checker) limits(where string, l Limits) {
	if l.HasMax && l.Max < l.Min {
		c.failf(where, "size minimum must not be greater than maximum: %d > %d", l.Min, l.Max)
	}
}

func (c *checker) memoryType(where string, t *MemoryType) {
	most := t.MaxPages()
	if l := t.Limits; l.Min > most || l.HasMax && l.Max > most {
		c.failf(where, "memory size must be at most %d pages", most)
	}
	c.limits(where, t.Limits)
	if t.PageSize > 1 {
		c.failf(where, "invalid custom page size: %d, allowed are 1 and 65536", t.PageSize)
	}
	if t.Shared && !t.Limits.HasMax {
		c.failf(where, "shared memory must have maximum")
	}
}

func (c *checker) tableType(where string, t *TableType) {
	c.valType(where, t.Elem, len(c.m.Types))
	l := t.Limits
	if most := uint64(math.MaxUint32); !l.Is64 && (l.Min > most || l.HasMax && l.Max > most) {
		c.failf(where, "table size must be at most %d entries", most)
	}
	c.limits(where, l)
	if l.Min > MaxTableSize {
		c.failf(where, "table of %d entries, at most %d are supported", l.Min, MaxTableSize)
	}
}

func (c *checker) definitions() {
	for i := range c.m.Tables {
		c.tableType("table section", &c.m.Tables[i].TableType)
		c.constExpr("table section", c.m.Tables[i].Init)
	}
	for i := range c.m.Memories {
		c.memoryType("memory section", &c.m.Memories[i])
	}
	for i := range c.m.Globals {
		c.valType("global section", c.m.Globals[i].Type, len(c.m.Types))
		c.constExpr("global section", c.m.Globals[i].Init)
	}
}

func (c *checker) segments() {
	for i := range c.m.Elements {
		c.element(&c.m.Elements[i])
	}
	for i := range c.m.Data {
		if d := &c.m.Data[i]; d.Mode == Active {
			c.in("data section", "memory", d.Memory, c.m.Count(KindMemory))
			c.constExpr("data section", d.Offset)
		}
	}
}

func (c *checker) element(e *Element) {
	const where = "element section"
	c.valType(where, e.Type, len(c.m.Types))
	if e.Mode == Active {
		c.in(where, "table", e.Table, c.m.Count(KindTable))
		c.constExpr(where, e.Offset)
	}
	nFuncs := c.m.Count(KindFunc)
	for _, f := range e.Funcs {
		c.in(where, "func", f, nFuncs)
	}
	for _, x := range e.Exprs {
		c.constExpr(where, x)
	}
}

func (c *checker) constExpr(where string, x ConstExpr) {
	for in := (instrReader{reader: reader{b: x, base: -1}}); in.next(); {
		switch in.Op {
		case OpGlobalGet:
			c.in(where, "global", in.Index, c.m.Count(KindGlobal))
		case OpRefFunc:
			c.in(where, "func", in.Index, c.m.Count(KindFunc))
		case OpRefNull:
			c.valType(where, RefType(in.Heap, true), len(c.m.Types))
		}
	}
}

// bodyWalk checks the structure of function bodies and shows every instruction to
// a visitor. It keeps its buffers from one body to the next.
type bodyWalk struct {
	Body
	m       *Module
	nLocals int      // of this body, parameters included
	total   int      // of all bodies so far
	frames  []Opcode // block, loop, if, else, try_table; the function itself is OpEnd
	visit   func(*bodyWalk, *Instr)
}

func (w *bodyWalk) walk(m *Module, i int, visit func(*bodyWalk, *Instr)) error {
	w.m, w.visit = m, visit
	if err := w.reset(m, i); err != nil {
		return err
	}
	if w.countLocals(&m.Functions[i]); w.r.err != nil {
		return w.r.err
	}
	w.frames = append(w.frames[:0], OpEnd)
	for len(w.frames) > 0 {
		in := w.Next()
		if in == nil {
			return w.ended()
		}
		w.check(in)
		if visit != nil && w.r.err == nil {
			visit(w, in)
		}
	}
	if w.r.more() {
		w.fail("operators remaining after the end of the function")
	}
	return w.r.err
}

func (w *bodyWalk) ended() error {
	if w.r.err == nil {
		w.r.Pos = w.r.pos
		w.fail("unexpected end of the function: %d blocks are open", len(w.frames))
	}
	return w.r.err
}

func (w *bodyWalk) countLocals(f *Function) {
	w.nLocals = paramCount(w.m, f)
	for _, g := range w.Locals {
		w.checkValType(g.Type)
		w.nLocals += int(g.Count)
	}
	if w.total += w.nLocals; w.total > MaxAllLocals {
		w.fail("too many locals: at most %d in all functions together are supported", MaxAllLocals)
	}
}

func (w *bodyWalk) fail(format string, args ...any) { w.r.fail(w.r.Pos, format, args...) }

func (w *bodyWalk) in(what string, i uint32, n int) {
	if int64(i) >= int64(n) {
		w.fail("unknown %s %d in %s: there are %d", what, i, w.r.Op, n)
	}
}

func (w *bodyWalk) checkValType(t ValType) {
	if h := t.Heap(); t.IsRef() && h >= 0 {
		w.in("type", uint32(h), len(w.m.Types))
	}
}

func (w *bodyWalk) check(in *Instr) {
	switch in.Op.Imm() {
	case ImmNone:
		w.plain(in.Op)
	case ImmLocal:
		w.in("local", in.Index, w.nLocals)
	case ImmLabel:
		w.in("label", in.Index, len(w.frames))
	case ImmFunc:
		w.in("function", in.Index, w.m.Count(KindFunc))
	case ImmGlobal:
		w.in("global", in.Index, w.m.Count(KindGlobal))
	case ImmMemArg, ImmMemArgLane, ImmMemory:
		w.in("memory", in.Index, w.m.Count(KindMemory))
	case ImmBlock, ImmTryTable:
		w.open(in)
	default:
		w.checkRare(in)
	}
}

func (w *bodyWalk) plain(op Opcode) {
	switch op {
	case OpEnd:
		w.frames = w.frames[:len(w.frames)-1]
	case OpElse:
		top := len(w.frames) - 1
		if w.frames[top] != OpIf {
			w.fail("else without an if")
		}
		w.frames[top] = OpElse
	}
}

func (w *bodyWalk) open(in *Instr) {
	if i, ok := in.Block.Index(); ok {
		w.in("type", i, len(w.m.Types))
	} else if t, ok := in.Block.Result(); ok {
		w.checkValType(t)
	}
	if in.Op == OpTryTable {
		w.checkCatches(in.Catches)
	}
	w.frames = append(w.frames, in.Op)
}

func (w *bodyWalk) checkCatches(cs []Catch) {
	for _, c := range cs {
		w.in("label", c.Label, len(w.frames))
		if c.Kind <= CatchTagRef {
			w.in("tag", c.Tag, w.m.Count(KindTag))
		}
	}
}

func (w *bodyWalk) checkRare(in *Instr) {
	m := w.m
	switch in.Op.Imm() {
	case ImmBrTable:
		for _, l := range in.Labels {
			w.in("label", l, len(w.frames))
		}
	case ImmCallIndirect:
		w.in("type", in.Index, len(m.Types))
		w.in("table", in.Index2, m.Count(KindTable))
	case ImmType:
		w.in("type", in.Index, len(m.Types))
	case ImmTag:
		w.in("tag", in.Index, m.Count(KindTag))
	case ImmTable:
		w.in("table", in.Index, m.Count(KindTable))
	case ImmTableCopy:
		w.in("table", max(in.Index, in.Index2), m.Count(KindTable))
	case ImmTableInit:
		w.in("element segment", in.Index, len(m.Elements))
		w.in("table", in.Index2, m.Count(KindTable))
	case ImmElem:
		w.in("element segment", in.Index, len(m.Elements))
	case ImmMemoryCopy:
		w.in("memory", max(in.Index, in.Index2), m.Count(KindMemory))
	case ImmMemoryInit:
		w.dataIndex(in.Index)
		w.in("memory", in.Index2, m.Count(KindMemory))
	case ImmData:
		w.dataIndex(in.Index)
	case ImmHeapType:
		w.checkValType(RefType(in.Heap, true))
	case ImmSelect:
		if len(in.Types) != 1 {
			w.fail("invalid result arity: a typed select has one type")
			return
		}
		w.checkValType(in.Types[0])
	}
}

func (w *bodyWalk) dataIndex(i uint32) {
	if w.m.DataCount == nil {
		w.fail("data count section required by %s", w.r.Op)
		return
	}
	w.in("data segment", i, len(w.m.Data))
}
