package corewasm

import "fmt"

// funcInfo is what the analysis of a body finds out.
type funcInfo struct {
	calls []uint32 // indices of functions that are called directly, tail calls included

	// indirect: calls through a table, a reference or an import that may come back, and
	// therefore may be part of a cycle that the call graph doesn't show.
	indirect bool
	cyclic   bool // in a cycle of the call graph, or indirect
	entry    bool // begins with a check

	// selfPaid: every activation runs into a check of its own before it calls
	// anything, so that a caller need not count its cost.
	selfPaid bool
	cost     int // instructions until the first check, callees included; if not selfPaid

	locals int // parameters included

	selects bool       // has a select without a type
	relaxed bool       // has relaxed vector instructions
	loops   []loopInfo // in the order of the code
	tries   []tryInfo  // in the order of the code
}

type loopInfo struct {
	size      int // bytes of the body without its end
	innermost bool
	hasTry    bool
}

type tryInfo struct {
	mutates bool // sets a local
}

// analyse walks every body once, fills w.funcs, and refuses what the engine can't
// run.
func (w *rewriter) analyse() error {
	w.funcs = make([]funcInfo, len(w.m.Functions))
	var body Body
	a := &analyser{w: w}
	for i := range w.m.Functions {
		a.start(&w.funcs[i])
		if err := a.walk(&body, i); err != nil {
			return describe(err, nameFunction(w.m, i))
		}
		w.res.Stats.CodeBefore += len(w.m.Functions[i].Body)
	}
	w.res.Stats.Functions = len(w.funcs)
	return nil
}

// analyser is the visitor of one body after the other.
type analyser struct {
	w *rewriter
	f *funcInfo

	// straight: no way leads past the current instruction without running it, and
	// nothing was called yet.
	straight bool
	open     []openBlock
}

// openBlock is a control instruction whose end is to come; loop and try are
// indices into funcInfo, or -1. What it has inside is handed to the block around it at
// the end, so that the work doesn't grow with the depth.
type openBlock struct {
	loop, try int
	start     int // of a loop's body
	has       contents
}

type contents struct{ loop, try, assignment bool }

func (c *contents) add(d contents) {
	c.loop = c.loop || d.loop
	c.try = c.try || d.try
	c.assignment = c.assignment || d.assignment
}

func (a *analyser) start(f *funcInfo) {
	a.f, a.straight, a.open = f, true, a.open[:0]
}

// walk visits the instructions of a body that is valid.
func (a *analyser) walk(b *Body, i int) error {
	if err := b.reset(a.w.m, i); err != nil {
		return err
	}
	if err := b.refuseLocals(); err != nil {
		return err
	}
	a.f.locals = paramCount(a.w.m, &a.w.m.Functions[i])
	for _, g := range b.Locals {
		a.f.locals += int(g.Count)
	}
	for in := b.Next(); in != nil; in = b.Next() {
		if err := b.refuseInstr(); err != nil {
			return err
		}
		if err := a.refuseCall(b, in); err != nil {
			return err
		}
		a.visit(b, in)
	}
	return b.Err()
}

// refuseCall refuses calls through tables of anything but funcref.
func (a *analyser) refuseCall(b *Body, in *Instr) error {
	if in.Op != OpCallIndirect && in.Op != OpReturnCallIndirect {
		return nil
	}
	t, _ := a.w.m.TableType(in.Index2)
	if t.Elem == FuncRef {
		return nil
	}
	cause := &Error{b.r.at(in.Pos), "", fmt.Sprintf("%s through a table of %s: only tables of funcref are supported; use table.get and call_ref", in.Op, t.Elem)}
	return &UnsupportedError{cause, featureTypedTables}
}

