package engine

import (
	"context"
	"fmt"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/internal/plan"
	"github.com/gondola-wasm/gondola/types"
)

// builder is an instantiation under way: what the steps have made so far, each
// kind by number.
type builder struct {
	template *Template
	plan     *plan.Plan
	names    []string // see Template
	store    *cabi.Store
	links    Links
	space    Space
	spend    func(ticks int)

	begun bool   // start functions have begun
	watch *watch // on them; nil where there is none

	instances   []*cabi.ComponentInstance
	resources   []*cabi.ResourceType
	cores       []CoreInstance
	lifts       []cabi.FuncInst
	trampolines []HostFunc
	funcs       []cabi.CoreFunc
	memories    []cabi.Memory
	tables      []cabi.Table
	optionSets  []optionSet
}

func newBuilder(t *Template, store *cabi.Store, link func(*cabi.ComponentInstance) Links, tick func(), spend func(int)) *builder {
	n := t.Plan.Counts
	b := &builder{
		template:    t,
		spend:       spend,
		plan:        t.Plan,
		names:       t.names,
		store:       store,
		instances:   make([]*cabi.ComponentInstance, len(t.Plan.Instances)),
		resources:   make([]*cabi.ResourceType, len(t.Plan.Resources)),
		cores:       make([]CoreInstance, n.CoreInstances),
		lifts:       make([]cabi.FuncInst, n.Lifts),
		trampolines: make([]HostFunc, n.Trampolines),
		funcs:       make([]cabi.CoreFunc, n.Funcs),
		memories:    make([]cabi.Memory, n.Memories),
		tables:      make([]cabi.Table, n.Tables),
	}
	if t.watches() {
		b.watch = newWatch(n.Trampolines)
		tick = b.watch.counting(tick)
	}
	b.space = t.code.NewSpace(b.trampolines, tick)
	b.makeInstances()
	b.links = link(b.instances[0])
	for i, im := range t.Plan.Imports {
		if im.Resource != nil {
			b.setResource(im.Resource, b.links.Resources[i])
		}
	}
	return b
}

func (b *builder) makeInstances() {
	for i, in := range b.plan.Instances {
		var parent *cabi.ComponentInstance
		if in.Parent >= 0 {
			parent = b.instances[in.Parent]
		}
		b.instances[i] = b.store.NewInstance(in.Name, parent)
		if in.MayBlock {
			b.instances[i].SetMayBlock()
		}
	}
}

// setResource tells every instance, since all types of a plan number their
// resources alike.
func (b *builder) setResource(r *types.Resource, rt *cabi.ResourceType) {
	b.resources[r.Index()] = rt
	for _, in := range b.instances {
		in.SetResource(r.Index(), rt)
	}
}

func (b *builder) step(ctx context.Context, s plan.Step) error {
	switch s := s.(type) {
	case *plan.InstantiateModule:
		return b.instantiate(ctx, s)
	case *plan.ExtractFunc:
		return b.extractFunc(s)
	case *plan.ExtractMemory:
		return b.extractMemory(s)
	case *plan.ExtractTable:
		return b.extractTable(s)
	case *plan.Resource:
		b.resource(s)
	case *plan.Lift:
		b.lift(s)
	case *plan.Lower:
		b.lower(s)
	case *plan.Builtin:
		return b.builtin(s)
	}
	return nil
}

func (b *builder) instantiate(ctx context.Context, s *plan.InstantiateModule) (err error) {
	if !b.space.Starts(s.Number) {
		b.cores[s.Number], err = b.space.Instantiate(ctx, s.Number)
		return err
	}
	trapped := b.store.RunStart(b.instances[s.Instance], func() {
		b.begin()
		b.cores[s.Number], err = b.space.Instantiate(ctx, s.Number)
	})
	if trapped != nil {
		return trapped
	}
	return err
}

func (b *builder) extractFunc(s *plan.ExtractFunc) error {
	if s.From.IsTrampoline() {
		all, i := b.trampolines, s.From.Trampoline
		b.funcs[s.Number] = cabi.CoreFuncOf(func(stack []uint64) { all[i](stack) }) // which a watch may change
		return nil
	}
	f, ok := b.cores[s.From.Instance].Func(s.From.Name)
	if !ok {
		return missing(s.From)
	}
	b.funcs[s.Number] = f
	return nil
}

