package wat

import (
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// bodyText is a sequence of instructions that is being parsed. It never recurses: what
// is open stands in frames. One serves all bodies of a module, one after the other.
type bodyText struct {
	t          *moduleText
	locals     scope
	localTypes []corewasm.ValType
	dst        []byte // the binary form
	frames     []frame
	pending    []byte // binary forms of folded instructions, whose operands come first
	ifs        []heldIf

	labels     map[string]uint32 // the depth of the innermost open block with that label
	depth      uint32            // blocks that are open
	blocks     uint32            // blocks so far
	usesData   bool              // an instruction refers to a data segment
	labelNames []naming
	hints      []placedHint

	in corewasm.Instr // what operands are parsed into
}

// frame is a block or a folded instruction that is open.
type frame struct {
	kind    frameKind
	hint    hint      // of a folded instruction that is held back
	pending int32     // where the instruction begins in bodyText.pending
	at      int32     // the first token
	call    *heldCall // of a folded call_indirect that is held back as a whole
	label   *label    // of a block that has one
}

// Types are appended in the order of the instructions. So a folded call_indirect waits
// for its operands, and a folded if for its condition.
type (
	heldCall struct {
		op    corewasm.Opcode
		use   typeUse
		table uint32
	}
	heldIf struct {
		id   binding
		use  typeUse
		hint hint
	}
)

// label is the identifier of a block.
type label struct {
	id       ident
	shadowed uint32 // the depth of a block outside that has the same one, or 0
}

// frameKind says what a frame is, and which of its parts comes.
type frameKind uint8

const (
	// Blocks that `end` closes.
	flatBlock frameKind = iota // block, loop, try_table
	flatIf
	flatElse
	flatTry
	flatCatch
	flatCatchAll

	// Folded ones, which a parenthesis closes.
	foldedPlain
	foldedBlock
	foldedCondition // of an if
	foldedThen      // behind (then …)
	foldedElse      // behind (else …)
	foldedTry       // before (do …)
	foldedDo        // behind (do …)
	foldedCatch     // behind (catch …)
	foldedCatchAll  // behind (catch_all …)
	foldedDelegate  // behind (delegate …)
	foldedArm       // in one of these parts
)

// isFolded tells folded instructions from flat blocks.
func (k frameKind) isFolded() bool { return k >= foldedPlain }

func (b *bodyText) init(t *moduleText) {
	b.t = t
	b.locals.what = "local"
	b.labels = map[string]uint32{}
}

// begin forgets the body before.
func (b *bodyText) begin() {
	b.locals.reset()
	b.dst, b.frames, b.pending, b.ifs = b.dst[:0], b.frames[:0], b.pending[:0], b.ifs[:0]
	b.labelNames, b.hints = b.labelNames[:0], b.hints[:0]
	b.depth, b.blocks, b.usesData = 0, 0, false
}

// instrs parses instructions up to the parenthesis that closes what they stand in.
func (b *bodyText) instrs() {
	for !b.done() {
		b.step()
	}
}

// folded parses one folded instruction.
func (b *bodyText) folded() {
	b.step()
	for len(b.frames) > 0 {
		b.step()
	}
}

// done reports whether the end has come: a parenthesis that closes none of the frames.
func (b *bodyText) done() bool {
	if !b.t.at(tokRight) && !b.t.at(tokEOF) {
		return false
	}
	if n := len(b.frames); n > 0 && b.t.at(tokRight) && b.frames[n-1].kind.isFolded() {
		return false
	}
	if n := len(b.frames); n > 0 {
		b.unclosed(&b.frames[n-1])
	}
	return true
}

func (b *bodyText) unclosed(f *frame) {
	if f.kind.isFolded() {
		b.t.unexpected("`)`")
	}
	b.t.failWith(syntax.Errorf(b.t.span(), "unexpected token %s, expected `end`", b.t.found()).
		WithNote(b.t.spanOf(b.t.tokens[f.at]), "this `%s` is still open", b.t.spanOf(b.t.tokens[f.at]).Text()))
}

// step parses an instruction, or the beginning or the end of a folded one.
func (b *bodyText) step() {
	switch t := b.t; t.tok.kind {
	case tokLeft:
		b.open()
	case tokRight:
		if n := len(b.frames); !b.frames[n-1].kind.isFolded() {
			b.unclosed(&b.frames[n-1])
		}
		b.closeFolded()
	case tokKeyword:
		b.flat()
	default:
		t.unexpected("an instruction")
	}
}

// top is the innermost frame, or nil.
func (b *bodyText) top() *frame {
	if n := len(b.frames); n > 0 {
		return &b.frames[n-1]
	}
	return nil
}

func (b *bodyText) push(f frame) { b.frames = append(b.frames, f) }

func (b *bodyText) pop() frame {
	n := len(b.frames) - 1
	f := b.frames[n]
	b.frames = b.frames[:n]
	return f
}

// keepsInstructions reports whether instructions that are not folded can stand in a
// frame. That they can in a folded instruction, the specification doesn't say, but texts
// rely on it.
func (k frameKind) keepsInstructions() bool {
	return !k.isFolded() || k == foldedPlain || k == foldedBlock || k == foldedArm
}

// opcode consumes the name of an instruction.
func (b *bodyText) opcode() corewasm.Opcode {
	if !b.t.at(tokKeyword) {
		b.t.unexpected("an instruction")
	}
	op, ok := corewasm.LookupOpcode(b.t.text())
	if !ok {
		b.unknownOperator()
	}
	b.t.advance()
	return op
}

func (b *bodyText) unknownOperator() {
	word := b.t.text()
	b.t.failWith(syntax.Errorf(b.t.span(), "unknown operator `%s`", word).
		WithHint("%s", syntax.Suggest(word, corewasm.OpcodeNames())))
}

// flat parses an instruction that is not folded.
func (b *bodyText) flat() {
	at := int32(b.t.pos)
	if f := b.top(); f != nil && !f.kind.keepsInstructions() {
		b.t.unexpected("a folded instruction", "`)`")
	}
	b.place(b.takeHint())
	switch op := b.opcode(); op {
	case corewasm.OpBlock, corewasm.OpLoop, corewasm.OpIf, corewasm.OpTry, corewasm.OpTryTable:
		kind := flatBlock
		switch op {
		case corewasm.OpIf:
			kind = flatIf
		case corewasm.OpTry:
			kind = flatTry
		}
		f := frame{kind: kind, at: at}
		id := b.t.binding()
		use := b.blockType()
		b.openBlock(op, &f, id, &use)
		b.push(f)
	case corewasm.OpElse, corewasm.OpCatch, corewasm.OpCatchAll:
		b.flatClause(op, at)
	case corewasm.OpEnd, corewasm.OpDelegate:
		b.flatEnd(op, at)
	default:
		b.plain(op)
		b.dst = b.in.Append(b.dst)
	}
}

// flatClause parses what divides a flat block.
func (b *bodyText) flatClause(op corewasm.Opcode, at int32) {
	f := b.top()
	switch {
	case f != nil && op == corewasm.OpElse && f.kind == flatIf:
		f.kind = flatElse
		b.matchLabel(f)
	case f != nil && op == corewasm.OpCatch && (f.kind == flatTry || f.kind == flatCatch):
		f.kind = flatCatch
	case f != nil && op == corewasm.OpCatchAll && (f.kind == flatTry || f.kind == flatCatch):
		f.kind = flatCatchAll
	default:
		b.misplaced(op, at)
	}
	b.plain(op)
	b.dst = b.in.Append(b.dst)
}

// misplaced ends the parse because of an instruction that has no block to belong to.
func (b *bodyText) misplaced(op corewasm.Opcode, at int32) {
	what := "block"
	switch op {
	case corewasm.OpElse:
		what = "`if`"
	case corewasm.OpCatch, corewasm.OpCatchAll, corewasm.OpDelegate:
		what = "`try`"
	}
	b.t.fail(b.t.spanOf(b.t.tokens[at]), "unexpected token `%s`: there is no %s that it could belong to", op, what)
}

// flatEnd parses what closes a flat block.
func (b *bodyText) flatEnd(op corewasm.Opcode, at int32) {
	f := b.top()
	if f == nil || f.kind.isFolded() || op == corewasm.OpDelegate && f.kind != flatTry {
		b.misplaced(op, at)
	}
	if op == corewasm.OpEnd {
		b.matchLabel(f)
	}
	b.closeBlock(f)
	b.pop()
	b.plain(op)
	b.dst = b.in.Append(b.dst)
}

// matchLabel consumes the label that may be repeated behind `else` and `end`.
func (b *bodyText) matchLabel(f *frame) {
	id := b.t.id()
	if id.isZero() || f.label != nil && f.label.id.name == id.name {
		return
	}
	block := b.t.spanOf(b.t.tokens[f.at])
	err := syntax.Errorf(id.at, "mismatching label `%s`", id.at.Text())
	if f.label != nil {
		err.WithNote(f.label.id.at, "the block has another one")
	} else {
		err.WithNote(block, "the block has none")
	}
	b.t.failWith(err)
}

// openBlock appends an instruction that opens a block, and makes its label known. For
// try_table b.in has the catch clauses.
func (b *bodyText) openBlock(op corewasm.Opcode, f *frame, id binding, use *typeUse) {
	typ := b.blockOf(use)
	if op == corewasm.OpTryTable {
		b.catches()
	}
	b.in.Op, b.in.Block = op, typ
	b.dst = b.in.Append(b.dst)
	if id.named {
		b.labelNames = append(b.labelNames, naming{b.blocks, id.name})
	}
	b.blocks++
	b.depth++
	if !id.id.isZero() {
		f.label = &label{id.id, b.labels[id.id.name]}
		b.labels[id.id.name] = b.depth
	}
}

// closeBlock forgets the label of a block.
func (b *bodyText) closeBlock(f *frame) {
	b.depth--
	switch {
	case f.label == nil:
	case f.label.shadowed == 0:
		delete(b.labels, f.label.id.name)
	default:
		b.labels[f.label.id.name] = f.label.shadowed
	}
}

// labelIndex consumes a label.
func (b *bodyText) labelIndex() uint32 {
	t := b.t
	switch {
	case t.at(tokInteger):
		return t.u32()
	case !t.at(tokID):
		t.unexpected("a label")
	}
	id := t.id()
	depth, ok := b.labels[id.name]
	if !ok {
		known := map[string]definition{}
		for name := range b.labels {
			known[name] = definition{}
		}
		t.unknown("label", id, known)
	}
	return b.depth - depth
}

// blockType parses the type of a block.
func (b *bodyText) blockType() typeUse { return b.t.typeUse(nil) }

// blockOf is the binary form of a block's type: nothing or one result need no function
// type.
func (b *bodyText) blockOf(u *typeUse) corewasm.BlockType {
	switch f := u.typ; {
	case u.explicit || len(f.Params) > 0 || len(f.Results) > 1:
		return corewasm.BlockType(b.t.resolve(u))
	case len(f.Results) == 1:
		return corewasm.BlockOf(f.Results[0])
	}
	return corewasm.BlockVoid
}
