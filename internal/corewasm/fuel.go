package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// Fuel checks.
//
// One mutable global counts checks down; below zero the tick is called and its
// result is the new fuel. Checks stand at the header of every loop, at the entry of
// functions that are in a cycle of the call graph or call what the graph doesn't
// show, and wherever more than segmentLimit instructions would run in a row without
// one. So the work between two ticks is at most the fuel times a constant,
// whatever the guest does: nested loops, recursion, exponential trees of calls,
// endless straight code.
//
// The shape of a check matters more than its instructions. At a loop header the call
// of the tick is moved out of the loop, because a call inside makes the engine
// spill and reload every register in each iteration:
//
//	block $exit (result T)
//	  loop $outer
//	    block $slow
//	      loop $L (result T)        ;; the original; labels beyond it move by 3
//	        <fuel--; br_if $slow if it is below zero>
//	        <body>
//	      end
//	      br $exit
//	    end
//	    <call tick; set the fuel>
//	    br $outer
//	  end
//	  unreachable
//	end
//
// The body's state is in locals, and a loop without parameters begins with an
// empty stack, so leaving and coming back changes nothing. Loops with parameters get
// the plain form, a block that calls the tick inside the loop.
//
// Small innermost loops are unrolled four times with one check per round: copies
// before the last are `block $Li <body> br $exit end`, where what branched to $L
// now leaves $Li and so goes on with the next copy.

const (
	// segmentLimit is how many instructions, those of callees without a check
	// included, may follow a check before there is another one.
	segmentLimit = 4096

	unrollCopies  = 4
	unrollMaxBody = 96       // bytes of a loop body that is unrolled
	unrollBudget  = 64 << 10 // bytes that unrolling may add, or a tenth of the code if that is more
	outLabels     = 3        // labels that the out shape adds outside a loop's own
)

// meter keeps account of what one body costs between checks.
type meter struct {
	on    bool // checks are planted
	fn    *funcInfo
	paid  int  // instructions since the last check in the order of the code
	first bool // no check yet at the level of the function
}

func newMeter(w *rewriter, fn *funcInfo) *meter {
	return &meter{on: w.res.Ticks, fn: fn, first: true}
}

// charge counts an instruction and reports whether a check must stand in front of
// it.
func (m *meter) charge(w *rewriter, in *Instr) bool {
	if !m.on {
		return false
	}
	cost := 1
	if (in.Op == OpCall || in.Op == OpReturnCall) && in.Index >= w.first {
		if callee := &w.funcs[in.Index-w.first]; !callee.selfPaid {
			cost += callee.cost
		}
	}
	if m.paid += cost; m.paid <= segmentLimit {
		return false
	}
	m.settle(m.paid - cost)
	m.paid = cost
	return true
}

// settle fixes the cost of the function for its callers at the first check.
func (m *meter) settle(cost int) {
	if m.first {
		m.first = false
		m.fn.cost = cost
	}
}

// enterLoop starts the account of a loop, whose header has a check, and gives
// that of the code around it.
func (m *meter) enterLoop() (outer int) {
	outer, m.paid = m.paid, 0
	return outer
}

func (m *meter) leaveLoop(outer int) { m.paid = outer }

func (m *meter) finish() { m.settle(m.paid) }

// burn appends the countdown and leaves the condition that fuel is left (i32.ge_s)
// or used up (i32.lt_s).
func (e *emitter) burn(compare Opcode) {
	d := leb128.AppendU32(append(e.dst, byte(OpGlobalGet)), e.w.fuel)
	d = append(d, byte(OpI32Const), 1, byte(OpI32Sub), byte(OpGlobalSet))
	d = leb128.AppendU32(d, e.w.fuel)
	d = leb128.AppendU32(append(d, byte(OpGlobalGet)), e.w.fuel)
	e.dst = append(d, byte(OpI32Const), 0, byte(compare))
}

// refill appends the call of the tick.
func (e *emitter) refill() { e.dst = appendRefill(e.dst, e.w.tick, e.w.fuel) }

func appendRefill(dst []byte, tick, fuel uint32) []byte {
	dst = leb128.AppendU32(append(dst, byte(OpCall)), tick)
	return leb128.AppendU32(append(dst, byte(OpGlobalSet)), fuel)
}

// check appends a check in the plain form.
func (e *emitter) check() {
	e.dst = append(e.dst, byte(OpBlock), 0x40)
	e.burn(OpI32GeS)
	e.dst = append(e.dst, byte(OpBrIf), 0)
	e.refill()
	e.dst = append(e.dst, byte(OpEnd))
	e.bands.boundary()
}

func (e *emitter) enterLoop(r *instrReader) {
	e.w.res.Stats.Loops++
	info := e.fn.loops[e.loop]
	e.loop++
	f := frame{op: OpLoop, outerPaid: e.m.enterLoop()}
	if !e.m.on {
		e.open(f, 0)
		return
	}
	e.w.res.Stats.LoopChecks++
	e.flush(r.Pos)
	if e.hasParams(r.Block) {
		e.flush(r.pos)
		e.open(f, 0)
		e.check()
		return
	}
	f.resume = true
	e.open(f, outLabels)
	e.outShape(r.Block)
	e.skip(r)
	e.unroll(info, r.pos)
}

func (e *emitter) hasParams(t BlockType) bool {
	i, ok := t.Index()
	return ok && len(e.w.m.Types[i].Params) > 0
}

// outShape appends the beginning of the shape up to and with the check.
func (e *emitter) outShape(t BlockType) {
	e.dst = t.Append(append(e.dst, byte(OpBlock)))
	e.dst = append(e.dst, byte(OpLoop), 0x40, byte(OpBlock), 0x40, byte(OpLoop))
	e.dst = t.Append(e.dst)
	e.burn(OpI32LtS)
	e.dst = append(e.dst, byte(OpBrIf), 1)
	e.bands.boundary()
}

// resumeLoop appends what follows the original loop's end.
func (e *emitter) resumeLoop() {
	e.dst = append(e.dst, byte(OpBr), 2, byte(OpEnd))
	e.refill()
	e.dst = append(e.dst, byte(OpBr), 0, byte(OpEnd), byte(OpUnreachable), byte(OpEnd))
}

// unroll puts copies of a small body in front of it. The top frame is the loop's.
func (e *emitter) unroll(info loopInfo, start int) {
	growth := (unrollCopies - 1) * info.size
	if !info.innermost || info.hasTry || info.size > unrollMaxBody || growth > e.w.unrollLeft {
		return
	}
	e.w.unrollLeft -= growth
	e.w.res.Stats.Unrolled++
	e.m.on = false                    // a round is far below the limit
	e.frames[len(e.frames)-1].added++ // $Li
	for range unrollCopies - 1 {
		e.dst = append(e.dst, byte(OpBlock), 0x40)
		e.code(start, start+info.size)
		e.dst = append(e.dst, byte(OpBr), outLabels+1, byte(OpEnd))
		e.bands.boundary()
	}
	e.frames[len(e.frames)-1].added--
	e.m.on = true
	e.copied = start
}
