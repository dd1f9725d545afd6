package cabi

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// What follows computes what a value looks like in a guest a second time, as
// plainly as the specification's formulas do, to compare with. It shares nothing
// with internal/layout, internal/transcode or the code under test.

// reference is a guest's memory with its options.
type reference struct {
	mem     []byte
	ptr     uint64 // the size of an address
	enc     StringEncoding
	source  StringEncoding // of strings that are lowered
	realloc func(old, oldSize, align, size uint64) uint64
	budget  int // parts of values that may be lifted
}

// despecialized is a type as definitions.py sees it: a list, record or variant of
// other types, or none of those.
type despecialized struct {
	kind   byte // 'l', 'r', 'v', or 0
	elem   *types.Type
	pair   *types.Type // of a map: the value type, elem being the key type
	length int         // of a list, -1 where it varies
	parts  []*types.Type
}

// Spec: definitions.py despecialize.
func despecialize(t *types.Type) despecialized {
	d := despecialized{length: -1}
	switch t.Kind() {
	case types.KindList:
		d.kind, d.elem = 'l', t.Elem()
		if n, ok := t.Len(); ok {
			d.length = n
		}
	case types.KindMap:
		d.kind, d.elem = 'l', types.Tuple(t.Key(), t.Value())
	case types.KindRecord, types.KindTuple:
		d.kind = 'r'
		for _, f := range t.Fields() {
			d.parts = append(d.parts, f.Type)
		}
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		d.kind = 'v'
		for _, c := range t.Cases() {
			d.parts = append(d.parts, c.Type)
		}
	}
	return d
}

func roundUp(n, to uint64) uint64 { return (n + to - 1) / to * to }

// scalarSize is the size and alignment of what is one integer or float.
func scalarSize(t *types.Type) uint64 {
	switch t.Kind() {
	case types.KindBool, types.KindU8, types.KindS8:
		return 1
	case types.KindU16, types.KindS16:
		return 2
	case types.KindU64, types.KindS64, types.KindF64:
		return 8
	case types.KindFlags:
		switch n := len(t.Labels()); {
		case n <= 8:
			return 1
		case n <= 16:
			return 2
		}
	}
	return 4
}

// Spec: definitions.py discriminant_type.
func discriminant(cases int) uint64 {
	switch math.Ceil(math.Log2(float64(cases)) / 8) {
	case 0, 1:
		return 1
	case 2:
		return 2
	}
	return 4
}

// Spec: definitions.py alignment.
func (r *reference) align(t *types.Type) uint64 {
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		return r.ptr
	case d.kind == 'l':
		return r.align(d.elem)
	case d.kind == 0:
		return scalarSize(t)
	}
	a := r.partsAlign(d.parts)
	if d.kind == 'v' {
		a = max(a, discriminant(len(d.parts)))
	}
	return a
}

func (r *reference) partsAlign(parts []*types.Type) uint64 {
	a := uint64(1)
	for _, p := range parts {
		if p != nil {
			a = max(a, r.align(p))
		}
	}
	return a
}

// Spec: definitions.py elem_size.
func (r *reference) size(t *types.Type) uint64 {
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		return 2 * r.ptr
	case d.kind == 'l':
		return uint64(d.length) * r.size(d.elem)
	case d.kind == 'r':
		s := uint64(0)
		for _, p := range d.parts {
			s = roundUp(s, r.align(p)) + r.size(p)
		}
		return roundUp(s, r.align(t))
	case d.kind == 'v':
		s, payload := roundUp(discriminant(len(d.parts)), r.partsAlign(d.parts)), uint64(0)
		for _, p := range d.parts {
			if p != nil {
				payload = max(payload, r.size(p))
			}
		}
		return roundUp(s+payload, r.align(t))
	}
	return scalarSize(t)
}

// Spec: definitions.py flatten_type.
func (r *reference) flat(t *types.Type) (out []string) {
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		word := "i32"
		if r.ptr == 8 {
			word = "i64"
		}
		return []string{word, word}
	case d.kind == 'l':
		for range d.length {
			out = append(out, r.flat(d.elem)...)
		}
		return out
	case d.kind == 'r':
		for _, p := range d.parts {
			out = append(out, r.flat(p)...)
		}
		return out
	case d.kind == 'v':
		return append([]string{"i32"}, r.joined(d.parts)...)
	}
	switch t.Kind() {
	case types.KindU64, types.KindS64:
		return []string{"i64"}
	case types.KindF32:
		return []string{"f32"}
	case types.KindF64:
		return []string{"f64"}
	}
	return []string{"i32"}
}

