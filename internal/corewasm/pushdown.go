package corewasm

import "github.com/gondola-wasm/gondola/internal/leb128"

// Defence against locals that forget.
//
// wazero 1.12.0's compiler lets a handler see locals as they were when the try_table
// was entered (its issue 2503): what the body assigned before the throw is
// lost. A try_table whose body assigns no local is compiled rightly. So one that does is
// replaced by a plain block, and every instruction in it that can throw gets a
// try_table of its own with the same clauses, whose body is that instruction alone:
//
//	try_table bt (catch …) … call $f … end
//	block bt … (try_table (type of $f) (catch …) (call $f)) … end
//
// Nested ones are flattened: the clauses of the inner one come first. Only calls,
// throw and throw_ref can throw; a tail call leaves the frame and its handlers. The host
// throws nothing that wasm can catch.

// guard is a try_table that was pushed down: its frame and its clauses, whose labels
// count from outside that frame.
type guard struct {
	frame   int // index into frames
	clauses []Catch
}

func (e *emitter) enterTry(r *instrReader) {
	info := e.fn.tries[e.try]
	e.try++
	e.flush(r.Pos)
	if len(r.Catches) > 0 && (info.mutates || len(e.guards) > 0) {
		e.w.res.Stats.PushedDown++
		e.guards = append(e.guards, guard{len(e.frames), append([]Catch(nil), r.Catches...)})
		e.dst = r.Block.Append(append(e.dst, byte(OpBlock)))
	} else {
		clauses := e.mapClauses(nil, r.Catches, 0)
		e.dst = appendTryTable(e.dst, r.Block, clauses)
	}
	e.open(frame{op: OpTryTable}, 0)
	e.skip(r)
}

// mapClauses appends clauses whose labels count from n frames further out.
func (e *emitter) mapClauses(dst, clauses []Catch, n int) []Catch {
	for _, c := range clauses {
		c.Label = e.label(c.Label + uint32(n))
		dst = append(dst, c)
	}
	return dst
}

// throwing emits an instruction that can throw.
func (e *emitter) throwing(r *instrReader) {
	if len(e.guards) == 0 || e.w.cannotThrow(&r.Instr) {
		if r.Op == OpCall {
			e.function(r)
		}
		return
	}
	e.flush(r.Pos)
	e.dst = appendTryTable(e.dst, BlockType(e.typeOf(&r.Instr)), e.allClauses(r))
	if r.Op == OpCall {
		e.dst = leb128.AppendU32(append(e.dst, byte(OpCall)), e.w.index(r.Index))
		e.skip(r)
	}
	e.flush(r.pos)
	e.dst = append(e.dst, byte(OpEnd))
	if r.Op == OpThrow || r.Op == OpThrowRef {
		e.dst = append(e.dst, byte(OpUnreachable))
	}
}

// cannotThrow reports whether an instruction calls a function of the host or of a side
// part.
func (w *rewriter) cannotThrow(in *Instr) bool {
	return in.Op == OpCall && in.Index < w.first && w.hostImport(in.Index)
}

// allClauses are those of every guard that is open, the innermost first. Behind one
// that catches everything none can be reached.
func (e *emitter) allClauses(r *instrReader) (clauses []Catch) {
	for i := len(e.guards) - 1; i >= 0; i-- {
		g := e.guards[i]
		if e.w.clausesLeft -= len(g.clauses); e.w.clausesLeft < 0 {
			e.w.fail(e.index, r.Pos)
			return nil
		}
		clauses = e.mapClauses(clauses, g.clauses, len(e.frames)-g.frame)
		if g.catchesAll() {
			break
		}
	}
	return clauses
}

func (g guard) catchesAll() bool {
	for _, c := range g.clauses {
		if c.Kind >= CatchAll {
			return true
		}
	}
	return false
}

// maxClauses bounds what pushing down may add to a module. Compilers nest a few
// try_tables with a few clauses each.
const maxClauses = 1 << 22

// fail refuses a module whose try_tables would grow without measure.
func (w *rewriter) fail(i, pos int) {
	f := &w.m.Functions[i]
	offset := -1
	if f.Offset >= 0 {
		offset = f.Offset + pos
	}
	w.err = &Error{offset, whereFunction(w.m, i), "too many calls in nested try_tables with too many catch clauses"}
}

// typeOf is the type of a throwing instruction as a block.
func (e *emitter) typeOf(in *Instr) uint32 {
	w := e.w
	switch in.Op {
	case OpCall:
		t, _ := w.m.FuncTypeIndex(in.Index)
		return t
	case OpThrow:
		t, _ := w.m.TagTypeIndex(in.Index)
		return t
	case OpThrowRef:
		return w.typeIndex([]ValType{ExnRef}, nil)
	case OpCallRef:
		return w.calleeType(in.Index, RefType(HeapType(in.Index), true))
	default:
		return w.calleeType(in.Index, I32)
	}
}

// calleeType is function type t with the callee as one more parameter.
func (w *rewriter) calleeType(t uint32, callee ValType) uint32 {
	f := w.m.Types[t].FuncType
	params := append(f.Params[:len(f.Params):len(f.Params)], callee)
	return w.typeIndex(params, f.Results)
}
