package corewasm

import "encoding/binary"

// Instr is one decoded instruction. Which fields are set depends on the kind of
// its immediates, [Opcode.Imm]. Slices belong to the reader and are overwritten by
// the next instruction.
type Instr struct {
	Op      Opcode
	Pos     int // of the opcode, in the code that is read
	Index   uint32
	Index2  uint32
	Imm     uint64
	Align   uint32 // exponent
	Lane    byte
	Block   BlockType
	Heap    HeapType
	Labels  []uint32
	Types   []ValType
	Catches []Catch
	Bytes   []byte
}

// CatchKind is the kind of a catch clause; its values are the binary format's.
type CatchKind byte

// Kinds of catch clauses.
const (
	CatchTag CatchKind = iota
	CatchTagRef
	CatchAll
	CatchAllRef
)

// Catch is a clause of a try_table. The label counts from outside the try_table.
type Catch struct {
	Kind  CatchKind
	Tag   uint32 // unless CatchAll or CatchAllRef
	Label uint32
}

// instrReader reads instructions one after the other into its Instr.
type instrReader struct {
	reader
	Instr
}

// next reads one instruction. It returns false at the end and after an error.
func (r *instrReader) next() bool {
	if !r.more() {
		return false
	}
	r.Pos = r.pos
	r.Op = Opcode(r.b[r.pos])
	r.pos++
	info := &plainOps[r.Op&0xff]
	if r.Op >= 0xfc {
		info = r.prefixed()
	}
	r.immediates(info)
	return r.err == nil
}

func (r *instrReader) prefixed() *opInfo {
	prefix := r.Op
	code := r.u32()
	if prefix == 0xff || code > 0xffff {
		r.Op = prefix << 16
		return &opInfo{}
	}
	r.Op = prefix<<16 | Opcode(code)
	return r.Op.info()
}

func (r *instrReader) immediates(info *opInfo) {
	switch info.imm {
	case ImmNone:
	case ImmLocal, ImmLabel, ImmFunc, ImmGlobal, ImmType, ImmTag, ImmTable, ImmElem, ImmData, ImmMemory:
		r.Index = r.u32()
	case ImmI32:
		r.Imm = uint64(int64(r.s32()))
	case ImmI64:
		r.Imm = uint64(r.s64())
	case ImmMemArg:
		r.memArg()
	case ImmBlock:
		r.Block = r.blockType()
	case ImmCallIndirect, ImmTableCopy, ImmTableInit, ImmMemoryCopy, ImmMemoryInit:
		r.Index = r.u32()
		r.Index2 = r.u32()
	default:
		r.rareImmediates(info)
	}
}

func (r *instrReader) rareImmediates(info *opInfo) {
	switch info.imm {
	case ImmBrTable:
		r.brTable()
	case ImmTryTable:
		r.tryTable()
	case ImmSelect:
		r.selectTypes()
	case ImmF32:
		if b := r.bytes(4); b != nil {
			r.Imm = uint64(binary.LittleEndian.Uint32(b))
		}
	case ImmF64:
		if b := r.bytes(8); b != nil {
			r.Imm = binary.LittleEndian.Uint64(b)
		}
	case ImmV128, ImmShuffle:
		r.Bytes = r.bytes(16)
	case ImmLane:
		r.Lane = r.byte()
	case ImmMemArgLane:
		r.memArg()
		r.Lane = r.byte()
	case ImmHeapType:
		r.Heap = r.heapType()
	case ImmZeroByte:
		if pos := r.pos; r.byte() != 0 {
			r.fail(pos, "zero byte expected")
		}
	case ImmRefused:
		r.unsupported(r.Pos, info.feature, "%s: %s is not supported%s", r.Op, info.feature, remedies[info.feature])
	default:
		r.illegal()
	}
}

var remedies = map[string]string{
	featureLegacyEH: "; compile for try_table, the standard exception handling",
}

func (r *instrReader) illegal() {
	if r.Op == 0xfb {
		r.unsupported(r.Pos, featureGC, "garbage-collection instructions are not supported")
		return
	}
	r.fail(r.Pos, "illegal %s", r.Op)
}

func (r *instrReader) memArg() {
	pos := r.pos
	a := r.u32()
	r.Index = 0
	if a&0x40 != 0 {
		r.Index = r.u32()
	}
	if r.Align = a &^ 0x40; r.Align >= 32 {
		r.fail(pos, "malformed memop flags %#x", a)
	}
	r.Imm = uint64(r.u32())
}

func (r *instrReader) brTable() {
	n := r.count("br_table labels", MaxBodySize, 1)
	r.Labels = r.Labels[:0]
	for ; n >= 0 && r.err == nil; n-- {
		r.Labels = append(r.Labels, r.u32())
	}
}

func (r *instrReader) selectTypes() {
	n := r.count("types of a select", 1, 1)
	r.Types = r.Types[:0]
	for ; n > 0 && r.err == nil; n-- {
		r.Types = append(r.Types, r.valType())
	}
	if r.err == nil && len(r.Types) != 1 {
		r.fail(r.Pos, "invalid result arity: a typed select has one type")
	}
}

func (r *instrReader) tryTable() {
	r.Block = r.blockType()
	n := r.count("catch clauses", MaxCatches, 2)
	r.Catches = r.Catches[:0]
	for ; n > 0 && r.err == nil; n-- {
		r.Catches = append(r.Catches, r.catch())
	}
}

func (r *instrReader) catch() (c Catch) {
	pos := r.pos
	c.Kind = CatchKind(r.byte())
	if c.Kind > CatchAllRef {
		r.fail(pos, "malformed catch clause %#x", byte(c.Kind))
	}
	if c.Kind <= CatchTagRef {
		c.Tag = r.u32()
	}
	c.Label = r.u32()
	return c
}
