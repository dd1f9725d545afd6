package corewasm

// Defence against a select that forgets its second operand.
//
// wazero 1.12.0's compiler for amd64 makes of a select of floats or vectors a copy of the
// second operand and a conditional move of the first one over it. Its table of what
// instructions use (useKinds in backend/isa/amd64/instr.go) says of that move, xmmCMov,
// that it only writes its destination, though where the condition is false the old
// value stays. (The move between integer registers, cmove, is described rightly.) So the register
// allocator doesn't keep the copy: if the first operand has to be reloaded from the
// stack, it may take the copy's register for it, and gives the destination another one, with
// whatever is in there. It does so where the register is the one that the first operand
// should be in later on, or where no other is free. (Its issue 2534, mended after 1.12.0.)
//
// The select becomes a branch, as which wazero encodes that move anyway:
//
//	if (param t t) (result t) drop else br 0 end
//
// (The br takes the second operand along and leaves the first one behind.)
// A select without a type has to be looked at with the types of its operands.

// wideSelects are the selects without a type of one body whose operands aren't
// integers, by position. It keeps its buffers from one body to the next.
type wideSelects struct {
	types *bodyChecker
	at    map[int]ValType
}

func isWide(t ValType) bool { return t == F32 || t == F64 || t == V128 }

// find looks through defined function i.
//
// A module that [Lower] made out of a valid one can be beyond a limit: then it errs.
func (s *wideSelects) find(m *Module, i int, fn *funcInfo) error {
	clear(s.at)
	if !fn.selects {
		return nil
	}
	if s.types == nil {
		s.types = operandTypes(m, s.selection)
	}
	return s.types.function(i)
}

func (s *wideSelects) selection(pos int, t ValType) {
	if !isWide(t) {
		return
	}
	if s.at == nil {
		s.at = map[int]ValType{}
	}
	s.at[pos] = t
}

func (e *emitter) selection(r *instrReader) {
	t := e.wide.at[r.Pos]
	if r.Op == OpSelectT && isWide(r.Types[0]) {
		t = r.Types[0]
	}
	if t == 0 {
		return
	}
	w := e.w
	w.res.Stats.Selects++
	e.flush(r.Pos)
	typ := BlockType(w.typeIndex([]ValType{t, t}, []ValType{t}))
	e.dst = typ.Append(append(e.dst, byte(OpIf)))
	e.dst = append(e.dst, byte(OpDrop), byte(OpElse), byte(OpBr), 0, byte(OpEnd))
	e.skip(r)
}
