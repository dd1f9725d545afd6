package everything_test

import (
	"math/rand/v2"
	"sync"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// random makes values of component types.
type random struct{ *rand.Rand }

// value makes a value of t, which has no handles in it. The deeper, the smaller.
func (r random) value(t *types.Type, depth int) val.Value {
	switch t.Kind() {
	case types.KindList:
		return r.list(t, depth)
	case types.KindMap:
		entries := make([]val.Entry, r.size(depth))
		for i := range entries {
			entries[i] = val.Entry{Key: r.value(t.Key(), depth+1), Value: r.value(t.Value(), depth+1)}
		}
		return val.Map(entries...)
	case types.KindRecord:
		var fields []val.Field
		for _, f := range t.Fields() {
			fields = append(fields, val.Field{Name: f.Name, Value: r.value(f.Type, depth+1)})
		}
		return val.Record(fields...)
	case types.KindTuple:
		var elems []val.Value
		for _, f := range t.Fields() {
			elems = append(elems, r.value(f.Type, depth+1))
		}
		return val.Tuple(elems...)
	case types.KindVariant, types.KindEnum, types.KindOption, types.KindResult:
		i := r.IntN(len(t.Cases()))
		var payload val.Value
		if p := t.Cases()[i].Type; p != nil {
			payload = r.value(p, depth+1)
		}
		return val.OfCase(t, i, payload)
	case types.KindFlags:
		var set []string
		for _, l := range t.Labels() {
			if r.IntN(2) == 0 {
				set = append(set, l)
			}
		}
		return val.Flags(set...)
	case types.KindString:
		return val.String(r.text(depth))
	}
	return r.scalar(t)
}

func (r random) scalar(t *types.Type) val.Value {
	bits := r.Uint64() >> (r.IntN(9) * 8) // small numbers too
	switch t.Kind() {
	case types.KindBool:
		return val.Bool(bits&1 == 1)
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
		return val.F32(float32(r.NormFloat64()))
	case types.KindF64:
		return val.F64(r.NormFloat64())
	case types.KindChar:
		return val.Char(r.char())
	}
	panic("a type of an unknown kind: " + t.String())
}

// size is the length of a list.
func (r random) size(depth int) int {
	if depth == 0 && r.IntN(8) == 0 {
		return r.IntN(3000)
	}
	return r.IntN(5)
}

func (r random) list(t *types.Type, depth int) val.Value {
	n, fixed := t.Len()
	if !fixed {
		n = r.size(depth)
	}
	if t.Elem() == types.U8 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return val.Bytes(b)
	}
	elems := make([]val.Value, n)
	for i := range elems {
		elems[i] = r.value(t.Elem(), depth+1)
	}
	return val.List(elems...)
}

// char is any Unicode scalar value, mostly a short one.
func (r random) char() rune {
	switch r.IntN(4) {
	case 0:
		return rune(r.IntN(0x110000-0xe000) + 0xe000)
	case 1:
		return rune(r.IntN(0xd800))
	}
	return rune(' ' + r.IntN('~'-' '))
}

func (r random) text(depth int) string {
	s := make([]rune, r.size(depth))
	for i := range s {
		s[i] = r.char()
	}
	return string(s)
}

// locked makes a source safe for several goroutines.
type locked struct {
	mu  sync.Mutex
	src rand.Source
}

func (l *locked) Uint64() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.src.Uint64()
}
