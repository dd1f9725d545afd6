package wat

import (
	"strconv"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// bodyPrinter writes instructions.
type bodyPrinter struct {
	mp     *modulePrinter
	where  string // for errors
	locals idTable
	labels nameTable // of the function, by the number of the block
	blocks uint32    // so far
	open   []openBlock
	inner  map[string]int // the depth of the innermost open block with that label
	text   []byte         // the last instruction
}

// openBlock is a block that is open.
type openBlock struct {
	op       corewasm.Opcode // what came last of it: if, else, catch and so on
	label    string          // its identifier, or ""
	shadowed int             // the depth of the block outside that has the same one, or 0
}

func (b *bodyPrinter) init(mp *modulePrinter) {
	b.mp = mp
	b.inner = map[string]int{}
}

func (b *bodyPrinter) begin(where string, locals idTable, labels nameTable) {
	b.where, b.locals, b.labels, b.blocks, b.open = where, locals, labels, 0, b.open[:0]
}

func (b *bodyPrinter) fail(msg string) error {
	return &corewasm.Error{Offset: -1, Where: b.where, Msg: msg}
}

// lines writes instructions each on a line of its own, without the final end.
func (b *bodyPrinter) lines(body *corewasm.Body) error {
	return b.walk(body, func(depth int, opened bool) {
		b.mp.lineAt(depth)
		b.mp.w.Write(b.text)
		if opened && b.open[depth].label == "" {
			b.mp.text(" ;; label = @" + strconv.Itoa(depth+1))
		}
	})
}

// inline renders the instructions of an expression, without the final end.
func (b *bodyPrinter) inline(x corewasm.ConstExpr) (instrs []string, err error) {
	b.begin("constant expression", idTable{}, nil)
	err = b.walk(x.Walk(), func(int, bool) { instrs = append(instrs, string(b.text)) })
	return instrs, err
}

// walk renders one instruction after the other into b.text. depth is how many blocks an
// instruction stands in, opened whether it opens another one.
func (b *bodyPrinter) walk(body *corewasm.Body, write func(depth int, opened bool)) error {
	for {
		in := body.Next()
		if in == nil {
			if err := body.Err(); err != nil {
				return err
			}
			return b.fail("unexpected end: the final end is missing")
		}
		if in.Op == corewasm.OpEnd && len(b.open) == 0 {
			if body.Next() != nil || body.Err() != nil {
				return b.fail("instructions after the final end")
			}
			return nil
		}
		before := len(b.open)
		b.text = append(b.text[:0], in.Op.String()...)
		if err := b.instr(in); err != nil {
			return err
		}
		write(min(before, b.depthOf(in.Op)), len(b.open) > before)
	}
}

// depthOf is how many blocks an instruction that has been rendered stands in: what
// divides a block stands outside of it.
func (b *bodyPrinter) depthOf(op corewasm.Opcode) int {
	switch op {
	case corewasm.OpElse, corewasm.OpCatch, corewasm.OpCatchAll:
		return len(b.open) - 1
	}
	return len(b.open)
}

func (b *bodyPrinter) instr(in *corewasm.Instr) error {
	switch op := in.Op; op {
	case corewasm.OpBlock, corewasm.OpLoop, corewasm.OpIf, corewasm.OpTry, corewasm.OpTryTable:
		b.enter(in)
		return nil
	case corewasm.OpElse, corewasm.OpCatch, corewasm.OpCatchAll:
		if !b.divides(op) {
			return b.fail(op.String() + " without a block that it could belong to")
		}
		b.open[len(b.open)-1].op = op
	case corewasm.OpEnd:
		b.leave()
	case corewasm.OpDelegate:
		if n := len(b.open); n == 0 || b.open[n-1].op != corewasm.OpTry {
			return b.fail("delegate without try")
		}
		b.leave()
	}
	b.operands(in)
	return nil
}

// divides reports whether op may come in the innermost block.
func (b *bodyPrinter) divides(op corewasm.Opcode) bool {
	if len(b.open) == 0 {
		return false
	}
	last := b.open[len(b.open)-1].op
	if op == corewasm.OpElse {
		return last == corewasm.OpIf
	}
	return last == corewasm.OpTry || last == corewasm.OpCatch
}

// enter renders an instruction that opens a block.
func (b *bodyPrinter) enter(in *corewasm.Instr) {
	block := openBlock{op: in.Op}
	if name, ok := b.labels[b.blocks]; ok {
		if canBeID(name) {
			block.label = idText(name)
			b.word(block.label)
		} else {
			b.word(nameAnnotation(name))
		}
	}
	b.blocks++
	b.blockType(in.Block)
	if in.Op == corewasm.OpTryTable {
		b.catches(in.Catches)
	}
	b.open = append(b.open, block)
	if block.label != "" {
		b.open[len(b.open)-1].shadowed = b.inner[block.label]
		b.inner[block.label] = len(b.open)
	}
}

func (b *bodyPrinter) leave() {
	n := len(b.open) - 1
	block := b.open[n]
	b.open = b.open[:n]
	switch {
	case block.label == "":
	case block.shadowed == 0:
		delete(b.inner, block.label)
	default:
		b.inner[block.label] = block.shadowed
	}
}

// label renders how a block is referred to from inside: by its identifier if that isn't
// hidden by another block's, else by a number and a comment that lines has at the block.
func (b *bodyPrinter) label(relative uint32) {
	depth := int64(len(b.open)) - int64(relative)
	if depth > 0 {
		if l := b.open[depth-1].label; l != "" && b.inner[l] == int(depth) {
			b.word(l)
			return
		}
	}
	b.number(uint64(relative))
	if depth > 0 {
		b.text = append(strconv.AppendInt(append(b.text, " (;@"...), depth, 10), ";)"...)
	}
}

// maxSpelledBlock is like maxSpelled, for blocks, which are smaller than functions.
const maxSpelledBlock = 128

func (b *bodyPrinter) blockType(t corewasm.BlockType) {
	if r, ok := t.Result(); ok {
		b.word("(result " + b.mp.valType(r) + ")")
	}
	i, ok := t.Index()
	if !ok {
		return
	}
	b.word("(type " + b.mp.ref(spaceType, i) + ")")
	if b.mp.funcType(i) == nil {
		return
	}
	if s := b.mp.spelled(i); s != "" && len(s) <= maxSpelledBlock {
		b.word(s)
	}
}

func (b *bodyPrinter) types(word string, ts []corewasm.ValType) {
	b.word("(" + word)
	for _, t := range ts {
		b.word(b.mp.valType(t))
	}
	b.text = append(b.text, ')')
}

// word appends a word to the instruction.
func (b *bodyPrinter) word(s string) {
	b.text = append(append(b.text, ' '), s...)
}

func (b *bodyPrinter) number(v uint64) {
	b.text = strconv.AppendUint(append(b.text, ' '), v, 10)
}

func (b *bodyPrinter) ref(s space, i uint32) { b.word(b.mp.ref(s, i)) }

// refUnlessZero appends the index of a memory or table, which needn't be said if it is 0.
func (b *bodyPrinter) refUnlessZero(s space, i uint32) {
	if i != 0 {
		b.ref(s, i)
	}
}
