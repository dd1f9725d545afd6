package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// sig makes a core function type out of the spelling of its parameters and results,
// where i is i32, l is i64, and p is an address of the type ptr.
func sig(params, results string, ptr ...layout.PtrType) corewasm.FuncType {
	return corewasm.FuncType{Params: sigTypes(params, ptr), Results: sigTypes(results, ptr)}
}

func sigTypes(s string, ptr []layout.PtrType) []corewasm.ValType {
	var ts []corewasm.ValType
	for _, c := range s {
		switch c {
		case 'i':
			ts = append(ts, corewasm.I32)
		case 'l':
			ts = append(ts, corewasm.I64)
		case 'p':
			ts = append(ts, coreOf(ptr[0]))
		}
	}
	return ts
}

// builtin validates a canonical built-in and types the core function that it
// defines.
//
// Spec: CanonicalABI.md, from #canon-resourcenew on.
func (v *validator) builtin(c *component.Canon, def *Def) {
	switch c.Op {
	case component.CanonResourceNew, component.CanonResourceDrop, component.CanonResourceRep:
		v.resourceBuiltin(c, def)
	case component.CanonTaskReturn:
		v.taskReturn(c, def)
	case component.CanonContextGet, component.CanonContextSet:
		v.contextBuiltin(c, def)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		def.Ptr = v.memory(c.At, c.Memory)
		def.Core = sig("ip", "i", def.Ptr)
	case component.CanonSubtaskCancel:
		v.mayBeAsync(c)
		def.Core = sig("i", "i")
	case component.CanonStreamNew, component.CanonStreamRead, component.CanonStreamWrite, component.CanonStreamCancelRead,
		component.CanonStreamCancelWrite, component.CanonStreamDropReadable, component.CanonStreamDropWritable:
		v.copyBuiltin(c, def, types.KindStream)
	case component.CanonFutureNew, component.CanonFutureRead, component.CanonFutureWrite, component.CanonFutureCancelRead,
		component.CanonFutureCancelWrite, component.CanonFutureDropReadable, component.CanonFutureDropWritable:
		v.copyBuiltin(c, def, types.KindFuture)
	case component.CanonErrorContextNew, component.CanonErrorContextDebugMessage, component.CanonErrorContextDrop:
		v.errorContextBuiltin(c, def)
	case component.CanonThreadSpawnRef, component.CanonThreadSpawnIndirect, component.CanonThreadAvailableParallelism:
		v.sharedThreadBuiltin(c, def)
	default:
		v.plainBuiltin(c, def)
	}
}

// plainBuiltin types the built-ins that refer to nothing.
func (v *validator) plainBuiltin(c *component.Canon, def *Def) {
	switch c.Op {
	case component.CanonTaskCancel, component.CanonBackpressureInc, component.CanonBackpressureDec:
		def.Core = sig("", "")
	case component.CanonThreadYield, component.CanonWaitableSetNew:
		def.Core = sig("", "i")
	case component.CanonSubtaskDrop, component.CanonWaitableSetDrop:
		def.Core = sig("i", "")
	case component.CanonWaitableJoin:
		def.Core = sig("ii", "")
	default:
		v.threadBuiltin(c, def)
	}
}

func (v *validator) resourceBuiltin(c *component.Canon, def *Def) {
	s := v.scope()
	def.Type = v.resource(c.At, c.Type)
	rep, local := s.reps[def.Type.Resource]
	if c.Op == component.CanonResourceDrop {
		def.Core = sig("i", "")
		return
	}
	if !local {
		fail(c.At, "type %d is not a local resource: `canon %s` needs one that this component defines", c.Type, c.Op)
	}
	def.Core = corewasm.FuncType{Params: []corewasm.ValType{rep}, Results: i32s(1)}
	if c.Op == component.CanonResourceRep {
		def.Core = corewasm.FuncType{Params: i32s(1), Results: []corewasm.ValType{rep}}
	}
}

