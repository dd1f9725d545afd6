package corewasm

// Defence against globals and sizes of tables that are read too late.
//
// wazero 1.12.0 computes a comparison together with the branch on it, and on amd64 loads the
// comparison's operand as part of it, if all of them are in one instruction group, so
// that nothing between them can change what is loaded. When it splits a critical edge it
// makes the branch anew (ssa/pass_blk_layouts.go, splitCriticalEdge) and
// forgets its group, which so becomes 0: the first of the function (its pull request 2529
// is about that). A comparison in that group moves down to the branch then, and a
// global.get or table.size that it uses moves along, past every global.set and call on
// the way. Other loads come behind their bounds check, which ends the first group.
//
// So, behind one of these in the first group, a comparison that isn't followed at
// once by what consumes it is fenced with (i32.eqz) (i32.eqz): then what moves is the
// last of these, whose operand was computed in its place.

// lateRead is what was seen in the first group of a body.
type lateRead struct {
	read     bool // a global that can change, or the size of a table
	compared bool // the last instruction was a comparison behind that
}

// defendLate fences the comparison in front of the instruction in r if it must be, and
// takes note of that instruction.
func (e *emitter) defendLate(r *instrReader) {
	l := &e.late
	if l.compared && !consumesCondition(r.Op) {
		e.w.res.Stats.Late++
		e.flush(r.Pos)
		e.dst = append(e.dst, byte(OpI32Eqz), byte(OpI32Eqz))
	}
	l.compared = false
	if e.bands.group != firstGroup {
		return
	}
	switch r.Op {
	case OpGlobalGet:
		g, _ := e.w.m.GlobalType(r.Index)
		l.read = l.read || g.Mutable
	case OpTableSize:
		l.read = true
	}
	l.compared = l.read && r.Op >= OpI32Eqz && r.Op <= opF64Ge
}

const opF64Ge Opcode = 0x66

// consumesCondition are the instructions that leave no time between a comparison and
// its use. An i32.eqz is a comparison itself, of an operand that needn't be loaded.
func consumesCondition(op Opcode) bool {
	switch op {
	case OpIf, OpBrIf, OpI32Eqz, OpSelect, OpSelectT, OpDrop:
		return true
	}
	return false
}
