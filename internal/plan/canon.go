package plan

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/validate"
	"github.com/gondola-wasm/gondola/internal/corewasm"
)

// canon plans a canonical definition.
//
// Spec: CanonicalABI.md#canonical-definitions.
func (f *frame) canon(s *component.Canon, d *validate.Def) {
	if blocks(s, d) {
		f.plan.Instances[f.instance].MayBlock = true
	}
	switch s.Op {
	case component.CanonLift:
		f.lift(s, d)
	case component.CanonLower:
		n := f.trampoline(d)
		f.step(s.At, &Lower{
			Number: n, Func: f.funcs[s.Func], Type: f.subst.Func(d.Func.Func), Options: f.options(s, d), Core: d.Core,
		})
	default:
		f.builtin(s, d)
	}
}

// trampoline numbers a trampoline and adds it to the core functions.
func (f *frame) trampoline(d *validate.Def) int {
	n := next(&f.plan.Counts.Trampolines)
	f.coreFuncs = append(f.coreFuncs, coreFunc{CoreDef{Sort: component.SortCoreFunc, Trampoline: n, Instance: -1}, d.Core})
	return n
}

func (f *frame) lift(s *component.Canon, d *validate.Def) {
	step := &Lift{
		Callee:  f.extractFunc(s.At, f.coreFuncs[s.Func]),
		Type:    f.subst.Func(d.Func.Func),
		Options: f.options(s, d),
		Core:    d.Core,
	}
	step.Number = next(&f.plan.Counts.Lifts)
	f.step(s.At, step)
	f.funcs = append(f.funcs, FuncRef{Index: step.Number})
}

func (f *frame) builtin(s *component.Canon, d *validate.Def) {
	step := &Builtin{
		Op:          s.Op,
		Options:     f.options(s, d),
		Async:       s.Async,
		Cancellable: s.Cancellable,
		Slot:        int(s.Slot),
		Table:       -1,
		Core:        d.Core,
	}
	if d.Type != nil && d.Type.Resource != nil {
		step.Resource = f.subst.Resource(d.Type.Resource)
	} else if d.Type != nil {
		step.Type = f.subst.Value(d.Type.Value)
	}
	switch s.Op {
	case component.CanonThreadSpawnRef, component.CanonThreadSpawnIndirect:
		refuse(s.At, "the canonical built-in "+s.Op.String(), component.FeatureSharedThreads)
	case component.CanonWaitableSetWait, component.CanonWaitableSetPoll:
		step.Options.Memory = f.extractMemory(s.At, f.coreMemories[s.Memory])
	case component.CanonThreadNewIndirect:
		step.Table = f.extractTable(s.At, f.coreTables[s.Table])
		step.TablePtr, step.Thread = d.Ptr, corewasm.FuncType{Params: d.Core.Params[1:]}
	}
	step.Number = f.trampoline(d)
	f.step(s.At, step)
}

// options resolves canonical options, extracting what they refer to.
func (f *frame) options(s *component.Canon, d *validate.Def) Options {
	o := Options{Instance: f.instance, Ptr: d.Ptr, Memory: -1, Realloc: -1, PostReturn: -1, Callback: -1}
	for _, opt := range s.Options {
		switch opt.Kind {
		case component.OptionUTF16:
			o.Encoding = UTF16
		case component.OptionLatin1UTF16:
			o.Encoding = Latin1UTF16
		case component.OptionMemory:
			o.Memory = f.extractMemory(s.At, f.coreMemories[opt.Index])
		case component.OptionRealloc:
			o.Realloc = f.extractFunc(s.At, f.coreFuncs[opt.Index])
		case component.OptionPostReturn:
			o.PostReturn = f.extractFunc(s.At, f.coreFuncs[opt.Index])
		case component.OptionCallback:
			o.Callback = f.extractFunc(s.At, f.coreFuncs[opt.Index])
		case component.OptionAsync:
			o.Async = true
		}
	}
	return o
}

// blocks reports whether core code that calls the function that c defines can be
// suspended in the middle.
//
// Spec: definitions.py, the callers of Thread.wait_until, suspend and yield_.
func blocks(c *component.Canon, d *validate.Def) bool {
	_, async := c.Option(component.OptionAsync)
	switch c.Op {
	case component.CanonLower:
		return !async && d.Func.Async
	case component.CanonStreamRead, component.CanonStreamWrite, component.CanonFutureRead, component.CanonFutureWrite:
		return !async
	case component.CanonStreamCancelRead, component.CanonStreamCancelWrite, component.CanonFutureCancelRead,
		component.CanonFutureCancelWrite, component.CanonSubtaskCancel:
		return !c.Async
	case component.CanonWaitableSetWait, component.CanonThreadYield:
		return true
	}
	return c.Op >= component.CanonThreadIndex && c.Op <= component.CanonThreadYieldThenPromote
}