// Spec: definitions.py flatten_variant, join.
func (r *reference) joined(cases []*types.Type) (flat []string) {
	for _, c := range cases {
		if c == nil {
			continue
		}
		for i, f := range r.flat(c) {
			switch {
			case i == len(flat):
				flat = append(flat, f)
			case flat[i] == f:
			case flat[i]+f == "i32f32", flat[i]+f == "f32i32":
				flat[i] = "i32"
			default:
				flat[i] = "i64"
			}
		}
	}
	return flat
}

// Lowering.

func (r *reference) put(ptr, v, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	copy(r.mem[ptr:ptr+n], b[:n])
}

// bitsOf are the bits of what is one integer or float, in 64.
func bitsOf(v val.Value, t *types.Type) uint64 {
	switch t.Kind() {
	case types.KindFlags:
		bits := uint64(0)
		for _, set := range v.Labels() {
			for i, l := range t.Labels() {
				if l == set {
					bits |= 1 << i
				}
			}
		}
		return bits
	case types.KindF32:
		if f := math.Float32frombits(uint32(v.Bits())); f != f {
			return 0x7fc00000
		}
	case types.KindF64:
		if f := math.Float64frombits(v.Bits()); f != f {
			return 0x7ff8000000000000
		}
	}
	return v.Bits()
}

// caseOf is the index and payload of a variant.
func caseOf(v val.Value, t *types.Type) (int, val.Value) {
	name, payload := v.Case()
	for i, c := range t.Cases() {
		if c.Name == name {
			return i, payload
		}
	}
	panic("no such case: " + name)
}

// partsOf are the fields of a record or the elements of a tuple, in the type's
// order.
func partsOf(v val.Value, t *types.Type) []val.Value {
	if t.Kind() == types.KindTuple {
		return v.Elems()
	}
	vs := make([]val.Value, len(t.Fields()))
	for i, f := range t.Fields() {
		vs[i], _ = v.Field(f.Name)
	}
	return vs
}

// elemsOf are the elements of a list, or the entries of a map as tuples.
func elemsOf(v val.Value, t *types.Type) []val.Value {
	if t.Kind() == types.KindList {
		return v.Elems()
	}
	vs := make([]val.Value, len(v.Entries()))
	for i, e := range v.Entries() {
		vs[i] = val.Tuple(e.Key, e.Value)
	}
	return vs
}

// Spec: definitions.py store.
func (r *reference) store(v val.Value, t *types.Type, ptr uint64) {
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		begin, length := r.spill(v, t)
		r.put(ptr, begin, r.ptr)
		r.put(ptr+r.ptr, length, r.ptr)
	case d.kind == 'l':
		r.storeElems(elemsOf(v, t), d.elem, ptr)
	case d.kind == 'r':
		vs := partsOf(v, t)
		for i, p := range d.parts {
			ptr = roundUp(ptr, r.align(p))
			r.store(vs[i], p, ptr)
			ptr += r.size(p)
		}
	case d.kind == 'v':
		i, payload := caseOf(v, t)
		n := discriminant(len(d.parts))
		r.put(ptr, uint64(i), n)
		if p := d.parts[i]; p != nil {
			r.store(payload, p, roundUp(ptr+n, r.partsAlign(d.parts)))
		}
	default:
		r.put(ptr, bitsOf(v, t), scalarSize(t))
	}
}

func (r *reference) storeElems(vs []val.Value, elem *types.Type, ptr uint64) {
	for i, v := range vs {
		r.store(v, elem, ptr+uint64(i)*r.size(elem))
	}
}

// spill stores a string or list where the guest wants it, and returns the address
// and length.
//
// Spec: definitions.py store_string_into_range, store_list_into_range.
func (r *reference) spill(v val.Value, t *types.Type) (begin, length uint64) {
	if t.Kind() == types.KindString {
		return r.storeString(v.Str(), v.IsWideString())
	}
	d, vs := despecialize(t), elemsOf(v, t)
	begin = r.realloc(0, 0, r.align(d.elem), uint64(len(vs))*r.size(d.elem))
	r.storeElems(vs, d.elem, begin)
	return begin, uint64(len(vs))
}

