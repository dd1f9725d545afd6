package cabi

import (
	"encoding/binary"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// maxReallocBytes is the most that realloc is asked for. What a guest gave never
// gets there, what a host gives may.
//
// Spec: definitions.py REALLOC_I32_MAX.
const maxReallocBytes = 1<<32 - 1

// store lowers v, of type t, to ptr, where it is known to fit.
//
// Spec: CanonicalABI.md#storing (definitions.py store).
func (cx *liftLowerContext) store(v val.Value, t typ, ptr uint64) {
	switch t.Kind() {
	case types.KindString:
		begin, units := cx.storeStringIntoRange(v)
		cx.storePair(begin, units, ptr)
	case types.KindList:
		cx.storeList(v, t, ptr)
	case types.KindMap:
		begin, length := cx.storeMapIntoRange(v, t)
		cx.storePair(begin, length, ptr)
	case types.KindRecord:
		cx.storeRecord(v, t, ptr)
	case types.KindTuple:
		cx.storeTuple(v.Elems(), t, ptr)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		cx.storeVariant(v, t, ptr)
	default:
		cx.storeInt(cx.lowerToInt(v, t), cx.layout(t).Size, ptr)
	}
}

// lowerToInt lowers what is one integer, in memory and flat.
func (cx *liftLowerContext) lowerToInt(v val.Value, t typ) uint64 {
	switch t.Kind() {
	case types.KindFlags:
		return uint64(packFlags(v, t))
	case types.KindOwn:
		return uint64(cx.lowerOwn(v, t))
	case types.KindBorrow:
		return uint64(cx.lowerBorrow(v, t))
	case types.KindStream:
		return uint64(cx.lowerStream(v, t))
	case types.KindFuture:
		return uint64(cx.lowerFuture(v, t))
	case types.KindErrorContext:
		return uint64(cx.inst.handles.add(v.ErrorContext().(*ErrorContext)))
	}
	return lowerScalar(v, t, cx.chooser())
}

// lowerScalar is a bool, number or char as the bits of a core value. c, which may be
// nil, chooses among NaNs.
//
// Spec: definitions.py lower_flat_signed, encode_float_as_i32,
// encode_float_as_i64, char_to_i32.
func lowerScalar(v val.Value, t typ, c Chooser) uint64 {
	k := t.Kind()
	assert(v.Kind() == k, "a lowered value has its type")
	switch k {
	case types.KindU64, types.KindS64:
		return v.Bits()
	case types.KindF32:
		return uint64(scrambleNaN32(uint32(v.Bits()), c))
	case types.KindF64:
		return scrambleNaN64(v.Bits(), c)
	}
	return uint64(uint32(v.Bits()))
}

// chooser is who decides for the instance, if anybody does.
func (cx *liftLowerContext) chooser() Chooser {
	if cx.inst == nil { // the host's own memory
		return nil
	}
	return cx.inst.store.cfg.Chooser
}

// scrambleNaN32 lets a NaN become any other, as guests must expect: the canonical one
// where nobody chooses.
//
// Spec: definitions.py maybe_scramble_nan32, random_nan_bits.
func scrambleNaN32(bits uint32, c Chooser) uint32 {
	bits = canonicalizeNaN32(bits)
	if c == nil || bits != canonicalNaN32 {
		return bits
	}
	return bits ^ uint32(c.Choose(ChoiceValue, 1<<22)) ^ uint32(c.Choose(ChoiceValue, 2))<<31
}

// Spec: definitions.py maybe_scramble_nan64, random_nan_bits.
func scrambleNaN64(bits uint64, c Chooser) uint64 {
	bits = canonicalizeNaN64(bits)
	if c == nil || bits != canonicalNaN64 {
		return bits
	}
	return bits ^ uint64(c.Choose(ChoiceValue, 1<<30))<<21 ^ uint64(c.Choose(ChoiceValue, 2))<<63
}

// storeInt writes the low n bytes, little endian.
//
// Spec: definitions.py store_int.
func (cx *liftLowerContext) storeInt(i uint64, n int, ptr uint64) {
	b := cx.memory()[ptr:]
	switch n {
	case 1:
		b[0] = byte(i)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(i))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(i))
	default:
		binary.LittleEndian.PutUint64(b, i)
	}
}

