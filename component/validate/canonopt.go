package validate

import (
	"slices"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// options are the canonical options of a definition, checked one by one.
//
// Spec: CanonicalABI.md#canonopt-validation.
type options struct {
	at                             component.Offset
	op                             component.CanonOp
	ptr                            layout.PtrType // of the memory
	encoding, memory, realloc      bool
	async, callback, hasPostReturn bool
	postReturn                     corewasm.FuncType
}

// optionsOf checks those options of c that do not depend on what it does.
func (v *validator) optionsOf(c *component.Canon) options {
	o := options{at: c.At, op: c.Op}
	for _, opt := range c.Options {
		v.option(&o, opt)
	}
	o.check(v)
	if opt, ok := c.Option(component.OptionRealloc); ok {
		addr := []corewasm.ValType{coreOf(o.ptr)}
		v.scope().signature(opt, slices.Repeat(addr, 4), addr)
	}
	return o
}

func (v *validator) option(o *options, opt component.CanonOption) {
	s := v.scope()
	switch opt.Kind {
	case component.OptionMemory:
		once(&o.memory, opt)
		o.ptr = v.memory(opt.At, opt.Index)
	case component.OptionRealloc:
		once(&o.realloc, opt)
		get(s.coreFuncs, opt.Index, opt.At, "core func")
	case component.OptionCallback:
		once(&o.callback, opt)
		s.signature(opt, i32s(3), i32s(1))
	case component.OptionPostReturn:
		once(&o.hasPostReturn, opt)
		o.postReturn = get(s.coreFuncs, opt.Index, opt.At, "core func").FuncType
	case component.OptionAsync:
		once(&o.async, opt)
	default:
		if opt.Kind > component.OptionCallback {
			fail(opt.At, "there is no canonical option %#02x", byte(opt.Kind))
		}
		if o.encoding {
			fail(opt.At, "canonical encoding option `%s` conflicts with another option: there can be one string encoding only", opt.Kind)
		}
		o.encoding = true
	}
}

// memory checks that a memory is a subtype of `(memory 0)`, or of `(memory i64 0)`
// 🐘, and says which.
func (v *validator) memory(at component.Offset, i uint32) layout.PtrType {
	m := get(v.scope().coreMemories, i, at, "core memory")
	if m.Shared {
		fail(at, "mismatch in the shared flag for memories: core memory %d is shared, canonical definitions need one that is not", i)
	}
	return v.address(at, m.Limits, "canonical definitions that use a 64-bit memory")
}

// address is the type of the addresses of a memory or table, which may be gated.
func (v *validator) address(at component.Offset, l corewasm.Limits, what string) layout.PtrType {
	if !l.Is64 {
		return layout.Ptr32
	}
	v.gate(at, component.FeatureMemory64, what)
	return layout.Ptr64
}

// coreOf is the core type of an address.
func coreOf(p layout.PtrType) corewasm.ValType { return corewasm.ValType(p.Core()) }

func once(seen *bool, opt component.CanonOption) {
	if *seen {
		fail(opt.At, "canonical option `%s` is specified more than once", opt.Kind)
	}
	*seen = true
}

func i32s(n int) []corewasm.ValType { return slices.Repeat([]corewasm.ValType{corewasm.I32}, n) }

func (s *scope) signature(opt component.CanonOption, params, results []corewasm.ValType) {
	want := corewasm.FuncType{Params: params, Results: results}
	if got := get(s.coreFuncs, opt.Index, opt.At, "core func"); !got.Equal(want) {
		fail(opt.At, "canonical option `%s` uses a core function with an incorrect signature: expected %s, found %s",
			opt.Kind, funcText(want), funcText(got.FuncType))
	}
}

// check looks at what options mean together.
func (o *options) check(v *validator) {
	lift := o.op == component.CanonLift
	switch {
	case o.realloc && !o.memory:
		fail(o.at, "canonical option `memory` is required with `realloc`")
	case o.hasPostReturn && !lift:
		fail(o.at, "canonical option `post-return` cannot be specified for `canon %s`, only for `canon lift`", o.op)
	case o.hasPostReturn && o.async:
		fail(o.at, "canonical option `post-return` cannot be specified with `async`")
	case o.callback && !lift:
		fail(o.at, "canonical option `callback` cannot be specified for `canon %s`, only for `canon lift`", o.op)
	case o.callback && !o.async:
		fail(o.at, "canonical option `callback` cannot be specified without `async`")
	case lift && o.async && !o.callback:
		v.gate(o.at, component.FeatureAsyncStackful, "async lifts without `callback`")
	}
}

// only fails for options that the definition does not take. Those that only lifting
// takes are refused before.
func (o *options) only(allowed ...component.OptionKind) {
	for _, x := range []struct {
		kind component.OptionKind
		set  bool
	}{{component.OptionMemory, o.memory}, {component.OptionRealloc, o.realloc}, {component.OptionAsync, o.async}} {
		if x.set && !slices.Contains(allowed, x.kind) {
			fail(o.at, "canonical option `%s` cannot be specified for `canon %s`", x.kind, o.op)
		}
	}
}

func (o *options) needMemory(why string) {
	if !o.memory {
		fail(o.at, "canonical option `memory` is required for `canon %s`: %s", o.op, why)
	}
}

func (o *options) needRealloc(why string) {
	if !o.realloc {
		fail(o.at, "canonical option `realloc` is required for `canon %s`: %s", o.op, why)
	}
}

// outOf checks what taking a value of type t out of core code needs: a string or
// list is read from a memory. into checks what putting one in needs: memory for it
// comes from realloc.
//
// Spec: CanonicalABI.md#canonopt-validation; which of the two a definition needs
// follows from definitions.py lift_flat and lower_flat.
func (o *options) outOf(v *validator, t *types.Type) {
	if v.needsMemory(t) {
		o.needMemory("a string or list is read from it")
	}
}

// into is described at outOf.
func (o *options) into(v *validator, t *types.Type) {
	if v.needsMemory(t) {
		o.needMemory("a string or list is written to it")
		o.needRealloc("a string or list is written to memory that it allocates")
	}
}

// needsMemory reports whether a string, list or map occurs in values of type t
// themselves: what a stream or future carries does not count.
func (v *validator) needsMemory(t *types.Type) bool {
	if !t.ContainsPointer() {
		return false
	}
	if needs, known := v.pointers[t]; known {
		return needs
	}
	needs := v.searchPointer(t)
	v.pointers[t] = needs
	return needs
}

func (v *validator) searchPointer(t *types.Type) bool {
	v.spend(1)
	switch t.Kind() {
	case types.KindString, types.KindMap:
		return true
	case types.KindList:
		_, fixed := t.Len()
		return !fixed || v.needsMemory(t.Elem())
	case types.KindRecord, types.KindTuple:
		return slices.ContainsFunc(t.Fields(), func(f types.Field) bool { return v.needsMemory(f.Type) })
	case types.KindVariant, types.KindOption, types.KindResult:
		return slices.ContainsFunc(t.Cases(), func(c types.Case) bool { return v.needsMemory(c.Type) })
	}
	return false
}

func flatLen(ts ...*types.Type) int { return layout.Types(ts, layout.Ptr32).FlatLen } // for all addresses the same

func resultsOf(f *types.Func) []*types.Type {
	if f.Result == nil {
		return nil
	}
	return []*types.Type{f.Result}
}

// coreFunc translates a flattened function type.
func coreFunc(f layout.CoreFuncType) corewasm.FuncType {
	return corewasm.FuncType{Params: coreTypes(f.Params), Results: coreTypes(f.Results)}
}

func coreTypes(ts []layout.CoreType) []corewasm.ValType {
	out := make([]corewasm.ValType, len(ts))
	for i, t := range ts {
		out[i] = corewasm.ValType(t)
	}
	return out
}
