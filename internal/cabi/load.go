package cabi

import (
	"encoding/binary"
	"math"
	mathbits "math/bits"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

type typ = *types.Type

// What values of these shapes take of the host's memory, for
// [liftLowerContext.spend].
const (
	valueBytes  = 32
	fieldBytes  = 48
	caseBytes   = 96
	labelBytes  = 16
	handleBytes = 96 // the layer above takes most of it
)

// load lifts the value of type t at ptr, where it is known to fit.
//
// Spec: CanonicalABI.md#loading (definitions.py load).
func (cx *liftLowerContext) load(ptr uint64, t typ) val.Value {
	switch k := t.Kind(); k {
	case types.KindString:
		return cx.loadString(ptr)
	case types.KindList:
		return cx.loadList(ptr, t)
	case types.KindMap:
		return cx.loadMap(ptr, t)
	case types.KindRecord:
		return cx.loadRecord(ptr, t)
	case types.KindTuple:
		return cx.loadTuple(ptr, t)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return cx.loadVariant(ptr, t)
	case types.KindFlags:
		n := layout.FlagsSize(len(t.Labels()))
		return cx.unpackFlags(uint32(loadInt(cx.mem[ptr:], n)), t)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return cx.liftHandle(uint32(loadInt(cx.mem[ptr:], 4)), t)
	default:
		return loadScalar(cx.mem[ptr:], k)
	}
}

// loadInt reads n bytes, little endian.
//
// Spec: definitions.py load_int.
func loadInt(b []byte, n int) uint64 {
	switch n {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	default:
		return binary.LittleEndian.Uint64(b)
	}
}

// loadScalar reads a bool, number or char.
func loadScalar(b []byte, k types.Kind) val.Value {
	switch k {
	case types.KindBool, types.KindU8, types.KindS8:
		return liftScalar(uint64(b[0]), k)
	case types.KindU16, types.KindS16:
		return liftScalar(uint64(binary.LittleEndian.Uint16(b)), k)
	case types.KindU32, types.KindS32, types.KindF32, types.KindChar:
		return liftScalar(uint64(binary.LittleEndian.Uint32(b)), k)
	default:
		return liftScalar(binary.LittleEndian.Uint64(b), k)
	}
}

// liftScalar makes a bool, number or char of its bits, of which those above its
// width don't count.
//
// Spec: definitions.py lift_flat_unsigned, lift_flat_signed,
// convert_int_to_bool, convert_i32_to_char.
func liftScalar(bits uint64, k types.Kind) val.Value {
	switch k {
	case types.KindBool:
		return val.Bool(uint32(bits) != 0)
	case types.KindU8:
		return val.U8(uint8(bits))
	case types.KindU16:
		return val.U16(uint16(bits))
	case types.KindU32:
		return val.U32(uint32(bits))
	case types.KindU64:
		return val.U64(bits)
	case types.KindS8:
		return val.S8(int8(bits))
	case types.KindS16:
		return val.S16(int16(bits))
	case types.KindS32:
		return val.S32(int32(bits))
	case types.KindS64:
		return val.S64(int64(bits))
	case types.KindF32:
		return val.OfBits(k, uint64(canonicalizeNaN32(uint32(bits))))
	case types.KindF64:
		return val.OfBits(k, canonicalizeNaN64(bits))
	case types.KindChar:
		return val.Char(convertI32ToChar(uint32(bits)))
	}
	bugf("%v is no scalar", k)
	return val.Value{}
}

// Spec: definitions.py CANONICAL_FLOAT32_NAN, CANONICAL_FLOAT64_NAN.
const (
	canonicalNaN32 = 0x7fc00000
	canonicalNaN64 = 0x7ff8000000000000
)

// Spec: definitions.py canonicalize_nan32.
func canonicalizeNaN32(bits uint32) uint32 {
	if f := math.Float32frombits(bits); f != f {
		return canonicalNaN32
	}
	return bits
}

// Spec: definitions.py canonicalize_nan64.
func canonicalizeNaN64(bits uint64) uint64 {
	if f := math.Float64frombits(bits); f != f {
		return canonicalNaN64
	}
	return bits
}

// Spec: definitions.py convert_i32_to_char.
func convertI32ToChar(i uint32) rune {
	if i >= 0x110000 || 0xD800 <= i && i <= 0xDFFF {
		trap.Throw(trap.InvalidChar, i)
	}
	return rune(i)
}

// loadPtr reads an address or a length.
func (cx *liftLowerContext) loadPtr(ptr uint64) uint64 {
	return loadInt(cx.mem[ptr:], cx.ptrSize())
}

// Spec: definitions.py load_record.
func (cx *liftLowerContext) loadRecord(ptr uint64, t typ) val.Value {
	fields, offsets := t.Fields(), cx.layout(t).Offsets
	cx.spend(fieldBytes * len(fields))
	vs := make([]val.Field, len(fields))
	for i, f := range fields {
		vs[i] = val.Field{Name: f.Name, Value: cx.load(ptr+uint64(offsets[i]), f.Type)}
	}
	return val.Record(vs...)
}

func (cx *liftLowerContext) loadTuple(ptr uint64, t typ) val.Value {
	fields, offsets := t.Fields(), cx.layout(t).Offsets
	cx.spend(valueBytes * len(fields))
	vs := make([]val.Value, len(fields))
	for i, f := range fields {
		vs[i] = cx.load(ptr+uint64(offsets[i]), f.Type)
	}
	return val.Tuple(vs...)
}

// Spec: definitions.py load_variant.
func (cx *liftLowerContext) loadVariant(ptr uint64, t typ) val.Value {
	l, cases := cx.layout(t), t.Cases()
	i := loadInt(cx.mem[ptr:], l.DiscSize)
	if i >= uint64(len(cases)) {
		trap.Throw(trap.InvalidDiscriminant, i, len(cases))
	}
	cx.spend(caseBytes)
	var payload val.Value
	if c := cases[i].Type; c != nil {
		payload = cx.load(ptr+uint64(l.PayloadOffset), c)
	}
	return val.OfCase(t, int(i), payload)
}

// Spec: definitions.py unpack_flags_from_int.
func (cx *liftLowerContext) unpackFlags(bits uint32, t typ) val.Value {
	n := mathbits.OnesCount32(bits)
	cx.spend(caseBytes + labelBytes*n)
	set := make([]string, 0, n)
	for i, label := range t.Labels() {
		if bits>>i&1 != 0 {
			set = append(set, label)
		}
	}
	return val.Flags(set...)
}

// liftHandle lifts what an instance refers to by an index.
func (cx *liftLowerContext) liftHandle(i uint32, t typ) val.Value {
	cx.spend(handleBytes)
	switch t.Kind() {
	case types.KindOwn:
		return val.Own(cx.liftOwn(i, t))
	case types.KindBorrow:
		return val.Borrow(cx.liftBorrow(i, t))
	case types.KindStream:
		return val.OfStream(cx.liftStream(i, t))
	case types.KindFuture:
		return val.OfFuture(cx.liftFuture(i, t))
	default:
		return val.OfErrorContext(cx.liftErrorContext(i))
	}
}

// Spec: definitions.py lift_error_context.
func (cx *liftLowerContext) liftErrorContext(i uint32) *ErrorContext {
	return errorContextAt(cx.inst, i)
}

// liftOwn takes an owned handle out of the table.
//
// Spec: definitions.py lift_own.
func (cx *liftLowerContext) liftOwn(i uint32, t typ) *Resource {
	h := cx.inst.resourceAt(i, cx.inst.resource(t.Resource()))
	h.trapIfLent()
	if !h.own {
		trap.Throw(trap.CannotOwnBorrowed)
	}
	r := &Resource{h.rt, h.rep}
	cx.inst.removeResource(i)
	return r
}

// liftBorrow lends a handle for the call.
//
// Spec: definitions.py lift_borrow.
func (cx *liftLowerContext) liftBorrow(i uint32, t typ) *Resource {
	assert(cx.subtask != nil, "a borrow is lifted for a call")
	h := cx.inst.resourceAt(i, cx.inst.resource(t.Resource()))
	cx.subtask.addLender(h)
	return &Resource{h.rt, h.rep}
}

// Spec: definitions.py lift_stream.
func (cx *liftLowerContext) liftStream(i uint32, t typ) *Stream {
	s := cx.inst.liftEnd(i, readableStream, t).(*Stream)
	s.reader.state = copyIdle
	return s
}

// Spec: definitions.py lift_future.
func (cx *liftLowerContext) liftFuture(i uint32, t typ) *Future {
	f := cx.inst.liftEnd(i, readableFuture, t).(*Future)
	f.reader.state = copyIdle
	return f
}
