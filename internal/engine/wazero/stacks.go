package wazero

import (
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
	most  int // that those which count may take together
	used  int
	calls []callStack // under way; the one that runs is mostly the last
}

// callStack is the stack of one call.
type callStack struct {
	memory *[]byte // wazero's own
	counts int     // bytes of it, as far as known; 0 for one that is small
}

// A stack counts when it is larger than smallStack: the others are bounded by how many
// tasks there may be. One that is larger than keptStack is not used again.
const (
	smallStack = 64 << 10
	keptStack  = 1 << 20
)

// begin takes note of a call.
func (s *stacks) begin(fn api.Function) *[]byte {
	memory := stackOf(fn)
	if memory != nil {
		s.calls = append(s.calls, callStack{memory: memory, counts: counting(*memory)})
		s.used += s.calls[len(s.calls)-1].counts
	}
	return memory
}

// end ends what begin began. It reports whether the function may be kept.
func (s *stacks) end(memory *[]byte) (keep bool) {
	if memory == nil {
		return true
	}
	last := len(s.calls) - 1
	for i := last; i >= 0; i-- {
		if s.calls[i].memory == memory {
			s.used -= s.calls[i].counts
			s.calls[i] = s.calls[last]
			s.calls[last] = callStack{}
			s.calls = s.calls[:last]
			break
		}
	}
	return len(*memory) <= keptStack
}

// look is called by code that runs, with something on its stack. It traps when there is
// too much of that and others.
func (s *stacks) look(stack []uint64) {
	at := uintptr(unsafe.Pointer(unsafe.SliceData(stack)))
	last := len(s.calls) - 1
	for i := last; i >= 0; i-- {
		memory := *s.calls[i].memory
		if at-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) > uintptr(len(memory)) {
			continue
		}
		if i != last {
			s.calls[i], s.calls[last] = s.calls[last], s.calls[i]
		}
		if n := counting(memory); n != s.calls[last].counts {
			s.used += n - s.calls[last].counts
			s.calls[last].counts = n
			if s.used > s.most {
				trap.Throw(trap.StackExhausted)
			}
		}
		return
	}
}

func counting(memory []byte) int {
	if len(memory) <= smallStack {
		return 0
	}
	return len(memory)
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
