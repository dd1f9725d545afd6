package corewasm

import (
	"fmt"
	"slices"
)

// bodyChecker type-checks function bodies and constant expressions, one after the
// other, in one pass over each. It keeps its buffers from one to the next.
//
// Spec: core 3.0, appendix "Validation Algorithm".
type bodyChecker struct {
	Body
	m        *Module
	types    *typeSpace
	features Features
	declared []bool // functions that bodies may refer to with ref.func

	shared  bool // the function is shared
	results []ValType
	locals  []ValType
	stack   []ValType
	frames  []controlFrame
	floor   int  // height of the stack below the innermost frame's operands
	endless bool // code that can't be reached: operands come out of nothing

	// unset are the locals that have no value yet, if there are any without a default;
	// set are those that got one since, in order.
	unset []bool
	set   []uint32

	onSelect func(pos int, t ValType) // if not nil, is told the types of selects without one

	constant bool      // it is a constant expression
	globals  int       // and may read the first so many globals
	total    int       // locals of all bodies so far
	work     int       // operands that may still be moved in lists
	singles  []ValType // one-element lists for block types
}

// controlFrame is an open control instruction: block, loop, if, else, try_table; that
// of the function itself is OpEnd. The type of the latter is in results.
type controlFrame struct {
	typ     BlockType
	floor   int32
	set     int32 // height of set
	op      uint8
	endless bool
}

// Work that checking may be, in operands that calls, branches and blocks take and
// leave: a base and more for every byte of code. Code that a compiler makes moves
// less than one operand per byte.
const (
	workBase    = 1 << 26
	workPerByte = 16
)

func newBodyChecker(m *Module, types *typeSpace, f Features) *bodyChecker {
	c := &bodyChecker{m: m, types: types, features: f, work: workBase}
	for i := range m.Functions {
		c.work += workPerByte * len(m.Functions[i].Body)
	}
	return c
}

// operandTypes is a checker of valid functions of m for those who want to know the
// types of operands.
func operandTypes(m *Module, onSelect func(pos int, t ValType)) *bodyChecker {
	c := newBodyChecker(m, &typeSpace{types: m.Types}, Features{SharedThreads: true})
	c.declared = slices.Repeat([]bool{true}, m.Count(KindFunc))
	c.onSelect = onSelect
	return c
}

// function checks defined function i.
func (c *bodyChecker) function(i int) error {
	f := &c.m.Functions[i]
	c.constant = false
	if err := c.reset(c.m, i); err != nil {
		return err
	}
	typ := &c.m.Types[f.Type]
	c.shared, c.r.Pos = typ.Shared, 0
	c.startLocals(typ.Params)
	c.start(typ.Results)
	c.run()
	if c.r.err == nil && c.r.more() {
		c.r.Pos = c.r.pos
		c.fail("operators remaining after the end of the function")
	}
	return c.r.err
}

func (c *bodyChecker) start(results []ValType) {
	c.results = results
	c.stack = c.stack[:0]
	c.set = c.set[:0]
	c.frames = append(c.frames[:0], controlFrame{op: uint8(OpEnd)})
	c.floor, c.endless = 0, false
}

// run checks instructions up to and with the end of the outermost frame.
func (c *bodyChecker) run() {
	for len(c.frames) > 0 && c.r.next() {
		c.step()
	}
	if len(c.frames) > 0 && c.r.err == nil {
		c.r.Pos = c.r.pos
		c.fail("unexpected end: %d blocks are open", len(c.frames))
	}
}

func (c *bodyChecker) startLocals(params []ValType) {
	c.locals = append(c.locals[:0], params...)
	unset := false
	for _, g := range c.Locals {
		if !c.valType(g.Type) {
			return
		}
		unset = unset || !defaultable(g.Type)
		for range g.Count {
			c.locals = append(c.locals, g.Type)
		}
	}
	c.unset = c.unset[:0]
	if unset {
		for i, t := range c.locals {
			c.unset = append(c.unset, i >= len(params) && !defaultable(t))
		}
	}
	if c.total += len(c.locals); c.total > MaxAllLocals {
		c.fail("too many locals: at most %d in all functions together are supported", MaxAllLocals)
	}
}