func (v *validator) taskReturn(c *component.Canon, def *Def) {
	o := v.optionsOf(c)
	o.only(component.OptionMemory)
	f := &types.Func{}
	if c.Result != nil {
		def.Type = v.valType(c.At, *c.Result)
		f.Params = []types.Field{{Name: "result", Type: def.Type.Value}}
		o.outOf(v, def.Type.Value)
	}
	if flatLen(f.ParamTypes()...) > layout.MaxFlatParams {
		o.needMemory("the result is passed in it")
	}
	def.Ptr = o.ptr
	def.Core = coreFunc(layout.FlattenFunc(f, layout.ABI{Direction: layout.Lower, Ptr: o.ptr}))
}

func (v *validator) contextBuiltin(c *component.Canon, def *Def) {
	def.Ptr = v.contextType(c)
	if c.Slot >= 2 {
		fail(c.At, "immediate must be less than 2: there is no context slot %d", c.Slot)
	}
	def.Core = sig("", "p", def.Ptr)
	if c.Op == component.CanonContextSet {
		def.Core = sig("p", "", def.Ptr)
	}
}

// contextType is the type of context slots, which is the same in a whole component.
func (v *validator) contextType(c *component.Canon) (p layout.PtrType) {
	s := v.scope()
	switch c.Context {
	case component.I32:
	case component.I64:
		v.gate(c.At, component.FeatureMemory64, "context slots of type i64")
		p = layout.Ptr64
	default:
		fail(c.At, "context slots have the type i32 or i64, not %s", c.Context)
	}
	if s.context != nil && *s.context != p {
		fail(c.At, "all `context.get` and `context.set` definitions of a component must have the same type: this one has %s, earlier ones %s",
			p.Core(), s.context.Core())
	}
	s.context = &p
	return p
}

// mayBeAsync checks the async immediate, which is gated.
func (v *validator) mayBeAsync(c *component.Canon) {
	if c.Async {
		v.gate(c.At, component.FeatureMoreAsyncBuiltins, "async `canon "+c.Op.String()+"` definitions")
	}
}

// copyBuiltin types the built-ins on streams and futures.
func (v *validator) copyBuiltin(c *component.Canon, def *Def, kind types.Kind) {
	def.Type = get(v.scope().types, c.Type, c.At, "type")
	if def.Type.Value == nil || def.Type.Value.Kind() != kind {
		fail(c.At, "`canon %s` requires a %s type, type %d is a %s", c.Op, kind, c.Type, def.Type.kind())
	}
	switch c.Op {
	case component.CanonStreamNew, component.CanonFutureNew:
		def.Core = sig("", "l")
	case component.CanonStreamRead, component.CanonStreamWrite:
		v.copyOptions(c, def)
		def.Core = sig("ipp", "p", def.Ptr)
	case component.CanonFutureRead, component.CanonFutureWrite:
		v.copyOptions(c, def)
		def.Core = sig("ip", "i", def.Ptr)
	case component.CanonStreamDropReadable, component.CanonStreamDropWritable,
		component.CanonFutureDropReadable, component.CanonFutureDropWritable:
		def.Core = sig("i", "")
	default:
		v.mayBeAsync(c)
		def.Core = sig("i", "i")
	}
}

func (v *validator) copyOptions(c *component.Canon, def *Def) {
	o, elem := v.optionsOf(c), def.Type.Value.Elem()
	def.Ptr = o.ptr
	if !o.async {
		v.gate(c.At, component.FeatureMoreAsyncBuiltins, "synchronous `canon "+c.Op.String()+"` definitions")
	}
	if elem == nil {
		return
	}
	o.needMemory("values are copied from or to it")
	if c.Op == component.CanonStreamRead || c.Op == component.CanonFutureRead {
		o.into(v, elem)
	} else {
		o.outOf(v, elem)
	}
}