// storePair writes an address and a length.
func (cx *liftLowerContext) storePair(begin, length, ptr uint64) {
	cx.storeInt(begin, cx.ptrSize(), ptr)
	cx.storeInt(length, cx.ptrSize(), ptr+uint64(cx.ptrSize()))
}

// Spec: definitions.py store_list.
func (cx *liftLowerContext) storeList(v val.Value, t typ, ptr uint64) {
	if n, fixed := t.Len(); fixed {
		assert(v.Len() == n, "a list of a fixed length has it")
		cx.storeElems(v, t.Elem(), ptr)
		return
	}
	begin, length := cx.storeListIntoRange(v, t.Elem())
	cx.storePair(begin, length, ptr)
}

// storeListIntoRange lowers a list to memory that the guest gives for it.
//
// Spec: definitions.py store_list_into_range.
func (cx *liftLowerContext) storeListIntoRange(v val.Value, elem typ) (ptr, length uint64) {
	ptr = cx.allocateList(v.Len(), cx.layout(elem))
	cx.storeElems(v, elem, ptr)
	return ptr, uint64(v.Len())
}

// allocateList gets memory for n elements of layout l.
func (cx *liftLowerContext) allocateList(n int, l *layout.Layout) (ptr uint64) {
	size := n * l.Size
	if size > maxReallocBytes {
		trap.Throw(trap.ListTooLong, size, maxReallocBytes)
	}
	ptr = cx.allocate(l.Align, size)
	cx.trapUnlessAllocated(ptr, l.Align, size, trap.ReallocOutOfBoundsList)
	return ptr
}

// storeElems lowers the elements of a list to where they are known to fit.
//
// Spec: definitions.py store_list_into_valid_range.
func (cx *liftLowerContext) storeElems(v val.Value, elem typ, ptr uint64) {
	if v.IsBytes() {
		copy(cx.memory()[ptr:], v.Bytes())
		return
	}
	cx.storeValues(v.Elems(), elem, ptr)
}

func (cx *liftLowerContext) storeValues(vs []val.Value, elem typ, ptr uint64) {
	size := cx.layout(elem).Size
	if elem.Kind() <= types.KindChar {
		cx.memory()
		c := cx.chooser()
		for i, v := range vs {
			cx.storeInt(lowerScalar(v, elem, c), size, ptr+uint64(i*size))
		}
		return
	}
	for i, v := range vs {
		cx.store(v, elem, ptr+uint64(i*size))
	}
}

// storeMapIntoRange lowers a map, which lies in memory as a list of its entries.
//
// Spec: definitions.py despecialize (MapType).
func (cx *liftLowerContext) storeMapIntoRange(v val.Value, t typ) (ptr, length uint64) {
	es := v.Entries()
	l := layout.Entry(t, cx.opts.Ptr)
	ptr = cx.allocateList(len(es), l)
	for i, e := range es {
		at := ptr + uint64(i*l.Size)
		cx.store(e.Key, t.Key(), at+uint64(l.Offsets[0]))
		cx.store(e.Value, t.Value(), at+uint64(l.Offsets[1]))
	}
	return ptr, uint64(len(es))
}

// Spec: definitions.py store_record.
func (cx *liftLowerContext) storeRecord(v val.Value, t typ, ptr uint64) {
	offsets := cx.layout(t).Offsets
	for i, f := range t.Fields() {
		cx.store(fieldOf(v, i, f.Name), f.Type, ptr+uint64(offsets[i]))
	}
}

