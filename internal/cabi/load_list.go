package cabi

import (
	"math"
	"math/bits"
	"unsafe"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// maxListBytes is the largest size of a list's elements.
//
// Spec: definitions.py MAX_LIST_BYTE_LENGTH.
const maxListBytes = 1<<28 - 1

// Spec: definitions.py load_list.
func (cx *liftLowerContext) loadList(ptr uint64, t typ) val.Value {
	if n, fixed := t.Len(); fixed {
		return cx.loadElems(ptr, n, t.Elem())
	}
	begin, length := cx.loadPtr(ptr), cx.loadPtr(ptr+uint64(cx.ptrSize()))
	return cx.loadListFromRange(begin, length, t.Elem())
}

// loadListFromRange lifts a list from where the guest says that it lies.
//
// Spec: definitions.py load_list_from_range.
func (cx *liftLowerContext) loadListFromRange(ptr, length uint64, elem typ) val.Value {
	cx.trapUnlessList(ptr, length, cx.layout(elem))
	return cx.loadElems(ptr, int(length), elem)
}

// trapUnlessList checks where length elements of layout l lie.
func (cx *liftLowerContext) trapUnlessList(ptr, length uint64, l *layout.Layout) {
	hi, size := bits.Mul64(length, uint64(l.Size))
	if hi != 0 {
		size = math.MaxInt64
	}
	if size > maxListBytes {
		trap.Throw(trap.ListTooLong, size, maxListBytes)
	}
	trapUnlessAligned(ptr, l.Align)
	if !cx.fits(ptr, int(size)) {
		trap.Throw(trap.ListOutOfBounds, size, ptr, len(cx.memory()))
	}
}

// loadElems lifts n elements that are known to lie in memory.
//
// Spec: definitions.py load_list_from_valid_range.
func (cx *liftLowerContext) loadElems(ptr uint64, n int, elem typ) val.Value {
	if elem == types.U8 {
		return val.Bytes(cx.loadBytes(ptr, n))
	}
	return val.List(cx.loadValues(ptr, n, elem)...)
}

// loadBytes copies n bytes, or shares them where that is safe.
func (cx *liftLowerContext) loadBytes(ptr uint64, n int) []byte {
	b := cx.memory()[ptr : ptr+uint64(n) : ptr+uint64(n)]
	if cx.views {
		return b
	}
	cx.spend(n)
	return append(make([]byte, 0, n), b...)
}

// loadValues lifts n elements one by one.
func (cx *liftLowerContext) loadValues(ptr uint64, n int, elem typ) []val.Value {
	cx.spend(valueBytes * n)
	vs := make([]val.Value, n)
	size := uint64(cx.layout(elem).Size)
	if k := elem.Kind(); k <= types.KindChar {
		for i := range vs {
			vs[i] = loadScalar(cx.mem[ptr+uint64(i)*size:], k)
		}
		return vs
	}
	for i := range vs {
		vs[i] = cx.load(ptr+uint64(i)*size, elem)
	}
	return vs
}

// loadMap lifts a map, which lies in memory as a list of its entries.
//
// Spec: definitions.py despecialize (MapType).
func (cx *liftLowerContext) loadMap(ptr uint64, t typ) val.Value {
	begin, length := cx.loadPtr(ptr), cx.loadPtr(ptr+uint64(cx.ptrSize()))
	return cx.loadMapFromRange(begin, length, t)
}

func (cx *liftLowerContext) loadMapFromRange(ptr, length uint64, t typ) val.Value {
	l := layout.Entry(t, cx.opts.Ptr)
	cx.trapUnlessList(ptr, length, l)
	cx.spend(caseBytes + 2*valueBytes*int(length))
	es := make([]val.Entry, length)
	for i := range es {
		at := ptr + uint64(i*l.Size)
		es[i].Key = cx.load(at+uint64(l.Offsets[0]), t.Key())
		es[i].Value = cx.load(at+uint64(l.Offsets[1]), t.Value())
	}
	return val.Map(es...)
}

// viewString makes a string that shares b.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
