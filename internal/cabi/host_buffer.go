package cabi

import (
	"fmt"

	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/val"
)

// HostBuffer is a buffer of the host's: values to write, or room for values that
// are read. It must stay as it is until the operation that it was given to has
// ended, and serves one operation.
type HostBuffer struct {
	form             bufferForm
	bytes            []byte
	values           []val.Value
	progress, length int
}

// bufferForm is how the elements lie in a host's buffer.
type bufferForm uint8

const (
	formUnits  bufferForm = iota // there is nothing of them
	formBytes                    // as in memory
	formValues                   // as dynamic values
)

// NewBytesBuffer makes a buffer over the elements of a stream or future of u8 or
// of another number type, size bytes each and little endian, so that they are
// copied straight to or from a guest's memory.
func NewBytesBuffer(b []byte, size int) *HostBuffer {
	return &HostBuffer{form: formBytes, bytes: b, length: len(b) / size}
}

// NewValuesBuffer makes a buffer over values of any payload type.
func NewValuesBuffer(vs []val.Value) *HostBuffer {
	return &HostBuffer{form: formValues, values: vs, length: len(vs)}
}

// NewUnitsBuffer makes a buffer of n elements of a stream or future without a
// payload.
func NewUnitsBuffer(n int) *HostBuffer { return &HostBuffer{length: n} }

// Progress is how many elements were copied.
func (b *HostBuffer) Progress() int { return b.progress }

// check reports whether the buffer can hold elements of a type, and whether what
// it holds has that type.
func (b *HostBuffer) check(elem typ, scope *ComponentInstance, w writing) error {
	switch {
	case b.length > maxBufferLength:
		return fmt.Errorf("a buffer of %d elements: at most %d are copied at once", b.length, maxBufferLength)
	case (b.form == formUnits) != (elem == nil):
		return fmt.Errorf("the buffer is not one for %v", elemName(elem))
	case b.form == formBytes && (!isNumber(elem) || b.length*layout.Of(elem, layout.Ptr32).Size != len(b.bytes)):
		return fmt.Errorf("bytes in whole elements hold numbers only, not %v", elemName(elem))
	case b.form == formValues && bool(w):
		return checkValues(b.values, elem, scope)
	}
	return nil
}

// writing says that the host gives values.
type writing bool

func checkValues(vs []val.Value, elem typ, scope *ComponentInstance) error {
	for i, v := range vs {
		if err := checkValue(v, elem, scope); err != nil {
			return inPart(fmt.Sprintf("[%d]", i), err)
		}
	}
	return nil
}

func elemName(elem typ) string {
	if elem == nil {
		return "no payload"
	}
	return elem.String()
}

func (b *HostBuffer) remain() int      { return b.length - b.progress }
func (b *HostBuffer) zeroLength() bool { return b.length == 0 }
func (b *HostBuffer) advance(n int)    { b.progress += n }

func (b *HostBuffer) raw(n int, elem typ) []byte {
	if b.form != formBytes {
		return nil
	}
	size := layout.Of(elem, layout.Ptr32).Size
	return b.bytes[b.progress*size:][:n*size]
}

func (b *HostBuffer) read(n int, elem typ, _ buffer) []val.Value {
	assert(n <= b.remain(), "a copy fits both buffers")
	if b.form == formValues {
		return b.values[b.progress:][:n]
	}
	bytes, size := b.raw(n, elem), layout.Of(elem, layout.Ptr32).Size
	vs := make([]val.Value, n)
	for i := range vs {
		vs[i] = loadScalar(bytes[i*size:], elem.Kind())
	}
	return vs
}

func (b *HostBuffer) write(vs []val.Value, elem typ, _ buffer) {
	assert(len(vs) <= b.remain(), "a copy fits both buffers")
	if b.form == formValues {
		copy(b.values[b.progress:], vs)
		return
	}
	cx := liftLowerContext{mem: b.raw(len(vs), elem), opts: &CanonicalOptions{}}
	cx.storeValues(vs, elem, 0)
}