func (v *validator) errorContextBuiltin(c *component.Canon, def *Def) {
	v.gate(c.At, component.FeatureErrorContext, "error-context built-ins")
	if c.Op == component.CanonErrorContextDrop {
		def.Core = sig("i", "")
		return
	}
	o := v.optionsOf(c)
	o.only(component.OptionMemory, component.OptionRealloc)
	o.needMemory("the debug message lies in it")
	def.Ptr = o.ptr
	def.Core = sig("pp", "i", o.ptr)
	if c.Op == component.CanonErrorContextDebugMessage {
		o.needRealloc("the debug message is written to memory that it allocates")
		def.Core = sig("ip", "", o.ptr)
	}
}

func (v *validator) threadBuiltin(c *component.Canon, def *Def) {
	v.gate(c.At, component.FeatureThreads, "`canon "+c.Op.String()+"` definitions")
	switch c.Op {
	case component.CanonThreadIndex, component.CanonThreadSuspend:
		def.Core = sig("", "i")
	case component.CanonThreadResumeLater:
		def.Core = sig("i", "")
	case component.CanonThreadNewIndirect:
		v.threadNew(c, def)
	default:
		def.Core = sig("i", "i")
	}
}

func (v *validator) threadNew(c *component.Canon, def *Def) {
	arg, _ := v.threadStart(c, false)
	t := get(v.scope().coreTables, c.Table, c.At, "core table")
	if !v.universe.Matches(t.Elem, corewasm.FuncRef) {
		fail(c.At, "the indirect function table must be of type funcref, not %s", t.Elem)
	}
	def.Ptr = v.address(c.At, t.Limits, "threads that are started from a 64-bit table")
	def.Core = corewasm.FuncType{Params: []corewasm.ValType{coreOf(def.Ptr), arg}, Results: i32s(1)}
}

// sharedThreadBuiltin types the built-ins of shared-everything threads.
func (v *validator) sharedThreadBuiltin(c *component.Canon, def *Def) {
	v.gate(c.At, component.FeatureSharedThreads, "`canon "+c.Op.String()+"` definitions")
	switch c.Op {
	case component.CanonThreadSpawnRef:
		arg, start := v.threadStart(c, c.Shared)
		f := corewasm.RefType(corewasm.HeapType(start), true)
		def.Core = corewasm.FuncType{Params: []corewasm.ValType{f, arg}, Results: i32s(1)}
	case component.CanonThreadSpawnIndirect:
		arg, _ := v.threadStart(c, c.Shared)
		def.Ptr = v.sharedTable(c)
		def.Core = corewasm.FuncType{Params: []corewasm.ValType{coreOf(def.Ptr), arg}, Results: i32s(1)}
	default:
		def.Core = sig("", "i")
	}
}

// sharedTable checks the table of thread.spawn-indirect.
func (v *validator) sharedTable(c *component.Canon) layout.PtrType {
	t := get(v.scope().coreTables, c.Table, c.At, "core table")
	want := corewasm.FuncRef
	if c.Shared {
		want = corewasm.RefType(corewasm.HeapFunc.Shared(), true)
	}
	if !t.Shared || !v.universe.Matches(t.Elem, want) {
		fail(c.At, "`canon %s` expects a shared table of type %s: core table %d is another", c.Op, want, c.Table)
	}
	return v.address(c.At, t.Limits, "threads that are started from a 64-bit table")
}

// threadStart checks the type of the functions that threads begin with, and is the
// type of their only parameter and their own, as an index of the universe.
func (v *validator) threadStart(c *component.Canon, shared bool) (arg corewasm.ValType, index uint32) {
	index, start := v.function(&v.scope().coreTypes, c.At, c.CoreType)
	switch {
	case start.Shared && !shared:
		fail(c.At, "start function must not be shared, core type %d is", c.CoreType)
	case !start.Shared && shared:
		fail(c.At, "start function must be shared, core type %d is not", c.CoreType)
	case start.FuncType.Equal(sig("l", "")):
		v.gate(c.At, component.FeatureMemory64, "threads with a parameter of type i64")
	case !start.FuncType.Equal(sig("i", "")):
		fail(c.At, "start function must take a single `i32` or `i64` argument: a thread begins with a function of type (func (param i32)), core type %d is another",
			c.CoreType)
	}
	return start.Params[0], index
}
