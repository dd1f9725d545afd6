package corewasm

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Opcode is an instruction's code: the byte itself, or prefix<<16 | code for the
// prefixes 0xfb to 0xfe.
type Opcode uint32

const (
	firstPrefix Opcode = 0xfb
	lastPrefix  Opcode = 0xff // reserved
)

// Opcodes that Go code names. All others are reached through [LookupOpcode].
const (
	OpUnreachable        Opcode = 0x00
	OpNop                Opcode = 0x01
	OpBlock              Opcode = 0x02
	OpLoop               Opcode = 0x03
	OpIf                 Opcode = 0x04
	OpElse               Opcode = 0x05
	OpTry                Opcode = 0x06
	OpCatch              Opcode = 0x07
	OpThrow              Opcode = 0x08
	OpRethrow            Opcode = 0x09
	OpThrowRef           Opcode = 0x0a
	OpEnd                Opcode = 0x0b
	OpBr                 Opcode = 0x0c
	OpBrIf               Opcode = 0x0d
	OpBrTable            Opcode = 0x0e
	OpReturn             Opcode = 0x0f
	OpCall               Opcode = 0x10
	OpCallIndirect       Opcode = 0x11
	OpReturnCall         Opcode = 0x12
	OpReturnCallIndirect Opcode = 0x13
	OpCallRef            Opcode = 0x14
	OpReturnCallRef      Opcode = 0x15
	OpDelegate           Opcode = 0x18
	OpCatchAll           Opcode = 0x19
	OpDrop               Opcode = 0x1a
	OpSelect             Opcode = 0x1b
	OpSelectT            Opcode = 0x1c
	OpTryTable           Opcode = 0x1f
	OpLocalGet           Opcode = 0x20
	OpLocalSet           Opcode = 0x21
	OpLocalTee           Opcode = 0x22
	OpGlobalGet          Opcode = 0x23
	OpGlobalSet          Opcode = 0x24
	OpTableGet           Opcode = 0x25
	OpTableSet           Opcode = 0x26
	OpI32Load            Opcode = 0x28
	OpI64Load32U         Opcode = 0x35
	OpI32Store           Opcode = 0x36
	OpI64Store32         Opcode = 0x3e
	OpMemorySize         Opcode = 0x3f
	OpMemoryGrow         Opcode = 0x40
	OpI32Const           Opcode = 0x41
	OpI64Const           Opcode = 0x42
	OpF32Const           Opcode = 0x43
	OpF64Const           Opcode = 0x44
	OpI32Eqz             Opcode = 0x45
	OpI32LtS             Opcode = 0x48
	OpI32LtU             Opcode = 0x49
	OpI32GtU             Opcode = 0x4b
	OpI32GeS             Opcode = 0x4e
	OpI32GeU             Opcode = 0x4f
	OpI64Eqz             Opcode = 0x50
	OpI64LtS             Opcode = 0x53
	OpI64GtU             Opcode = 0x56
	OpI64GeU             Opcode = 0x5a
	OpI32Add             Opcode = 0x6a
	OpI32Sub             Opcode = 0x6b
	OpI32Mul             Opcode = 0x6c
	OpI32And             Opcode = 0x71
	OpI32Or              Opcode = 0x72
	OpI32Shl             Opcode = 0x74
	OpI32ShrS            Opcode = 0x75
	OpI32ShrU            Opcode = 0x76
	OpI64Add             Opcode = 0x7c
	OpI64Sub             Opcode = 0x7d
	OpI64Mul             Opcode = 0x7e
	OpI64And             Opcode = 0x83
	OpI64Or              Opcode = 0x84
	OpI64Shl             Opcode = 0x86
	OpI64ShrS            Opcode = 0x87
	OpI64ShrU            Opcode = 0x88
	OpI32WrapI64         Opcode = 0xa7
	OpI64ExtendI32U      Opcode = 0xad
	OpRefNull            Opcode = 0xd0
	OpRefIsNull          Opcode = 0xd1
	OpRefFunc            Opcode = 0xd2
	OpRefEq              Opcode = 0xd3
	OpRefAsNonNull       Opcode = 0xd4
	OpBrOnNull           Opcode = 0xd5
	OpBrOnNonNull        Opcode = 0xd6
	OpRefTest            Opcode = 0xfb0014
	OpRefTestNull        Opcode = 0xfb0015
	OpRefCast            Opcode = 0xfb0016
	OpRefCastNull        Opcode = 0xfb0017
	OpBrOnCast           Opcode = 0xfb0018
	OpBrOnCastFail       Opcode = 0xfb0019
	OpMemoryInit         Opcode = 0xfc0008
	OpDataDrop           Opcode = 0xfc0009
	OpMemoryCopy         Opcode = 0xfc000a
	OpMemoryFill         Opcode = 0xfc000b
	OpTableInit          Opcode = 0xfc000c
	OpElemDrop           Opcode = 0xfc000d
	OpTableCopy          Opcode = 0xfc000e
	OpTableGrow          Opcode = 0xfc000f
	OpTableSize          Opcode = 0xfc0010
	OpTableFill          Opcode = 0xfc0011
	OpV128Const          Opcode = 0xfd000c
)

