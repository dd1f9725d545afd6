package wat

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// operands renders what follows the name of an instruction.
func (b *bodyPrinter) operands(in *corewasm.Instr) {
	if spaces := spacesOf(in.Op); spaces != nil {
		b.indices(in, spaces)
		return
	}
	switch imm := in.Op.Imm(); imm {
	case corewasm.ImmNone, corewasm.ImmZeroByte:
	case corewasm.ImmLocal:
		b.word(b.locals.ref(in.Index))
	case corewasm.ImmLabel:
		b.label(in.Index)
	case corewasm.ImmBrTable:
		for _, l := range in.Labels {
			b.label(l)
		}
	case corewasm.ImmMemArg:
		b.memArg(in)
	case corewasm.ImmMemArgLane:
		b.memArg(in)
		b.number(uint64(in.Lane))
	case corewasm.ImmLane:
		b.number(uint64(in.Lane))
	case corewasm.ImmCallIndirect:
		b.refUnlessZero(spaceTable, in.Index2)
		b.word("(type " + b.mp.ref(spaceType, in.Index) + ")")
	case corewasm.ImmTableCopy, corewasm.ImmMemoryCopy, corewasm.ImmTableInit, corewasm.ImmMemoryInit:
		b.bulk(in)
	case corewasm.ImmSelect:
		b.types("result", in.Types)
	case corewasm.ImmHeapType:
		b.word(b.mp.heapType(in.Heap))
	case corewasm.ImmCast:
		nullable := in.Op == corewasm.OpRefTestNull || in.Op == corewasm.OpRefCastNull
		b.word(b.mp.valType(corewasm.RefType(in.Heap, nullable)))
	case corewasm.ImmBrOnCast:
		b.label(in.Index)
		b.word(b.mp.valType(in.From))
		b.word(b.mp.valType(in.To))
	default:
		b.constant(in)
	}
}

// indices renders operands that are, or begin with, indices of these spaces.
func (b *bodyPrinter) indices(in *corewasm.Instr, spaces []space) {
	imm := in.Op.Imm()
	switch imm {
	case corewasm.ImmOrderedGlobal, corewasm.ImmOrderedTable, corewasm.ImmOrderedType, corewasm.ImmOrderedField:
		b.word(orderingWords[in.Order])
	}
	for i, s := range spaces {
		switch {
		case i > 0:
			b.ref(s, in.Index2)
		case s == spaceMemory || s == spaceTable:
			b.refUnlessZero(s, in.Index)
		default:
			b.ref(s, in.Index)
		}
	}
	switch imm {
	case corewasm.ImmArrayFixed:
		b.number(uint64(in.Index2))
	case corewasm.ImmResume, corewasm.ImmResumeThrow:
		b.handlers(in.Handlers)
	case corewasm.ImmField, corewasm.ImmOrderedField:
		b.ref(spaceType, in.Index)
		b.word(b.mp.fieldIDs(in.Index).ref(in.Index2))
	}
}

var orderingWords = [...]string{corewasm.SeqCst: "seqcst", corewasm.AcqRel: "acqrel"}

func (b *bodyPrinter) memArg(in *corewasm.Instr) {
	b.refUnlessZero(spaceMemory, in.Index)
	if in.Imm != 0 {
		b.text = strconv.AppendUint(append(b.text, " offset="...), in.Imm, 10)
	}
	if in.Align != naturalAlign(in.Op) {
		b.text = strconv.AppendUint(append(b.text, " align="...), 1<<in.Align, 10)
	}
}

func (b *bodyPrinter) bulk(in *corewasm.Instr) {
	switch in.Op.Imm() {
	case corewasm.ImmTableCopy, corewasm.ImmMemoryCopy:
		s := spaceMemory
		if in.Op.Imm() == corewasm.ImmTableCopy {
			s = spaceTable
		}
		if in.Index != 0 || in.Index2 != 0 {
			b.ref(s, in.Index)
			b.ref(s, in.Index2)
		}
	case corewasm.ImmTableInit:
		b.refUnlessZero(spaceTable, in.Index2)
		b.ref(spaceElem, in.Index)
	case corewasm.ImmMemoryInit:
		b.refUnlessZero(spaceMemory, in.Index2)
		b.ref(spaceData, in.Index)
	}
}

func (b *bodyPrinter) constant(in *corewasm.Instr) {
	switch in.Op.Imm() {
	case corewasm.ImmI32:
		b.text = strconv.AppendInt(append(b.text, ' '), int64(int32(in.Imm)), 10)
	case corewasm.ImmI64:
		b.text = strconv.AppendInt(append(b.text, ' '), int64(in.Imm), 10)
	case corewasm.ImmF32:
		b.word(formatF32.format(in.Imm))
	case corewasm.ImmF64:
		b.word(formatF64.format(in.Imm))
	case corewasm.ImmV128:
		b.word("i32x4")
		for i := 0; i < 16; i += 4 {
			b.text = fmt.Appendf(b.text, " 0x%08x", binary.LittleEndian.Uint32(in.Bytes[i:]))
		}
	case corewasm.ImmShuffle:
		for _, lane := range in.Bytes {
			b.number(uint64(lane))
		}
	default:
		panic("wat: operands of " + in.Op.String())
	}
}

var catchWords = [...]string{
	corewasm.CatchTag: "catch", corewasm.CatchTagRef: "catch_ref", corewasm.CatchAll: "catch_all", corewasm.CatchAllRef: "catch_all_ref",
}

func (b *bodyPrinter) catches(clauses []corewasm.Catch) {
	for _, c := range clauses {
		b.word("(" + catchWords[c.Kind])
		if c.Kind <= corewasm.CatchTagRef {
			b.ref(spaceTag, c.Tag)
		}
		b.label(c.Label)
		b.text = append(b.text, ')')
	}
}

func (b *bodyPrinter) handlers(handlers []corewasm.Handler) {
	for _, h := range handlers {
		b.word("(on")
		b.ref(spaceTag, h.Tag)
		if h.Switch {
			b.word("switch")
		} else {
			b.label(h.Label)
		}
		b.text = append(b.text, ')')
	}
}
