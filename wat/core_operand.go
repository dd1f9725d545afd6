package wat

import (
	"strings"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// operandSpaces are the index spaces of the one or two indices that an instruction's
// operands are, or begin with.
var operandSpaces = [...][]space{
	corewasm.ImmFunc:          {spaceFunc},
	corewasm.ImmGlobal:        {spaceGlobal},
	corewasm.ImmType:          {spaceType},
	corewasm.ImmTag:           {spaceTag},
	corewasm.ImmElem:          {spaceElem},
	corewasm.ImmData:          {spaceData},
	corewasm.ImmMemory:        {spaceMemory},
	corewasm.ImmTable:         {spaceTable},
	corewasm.ImmArrayFixed:    {spaceType},
	corewasm.ImmArrayData:     {spaceType, spaceData},
	corewasm.ImmArrayElem:     {spaceType, spaceElem},
	corewasm.ImmTypes:         {spaceType, spaceType},
	corewasm.ImmTypeTag:       {spaceType, spaceTag},
	corewasm.ImmResume:        {spaceType},
	corewasm.ImmResumeThrow:   {spaceType, spaceTag},
	corewasm.ImmOrderedGlobal: {spaceGlobal},
	corewasm.ImmOrderedTable:  {spaceTable},
	corewasm.ImmOrderedType:   {spaceType},
	corewasm.ImmOrderedField:  {}, // but field
	corewasm.ImmField:         {}, // but field
}

// spacesOf are the operandSpaces of an instruction, nil if there are none.
func spacesOf(op corewasm.Opcode) []space {
	if imm := op.Imm(); int(imm) < len(operandSpaces) {
		return operandSpaces[imm]
	}
	return nil
}

// plain parses what follows the name of an instruction, into b.in.
//
// Spec: WebAssembly core 3.0, section 6.5 (instructions).
func (b *bodyText) plain(op corewasm.Opcode) {
	b.in.Op = op
	if spaces := spacesOf(op); spaces != nil {
		b.indices(op.Imm(), spaces)
		return
	}
	in, t := &b.in, b.t
	switch op.Imm() {
	case corewasm.ImmNone, corewasm.ImmZeroByte:
		if op == corewasm.OpSelect {
			b.selectTypes()
		}
	case corewasm.ImmLocal:
		in.Index = b.locals.index(t.parser)
	case corewasm.ImmI32:
		in.Imm = uint64(int32(t.int(32)))
	case corewasm.ImmI64:
		in.Imm = t.int(64)
	case corewasm.ImmF32:
		in.Imm = t.float(formatF32)
	case corewasm.ImmF64:
		in.Imm = t.float(formatF64)
	case corewasm.ImmMemArg:
		b.memArg()
	case corewasm.ImmMemArgLane:
		b.memArgLane()
	case corewasm.ImmLane:
		in.Lane = t.lane()
	case corewasm.ImmLabel:
		in.Index = b.labelIndex()
	case corewasm.ImmBrTable:
		b.brTable()
	case corewasm.ImmCallIndirect:
		use := b.callIndirect()
		in.Index = t.resolve(&use)
	case corewasm.ImmMemoryCopy, corewasm.ImmTableCopy, corewasm.ImmMemoryInit, corewasm.ImmTableInit:
		b.bulk(op.Imm())
	case corewasm.ImmV128:
		in.Bytes = t.v128()
	case corewasm.ImmShuffle:
		in.Bytes = t.shuffle()
	case corewasm.ImmHeapType:
		in.Heap = t.coreHeapType(t.types)
	case corewasm.ImmCast:
		b.cast(op)
	case corewasm.ImmBrOnCast:
		in.Index = b.labelIndex()
		in.From = t.coreRefType(t.types)
		in.To = t.coreRefType(t.types)
	default:
		panic("wat: operands of " + op.String())
	}
}

// indices parses operands that are, or begin with, indices of these spaces.
func (b *bodyText) indices(imm corewasm.Imm, spaces []space) {
	switch imm {
	case corewasm.ImmOrderedGlobal, corewasm.ImmOrderedTable, corewasm.ImmOrderedType, corewasm.ImmOrderedField:
		b.in.Order = b.t.ordering()
	}
	for i, s := range spaces {
		if v := b.index(s); i == 0 {
			b.in.Index = v
		} else {
			b.in.Index2 = v
		}
	}
	switch imm {
	case corewasm.ImmArrayFixed:
		b.in.Index2 = b.t.u32()
	case corewasm.ImmResume, corewasm.ImmResumeThrow:
		b.handlers()
	case corewasm.ImmField, corewasm.ImmOrderedField:
		b.field()
	}
}

// index consumes the index of an operand. Memories and tables may be left out.
func (b *bodyText) index(s space) uint32 {
	switch s {
	case spaceMemory, spaceTable:
		return b.t.indexOrZero(s)
	case spaceData:
		b.usesData = true
	}
	return b.t.spaces[s].index(b.t.parser)
}

// indexOrZero consumes an index, if one comes.
func (t *moduleText) indexOrZero(s space) uint32 {
	if !t.atIndex() {
		return 0
	}
	return t.spaces[s].index(t.parser)
}

// bulk parses the operands of instructions on two memories or tables, or on one and a
// segment.
func (b *bodyText) bulk(imm corewasm.Imm) {
	in, t := &b.in, b.t
	s := spaceMemory
	if imm == corewasm.ImmTableCopy || imm == corewasm.ImmTableInit {
		s = spaceTable
	}
	in.Index, in.Index2 = 0, 0
	switch imm {
	case corewasm.ImmMemoryCopy, corewasm.ImmTableCopy:
		if t.atIndex() {
			in.Index = t.spaces[s].index(t.parser)
			in.Index2 = t.spaces[s].index(t.parser)
		}
		return
	}
	if t.atTwoIndices() {
		in.Index2 = t.spaces[s].index(t.parser)
	}
	if imm == corewasm.ImmMemoryInit {
		in.Index = b.index(spaceData)
	} else {
		in.Index = b.index(spaceElem)
	}
}

// atTwoIndices reports whether two indices come.
func (t *moduleText) atTwoIndices() bool {
	k := t.parser.next().kind
	return t.atIndex() && (k == tokInteger || k == tokID)
}

// callIndirect parses the operands of call_indirect: the table goes into b.in.
func (b *bodyText) callIndirect() typeUse {
	b.in.Index2 = b.t.indexOrZero(spaceTable)
	return b.t.typeUse(nil)
}

func (b *bodyText) brTable() {
	labels := append(b.in.Labels[:0], b.labelIndex())
	for b.t.atIndex() {
		labels = append(labels, b.labelIndex())
	}
	b.in.Labels = labels
}

// selectTypes parses the `(result …)` of a select, which make another instruction of
// it.
func (b *bodyText) selectTypes() {
	if !b.t.atOpen("result") {
		return
	}
	b.in.Op = corewasm.OpSelectT
	b.in.Types = b.t.signature(b.t.types, nil).Results
}

// cast parses the type of ref.test or ref.cast. Whether it has null is part of the
// opcode.
func (b *bodyText) cast(op corewasm.Opcode) {
	typ := b.t.coreRefType(b.t.types)
	b.in.Heap = typ.Heap()
	if !typ.Nullable() {
		return
	}
	b.in.Op = corewasm.OpRefCastNull
	if op == corewasm.OpRefTest {
		b.in.Op = corewasm.OpRefTestNull
	}
}

// field parses a struct type and one of its fields.
func (b *bodyText) field() {
	in, t := &b.in, b.t
	in.Index = t.types(t.parser)
	fields := t.fields[in.Index]
	if fields == nil {
		fields = &scope{what: "field"}
	}
	in.Index2 = fields.index(t.parser)
}

// catches parses the clauses of a try_table.
func (b *bodyText) catches() {
	t := b.t
	clauses := b.in.Catches[:0]
	for {
		var c corewasm.Catch
		switch {
		case t.gotOpen("catch"):
			c.Kind = corewasm.CatchTag
		case t.gotOpen("catch_ref"):
			c.Kind = corewasm.CatchTagRef
		case t.gotOpen("catch_all"):
			c.Kind = corewasm.CatchAll
		case t.gotOpen("catch_all_ref"):
			c.Kind = corewasm.CatchAllRef
		default:
			b.in.Catches = clauses
			return
		}
		if c.Kind <= corewasm.CatchTagRef {
			c.Tag = t.spaces[spaceTag].index(t.parser)
		}
		c.Label = b.labelIndex()
		t.close()
		clauses = append(clauses, c)
	}
}

// handlers parses the `(on …)` clauses of a resume instruction.
func (b *bodyText) handlers() {
	t := b.t
	handlers := b.in.Handlers[:0]
	for t.gotOpen("on") {
		h := corewasm.Handler{Tag: t.spaces[spaceTag].index(t.parser)}
		if h.Switch = t.gotKeyword("switch"); !h.Switch {
			h.Label = b.labelIndex()
		}
		t.close()
		handlers = append(handlers, h)
	}
	b.in.Handlers = handlers
}

// ordering parses a memory ordering, whose names have had underscores once.
func (t *moduleText) ordering() corewasm.Ordering {
	switch {
	case t.gotKeyword("seqcst"), t.gotKeyword("seq_cst"):
		return corewasm.SeqCst
	case t.gotKeyword("acqrel"), t.gotKeyword("acq_rel"):
		return corewasm.AcqRel
	}
	t.unexpected("`seqcst`", "`acqrel`")
	return 0
}

// memArg parses the memory, offset and alignment of an access.
func (b *bodyText) memArg() {
	in, t := &b.in, b.t
	in.Index = t.indexOrZero(spaceMemory)
	in.Imm, _ = t.setting("offset=")
	at := t.span()
	align, ok := t.setting("align=")
	switch {
	case !ok:
		in.Align = naturalAlign(in.Op)
		return
	case align == 0 || align&(align-1) != 0:
		t.fail(at, "alignment must be a power of two")
	}
	in.Align = 0
	for align >>= 1; align > 0; align >>= 1 {
		in.Align++
	}
}

// setting consumes a keyword like `offset=8`, if it begins so.
func (t *moduleText) setting(prefix string) (v uint64, ok bool) {
	if !t.at(tokKeyword) {
		return 0, false
	}
	digits, ok := strings.CutPrefix(t.text(), prefix)
	if !ok {
		return 0, false
	}
	if !isInteger(digits) || digits[0] == '+' || digits[0] == '-' {
		t.unexpected("`" + prefix + "` and a number")
	}
	if v, ok = parseUint(digits, 64); !ok {
		t.fail(t.span(), "i64 constant out of range: %s", digits)
	}
	t.advance()
	return v, true
}

func (b *bodyText) memArgLane() {
	if b.laneAlone() {
		b.in.Index, b.in.Imm, b.in.Align = 0, 0, naturalAlign(b.in.Op)
	} else {
		b.memArg()
	}
	b.in.Lane = b.t.lane()
}

// laneAlone reports whether the lane of a memory access comes at once, rather than the
// index of its memory.
func (b *bodyText) laneAlone() bool {
	t := b.t
	if !t.at(tokInteger) {
		return false
	}
	n := t.parser.next()
	word := t.file.Src[n.start:n.end]
	return n.kind != tokInteger && !strings.HasPrefix(word, "offset=") && !strings.HasPrefix(word, "align=")
}