func (b *builder) extractMemory(s *plan.ExtractMemory) error {
	m, ok := b.cores[s.From.Instance].Memory(s.From.Name)
	if !ok {
		return missing(s.From)
	}
	b.memories[s.Number] = m
	return nil
}

func (b *builder) extractTable(s *plan.ExtractTable) error {
	t, ok := b.cores[s.From.Instance].Table(s.From.Name)
	if !ok {
		return missing(s.From)
	}
	b.tables[s.Number] = t
	return nil
}

// missing says that an export is not there that validation saw.
func missing(d plan.CoreDef) error {
	return fmt.Errorf("the engine has no access to the %v %q of core instance %d", d.Sort, d.Name, d.Instance)
}

func (b *builder) resource(s *plan.Resource) {
	rt := cabi.NewResourceType(s.Resource.Name(), b.instances[s.Instance])
	rt.SetRep(ptrOf([]corewasm.ValType{corewasm.ValType(s.Rep.Code)}))
	if s.Dtor >= 0 {
		rt.SetDtor(b.funcs[s.Dtor])
	}
	b.setResource(s.Resource, rt)
}

func (b *builder) lift(s *plan.Lift) {
	b.lifts[s.Number] = b.store.Lift(b.names[s.Number], b.funcs[s.Callee], s.Type, b.options(&s.Options), b.instances[s.Options.Instance])
}

func (b *builder) lower(s *plan.Lower) {
	var f cabi.FuncInst
	if s.Func.Imported {
		f = b.links.Funcs[s.Func.Index]
	} else {
		f = b.lifts[s.Func.Index]
	}
	b.trampolines[s.Number] = b.store.Lower(f, s.Type, b.options(&s.Options), b.instances[s.Options.Instance])
	if b.watch != nil {
		b.watchLower(s)
	}
}

// options are the same for all definitions with the same ones, of which a component has
// few.
func (b *builder) options(o *plan.Options) *cabi.CanonicalOptions {
	for i := range b.optionSets {
		if known := &b.optionSets[i]; *known.of == *o {
			return known.opts
		}
	}
	opts := b.newOptions(o)
	if len(b.optionSets) < maxOptionSets {
		b.optionSets = append(b.optionSets, optionSet{o, opts})
	}
	return opts
}

// optionSet is what was made of options.
type optionSet struct {
	of   *plan.Options
	opts *cabi.CanonicalOptions
}

// maxOptionSets is among how many options others are looked for.
const maxOptionSets = 8

func (b *builder) newOptions(o *plan.Options) *cabi.CanonicalOptions {
	opts := &cabi.CanonicalOptions{
		StringEncoding: cabi.StringEncoding(o.Encoding),
		Ptr:            o.Ptr,
		Realloc:        b.funcAt(o.Realloc),
		PostReturn:     b.funcAt(o.PostReturn),
		Callback:       b.funcAt(o.Callback),
		Async:          o.Async,
	}
	if o.Memory >= 0 {
		opts.Memory = b.memories[o.Memory]
	}
	return opts
}

func (b *builder) funcAt(i int) cabi.CoreFunc {
	if i < 0 {
		return nil
	}
	return b.funcs[i]
}