// Spec: definitions.py lower_flat.
func (r *reference) lower(v val.Value, t *types.Type) (out []uint64) {
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		begin, length := r.spill(v, t)
		return []uint64{begin, length}
	case d.kind == 'l':
		for _, e := range elemsOf(v, t) {
			out = append(out, r.lower(e, d.elem)...)
		}
		return out
	case d.kind == 'r':
		for i, p := range partsOf(v, t) {
			out = append(out, r.lower(p, d.parts[i])...)
		}
		return out
	case d.kind == 'v':
		i, payload := caseOf(v, t)
		out = []uint64{uint64(i)}
		if p := d.parts[i]; p != nil {
			out = append(out, r.lower(payload, p)...)
		}
		return append(out, make([]uint64, len(r.flat(t))-len(out))...)
	}
	bits := bitsOf(v, t)
	if f := r.flat(t)[0]; f == "i32" || f == "f32" {
		bits &= 0xffffffff
	}
	return []uint64{bits}
}

// Strings, rune by rune.

func utf16Bytes(s string) (b []byte) {
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// latin1Bytes is s in Latin-1, as far as that can say it.
func latin1Bytes(s string) (b []byte, all bool) {
	for _, c := range s {
		if c > 0xff {
			return b, false
		}
		b = append(b, byte(c))
	}
	return b, true
}

// Spec: definitions.py store_string_into_range.
func (r *reference) storeString(s string, wide bool) (ptr, taggedUnits uint64) {
	units := uint64(len(s))
	simple := r.source
	narrow, all := latin1Bytes(s)
	switch {
	case r.source == Latin1UTF16 && all && !wide:
		units = uint64(len(narrow))
	case r.source == Latin1UTF16, r.source == UTF16:
		simple, units = UTF16, uint64(len(utf16Bytes(s))/2)
	}
	tag := uint64(1) << (8*r.ptr - 1)
	switch {
	case r.enc == UTF8 && simple == UTF8:
		return r.storeCopy([]byte(s), 1), units
	case r.enc == UTF8 && simple == UTF16:
		return r.storeAsUTF8(s, units, 3*units)
	case r.enc == UTF8:
		return r.storeAsUTF8(s, units, 2*units)
	case r.enc == UTF16 && simple == UTF8:
		return r.storeUTF8AsUTF16(s, units)
	case r.enc == UTF16:
		return r.storeCopy(utf16Bytes(s), 2), units
	case r.source != Latin1UTF16:
		return r.storeAsLatin1OrUTF16(s, units, tag)
	case simple == UTF16:
		return r.storeProbablyUTF16(s, units, tag)
	}
	return r.storeCopy(narrow, 2), units
}

// Spec: definitions.py store_string_copy.
func (r *reference) storeCopy(b []byte, align uint64) uint64 {
	ptr := r.realloc(0, 0, align, uint64(len(b)))
	copy(r.mem[ptr:], b)
	return ptr
}

// Spec: definitions.py store_string_to_utf8.
func (r *reference) storeAsUTF8(s string, units, worst uint64) (ptr, n uint64) {
	ptr = r.realloc(0, 0, 1, units)
	for i := range len(s) {
		if s[i] < 0x80 {
			r.mem[ptr+uint64(i)] = s[i]
			continue
		}
		ptr = r.realloc(ptr, units, 1, worst)
		copy(r.mem[ptr+uint64(i):], s[i:])
		if n := uint64(len(s)); worst > n {
			ptr = r.realloc(ptr, worst, 1, n)
		}
		return ptr, uint64(len(s))
	}
	return ptr, units
}

// Spec: definitions.py store_utf8_to_utf16.
func (r *reference) storeUTF8AsUTF16(s string, units uint64) (ptr, n uint64) {
	b := utf16Bytes(s)
	ptr = r.realloc(0, 0, 2, 2*units)
	copy(r.mem[ptr:], b)
	if n := uint64(len(b)); n < 2*units {
		ptr = r.realloc(ptr, 2*units, 2, n)
	}
	return ptr, uint64(len(b) / 2)
}

// Spec: definitions.py store_string_to_latin1_or_utf16.
func (r *reference) storeAsLatin1OrUTF16(s string, units, tag uint64) (ptr, n uint64) {
	narrow, all := latin1Bytes(s)
	ptr = r.realloc(0, 0, 2, units)
	copy(r.mem[ptr:], narrow)
	if !all {
		b := utf16Bytes(s)
		ptr = r.realloc(ptr, units, 2, 2*units)
		copy(r.mem[ptr:], b)
		if n := uint64(len(b)); 2*units > n {
			ptr = r.realloc(ptr, 2*units, 2, n)
		}
		return ptr, uint64(len(b)/2) | tag
	}
	if n := uint64(len(narrow)); n < units {
		ptr = r.realloc(ptr, units, 2, n)
	}
	return ptr, uint64(len(narrow))
}

// Spec: definitions.py store_probably_utf16_to_latin1_or_utf16.
func (r *reference) storeProbablyUTF16(s string, units, tag uint64) (ptr, n uint64) {
	ptr = r.realloc(0, 0, 2, 2*units)
	narrow, all := latin1Bytes(s)
	if !all {
		copy(r.mem[ptr:], utf16Bytes(s))
		return ptr, units | tag
	}
	copy(r.mem[ptr:], narrow)
	return r.realloc(ptr, 2*units, 1, uint64(len(narrow))), uint64(len(narrow))
}

// Lifting. A value that is not valid makes these panic.

// trapped says that the guest traps; tooMuch that there is more to lift than the
// test has time for.
type trapped struct{}
type tooMuch struct{}

func trapIf(cond bool) {
	if cond {
		panic(trapped{})
	}
}

func (r *reference) get(ptr, n uint64) uint64 {
	var b [8]byte
	copy(b[:], r.mem[ptr:ptr+n])
	return binary.LittleEndian.Uint64(b[:])
}

// within traps unless count things of a size lie at ptr.
func (r *reference) within(ptr, count, size uint64) {
	trapIf(count > 1<<28 || count*size > 1<<28-1)
	trapIf(ptr > uint64(len(r.mem)) || count*size > uint64(len(r.mem))-ptr)
}

// scalar makes a value of bits, those above its width left out.
func (r *reference) scalar(bits uint64, t *types.Type) val.Value {
	switch k := t.Kind(); k {
	case types.KindBool:
		return val.Bool(uint32(bits) != 0)
	case types.KindS8:
		return val.S8(int8(bits))
	case types.KindS16:
		return val.S16(int16(bits))
	case types.KindS32:
		return val.S32(int32(bits))
	case types.KindF32:
		return val.F32(math.Float32frombits(uint32(bits)))
	case types.KindF64:
		return val.F64(math.Float64frombits(bits))
	case types.KindChar:
		c := uint32(bits)
		trapIf(c >= 0x110000 || c >= 0xd800 && c <= 0xdfff)
		return val.Char(rune(c))
	case types.KindFlags:
		var set []string
		for i, l := range t.Labels() {
			if bits>>i&1 != 0 {
				set = append(set, l)
			}
		}
		return val.Flags(set...)
	default:
		return val.OfBits(k, bits<<(64-8*scalarSize(t))>>(64-8*scalarSize(t)))
	}
}

// made makes a record, tuple, list or map of its parts.
func made(t *types.Type, vs []val.Value) val.Value {
	switch t.Kind() {
	case types.KindRecord:
		fs := make([]val.Field, len(vs))
		for i, f := range t.Fields() {
			fs[i] = val.Field{Name: f.Name, Value: vs[i]}
		}
		return val.Record(fs...)
	case types.KindTuple:
		return val.Tuple(vs...)
	case types.KindMap:
		es := make([]val.Entry, len(vs))
		for i, v := range vs {
			es[i] = val.Entry{Key: v.Elems()[0], Value: v.Elems()[1]}
		}
		return val.Map(es...)
	}
	return val.List(vs...)
}

// Spec: definitions.py load.
func (r *reference) load(ptr uint64, t *types.Type) val.Value {
	if r.budget--; r.budget < 0 {
		panic(tooMuch{})
	}
	d := despecialize(t)
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		return r.fetch(r.get(ptr, r.ptr), r.get(ptr+r.ptr, r.ptr), t)
	case d.kind == 'l':
		return r.loadElems(ptr, uint64(d.length), t)
	case d.kind == 'r':
		var vs []val.Value
		for _, p := range d.parts {
			ptr = roundUp(ptr, r.align(p))
			vs = append(vs, r.load(ptr, p))
			ptr += r.size(p)
		}
		return made(t, vs)
	case d.kind == 'v':
		n := discriminant(len(d.parts))
		i := r.get(ptr, n)
		trapIf(i >= uint64(len(d.parts)))
		var payload val.Value
		if p := d.parts[i]; p != nil {
			payload = r.load(roundUp(ptr+n, r.partsAlign(d.parts)), p)
		}
		return val.OfCase(t, int(i), payload)
	}
	return r.scalar(r.get(ptr, scalarSize(t)), t)
}

