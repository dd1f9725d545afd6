package binary

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/leb128"
)

// reader reads b[pos:end]. Its methods panic with a *component.Error, which
// [Decode] recovers: every production reads as one line then.
type reader struct {
	b        []byte
	pos, end int
}

func (r *reader) at() component.Offset { return component.Offset(r.pos) }

func (r *reader) left() int { return r.end - r.pos }

func fail(at component.Offset, format string, args ...any) {
	panic(&component.Error{At: at, Msg: fmt.Sprintf(format, args...)})
}

// byte reads one byte of what.
func (r *reader) byte(what string) byte {
	if r.left() < 1 {
		fail(r.at(), "unexpected end where %s was expected", what)
	}
	c := r.b[r.pos]
	r.pos++
	return c
}

// peek is the next byte, or 0 at the end, where the read that follows fails.
func (r *reader) peek() byte {
	if r.left() < 1 {
		return 0
	}
	return r.b[r.pos]
}

// expect reads a byte that must be c.
func (r *reader) expect(c byte, what string) {
	at := r.at()
	if got := r.byte(what); got != c {
		fail(at, "expected %s (%#02x), found %#02x", what, c, got)
	}
}

// flag reads a byte that is 0 or 1.
func (r *reader) flag(what string) bool {
	at := r.at()
	c := r.byte(what)
	if c > 1 {
		fail(at, "expected %s (0x00 or 0x01), found %#02x", what, c)
	}
	return c == 1
}

func (r *reader) u32(what string) uint32 {
	v, next, err := leb128.U32(r.b[:r.end], r.pos)
	r.integer(next, err, what)
	return v
}

func (r *reader) u64(what string) uint64 {
	v, next, err := leb128.U64(r.b[:r.end], r.pos)
	r.integer(next, err, what)
	return v
}

func (r *reader) s33(what string) int64 {
	v, next, err := leb128.S33(r.b[:r.end], r.pos)
	r.integer(next, err, what)
	return v
}

func (r *reader) integer(next int, err error, what string) {
	var leb *leb128.Error
	if errors.As(err, &leb) {
		fail(component.Offset(leb.Offset), "%s where %s was expected", leb.Problem, what)
	}
	r.pos = next
}

// bytes reads n bytes.
func (r *reader) bytes(n uint32, what string) []byte {
	if uint64(n) > uint64(r.left()) {
		fail(r.at(), "%s is %d bytes long, but %d are left", what, n, r.left())
	}
	start := r.pos
	r.pos += int(n)
	return r.b[start:r.pos:r.pos]
}

// name reads a length and that many bytes of UTF-8.
func (r *reader) name(what string) string {
	n := r.u32("the length of " + what)
	at := r.at()
	b := r.bytes(n, what)
	if !utf8.Valid(b) {
		fail(at, "%s is not valid UTF-8", what)
	}
	return string(b)
}

// within runs read on the next n bytes, all of which it must take.
func (r *reader) within(n uint32, what string, read func()) {
	if uint64(n) > uint64(r.left()) {
		fail(r.at(), "%s is %d bytes long, but %d are left", what, n, r.left())
	}
	outer := r.end
	r.end = r.pos + int(n)
	read()
	if r.pos != r.end {
		fail(r.at(), "%s ends here, but its size says that %d more bytes belong to it", what, r.left())
	}
	r.end = outer
}

// maxPrealloc bounds what is allocated on the word of a count.
const maxPrealloc = 64

// vec reads a count and that many elements, each of which takes one byte at
// least.
func vec[T any](r *reader, what string, read func() T) []T {
	at := r.at()
	n := r.u32("the number of " + what)
	if uint64(n) > uint64(r.left()) {
		fail(at, "there cannot be %d %s in the %d bytes that are left", n, what, r.left())
	}
	if n == 0 {
		return nil
	}
	list := make([]T, 0, min(n, maxPrealloc))
	for range n {
		list = append(list, read())
	}
	return list
}

// option reads a byte that says whether a T follows.
func option[T any](r *reader, what string, read func() T) *T {
	if !r.flag("whether there is " + what) {
		return nil
	}
	v := read()
	return &v
}
