package corewasm

import (
	"encoding/binary"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Append appends the binary form of an instruction. Of Instr's fields those count
// that the kind of its immediates names.
func (in *Instr) Append(dst []byte) []byte {
	dst = appendOpcode(dst, in.Op)
	switch in.Op.Imm() {
	case ImmInvalid, ImmNone:
		return dst
	case ImmLocal, ImmLabel, ImmFunc, ImmGlobal, ImmType, ImmTag, ImmTable, ImmElem, ImmData, ImmMemory:
		return leb128.AppendU32(dst, in.Index)
	case ImmCallIndirect, ImmTableCopy, ImmTableInit, ImmMemoryCopy, ImmMemoryInit, ImmField, ImmArrayFixed, ImmArrayData, ImmArrayElem,
		ImmTypes, ImmTypeTag:
		return appendPair(dst, in)
	case ImmBlock:
		return in.Block.Append(dst)
	case ImmTryTable:
		return appendCatches(in.Block.Append(dst), in.Catches)
	case ImmBrTable:
		return appendLabels(dst, in.Labels)
	case ImmMemArg:
		return in.appendMemArg(dst)
	case ImmMemArgLane:
		return append(in.appendMemArg(dst), in.Lane)
	case ImmLane:
		return append(dst, in.Lane)
	case ImmZeroByte:
		return append(dst, 0)
	case ImmI32, ImmI64:
		return leb128.AppendS64(dst, int64(in.Imm))
	case ImmF32:
		return binary.LittleEndian.AppendUint32(dst, uint32(in.Imm))
	case ImmF64:
		return binary.LittleEndian.AppendUint64(dst, in.Imm)
	case ImmV128, ImmShuffle:
		return append(dst, in.Bytes...)
	case ImmSelect:
		return appendValTypes(dst, in.Types)
	case ImmHeapType, ImmCast:
		return in.Heap.Append(dst)
	case ImmBrOnCast:
		return in.appendBrOnCast(dst)
	case ImmOrderedGlobal, ImmOrderedTable, ImmOrderedType:
		return leb128.AppendU32(append(dst, byte(in.Order)), in.Index)
	case ImmOrderedField:
		return appendPair(append(dst, byte(in.Order)), in)
	case ImmResume:
		return appendHandlers(leb128.AppendU32(dst, in.Index), in.Handlers)
	case ImmResumeThrow:
		return appendHandlers(appendPair(dst, in), in.Handlers)
	}
	panic("corewasm: immediates of " + in.Op.String())
}

func appendPair(dst []byte, in *Instr) []byte {
	return leb128.AppendU32(leb128.AppendU32(dst, in.Index), in.Index2)
}

// memArgMemory is the bit beside the alignment that announces a memory index.
const memArgMemory = 0x40

func (in *Instr) appendMemArg(dst []byte) []byte {
	if in.Index == 0 {
		dst = leb128.AppendU32(dst, in.Align)
	} else {
		dst = leb128.AppendU32(leb128.AppendU32(dst, in.Align|memArgMemory), in.Index)
	}
	return leb128.AppendU64(dst, in.Imm)
}

func appendCatches(dst []byte, catches []Catch) []byte {
	return appendVec(dst, catches, func(dst []byte, c *Catch) []byte {
		dst = append(dst, byte(c.Kind))
		if c.Kind <= CatchTagRef {
			dst = leb128.AppendU32(dst, c.Tag)
		}
		return leb128.AppendU32(dst, c.Label)
	})
}

// appendLabels appends a br_table's labels, of which the default is the last.
func appendLabels(dst []byte, labels []uint32) []byte {
	dst = leb128.AppendU32(dst, uint32(len(labels)-1))
	for _, l := range labels {
		dst = leb128.AppendU32(dst, l)
	}
	return dst
}

func (in *Instr) appendBrOnCast(dst []byte) []byte {
	dst = append(dst, boolByte(in.From.Nullable())|boolByte(in.To.Nullable())<<1)
	dst = leb128.AppendU32(dst, in.Index)
	return in.To.Heap().Append(in.From.Heap().Append(dst))
}

func appendHandlers(dst []byte, handlers []Handler) []byte {
	return appendVec(dst, handlers, func(dst []byte, h *Handler) []byte {
		dst = leb128.AppendU32(append(dst, boolByte(h.Switch)), h.Tag)
		if h.Switch {
			return dst
		}
		return leb128.AppendU32(dst, h.Label)
	})
}
