package layout

import "github.com/gondola-wasm/gondola/types"

// PtrType is the type of a memory's addresses.
//
// Spec: definitions.py MemInst.ptr_type.
type PtrType uint8

// The address types.
const (
	Ptr32 PtrType = iota
	Ptr64
)

// Size is the size of an address in bytes.
//
// Spec: definitions.py ptr_size.
func (p PtrType) Size() int {
	if p == Ptr64 {
		return 8
	}
	return 4
}

// Core is the core value type of an address.
func (p PtrType) Core() CoreType {
	if p == Ptr64 {
		return I64
	}
	return I32
}

// MaxSize is what sizes and counts saturate at. It is far above every limit of
// the specification, and sums and products of two of them still fit an int64.
const MaxSize = 1 << 31

// MaxFlat is the largest number of flat values of one type that anything needs
// one by one.
//
// Spec: definitions.py MAX_FLAT_PARAMS.
const MaxFlat = 16

// Layout is how one type lies in memory and flattens. It is immutable.
type Layout struct {
	Size  int // elem_size, saturating at [MaxSize]
	Align int // alignment: 1, 2, 4 or 8

	// FlatLen is the number of flat values, saturating at [MaxSize]. Flat are
	// their types where there are at most [MaxFlat], else nil.
	FlatLen int
	Flat    []CoreType

	// Offsets are where the fields of a record or tuple, or the key and value
	// of a map's entry, begin.
	Offsets []int

	// DiscSize is the size of a variant's discriminant, PayloadOffset where
	// its payload begins.
	DiscSize, PayloadOffset int
}

// pair is what a type carries: its layouts for both address types.
type pair [2]*Layout

// Of returns the layout of t for memories with addresses of type p.
func Of(t *types.Type, p PtrType) *Layout {
	both, ok := t.Layout().(*pair)
	if !ok {
		both = &pair{compute(t, Ptr32), compute(t, Ptr64)}
		t.SetLayout(both)
	}
	return both[p]
}

// AlignTo is the smallest multiple of align, a power of two, that is not less
// than n.
//
// Spec: definitions.py align_to.
func AlignTo(n, align int) int { return (n + align - 1) &^ (align - 1) }

func saturate(n int) int { return min(n, MaxSize) }

// compute dispatches on the despecialized type.
//
// Spec: definitions.py alignment, elem_size, flatten_type.
func compute(t *types.Type, p PtrType) *Layout {
	switch t.Kind() {
	case types.KindBool, types.KindU8, types.KindS8:
		return scalar(1, I32)
	case types.KindU16, types.KindS16:
		return scalar(2, I32)
	case types.KindU32, types.KindS32, types.KindChar:
		return scalar(4, I32)
	case types.KindU64, types.KindS64:
		return scalar(8, I64)
	case types.KindF32:
		return scalar(4, F32)
	case types.KindF64:
		return scalar(8, F64)
	case types.KindString:
		return pointerAndLength(p)
	case types.KindList:
		return list(t, p)
	case types.KindMap:
		return mapping(t, p)
	case types.KindRecord, types.KindTuple:
		return Record(fieldTypes(t), p)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		return variant(t.Cases(), p)
	case types.KindFlags:
		return scalar(FlagsSize(len(t.Labels())), I32)
	case types.KindOwn, types.KindBorrow, types.KindStream, types.KindFuture, types.KindErrorContext:
		return scalar(4, I32)
	}
	panic("layout: a type of an unknown kind")
}

func scalar(size int, c CoreType) *Layout {
	return &Layout{Size: size, Align: size, FlatLen: 1, Flat: []CoreType{c}}
}

func pointerAndLength(p PtrType) *Layout {
	return &Layout{
		Size:    2 * p.Size(),
		Align:   p.Size(),
		FlatLen: 2,
		Flat:    []CoreType{p.Core(), p.Core()},
	}
}

