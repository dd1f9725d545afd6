package binary

import "github.com/gondola-wasm/gondola/internal/leb128"

// writer appends productions to b.
type writer struct{ b []byte }

func (w *writer) byte(bs ...byte) { w.b = append(w.b, bs...) }

func (w *writer) u32(v uint32) { w.b = leb128.AppendU32(w.b, v) }

func (w *writer) flag(v bool) {
	if v {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

// flag is a bit of a byte, and whether it is set.
type flag struct {
	bit byte
	set bool
}

func (w *writer) flags(fs ...flag) {
	var b byte
	for _, f := range fs {
		if f.set {
			b |= f.bit
		}
	}
	w.byte(b)
}

func (w *writer) name(s string) {
	w.u32(uint32(len(s)))
	w.b = append(w.b, s...)
}

func (w *writer) blob(b []byte) {
	w.u32(uint32(len(b)))
	w.b = append(w.b, b...)
}

// sized writes the size of what write writes, then that. The bytes are moved by
// the length of the size, once per level of nesting.
func (w *writer) sized(write func()) {
	start := len(w.b)
	write()
	size := len(w.b) - start
	var prefix [5]byte
	p := leb128.AppendU32(prefix[:0], uint32(size))
	w.b = append(w.b, p...)
	copy(w.b[start+len(p):], w.b[start:start+size])
	copy(w.b[start:], p)
}

// list writes a count and the elements.
func list[T any](w *writer, ts []T, write func(*T)) {
	w.u32(uint32(len(ts)))
	for i := range ts {
		write(&ts[i])
	}
}

// maybe writes whether there is a value, then the value.
func maybe[T any](w *writer, v *T, write func(T)) {
	w.flag(v != nil)
	if v != nil {
		write(*v)
	}
}
