package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// open parses the beginning of a folded instruction, or of a part of one.
//
// Spec: WebAssembly core 3.0, section 6.5.11 (folded instructions).
func (b *bodyText) open() {
	if f := b.top(); f != nil && b.openArm(f) {
		return
	}
	at := int32(b.t.pos + 1)
	hint := b.takeHint()
	b.t.advance()
	switch op := b.opcode(); op {
	case corewasm.OpBlock, corewasm.OpLoop, corewasm.OpTryTable:
		b.place(hint)
		f := frame{kind: foldedBlock, at: at}
		id := b.t.binding()
		use := b.blockType()
		b.openBlock(op, &f, id, &use)
		b.push(f)
	case corewasm.OpIf:
		b.openIf(at, hint)
	case corewasm.OpTry:
		b.place(hint)
		f := frame{kind: foldedTry, at: at}
		id := b.t.binding()
		use := b.blockType()
		b.openBlock(op, &f, id, &use)
		b.push(f)
	case corewasm.OpElse, corewasm.OpEnd, corewasm.OpCatch, corewasm.OpCatchAll, corewasm.OpDelegate:
		b.misplaced(op, at)
	default:
		f := frame{kind: foldedPlain, at: at, hint: hint, pending: int32(len(b.pending))}
		if f.call = b.heldCall(op); f.call == nil {
			b.pending = b.in.Append(b.pending)
		}
		b.push(f)
	}
}

// heldCall parses the operands of an instruction, and returns those of a call_indirect
// whose type may have to be appended.
func (b *bodyText) heldCall(op corewasm.Opcode) *heldCall {
	if op.Imm() != corewasm.ImmCallIndirect {
		b.plain(op)
		return nil
	}
	use := b.callIndirect()
	return &heldCall{op, use, b.in.Index2}
}

func (b *bodyText) openIf(at int32, hint hint) {
	b.ifs = append(b.ifs, heldIf{b.t.binding(), b.blockType(), hint})
	b.push(frame{kind: foldedCondition, at: at})
}

// openArm parses `(then`, `(else`, `(do`, `(catch` and so on, if that is what can come
// in the innermost frame.
func (b *bodyText) openArm(f *frame) bool {
	word := b.t.peekOpen()
	switch {
	case f.kind == foldedCondition && word == "then":
		b.endCondition(f)
		f.kind = foldedThen
	case f.kind == foldedThen && word == "else":
		b.dst = append(b.dst, byte(corewasm.OpElse))
		f.kind = foldedElse
	case f.kind == foldedThen:
		b.t.unexpected("`(else`", "`)`")
	case f.kind == foldedElse || f.kind == foldedCatchAll || f.kind == foldedDelegate:
		b.t.unexpected("`)`")
	case f.kind == foldedTry && word == "do":
		f.kind = foldedDo
	case f.kind == foldedTry:
		b.t.unexpected("`(do`")
	case f.kind == foldedDo || f.kind == foldedCatch:
		b.openCatch(f, word)
		return true
	default:
		return false
	}
	b.openArmForm()
	return true
}

// openArmForm consumes the parenthesis and the keyword of an arm.
func (b *bodyText) openArmForm() {
	b.push(frame{kind: foldedArm, at: int32(b.t.pos)})
	b.t.advance()
	b.t.advance()
}

// endCondition appends the `if` whose condition is complete.
func (b *bodyText) endCondition(f *frame) {
	n := len(b.ifs) - 1
	b.place(b.ifs[n].hint)
	b.openBlock(corewasm.OpIf, f, b.ifs[n].id, &b.ifs[n].use)
	b.ifs = b.ifs[:n]
}

// openCatch parses `(catch $tag`, `(catch_all`, or, directly behind (do …),
// `(delegate $label`.
func (b *bodyText) openCatch(f *frame, word string) {
	op, _ := corewasm.LookupOpcode(word)
	switch {
	case op == corewasm.OpCatch:
		f.kind = foldedCatch
	case op == corewasm.OpCatchAll:
		f.kind = foldedCatchAll
	case op == corewasm.OpDelegate && f.kind == foldedDo:
		f.kind = foldedDelegate
		b.closeBlock(f)
	default:
		b.t.unexpected("`(catch`", "`(catch_all`", "`(delegate`", "`)`")
	}
	b.openArmForm()
	b.plain(op)
	b.dst = b.in.Append(b.dst)
	if op == corewasm.OpDelegate && !b.t.at(tokRight) {
		b.t.unexpected("`)`")
	}
}

// closeFolded consumes the parenthesis that closes the innermost frame, and appends
// what comes last of it.
func (b *bodyText) closeFolded() {
	switch f := b.pop(); f.kind {
	case foldedPlain:
		b.closePlain(&f)
	case foldedCondition:
		b.t.unexpected("`(then`")
	case foldedTry:
		b.t.unexpected("`(do`")
	case foldedArm, foldedDelegate:
	default:
		b.closeBlock(&f)
		b.dst = append(b.dst, byte(corewasm.OpEnd))
	}
	b.t.advance()
}

func (b *bodyText) closePlain(f *frame) {
	b.place(f.hint)
	if f.call != nil {
		b.in.Op, b.in.Index, b.in.Index2 = f.call.op, b.t.resolve(&f.call.use), f.call.table
		b.dst = b.in.Append(b.dst)
		return
	}
	b.dst = append(b.dst, b.pending[f.pending:]...)
	b.pending = b.pending[:f.pending]
}
