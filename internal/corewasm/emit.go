package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// emitBodies writes every function body anew, callees before callers, and appends
// the helpers that bodies came to need.
func (w *rewriter) emitBodies() {
	w.out.Functions = make([]Function, len(w.m.Functions))
	w.unrollLeft = max(unrollBudget, w.res.Stats.CodeBefore/10)
	e := &emitter{w: w}
	for _, i := range w.callOrder() {
		if w.err != nil {
			return
		}
		f := &w.m.Functions[i]
		w.out.Functions[i] = Function{f.Type, e.body(i), -1}
		w.res.Stats.CodeAfter += len(w.out.Functions[i].Body)
	}
	w.out.Functions = append(w.out.Functions, w.bulk.functions...)
}

// frame is an open control instruction of the original code.
type frame struct {
	op Opcode
	// added is the number of labels that were put between the function's own label and
	// this frame's; a branch has to count those between its place and its target.
	added int
	// resume: at its end comes the slow path of a loop in the "out" shape.
	resume bool
	// outerPaid keeps what the surrounding code had run up when a loop began.
	outerPaid int
}

// emitter writes one body after the other. Code that needs no change is copied in
// runs: what lies between copied and the current instruction is still to be
// copied, flush does it.
type emitter struct {
	w      *rewriter
	index  int // of the function, among defined ones
	fn     *funcInfo
	m      *meter
	dst    []byte
	src    []byte
	copied int
	frames []frame
	guards []guard
	loop   int // number of loops seen
	try    int // number of try_tables seen
	bands  bandTracker
	late   lateRead
	wide   wideSelects
	last   lastConst
}

func (e *emitter) body(i int) []byte {
	w := e.w
	f := &w.m.Functions[i]
	e.index, e.fn = i, &w.funcs[i]
	e.loop, e.try = 0, 0
	e.frames = append(e.frames[:0], frame{op: OpEnd})
	e.guards = e.guards[:0]
	e.bands.reset(e.fn.locals)
	e.late = lateRead{}

	var b Body
	if err := b.reset(w.m, i); err != nil {
		panic("corewasm: a body that was valid no longer is: " + err.Error())
	}
	if err := e.wide.find(w.m, i, e.fn); err != nil {
		w.err = describe(err, nameFunction(w.m, i))
	}
	e.src = f.Body
	e.dst = make([]byte, 0, len(f.Body)+len(f.Body)/8+32)
	if e.fn.relaxed {
		e.dst = appendLocals(e.dst, append(b.Locals, LocalGroup{relaxedScratch, V128}))
	} else {
		e.dst = append(e.dst, f.Body[:b.code]...)
	}
	e.m = newMeter(w, e.fn)
	if e.m.on && e.fn.entry {
		w.res.Stats.EntryChecks++
		e.check()
		e.bands.boundary()
	}
	e.code(b.code, len(f.Body))
	e.m.finish()
	return e.dst
}

// code emits the instructions of src[from:to].
func (e *emitter) code(from, to int) {
	r := instrReader{reader: reader{b: e.src[:to], pos: from, base: -1}}
	e.copied = from
	for r.next() {
		e.instr(&r)
	}
	if r.err != nil {
		panic("corewasm: a body that was valid no longer is: " + r.err.Error())
	}
	e.flush(to)
}

// flush copies what is pending up to pos.
func (e *emitter) flush(pos int) {
	e.dst = append(e.dst, e.src[e.copied:pos]...)
	e.copied = pos
}

// skip leaves out the instruction in r, whose replacement was written.
func (e *emitter) skip(r *instrReader) { e.copied = r.pos }

func (e *emitter) instr(r *instrReader) {
	e.defendLate(r)
	if e.m.charge(e.w, &r.Instr) {
		e.flush(r.Pos)
		e.w.res.Stats.InlineChecks++
		e.check()
	}
	switch op := r.Op; op {
	case OpBlock, OpIf:
		e.open(frame{op: op}, 0)
	case OpLoop:
		e.enterLoop(r)
	case OpTryTable:
		e.enterTry(r)
	case OpEnd:
		e.end(r)
	case OpBr, OpBrIf, OpBrOnNull, OpBrOnNonNull:
		e.branch(r)
	case OpBrTable:
		e.brTable(r)
	case OpCall, OpCallIndirect, OpCallRef, OpThrow, OpThrowRef:
		e.throwing(r)
	case OpReturnCall, OpRefFunc:
		e.function(r)
	case OpMemoryFill, OpMemoryCopy:
		e.bulkOp(r)
	case OpMemoryInit, OpDataDrop:
		e.dataOp(r)
	case OpSelect, OpSelectT:
		e.selection(r)
	default:
		if isRelaxed(op) {
			e.relaxed(r)
		}
	}
	if r.Odd && e.copied <= r.Pos {
		e.flush(r.Pos)
		e.dst = r.Append(e.dst)
		e.skip(r)
	}
	e.defend(r)
	e.last = e.last.after(&r.Instr)
}

// label maps a label of the original: it counts the labels that were added between
// the current place and the frame that is meant.
func (e *emitter) label(l uint32) uint32 {
	top := len(e.frames) - 1
	return l + uint32(e.frames[top].added-e.frames[top-int(l)].added)
}

// open pushes a frame outside of whose label extra ones were put.
func (e *emitter) open(f frame, extra int) {
	f.added = e.frames[len(e.frames)-1].added + extra
	e.frames = append(e.frames, f)
}

func (e *emitter) branch(r *instrReader) {
	if l := e.label(r.Index); l != r.Index {
		e.flush(r.Pos)
		e.dst = leb128.AppendU32(append(e.dst, byte(r.Op)), l)
		e.skip(r)
	}
}

func (e *emitter) brTable(r *instrReader) {
	e.flush(r.Pos)
	e.dst = leb128.AppendU32(append(e.dst, byte(OpBrTable)), uint32(len(r.Labels)-1))
	for _, l := range r.Labels {
		e.dst = leb128.AppendU32(e.dst, e.label(l))
	}
	e.skip(r)
}

func (e *emitter) function(r *instrReader) {
	if e.w.by == 0 || r.Index < e.w.first {
		return
	}
	e.flush(r.Pos)
	e.dst = leb128.AppendU32(append(e.dst, byte(r.Op)), e.w.index(r.Index))
	e.skip(r)
}

func (e *emitter) end(r *instrReader) {
	top := e.frames[len(e.frames)-1]
	e.frames = e.frames[:len(e.frames)-1]
	if n := len(e.guards); n > 0 && e.guards[n-1].frame == len(e.frames) {
		e.guards = e.guards[:n-1]
	}
	if top.op == OpLoop {
		e.m.leaveLoop(top.outerPaid)
	}
	if top.resume {
		e.flush(r.pos)
		e.resumeLoop()
	}
}

// lastConst remembers whether the last instruction was an i32.const, for
// operands that are known to be small.
type lastConst struct {
	value uint32
	valid bool
}

func (lastConst) after(in *Instr) lastConst {
	return lastConst{uint32(in.Imm), in.Op == OpI32Const}
}
