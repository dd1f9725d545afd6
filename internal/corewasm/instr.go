package corewasm

import "encoding/binary"

// Instr is one decoded instruction. Which fields are set depends on the kind of
// its immediates, [Opcode.Imm]. Slices belong to the reader and are overwritten by
// the next instruction.
type Instr struct {
	Op       Opcode
	Pos      int  // of the opcode, in the code that is read
	Odd      bool // it is written in a longer way than Append has, which not every engine reads
	Index    uint32
	Index2   uint32
	Imm      uint64
	Align    uint32 // exponent
	Lane     byte
	Order    Ordering
	Block    BlockType
	Heap     HeapType
	From, To ValType // references
	Labels   []uint32
	Types    []ValType
	Catches  []Catch
	Handlers []Handler
	Bytes    []byte
}

// Ordering is the memory ordering of an atomic access; its values are the binary
// format's.
type Ordering byte

// Memory orderings.
const (
	SeqCst Ordering = iota
	AcqRel
)

// Handler is a clause of a resume instruction: what suspends with Tag goes to Label,
// or, if Switch, to the continuation that is switched to.
type Handler struct {
	Switch bool
	Tag    uint32
	Label  uint32 // unless Switch
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
	info *opInfo
}

// next reads one instruction. It returns false at the end and after an error.
func (r *instrReader) next() bool {
	if !r.more() {
		return false
	}
	r.Pos = r.pos
	r.Op = Opcode(r.b[r.pos])
	r.Odd = false
	r.pos++
	r.info = &plainOps[r.Op&0xff]
	if r.Op >= firstPrefix {
		r.info = r.prefixed()
	}
	r.immediates(r.info)
	return r.err == nil
}

func (r *instrReader) prefixed() *opInfo {
	prefix := r.Op
	start := r.pos
	code := r.u32()
	r.Odd = code < 0x80 && r.pos > start+1
	if code > 0xffff {
		r.fail(r.Pos, "illegal opcode %#x %#x", uint32(prefix), code)
		return &opInfo{}
	}
	r.Op = prefix<<16 | Opcode(code)
	return r.Op.info()
}

func (r *instrReader) immediates(info *opInfo) {
	switch info.imm {
	case ImmNone:
	case ImmLocal, ImmLabel, ImmFunc, ImmGlobal, ImmType, ImmTag, ImmTable, ImmElem, ImmData:
		r.Index = r.u32()
	case ImmMemory:
		r.Index = r.memory()
	case ImmI32:
		r.Imm = uint64(int64(r.s32()))
	case ImmI64:
		r.Imm = uint64(r.s64())
	case ImmMemArg:
		r.memArg()
	case ImmBlock:
		r.Block = r.blockType()
	case ImmCallIndirect, ImmTableCopy, ImmTableInit, ImmField, ImmArrayFixed, ImmArrayData, ImmArrayElem,
		ImmTypes, ImmTypeTag:
		r.Index = r.u32()
		r.Index2 = r.u32()
	case ImmMemoryCopy:
		r.Index = r.memory()
		r.Index2 = r.memory()
	case ImmMemoryInit:
		r.Index = r.u32()
		r.Index2 = r.memory()
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
	case ImmHeapType, ImmCast:
		r.Heap = r.heapType()
	case ImmZeroByte:
		if pos := r.pos; r.byte() != 0 {
			r.fail(pos, "zero byte expected")
		}
	case ImmBrOnCast:
		r.brOnCast()
	case ImmOrderedGlobal, ImmOrderedTable, ImmOrderedType:
		r.ordering()
		r.Index = r.u32()
	case ImmOrderedField:
		r.ordering()
		r.Index = r.u32()
		r.Index2 = r.u32()
	case ImmResume:
		r.Index = r.u32()
		r.handlers()
	case ImmResumeThrow:
		r.Index = r.u32()
		r.Index2 = r.u32()
		r.handlers()
	default:
		r.fail(r.Pos, "illegal %s", r.Op)
	}
}

func (r *instrReader) brOnCast() {
	pos := r.pos
	flags := r.byte()
	if flags > 3 {
		r.fail(pos, "malformed br_on_cast flags %#x", flags)
	}
	r.Index = r.u32()
	r.From = RefType(r.heapType(), flags&1 != 0)
	r.To = RefType(r.heapType(), flags&2 != 0)
}

func (r *instrReader) ordering() {
	pos := r.pos
	if r.Order = Ordering(r.byte()); r.Order > AcqRel {
		r.fail(pos, "malformed memory ordering %#x", byte(r.Order))
	}
}

func (r *instrReader) handlers() {
	n := r.count("handlers", MaxCatches, 2)
	r.Handlers = r.Handlers[:0]
	for ; n > 0 && r.err == nil; n-- {
		r.Handlers = append(r.Handlers, r.handler())
	}
}

func (r *instrReader) handler() (h Handler) {
	pos := r.pos
	switch k := r.byte(); k {
	case 0:
		h.Tag, h.Label = r.u32(), r.u32()
	case 1:
		h.Switch, h.Tag = true, r.u32()
	default:
		r.fail(pos, "malformed handler %#x", k)
	}
	return h
}

// memory reads the index of a memory.
func (r *instrReader) memory() uint32 {
	start := r.pos
	i := r.u32()
	r.Odd = r.Odd || i < 0x80 && r.pos > start+1
	return i
}

func (r *instrReader) memArg() {
	pos := r.pos
	a := r.u32()
	r.Index = 0
	if a&memArgMemory != 0 {
		r.Index = r.u32()
	}
	if r.Align = a &^ memArgMemory; r.Align >= 32 {
		r.fail(pos, "malformed memop flags %#x", a)
	}
	start := r.pos
	r.Imm = r.u64()
	r.Odd = r.Odd || a&memArgMemory != 0 && r.Index == 0 || r.pos > start+maxOffset32
}

// maxOffset32 is how many bytes an offset takes at most in a memory of 32-bit
// addresses, where it was not written longer than need be.
const maxOffset32 = 5

func (r *instrReader) brTable() {
	n := r.count("br_table labels", MaxBodySize, 1)
	r.Labels = r.Labels[:0]
	for ; n >= 0 && r.err == nil; n-- {
		r.Labels = append(r.Labels, r.u32())
	}
}

func (r *instrReader) selectTypes() {
	n := r.count("types of a select", MaxResults, 1)
	r.Types = r.Types[:0]
	for ; n > 0 && r.err == nil; n-- {
		r.Types = append(r.Types, r.valType())
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