func (r *reference) loadElems(ptr, n uint64, t *types.Type) val.Value {
	var vs []val.Value
	elem := despecialize(t).elem
	for i := range n {
		vs = append(vs, r.load(ptr+i*r.size(elem), elem))
	}
	return made(t, vs)
}

// fetch loads a string or list from where the guest says that it lies.
//
// Spec: definitions.py load_string_from_range, load_list_from_range.
func (r *reference) fetch(ptr, length uint64, t *types.Type) val.Value {
	if t.Kind() == types.KindString {
		return val.String(r.fetchString(ptr, length))
	}
	elem := despecialize(t).elem
	r.within(ptr, length, r.size(elem))
	trapIf(ptr%r.align(elem) != 0)
	return r.loadElems(ptr, length, t)
}

func (r *reference) fetchString(ptr, units uint64) string {
	tag := uint64(1) << (8*r.ptr - 1)
	wide := r.enc == UTF16
	if r.enc == Latin1UTF16 && units&tag != 0 {
		wide, units = true, units^tag
	}
	trapIf(r.enc != UTF8 && ptr%2 != 0)
	if wide {
		r.within(ptr, units, 2)
		return r.decodeUTF16(ptr, units)
	}
	r.within(ptr, units, 1)
	b := r.mem[ptr : ptr+units]
	if r.enc == UTF8 {
		trapIf(!utf8.Valid(b))
		return string(b)
	}
	var rs []rune
	for _, c := range b {
		rs = append(rs, rune(c))
	}
	return string(rs)
}