// Instructions that constant expressions may have besides.
const (
	opStructNew        Opcode = 0xfb0000
	opStructNewDefault Opcode = 0xfb0001
	opArrayNew         Opcode = 0xfb0006
	opArrayNewDefault  Opcode = 0xfb0007
	opArrayNewFixed    Opcode = 0xfb0008
	opAnyConvertExtern Opcode = 0xfb001a
	opExternConvertAny Opcode = 0xfb001b
	opRefI31           Opcode = 0xfb001c
	opRefI31Shared     Opcode = 0xfe0072
)

// Imm is the kind of an instruction's immediates.
type Imm uint8

// Kinds of immediates; the comment names the fields of [Instr] that hold them.
const (
	ImmInvalid      Imm = iota // no such instruction
	ImmNone                    //
	ImmBlock                   // Block
	ImmTryTable                // Block, Catches
	ImmLabel                   // Index: label
	ImmBrTable                 // Labels, the default last
	ImmFunc                    // Index: function
	ImmCallIndirect            // Index: type, Index2: table
	ImmType                    // Index: type
	ImmTag                     // Index: tag
	ImmLocal                   // Index: local
	ImmGlobal                  // Index: global
	ImmTable                   // Index: table
	ImmTableCopy               // Index: destination, Index2: source
	ImmTableInit               // Index: element segment, Index2: table
	ImmElem                    // Index: element segment
	ImmMemory                  // Index: memory
	ImmMemoryCopy              // Index: destination, Index2: source
	ImmMemoryInit              // Index: data segment, Index2: memory
	ImmData                    // Index: data segment
	ImmMemArg                  // Align, Imm: offset, Index: memory
	ImmMemArgLane              // the same, Lane
	ImmLane                    // Lane
	ImmShuffle                 // 16 lanes: Bytes
	ImmI32                     // Imm, sign-extended
	ImmI64                     // Imm
	ImmF32                     // Imm: bits
	ImmF64                     // Imm: bits
	ImmV128                    // Bytes
	ImmHeapType                // Heap
	ImmSelect                  // Types
	ImmZeroByte                // one byte that must be zero

	ImmField      // Index: struct type, Index2: field
	ImmArrayFixed // Index: array type, Index2: length
	ImmArrayData  // Index: array type, Index2: data segment
	ImmArrayElem  // Index: array type, Index2: element segment
	ImmTypes      // Index, Index2: types
	ImmCast       // Heap; whether null is let through is part of the opcode
	ImmBrOnCast   // Index: label, From, To

	ImmOrderedGlobal // Order, Index: global
	ImmOrderedTable  // Order, Index: table
	ImmOrderedField  // Order, Index: struct type, Index2: field
	ImmOrderedType   // Order, Index: array type

	ImmResume      // Index: type, Handlers
	ImmResumeThrow // Index: type, Index2: tag, Handlers
	ImmTypeTag     // Index: type, Index2: tag
)

type opInfo struct {
	name    string
	feature string // of those that can't run
	imm     Imm
	width   uint8      // exponent of the number of bytes that a load or store accesses
	sig     *signature // nil if it depends on more than the opcode
}

// info finds the description of an opcode; unknown ones have ImmInvalid.
func (op Opcode) info() *opInfo {
	if op < 0x100 {
		return &plainOps[op]
	}
	if prefix := op >> 16; prefix >= firstPrefix && prefix <= lastPrefix {
		table := prefixedOps[prefix-firstPrefix]
		if i := int(op & 0xffff); i < len(table) {
			return &table[i]
		}
	}
	return &opInfo{}
}

// String gives the text format's name.
func (op Opcode) String() string {
	if n := op.info().name; n != "" {
		return n
	}
	if op < 0x100 {
		return fmt.Sprintf("opcode %#02x", uint32(op))
	}
	return fmt.Sprintf("opcode %#02x %#x", uint32(op>>16), uint32(op&0xffff))
}

// Imm is the kind of immediates that follow the opcode.
func (op Opcode) Imm() Imm { return op.info().imm }

// LookupOpcode finds an instruction by its name in the text format. "select" is
// the form without types, "ref.test" and "ref.cast" are the forms that don't let null
// through.
func LookupOpcode(name string) (Opcode, bool) {
	op, ok := opcodesByName()[name]
	return op, ok
}

// OpcodeNames gives the names that LookupOpcode knows, sorted.
func OpcodeNames() []string { return slices.Sorted(maps.Keys(opcodesByName())) }

var opcodesByName = sync.OnceValue(func() map[string]Opcode {
	byName := make(map[string]Opcode, 700)
	add := func(base Opcode, table []opInfo) {
		for i := range table {
			if n := table[i].name; n != "" {
				byName[n] = base | Opcode(i)
			}
		}
	}
	for i, table := range prefixedOps {
		add((firstPrefix+Opcode(i))<<16, table)
	}
	add(0, plainOps[:])
	byName["select"] = OpSelect
	byName["ref.test"], byName["ref.cast"] = OpRefTest, OpRefCast
	return byName
})
