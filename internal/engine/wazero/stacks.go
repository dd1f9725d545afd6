package wazero

import (
	"context"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/tetratelabs/wazero/api"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// stacks bounds what the call stacks of one space take together. wazero lets each grow to
// a hundred megabytes, and as many calls as there may be can be parked. It has nothing to
// say about their size, so we look, wherever running code comes by: when it ticks and
// when it calls the host. In between it can't do more than make one stack as large as
// wazero lets it.
type stacks struct {
	most int // that those which count may take together
	used int // that they do
}

// callContext is the context of one call. wazero hands it to host functions as it is,
// which is how they find the space they serve, and the stack that calls them.
type callContext struct {
	context.Context
	space *space
	stack *[]byte // wazero's own; nil where it is not known
	seen  int     // bytes of it when somebody looked last; 0 when no call is under way
}

// callee is what wazero needs for a call in flight: some 11 KB, most of it a stack. It
// serves one call at a time, of one space after the other.
type callee struct {
	fn  api.Function
	ctx callContext
}

func newCallee(fn api.Function) *callee {
	return &callee{fn, callContext{Context: context.Background(), stack: stackOf(fn)}}
}

// A stack counts when it is larger than smallStack: the others are bounded by how many
// tasks there may be. One that is larger than keptStack is not used again.
const (
	smallStack = 64 << 10
	keptStack  = 1 << 20
)

// call calls the function. It reports whether it may be called again.
func (c *callee) call(s *space, stack []uint64) (keep bool, err error) {
	s.calls++
	c.ctx.begin(s)
	outer := s.clock.enter()
	err = c.fn.CallWithStack(&c.ctx, stack)
	s.clock.leave(outer)
	s.calls--
	return c.ctx.end(), err
}

func (c *callContext) begin(s *space) {
	c.space = s
	c.count()
}

// end reports whether the stack may serve another call.
func (c *callContext) end() (keep bool) {
	c.space.stacks.used -= counting(c.seen)
	c.space, c.seen = nil, 0
	return c.stack == nil || len(*c.stack) <= keptStack
}

// look is called when code of the call has come by. It traps when there is too much of
// its stack and others.
func (c *callContext) look() {
	if c.stack != nil && len(*c.stack) != c.seen {
		c.grown()
	}
}

func (c *callContext) grown() {
	c.count()
	if s := &c.space.stacks; s.used > s.most {
		trap.Throw(trap.StackExhausted)
	}
}

// count counts the stack as it is now.
func (c *callContext) count() {
	if c.stack == nil {
		return
	}
	n := len(*c.stack)
	c.space.stacks.used += counting(n) - counting(c.seen)
	c.seen = n
}

// counting is what counts of a stack.
func counting(size int) int {
	if size <= smallStack {
		return 0
	}
	return size
}

// stackField is where a type of wazero's functions has its stack.
type stackField struct {
	typ    reflect.Type
	offset uintptr
	there  bool
}

// field is what was found last: a process has one type of functions, but in tests.
var field atomic.Pointer[stackField]

// stackOf is the stack of a function of wazero's compiler; nil of one of its
// interpreter, whose calls are at most 2000 deep.
func stackOf(fn api.Function) *[]byte {
	v := reflect.ValueOf(fn)
	f := field.Load()
	if f == nil || f.typ != v.Type() {
		f = findStack(v.Type())
		field.Store(f)
	}
	if !f.there {
		return nil
	}
	return (*[]byte)(unsafe.Add(v.UnsafePointer(), f.offset))
}

func findStack(typ reflect.Type) *stackField {
	f := &stackField{typ: typ}
	if typ.Kind() == reflect.Pointer && typ.Elem().Kind() == reflect.Struct {
		var field reflect.StructField
		field, f.there = typ.Elem().FieldByName("stack")
		f.there = f.there && field.Type == reflect.TypeFor[[]byte]() && len(field.Index) == 1
		f.offset = field.Offset
	}
	return f
}