// fail stops with a mistake in the current instruction.
func (c *bodyChecker) fail(format string, args ...any) { c.r.fail(c.r.Pos, format, args...) }

// in checks an index.
func (c *bodyChecker) in(what string, i uint32, n int) bool {
	if int64(i) < int64(n) {
		return true
	}
	c.fail("unknown %s %d in %s: there are %d", what, i, c.r.Op, n)
	return false
}

func (c *bodyChecker) valType(t ValType) bool {
	if !t.IsRef() {
		return true
	}
	h := t.Heap()
	if h >= 0 {
		return c.in("type", uint32(h), len(c.types.types))
	}
	f := c.features.missing(h)
	if f != "" {
		c.r.unsupported(c.r.Pos, f, "heap type %s: %s is not supported", h, f)
	}
	return f == ""
}

func (c *bodyChecker) push(t ValType) { c.stack = append(c.stack, t) }

func (c *bodyChecker) pushAll(ts []ValType) {
	c.stack = append(c.stack, ts...)
	if c.work -= len(ts); len(c.stack) > MaxOperands {
		c.fail("more than %d operands on the stack are not supported", MaxOperands)
	}
}

// pop takes an operand of a type, or of one below it.
func (c *bodyChecker) pop(want ValType) {
	n := len(c.stack) - 1
	if n < c.floor {
		c.underflow(want)
		return
	}
	got := c.stack[n]
	c.stack = c.stack[:n]
	if got != want && !c.types.matches(got, want) {
		c.mismatch(want, got)
	}
}

// popAny takes an operand of whatever type.
func (c *bodyChecker) popAny() ValType {
	n := len(c.stack) - 1
	if n < c.floor {
		c.underflow(bottom)
		return bottom
	}
	got := c.stack[n]
	c.stack = c.stack[:n]
	return got
}

// popRef takes an operand that is a reference of whatever type.
func (c *bodyChecker) popRef() ValType {
	t := c.popAny()
	if t != bottom && !t.IsRef() {
		c.fail("type mismatch in %s: expected a reference, found %s", c.r.Op, t)
		return bottom
	}
	return t
}

func (c *bodyChecker) popAll(want []ValType) {
	c.spend(len(want))
	for i := len(want) - 1; i >= 0; i-- {
		c.pop(want[i])
	}
}

// peekAll checks that operands of these types are on the stack, skip below its
// top, and leaves them there.
func (c *bodyChecker) peekAll(want []ValType, skip int) {
	c.spend(len(want))
	at := len(c.stack) - 1 - skip
	for i := len(want) - 1; i >= 0 && c.r.err == nil; i-- {
		if at < c.floor {
			c.underflow(want[i])
		} else if got := c.stack[at]; got != want[i] && !c.types.matches(got, want[i]) {
			c.mismatch(want[i], got)
		}
		at--
	}
}

func (c *bodyChecker) spend(n int) {
	if c.work -= n; c.work < 0 {
		c.fail("checking the code is too much work: its calls and branches take too many operands")
	}
}

func (c *bodyChecker) underflow(want ValType) {
	switch {
	case c.endless:
	case want == bottom:
		c.fail("type mismatch in %s: expected an operand, found nothing on the stack", c.r.Op)
	default:
		c.fail("type mismatch in %s: expected %s, found nothing on the stack", c.r.Op, want)
	}
}

func (c *bodyChecker) mismatch(want, got ValType) {
	c.fail("type mismatch in %s: expected %s, found %s", c.r.Op, want, got)
}

// unreachable says that what follows can't be reached.
func (c *bodyChecker) unreachable() {
	c.stack = c.stack[:c.floor]
	c.endless = true
	c.frames[len(c.frames)-1].endless = true
}