func (a *analyser) visit(b *Body, in *Instr) {
	switch op := in.Op; op {
	case OpBlock, OpIf, OpLoop, OpTryTable:
		a.enter(op, b.r.pos)
	case OpEnd:
		a.leave(in.Pos)
	case OpSelect:
		a.f.selects = true
	case OpLocalSet, OpLocalTee:
		a.contain(contents{assignment: true})
	case OpElse, OpBr, OpBrIf, OpBrTable, OpReturn, OpUnreachable, OpBrOnNull, OpBrOnNonNull, OpThrow, OpThrowRef:
		a.straight = false
	case OpCall, OpReturnCall:
		a.straight = false
		a.call(in.Index)
	case OpCallIndirect, OpReturnCallIndirect, OpCallRef, OpReturnCallRef:
		a.straight = false
		a.f.indirect = true
	default:
		if isRelaxed(op) {
			a.f.relaxed = true
		} else if op == OpTableSet || op == OpRefFunc || op > 0xff {
			a.facts(op)
		} else if op == OpMemoryGrow {
			a.w.res.Facts.GrowsMemory = true
		}
	}
}

func (a *analyser) enter(op Opcode, pos int) {
	b := openBlock{loop: -1, try: -1, start: pos}
	switch op {
	case OpIf:
		a.straight = false
	case OpLoop:
		b.loop = len(a.f.loops)
		a.f.loops = append(a.f.loops, loopInfo{})
		a.f.selfPaid = a.f.selfPaid || a.straight
		a.straight = false
	case OpTryTable:
		b.try = len(a.f.tries)
		a.f.tries = append(a.f.tries, tryInfo{})
	}
	a.open = append(a.open, b)
}

func (a *analyser) leave(pos int) {
	if len(a.open) == 0 {
		return // the function's own end
	}
	b := a.open[len(a.open)-1]
	a.open = a.open[:len(a.open)-1]
	if b.loop >= 0 {
		a.f.loops[b.loop] = loopInfo{size: pos - b.start, innermost: !b.has.loop, hasTry: b.has.try}
		b.has.loop = true
	}
	if b.try >= 0 {
		a.f.tries[b.try].mutates = b.has.assignment
		b.has.try = true
	}
	a.contain(b.has)
}

// contain notes what the innermost open block has inside.
func (a *analyser) contain(c contents) {
	if n := len(a.open); n > 0 {
		a.open[n-1].has.add(c)
	}
}

func (a *analyser) call(f uint32) {
	if f >= a.w.first {
		a.f.calls = append(a.f.calls, f)
	} else if !a.w.hostImport(f) {
		a.f.indirect = true
	}
}

// hostImport reports whether imported function f can't come back into wasm.
func (w *rewriter) hostImport(f uint32) bool {
	if w.o.Fuel == nil || w.o.Fuel.HostImport == nil {
		return false
	}
	if w.hostImports == nil {
		w.hostImports = make([]bool, 0, w.first)
		for i := range w.m.Imports {
			if im := &w.m.Imports[i]; im.Kind == KindFunc {
				w.hostImports = append(w.hostImports, w.o.Fuel.HostImport(i, im))
			}
		}
	}
	return w.hostImports[f]
}

func (a *analyser) facts(op Opcode) {
	facts := &a.w.res.Facts
	switch op {
	case OpTableSet, OpTableGrow, OpTableFill, OpTableCopy, OpTableInit:
		facts.WritesTables = true
	case OpDataDrop:
		facts.DropsData = true
		a.w.usesData = true
	case OpMemoryInit:
		a.w.usesData = true
	case OpElemDrop:
		facts.DropsElems = true
	case OpRefFunc:
		facts.MakesRefs = true
	}
}

// segmentFacts looks at the segments that are left in the module.
func (w *rewriter) segmentFacts() {
	facts := &w.res.Facts
	imported := uint32(w.m.NumImported(KindTable))
	for i := range w.out.Elements {
		e := &w.out.Elements[i]
		facts.FillsImports = facts.FillsImports || e.Mode == Active && e.Table < imported
	}
	for i := range w.out.Data {
		facts.AppliesData = facts.AppliesData || w.out.Data[i].Mode == Active
	}
}