func (r *reference) decodeUTF16(ptr, units uint64) string {
	var rs []rune
	for i := uint64(0); i < units; i++ {
		u := r.get(ptr+2*i, 2)
		trapIf(u >= 0xdc00 && u <= 0xdfff)
		if u >= 0xd800 && u <= 0xdbff {
			i++
			trapIf(i == units)
			lo := r.get(ptr+2*i, 2)
			trapIf(lo < 0xdc00 || lo > 0xdfff)
			u = 0x10000 + (u-0xd800)<<10 + (lo - 0xdc00)
		}
		rs = append(rs, rune(u))
	}
	return string(rs)
}

// Spec: definitions.py lift_flat. What it doesn't use of vs it leaves.
func (r *reference) lift(vs []uint64, t *types.Type) (v val.Value, rest []uint64) {
	if r.budget--; r.budget < 0 {
		panic(tooMuch{})
	}
	d := despecialize(t)
	word := func(v uint64) uint64 {
		if r.ptr == 4 {
			return v & 0xffffffff
		}
		return v
	}
	switch {
	case t.Kind() == types.KindString, d.kind == 'l' && d.length < 0:
		return r.fetch(word(vs[0]), word(vs[1]), t), vs[2:]
	case d.kind == 'v':
		i := vs[0] & 0xffffffff
		trapIf(i >= uint64(len(d.parts)))
		var payload val.Value
		if p := d.parts[i]; p != nil {
			payload, _ = r.lift(vs[1:], p)
		}
		return val.OfCase(t, int(i), payload), vs[len(r.flat(t)):]
	case d.kind == 0:
		return r.scalar(vs[0], t), vs[1:]
	}
	parts := d.parts
	for range max(d.length, 0) {
		parts = append(parts, d.elem)
	}
	var made1 []val.Value
	for _, p := range parts {
		var e val.Value
		e, vs = r.lift(vs, p)
		made1 = append(made1, e)
	}
	return made(t, made1), vs
}
