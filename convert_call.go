package gondola

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// callCodec converts the arguments and the result of calls from Go to one
// component function. It is safe for use from several goroutines.
type callCodec struct {
	t      *types.Func
	m      *matcher
	params []callSite
	result callSite
}

// callSite remembers the Go type that was seen last at one place, since it is
// nearly always the same.
type callSite struct{ last atomic.Pointer[siteType] }

type siteType struct {
	gt    reflect.Type
	codec *codec
	form  returnForm
}

// newCallCodec makes a callCodec for ft. ext may be nil where ft has no handle.
func newCallCodec(ft *types.Func, ext handleMatcher) *callCodec {
	return &callCodec{t: ft, m: newMatcher(ext), params: make([]callSite, len(ft.Params))}
}

// toArgs converts the arguments of a call and appends them to vs. They may be val.Values too, a nil is
// the absent option, and a case of a variant needs no conversion to the
// variant's interface. The values have the parameters' types; they share strings
// and byte slices with args. The path in an error begins with "args[i]".
func (c *callCodec) toArgs(vs []val.Value, args []any) ([]val.Value, error) {
	if len(args) != len(c.params) {
		return nil, fmt.Errorf("got %s, want %d: (%s)", countOf(len(args), "argument"), len(c.params), paramList(c.t))
	}
	if cap(vs)-len(vs) < len(args) {
		vs = append(make([]val.Value, 0, len(vs)+len(args)), vs...)
	}
	for i, a := range args {
		v, err := c.arg(i, a)
		if err != nil {
			return nil, using("passed", within("args"+indexStep(i), err))
		}
		vs = append(vs, v)
	}
	return vs, nil
}

func paramList(ft *types.Func) string {
	ps := make([]string, len(ft.Params))
	for i, p := range ft.Params {
		ps[i] = p.Name + ": " + typeText(p.Type)
	}
	return strings.Join(ps, ", ")
}

func (c *callCodec) arg(i int, a any) (val.Value, error) {
	t := c.t.Params[i].Type
	rv := reflect.ValueOf(a)
	if !rv.IsValid() {
		if t.Kind() == types.KindOption {
			return val.None(), nil
		}
		return val.Value{}, &matchError{t: t}
	}
	s := c.params[i].last.Load()
	if s == nil || s.gt != rv.Type() {
		codec, err := c.m.arg(rv.Type(), t)
		if err != nil {
			return val.Value{}, err
		}
		s = &siteType{gt: rv.Type(), codec: codec}
		c.params[i].last.Store(s)
	}
	return s.codec.toVal(rv)
}

// resultTarget is a place in Go for the result of one call.
type resultTarget struct {
	dst  reflect.Value // settable, or the zero Value where the result is thrown away
	site *siteType
}

// target checks, before the call, that dst can take its result. dst is nil, or a
// pointer to a Go value of the result's type. Of a function that returns a
// result<T, E>, it points to the success, or to a Result. A nil dst throws away
// what is returned, but never a failure.
func (c *callCodec) target(dst any) (resultTarget, error) {
	rv := reflect.ValueOf(dst)
	switch {
	case !rv.IsValid():
		return resultTarget{}, nil
	case rv.Kind() != reflect.Pointer || rv.IsNil():
		return resultTarget{}, fmt.Errorf("the place for the result must be a pointer that is not nil, got a %v", rv.Type())
	}
	s := c.result.last.Load()
	if s == nil || s.gt != rv.Type() {
		var err error
		if s, err = c.resultType(rv.Type()); err != nil {
			return resultTarget{}, using("stored", err)
		}
		c.result.last.Store(s)
	}
	return resultTarget{rv.Elem(), s}, nil
}

// resultType matches the type of a pointer against the result.
func (c *callCodec) resultType(gt reflect.Type) (*siteType, error) {
	elem, t := gt.Elem(), c.t.Result
	s := &siteType{gt: gt}
	var err error
	switch {
	case t == nil:
		return nil, fmt.Errorf("the function returns nothing; the place for the result must be nil, got a %v", gt)
	case t.Kind() != types.KindResult:
		s.form = returnValue
		s.codec, err = c.m.codec(elem, t)
		return s, within("result", err)
	case isResult(elem):
		s.form = returnValue
		s.codec, err = c.m.codec(elem, t)
		if err == nil || t.Ok() == nil || t.Ok().Kind() != types.KindResult {
			return s, within("result", err)
		}
	}
	s.form = returnOK
	s.codec, err = c.m.payload(elem, t.Ok())
	return s, within("result.ok", err)
}

// store stores v, which has the type of the function's result. The failure of a
// result is returned as an *Err[val.Value] unless the target is a Result. What
// is stored shares strings and byte slices with v.
func (t resultTarget) store(v val.Value) error {
	if v.Kind() == types.KindResult && (t.site == nil || t.site.form == returnOK) {
		payload, ok := v.Result()
		if !ok {
			return &Err[val.Value]{payload}
		}
		v = payload
	}
	if t.site == nil {
		return nil
	}
	return within("result", t.site.codec.set(t.dst, v))
}