// blockTypes gives what a block takes and leaves.
func (c *bodyChecker) blockTypes(b BlockType) (params, results []ValType) {
	if i, ok := b.Index(); ok {
		t := &c.types.types[i]
		return t.Params, t.Results
	}
	if t, ok := b.Result(); ok {
		return nil, c.single(t)
	}
	return nil, nil
}

// single is a list of one type.
func (c *bodyChecker) single(t ValType) []ValType {
	if n := len(c.singles); n > 0 && c.singles[n-1] == t {
		return c.singles[n-1 : n : n]
	}
	if len(c.singles) == cap(c.singles) {
		c.singles = make([]ValType, 0, 64)
	}
	c.singles = append(c.singles, t)
	n := len(c.singles)
	return c.singles[n-1 : n : n]
}

func (c *bodyChecker) endTypes(f *controlFrame) []ValType {
	if f.op == uint8(OpEnd) {
		return c.results
	}
	_, results := c.blockTypes(f.typ)
	return results
}

// labelTypes are the types of what a branch to label l takes along; false if there
// is no such label.
func (c *bodyChecker) labelTypes(l uint32) ([]ValType, bool) {
	if !c.in("label", l, len(c.frames)) {
		return nil, false
	}
	f := &c.frames[len(c.frames)-1-int(l)]
	if f.op == uint8(OpLoop) {
		params, _ := c.blockTypes(f.typ)
		return params, true
	}
	return c.endTypes(f), true
}

// open begins a block, whose operands are taken off the stack and put back on.
func (c *bodyChecker) open(op Opcode, typ BlockType) {
	if !c.checkBlockType(typ) {
		return
	}
	params, _ := c.blockTypes(typ)
	c.popAll(params)
	c.enter(op, typ, params)
}

func (c *bodyChecker) checkBlockType(b BlockType) bool {
	if i, ok := b.Index(); ok {
		return c.funcType(i)
	}
	t, ok := b.Result()
	return !ok || c.valType(t)
}

// funcType checks that i is a function type.
func (c *bodyChecker) funcType(i uint32) bool {
	if !c.in("type", i, len(c.types.types)) {
		return false
	}
	if k := c.types.types[i].Kind; k != TypeFunc {
		c.fail("type mismatch in %s: type %d is no function type but a type of kind %s", c.r.Op, i, k)
		return false
	}
	return true
}

func (c *bodyChecker) enter(op Opcode, typ BlockType, params []ValType) {
	c.floor, c.endless = len(c.stack), false
	c.frames = append(c.frames, controlFrame{typ: typ, floor: int32(c.floor), set: int32(len(c.set)), op: uint8(op)})
	c.pushAll(params)
}

// leave closes the innermost frame, whose results must be all that is on the
// stack, and takes them off.
func (c *bodyChecker) leave() controlFrame {
	f := c.frames[len(c.frames)-1]
	c.popAll(c.endTypes(&f))
	if n := len(c.stack) - c.floor; n > 0 {
		c.fail("type mismatch in %s: %d values remaining on stack at end of block", c.r.Op, n)
	}
	c.forget(int(f.set))
	c.frames = c.frames[:len(c.frames)-1]
	if n := len(c.frames); n > 0 {
		c.floor, c.endless = int(c.frames[n-1].floor), c.frames[n-1].endless
	}
	return f
}

// forget takes back what was set since.
func (c *bodyChecker) forget(since int) {
	for _, l := range c.set[since:] {
		c.unset[l] = true
	}
	c.set = c.set[:since]
}

// nameFunction gives the index of defined function i and its name, if it has one.
func nameFunction(m *Module, i int) string {
	index := m.NumImported(KindFunc) + i
	if name, ok := m.Names().Func(uint32(index)); ok {
		return fmt.Sprintf("function %d (%s)", index, name)
	}
	return fmt.Sprintf("function %d", index)
}