// Spec: definitions.py alignment_list, elem_size_list, flatten_list.
func list(t *types.Type, p PtrType) *Layout {
	n, fixed := t.Len()
	if !fixed {
		return pointerAndLength(p)
	}
	elem := Of(t.Elem(), p)
	l := &Layout{
		Size:    saturate(n * elem.Size),
		Align:   elem.Align,
		FlatLen: saturate(n * elem.FlatLen),
	}
	if l.FlatLen <= MaxFlat {
		for range n {
			l.Flat = append(l.Flat, elem.Flat...)
		}
	}
	return l
}

// mapping is a list of tuples; its Offsets are those of one tuple.
func mapping(t *types.Type, p PtrType) *Layout {
	l := pointerAndLength(p)
	l.Offsets = Entry(t, p).Offsets
	return l
}

// Entry is the layout of the tuple of key and value that a map is a list of.
//
// Spec: definitions.py despecialize (MapType).
func Entry(t *types.Type, p PtrType) *Layout {
	return Record([]*types.Type{t.Key(), t.Value()}, p)
}

func fieldTypes(t *types.Type) []*types.Type {
	ts := make([]*types.Type, len(t.Fields()))
	for i, f := range t.Fields() {
		ts[i] = f.Type
	}
	return ts
}

// Record is the layout of a record with fields of these types, as function
// parameters that don't fit the flat limit are laid out too. It is not kept.
//
// Spec: definitions.py alignment_record, elem_size_record, flatten_record.
func Record(fields []*types.Type, p PtrType) *Layout {
	l := &Layout{Align: 1, Offsets: make([]int, len(fields))}
	for i, t := range fields {
		f := Of(t, p)
		l.Offsets[i] = AlignTo(l.Size, f.Align)
		l.Size = saturate(l.Offsets[i] + f.Size)
		l.Align = max(l.Align, f.Align)
		l.FlatLen = saturate(l.FlatLen + f.FlatLen)
		if l.FlatLen <= MaxFlat {
			l.Flat = append(l.Flat, f.Flat...)
		}
	}
	if l.FlatLen > MaxFlat {
		l.Flat = nil
	}
	l.Size = AlignTo(l.Size, l.Align)
	return l
}

// Spec: definitions.py alignment_variant, elem_size_variant, flatten_variant,
// max_case_alignment.
func variant(cases []types.Case, p PtrType) *Layout {
	l := &Layout{DiscSize: DiscriminantSize(len(cases)), FlatLen: 1}
	payloadSize, payloadAlign := 0, 1
	flat := []CoreType{I32}
	for _, c := range cases {
		if c.Type == nil {
			continue
		}
		f := Of(c.Type, p)
		payloadSize = max(payloadSize, f.Size)
		payloadAlign = max(payloadAlign, f.Align)
		l.FlatLen = max(l.FlatLen, saturate(1+f.FlatLen))
		flat = joinInto(flat, f.Flat)
	}
	if l.FlatLen <= MaxFlat {
		l.Flat = flat
	}
	l.PayloadOffset = AlignTo(l.DiscSize, payloadAlign)
	l.Align = max(l.DiscSize, payloadAlign)
	l.Size = AlignTo(saturate(l.PayloadOffset+payloadSize), l.Align)
	return l
}

// joinInto joins a case's flat types into those of the whole variant, which
// begin after the discriminant.
func joinInto(flat, payload []CoreType) []CoreType {
	for i, t := range payload {
		if i+1 < len(flat) {
			flat[i+1] = Join(flat[i+1], t)
		} else {
			flat = append(flat, t)
		}
	}
	return flat
}

// DiscriminantSize is the size of the discriminant of a variant of n cases.
//
// Spec: definitions.py discriminant_type.
func DiscriminantSize(n int) int {
	switch {
	case n <= 1<<8:
		return 1
	case n <= 1<<16:
		return 2
	}
	return 4
}

// FlagsSize is the size of flags of n labels, of which there are at most 32.
//
// Spec: definitions.py elem_size_flags.
func FlagsSize(n int) int {
	switch {
	case n <= 8:
		return 1
	case n <= 16:
		return 2
	}
	return 4
}
