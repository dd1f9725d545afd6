package validate

import (
	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/internal/corewasm"
	"github.com/gondola-wasm/gondola/internal/layout"
	"github.com/gondola-wasm/gondola/types"
)

// canon validates a canonical definition and adds the function that it defines.
//
// Spec: CanonicalABI.md#canonical-definitions.
func (v *validator) canon(c *component.Canon, def *Def) {
	s := v.scope()
	if _, ok := c.Op.Immediates(); !ok {
		fail(c.At, "there is no canonical definition %#02x", byte(c.Op))
	}
	if c.Op == component.CanonLift {
		v.lift(c, def)
		s.funcs = append(s.funcs, def.Func)
		return
	}
	if c.Op == component.CanonLower {
		v.lower(c, def)
	} else {
		v.builtin(c, def)
	}
	v.addCoreFunc(def.Core, c.Shared)
}

// Spec: CanonicalABI.md#canon-lift.
func (v *validator) lift(c *component.Canon, def *Def) {
	s, o := v.scope(), v.optionsOf(c)
	t := get(s.types, c.Type, c.At, "type")
	if t.Func == nil {
		fail(c.At, "type %d is not a function type: it is a %s", c.Type, t.kind())
	}
	f := t.Func.Func
	v.spend(len(f.Params))
	if o.async && !f.Async {
		fail(c.At, "`async` is only allowed when lifting functions of an `async` type")
	}
	abi := layout.ABI{Direction: layout.Lift, Async: o.async, Callback: o.callback, Ptr: o.ptr}
	want := coreFunc(layout.FlattenFunc(f, abi))
	if got := get(s.coreFuncs, c.Func, c.At, "core func"); !got.Equal(want) {
		fail(c.At, "lowered type %s of the function does not match the core function: expected %s, found %s", f, funcText(want), funcText(got.FuncType))
	}
	v.liftOptions(&o, f)
	if p := (corewasm.FuncType{Params: want.Results}); o.hasPostReturn && !o.postReturn.Equal(p) {
		fail(c.At, "canonical option `post-return` uses a core function with an incorrect signature: expected %s, found %s",
			funcText(p), funcText(o.postReturn))
	}
	def.Core, def.Func, def.Entity, def.Ptr = want, t.Func, t.Func, o.ptr
}

func (v *validator) liftOptions(o *options, f *types.Func) {
	for _, p := range f.Params {
		o.into(v, p.Type)
	}
	for _, r := range resultsOf(f) {
		o.outOf(v, r)
	}
	if flatLen(f.ParamTypes()...) > layout.MaxFlatParams {
		o.needMemory("the parameters are passed in it")
		o.needRealloc("the parameters are passed in memory that it allocates")
	}
	most := layout.MaxFlatResults
	if o.async {
		most = layout.MaxFlatParams
	}
	if flatLen(resultsOf(f)...) > most {
		o.needMemory("the result is passed in it")
	}
}

// The prose asks for a memory wherever `async` is set. An async lower of a function
// that passes nothing through memory has no use for one: definitions.py never
// looks at it, and the reference tests leave it out.
//
// Spec: CanonicalABI.md#canon-lower.
func (v *validator) lower(c *component.Canon, def *Def) {
	o := v.optionsOf(c)
	t := get(v.scope().funcs, c.Func, c.At, "func")
	f := t.Func
	v.spend(len(f.Params))
	if o.async && !f.Async {
		fail(c.At, "`async` is only allowed when lowering functions of an `async` type")
	}
	for _, p := range f.Params {
		o.outOf(v, p.Type)
	}
	for _, r := range resultsOf(f) {
		o.into(v, r)
	}
	params, results := layout.MaxFlatParams, layout.MaxFlatResults
	if o.async {
		params, results = layout.MaxFlatAsyncParams, 0
	}
	if flatLen(f.ParamTypes()...) > params {
		o.needMemory("the parameters are passed in it")
	}
	if flatLen(resultsOf(f)...) > results {
		o.needMemory("the result is passed in it")
	}
	def.Core = coreFunc(layout.FlattenFunc(f, layout.ABI{Direction: layout.Lower, Async: o.async, Ptr: o.ptr}))
	def.Func, def.Ptr = t, o.ptr
}