// builtin makes the trampoline of a canonical built-in.
//
// Spec: CanonicalABI.md#canonical-definitions.
func (b *builder) builtin(s *plan.Builtin) error {
	inst, opts := b.instances[s.Options.Instance], b.options(&s.Options)
	mode, cancellable := cabi.Sync, cabi.Cancellable(s.Cancellable)
	if s.Async {
		mode = cabi.Async
	}
	var f cabi.CoreBuiltin
	switch s.Op {
	case component.CanonResourceNew:
		f = cabi.CanonResourceNew(inst, s.Resource)
	case component.CanonResourceDrop:
		f = cabi.CanonResourceDrop(inst, s.Resource)
	case component.CanonResourceRep:
		f = cabi.CanonResourceRep(inst, s.Resource)
	case component.CanonContextGet:
		f = cabi.CanonContextGet(inst, ptrOf(s.Core.Results), s.Slot)
	case component.CanonContextSet:
		f = cabi.CanonContextSet(inst, ptrOf(s.Core.Params), s.Slot)
	case component.CanonBackpressureInc:
		f = cabi.CanonBackpressureInc(inst)
	case component.CanonBackpressureDec:
		f = cabi.CanonBackpressureDec(inst)
	case component.CanonTaskReturn:
		f = cabi.CanonTaskReturn(inst, s.Type, opts)
	case component.CanonTaskCancel:
		f = cabi.CanonTaskCancel(inst)
	case component.CanonWaitableSetNew:
		f = cabi.CanonWaitableSetNew(inst)
	case component.CanonWaitableSetWait:
		f = cabi.CanonWaitableSetWait(inst, opts, cancellable)
	case component.CanonWaitableSetPoll:
		f = cabi.CanonWaitableSetPoll(inst, opts, cancellable)
	case component.CanonWaitableSetDrop:
		f = cabi.CanonWaitableSetDrop(inst)
	case component.CanonWaitableJoin:
		f = cabi.CanonWaitableJoin(inst)
	case component.CanonSubtaskCancel:
		f = cabi.CanonSubtaskCancel(inst, mode)
	case component.CanonSubtaskDrop:
		f = cabi.CanonSubtaskDrop(inst)
	case component.CanonStreamNew, component.CanonFutureNew:
		f = cabi.CanonNew(inst, s.Type)
	case component.CanonStreamRead, component.CanonFutureRead:
		f = cabi.CanonRead(inst, s.Type, opts)
	case component.CanonStreamWrite, component.CanonFutureWrite:
		f = cabi.CanonWrite(inst, s.Type, opts)
	case component.CanonStreamCancelRead, component.CanonFutureCancelRead:
		f = cabi.CanonCancelRead(inst, s.Type, mode)
	case component.CanonStreamCancelWrite, component.CanonFutureCancelWrite:
		f = cabi.CanonCancelWrite(inst, s.Type, mode)
	case component.CanonStreamDropReadable, component.CanonFutureDropReadable:
		f = cabi.CanonDropReadable(inst, s.Type)
	case component.CanonStreamDropWritable, component.CanonFutureDropWritable:
		f = cabi.CanonDropWritable(inst, s.Type)
	case component.CanonErrorContextNew:
		f = cabi.CanonErrorContextNew(inst, opts)
	case component.CanonErrorContextDebugMessage:
		f = cabi.CanonErrorContextDebugMessage(inst, opts)
	case component.CanonErrorContextDrop:
		f = cabi.CanonErrorContextDrop(inst)
	case component.CanonThreadIndex:
		f = cabi.CanonThreadIndex(inst)
	case component.CanonThreadNewIndirect:
		f = cabi.CanonThreadNewIndirect(inst, layoutType(s.Thread), b.tables[s.Table], s.TablePtr)
	case component.CanonThreadResumeLater:
		f = cabi.CanonThreadResumeLater(inst)
	case component.CanonThreadSuspend:
		f = cabi.CanonThreadSuspend(inst, cancellable)
	case component.CanonThreadYield:
		f = cabi.CanonThreadYield(inst, cancellable)
	case component.CanonThreadSuspendThenResume:
		f = cabi.CanonThreadSuspendThenResume(inst, cancellable)
	case component.CanonThreadYieldThenResume:
		f = cabi.CanonThreadYieldThenResume(inst, cancellable)
	case component.CanonThreadSuspendThenPromote:
		f = cabi.CanonThreadSuspendThenPromote(inst, cancellable)
	case component.CanonThreadYieldThenPromote:
		f = cabi.CanonThreadYieldThenPromote(inst, cancellable)
	case component.CanonThreadAvailableParallelism:
		f = cabi.CanonThreadAvailableParallelism(inst)
	default:
		return fmt.Errorf("the canonical built-in %v can't be run", s.Op) // which the plan has refused
	}
	b.trampolines[s.Number] = f
	if b.watch != nil {
		b.watchTrampoline(s.Number)
	}
	return nil
}

// ptrOf is the width of a context slot, from the built-in's only parameter or
// result, or of a resource's representation.
func ptrOf(ts []corewasm.ValType) layout.PtrType {
	if ts[0] == corewasm.I64 {
		return layout.Ptr64
	}
	return layout.Ptr32
}

func layoutType(t corewasm.FuncType) layout.CoreFuncType {
	convert := func(ts []corewasm.ValType) []layout.CoreType {
		out := make([]layout.CoreType, len(ts))
		for i, t := range ts {
			out[i] = layoutTypes[t]
		}
		return out
	}
	return layout.CoreFuncType{Params: convert(t.Params), Results: convert(t.Results)}
}

var layoutTypes = map[corewasm.ValType]layout.CoreType{
	corewasm.I32: layout.I32,
	corewasm.I64: layout.I64,
	corewasm.F32: layout.F32,
	corewasm.F64: layout.F64,
}