// fieldOf is the field of a record with that name, which often stands at i.
func fieldOf(v val.Value, i int, name string) val.Value {
	if fs := v.Fields(); i < len(fs) && fs[i].Name == name {
		return fs[i].Value
	}
	f, ok := v.Field(name)
	assert(ok, "a record has the fields of its type")
	return f
}

func (cx *liftLowerContext) storeTuple(vs []val.Value, t typ, ptr uint64) {
	offsets := cx.layout(t).Offsets
	assert(len(vs) == len(offsets), "a tuple has the length of its type")
	for i, f := range t.Fields() {
		cx.store(vs[i], f.Type, ptr+uint64(offsets[i]))
	}
}

// Spec: definitions.py store_variant.
func (cx *liftLowerContext) storeVariant(v val.Value, t typ, ptr uint64) {
	l := cx.layout(t)
	i, payload := matchCase(v, t)
	cx.storeInt(uint64(i), l.DiscSize, ptr)
	if c := t.Cases()[i].Type; c != nil {
		cx.store(payload, c, ptr+uint64(l.PayloadOffset))
	}
}

// Spec: definitions.py match_case.
func matchCase(v val.Value, t typ) (i int, payload val.Value) {
	i = v.CaseIndex(t.Cases())
	assert(i >= 0, "a variant has a case of its type")
	_, payload = v.Case()
	return i, payload
}

// Spec: definitions.py pack_flags_into_int.
func packFlags(v val.Value, t typ) uint32 {
	var bits uint32
	for _, set := range v.Labels() {
		for i, label := range t.Labels() {
			if label == set {
				bits |= 1 << i
			}
		}
	}
	return bits
}

// lowerOwn adds an owned handle to the table.
//
// Spec: definitions.py lower_own.
func (cx *liftLowerContext) lowerOwn(v val.Value, t typ) uint32 {
	r := cx.resourceOf(v, t)
	return cx.inst.addResource(ResourceHandle{rt: r.Type, rep: r.Rep, own: true})
}

// lowerBorrow adds a borrowed handle to the table, except for the instance that
// implements the resource, which gets the representation. One of 64 bits has to fit
// the 32 of a flat handle; the specification doesn't say what happens if not.
//
// Spec: definitions.py lower_borrow.
func (cx *liftLowerContext) lowerBorrow(v val.Value, t typ) uint32 {
	assert(cx.task != nil, "a borrow is lowered for a task")
	r := cx.resourceOf(v, t)
	if cx.inst == r.Type.impl {
		if r.Rep>>32 != 0 {
			trap.Throw(trap.RepTooWide, r.Rep)
		}
		return uint32(r.Rep)
	}
	cx.task.numBorrows++
	return cx.inst.addResource(ResourceHandle{rt: r.Type, rep: r.Rep, scope: cx.task})
}

func (cx *liftLowerContext) resourceOf(v val.Value, t typ) *Resource {
	r, ok := v.Resource().(*Resource)
	assert(ok && r.Type == cx.inst.resource(t.Resource()), "a lowered resource has its type")
	return r
}

// Spec: definitions.py lower_stream.
func (cx *liftLowerContext) lowerStream(v val.Value, t typ) uint32 {
	s, ok := v.Stream().(*Stream)
	assert(ok && sameElem(s.scope, s.elem, cx.inst, t.Elem()), "a lowered stream has its type")
	if !s.reader.giveAway() {
		s = cx.inst.store.NewStream(s.elem, s.scope)
		s.dropped, s.reader.state = true, copyAway
	}
	return cx.inst.addEnd(readableStream, s)
}

// Spec: definitions.py lower_future.
func (cx *liftLowerContext) lowerFuture(v val.Value, t typ) uint32 {
	f, ok := v.Future().(*Future)
	assert(ok && sameElem(f.scope, f.elem, cx.inst, t.Elem()), "a lowered future has its type")
	if !f.reader.giveAway() {
		f = cx.inst.store.NewFuture(f.elem, f.scope)
		f.abandoned, f.reader.state = true, copyAway
	}
	return cx.inst.addEnd(readableFuture, f)
}
