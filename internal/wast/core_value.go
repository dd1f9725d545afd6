package wast

import (
	"fmt"
	"slices"

	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// slots is how many places on the engine's stack a value takes.
func slots(t corewasm.ValType) int {
	if t == corewasm.V128 {
		return 2
	}
	return 1
}

func slotsOf(ts []corewasm.ValType) (n int) {
	for _, t := range ts {
		n += slots(t)
	}
	return n
}

// coreArgs is the stack for a call.
func coreArgs(t corewasm.FuncType, args []*literal) ([]uint64, error) {
	if len(args) != len(t.Params) {
		return nil, fmt.Errorf("the function takes %d arguments, got %d", len(t.Params), len(args))
	}
	stack := make([]uint64, 0, max(slotsOf(t.Params), slotsOf(t.Results)))
	for i, a := range args {
		var err error
		if stack, err = appendCore(stack, t.Params[i], a); err != nil {
			return nil, err
		}
	}
	return stack[:cap(stack)], nil
}

func appendCore(stack []uint64, t corewasm.ValType, l *literal) ([]uint64, error) {
	switch {
	case l.Kind == t.String() && l.Kind == "v128":
		low, high := vectorBits(l)
		return append(stack, low, high), nil
	case l.Kind == t.String():
		return append(stack, l.Bits), nil
	case l.Kind == "ref.null" && t.IsRef():
		return append(stack, 0), nil
	case (l.Kind == "ref.extern" || l.Kind == "ref.host") && t.IsRef() && t.Heap() == corewasm.HeapExtern:
		return append(stack, l.Bits+1), nil // since 0 is null
	}
	return nil, fmt.Errorf("%s is no argument for a parameter of type %s", l.At.Text(), t)
}

// vectorBits are the halves of a vector.
func vectorBits(l *literal) (low, high uint64) {
	width := 128 / len(l.Elems)
	for i, e := range l.Elems {
		at := i * width
		if at < 64 {
			low |= e.Bits << at
		} else {
			high |= e.Bits << (at - 64)
		}
	}
	return low, high
}

// coreResult is a value of core wasm.
type coreResult struct {
	typ       corewasm.ValType
	low, high uint64
}

func coreResults(ts []corewasm.ValType, stack []uint64) []result {
	rs := make([]result, len(ts))
	at := 0
	for i, t := range ts {
		r := coreResult{typ: t, low: stack[at]}
		switch t {
		case corewasm.I32, corewasm.F32:
			r.low &= 1<<32 - 1
		case corewasm.V128:
			r.high = stack[at+1]
		}
		at += slots(t)
		rs[i] = r
	}
	return rs
}

func (r coreResult) match(l *literal) bool {
	switch l.Kind {
	case "either":
		return slices.ContainsFunc(l.Elems, r.match)
	case "i32", "i64", "f32", "f64":
		return r.typ.String() == l.Kind && matchBits(l, r.low)
	case "v128":
		return r.typ == corewasm.V128 && r.matchLanes(l)
	case "ref.null":
		return r.typ.IsRef() && r.low == 0
	case "ref.extern", "ref.host":
		return r.typ.Heap() == corewasm.HeapExtern && r.low != 0 && (l.Any || r.low == l.Bits+1)
	case "ref.func":
		return r.isFunc() && r.low != 0
	}
	return false
}

// isFunc reports whether the result refers to a function: of whatever type, of no
// other is there anything yet.
func (r coreResult) isFunc() bool {
	return r.typ.IsRef() && (r.typ.Heap() == corewasm.HeapFunc || r.typ.Heap() >= 0)
}

func (r coreResult) matchLanes(l *literal) bool {
	width := 128 / len(l.Elems)
	mask := ^uint64(0) >> (64 - width)
	for i, e := range l.Elems {
		half, at := r.low, i*width
		if at >= 64 {
			half, at = r.high, at-64
		}
		if !matchBits(e, half>>at&mask) {
			return false
		}
	}
	return true
}

// String writes the value as scripts do, as far as they can.
func (r coreResult) String() string {
	switch {
	case r.typ == corewasm.V128:
		return fmt.Sprintf("(v128.const i64x2 %#x %#x)", r.low, r.high)
	case r.typ.IsRef() && r.low == 0:
		return "(ref.null)"
	case r.typ.IsRef():
		return "(a reference to " + r.typ.Heap().String() + ")"
	case r.typ == corewasm.I32:
		return fmt.Sprintf("(i32.const %d)", int32(r.low))
	case r.typ == corewasm.I64:
		return fmt.Sprintf("(i64.const %d)", int64(r.low))
	case r.typ == corewasm.F32:
		return text(val.OfBits(types.KindF32, r.low))
	case r.typ == corewasm.F64:
		return text(val.OfBits(types.KindF64, r.low))
	}
	return fmt.Sprintf("(a value of type %s: %#x)", r.typ, r.low)
}
