package cabi

import (
	"github.com/gondola-wasm/gondola/internal/trap"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// maxBufferLength is the largest number of elements of a buffer.
//
// Spec: definitions.py Buffer.MAX_LENGTH.
const maxBufferLength = 1<<28 - 1

// buffer is a region that values of one type are copied from or to, a guest's
// or the host's. What is called remain counts elements.
//
// Spec: CanonicalABI.md#buffer-state (definitions.py Buffer, ReadableBuffer,
// WritableBuffer).
type buffer interface {
	remain() int
	zeroLength() bool

	// raw are the bytes of the next n elements as they lie in memory, or nil
	// where they lie otherwise. It is asked only for numbers.
	raw(n int, elem typ) []byte

	// read lifts the next n elements. other is who gets them.
	read(n int, elem typ, other buffer) []val.Value

	// write lowers the next elements. other is who gave them.
	write(vs []val.Value, elem typ, other buffer)

	// advance leaves n elements behind.
	advance(n int)
}

// transfer copies n elements. Numbers are copied as they lie in memory, NaNs
// included, of which the specification lets any become any other.
func transfer(dst, src buffer, n int, elem typ) {
	if elem != nil && !transferRaw(dst, src, n, elem) {
		dst.write(src.read(n, elem, dst), elem, src)
	}
	src.advance(n)
	dst.advance(n)
}

func transferRaw(dst, src buffer, n int, elem typ) bool {
	if !isNumber(elem) {
		return false
	}
	to, from := dst.raw(n, elem), src.raw(n, elem)
	if to == nil || from == nil {
		return false
	}
	copy(to, from)
	return true
}

func isNumber(t typ) bool { return t.Kind() >= types.KindU8 && t.Kind() <= types.KindF64 }

// noneOrNumber reports whether a payload may be copied within one component
// instance.
//
// Spec: definitions.py none_or_number_type.
func noneOrNumber(t typ) bool { return t == nil || isNumber(t) }

// guestBuffer is a buffer in a guest's memory, checked when it is made.
//
// Spec: definitions.py BufferGuestImpl.
type guestBuffer struct {
	opts             *CanonicalOptions
	inst             *ComponentInstance
	elem             typ // as inst understands it; resources differ
	ptr              uint64
	size             int // of an element; 0 where there is no payload
	progress, length int
}

func newGuestBuffer(elem typ, opts *CanonicalOptions, inst *ComponentInstance, ptr, length uint64) guestBuffer {
	if length > maxBufferLength {
		trap.Throw(trap.CopyTooLong, length, maxBufferLength)
	}
	b := guestBuffer{opts: opts, inst: inst, elem: elem, ptr: ptr, length: int(length)}
	if elem == nil {
		return b
	}
	cx := newContext(opts, inst)
	l := cx.layout(elem)
	b.size = l.Size
	if length > 0 {
		trapUnlessAligned(ptr, l.Align)
		if size := int(length) * l.Size; !cx.fits(ptr, size) {
			trap.Throw(trap.PointerOutOfBounds, size, ptr, len(cx.memory()))
		}
	}
	return b
}

func (b *guestBuffer) remain() int      { return b.length - b.progress }
func (b *guestBuffer) zeroLength() bool { return b.length == 0 }

func (b *guestBuffer) raw(n int, _ typ) []byte {
	return b.opts.Memory.Bytes()[b.ptr:][:n*b.size]
}

// Spec: definitions.py ReadableBufferGuestImpl.read.
func (b *guestBuffer) read(n int, _ typ, other buffer) []val.Value {
	assert(n <= b.remain(), "a copy fits both buffers")
	cx := newContext(b.opts, b.inst)
	to, guest := other.(*guestBuffer)
	cx.views = guest && to.opts.Memory != b.opts.Memory
	cx.memory()
	return cx.loadValues(b.ptr, n, b.elem)
}

// Spec: definitions.py WritableBufferGuestImpl.write.
func (b *guestBuffer) write(vs []val.Value, _ typ, other buffer) {
	assert(len(vs) <= b.remain(), "a copy fits both buffers")
	cx := newContext(b.opts, b.inst)
	if from, guest := other.(*guestBuffer); guest {
		cx.sourceEncoding = from.opts.StringEncoding
	}
	cx.storeValues(vs, b.elem, b.ptr)
}

func (b *guestBuffer) advance(n int) {
	b.progress += n
	b.ptr += uint64(n * b.size)
}
