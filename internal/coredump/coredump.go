// Package coredump writes what is left of a guest that has trapped, in the format of
// WebAssembly core dumps: a module that has the memories and the globals as they were, and
// custom sections that say whose they are and what was on the stack.
//
// What runtimes like this one can't know is left out as the format allows it: locals, operands, and
// how far each function has come (the offset of every frame is 0).
//
// # What it must not know
//
// Engines and traps.
//
// Spec: github.com/WebAssembly/tool-conventions, Coredump.md.
package coredump

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"

	"github.com/gondola-wasm/gondola/internal/leb128"
)

// Dump is what is written. Indices are those of its slices.
type Dump struct {
	Name      string // of what was run
	Modules   []string
	Instances []Instance
	Memories  [][]byte // whole pages, which are not copied
	Globals   []Global
	Stack     []Frame // innermost first
}

// Instance is an instance of a module, with its memories and globals in the order of
// the module.
type Instance struct {
	Module            int
	Memories, Globals []int
}

// Global is a global with its value.
type Global struct {
	Type Type
	Bits uint64
}

// Type is the type of a global.
type Type byte

// Types as the binary format has them. References are written as null, and of vectors
// Bits has the lower half, the upper one is written as zeros.
const (
	I32       Type = 0x7f
	I64       Type = 0x7e
	F32       Type = 0x7d
	F64       Type = 0x7c
	V128      Type = 0x7b
	FuncRef   Type = 0x70
	ExternRef Type = 0x6f
)

// Frame is a function on the stack: its instance, and its index in the instance's module.
type Frame struct {
	Instance int
	Func     uint32
}

const pageSize = 1 << 16

// Opcodes of constant expressions.
const (
	opEnd      = 0x0b
	opI32Const = 0x41
	opI64Const = 0x42
	opF32Const = 0x43
	opF64Const = 0x44
	opRefNull  = 0xd0
	opVector   = 0xfd
	opV128     = 0x0c
)

// Sections.
const (
	sectionCustom = 0
	sectionMemory = 5
	sectionGlobal = 6
	sectionData   = 11
)

// WriteTo writes the dump. It returns how many bytes it has written.
func (d *Dump) WriteTo(w io.Writer) (int64, error) {
	out := &writer{w: bufio.NewWriterSize(w, pageSize)}
	out.bytes([]byte("\x00asm\x01\x00\x00\x00"))
	out.custom("core", appendName([]byte{0}, d.Name))
	out.custom("coremodules", vector(d.Modules, func(b []byte, name string) []byte { return appendName(append(b, 0), name) }))
	out.custom("coreinstances", vector(d.Instances, appendInstance))
	out.custom("corestack", append(appendName([]byte{0}, "main"), vector(d.Stack, appendFrame)...))
	if len(d.Memories) > 0 {
		out.section(sectionMemory, vector(d.Memories, func(b []byte, m []byte) []byte {
			return leb128.AppendU32(append(b, 0), uint32(len(m)/pageSize))
		}))
	}
	if len(d.Globals) > 0 {
		out.section(sectionGlobal, vector(d.Globals, appendGlobal))
	}
	if err := d.data(out); err != nil {
		return out.n, err
	}
	if err := out.w.Flush(); out.err == nil {
		out.err = err
	}
	return out.n, out.err
}

func appendInstance(b []byte, in Instance) []byte {
	b = leb128.AppendU32(append(b, 0), uint32(in.Module))
	b = append(b, vector(in.Memories, appendIndex)...)
	return append(b, vector(in.Globals, appendIndex)...)
}

func appendIndex(b []byte, i int) []byte { return leb128.AppendU32(b, uint32(i)) }

func appendFrame(b []byte, f Frame) []byte {
	b = leb128.AppendU32(append(b, 0), uint32(f.Instance))
	b = leb128.AppendU32(b, f.Func)
	return append(b, 0, 0, 0) // offset, locals, operands
}

func appendGlobal(b []byte, g Global) []byte {
	b = append(b, byte(g.Type), 0)
	switch g.Type {
	case I32:
		b = leb128.AppendS32(append(b, opI32Const), int32(g.Bits))
	case I64:
		b = leb128.AppendS64(append(b, opI64Const), int64(g.Bits))
	case F32:
		b = appendBits(append(b, opF32Const), g.Bits, 4)
	case F64:
		b = appendBits(append(b, opF64Const), g.Bits, 8)
	case V128:
		b = appendBits(append(b, opVector, opV128), g.Bits, 16)
	default:
		b = append(b, opRefNull, byte(g.Type))
	}
	return append(b, opEnd)
}

func appendBits(b []byte, bits uint64, n int) []byte {
	for i := range n {
		b = append(b, byte(bits>>(8*i)))
	}
	return b
}

// run is a piece of a memory that is not only zeros.
type run struct {
	memory, from, to int
}

// head is what stands in front of a run's bytes.
func (r run) head() []byte {
	b := []byte{0}
	if r.memory > 0 {
		b = leb128.AppendU32([]byte{2}, uint32(r.memory))
	}
	b = leb128.AppendS32(append(b, opI32Const), int32(uint32(r.from)))
	return leb128.AppendU32(append(b, opEnd), uint32(r.to-r.from))
}

// runs are the pages of all memories that have anything in them, those beside each
// other as one.
func (d *Dump) runs() []run {
	var runs []run
	for m, memory := range d.Memories {
		for at := 0; at < len(memory); at += pageSize {
			if isZero(memory[at : at+pageSize]) {
				continue
			}
			if last := len(runs) - 1; last >= 0 && runs[last].memory == m && runs[last].to == at {
				runs[last].to = at + pageSize
			} else {
				runs = append(runs, run{m, at, at + pageSize})
			}
		}
	}
	return runs
}

func isZero(page []byte) bool { return bytes.Equal(page, zeros[:]) }

var zeros [pageSize]byte

// errTooLarge is about what no module can hold.
var errTooLarge = errors.New("the guest's memories have more in them than the 4 GiB that a core dump can hold")

func (d *Dump) data(out *writer) error {
	runs := d.runs()
	if len(runs) == 0 {
		return nil
	}
	count := leb128.AppendU32(nil, uint32(len(runs)))
	size := len(count)
	for _, r := range runs {
		size += len(r.head()) + r.to - r.from
	}
	if size > math.MaxUint32 {
		return errTooLarge
	}
	out.bytes(leb128.AppendU32([]byte{sectionData}, uint32(size)))
	out.bytes(count)
	for _, r := range runs {
		out.bytes(r.head())
		out.bytes(d.Memories[r.memory][r.from:r.to])
	}
	return nil
}

// writer counts, and keeps the first error.
type writer struct {
	w   *bufio.Writer
	n   int64
	err error
}

func (w *writer) bytes(b []byte) {
	if w.err == nil {
		var n int
		n, w.err = w.w.Write(b)
		w.n += int64(n)
	}
}

func (w *writer) section(id byte, body []byte) {
	w.bytes(leb128.AppendU32([]byte{id}, uint32(len(body))))
	w.bytes(body)
}

func (w *writer) custom(name string, body []byte) {
	w.section(sectionCustom, append(appendName(nil, name), body...))
}

func appendName(b []byte, name string) []byte {
	return append(leb128.AppendU32(b, uint32(len(name))), name...)
}

// vector is the length of items and then each of them.
func vector[T any](items []T, appendItem func([]byte, T) []byte) []byte {
	b := leb128.AppendU32(nil, uint32(len(items)))
	for _, i := range items {
		b = appendItem(b, i)
	}
	return b
}
