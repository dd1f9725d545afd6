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
	most int            // that those which count may take together
	used int            // that they do
	idle []*callContext // of calls that have ended
}

// callContext is the context of one call. wazero hands it to host functions as it is,
// which is how they find the space they serve, and the stack that calls them.
type callContext struct {
	context.Context
	space  *space
	stack  *[]byte // wazero's own; nil where it is not known
	counts int     // bytes of it, as far as seen; 0 for one that is small
}

// A stack counts when it is larger than smallStack: the others are bounded by how many
// tasks there may be. One that is larger than keptStack is not used again.
const (
	smallStack = 64 << 10
	keptStack  = 1 << 20
)

// begin makes the context of a call.
func (s *space) begin(fn api.Function) *callContext {
	var c *callContext
	if last := len(s.stacks.idle) - 1; last >= 0 {
		c = s.stacks.idle[last]
		s.stacks.idle = s.stacks.idle[:last]
	} else {
		c = &callContext{Context: context.Background(), space: s}
	}
	if c.stack = stackOf(fn); c.stack != nil {
		c.counts = counting(*c.stack)
		s.stacks.used += c.counts
	}
	return c
}

// end ends what begin began. It reports whether the function may be called again.
func (s *space) end(c *callContext) (keep bool) {
	keep = c.stack == nil || len(*c.stack) <= keptStack
	s.stacks.used -= c.counts
	c.stack, c.counts = nil, 0
	s.stacks.idle = append(s.stacks.idle, c)
	return keep
}

// look is called when code of the call has come by. It traps when there is too much of
// its stack and others.
func (c *callContext) look() {
	if c.stack == nil {
		return
	}
	n := counting(*c.stack)
	if n == c.counts {
		return
	}
	s := &c.space.stacks
	s.used += n - c.counts
	c.counts = n
	if s.used > s.most {
		trap.Throw(trap.StackExhausted)
	}
}

func counting(stack []byte) int {
	if len(stack) <= smallStack {
		return 0
	}
	return len(stack)
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
