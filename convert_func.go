package gondola

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

var (
	hostFuncType = reflect.TypeFor[HostFunc]()
	contextType  = reflect.TypeFor[context.Context]()
	errorType    = reflect.TypeFor[error]()
)

// funcCodec calls a Go function with component values. It is safe for use from
// several goroutines as far as the function is.
type funcCodec struct {
	t       *types.Func
	fn      reflect.Value
	dynamic HostFunc // the function itself, if it is of that type
	params  []*codec
	result  *codec // nil where the Go function returns nothing but an error
	returns returnForm
	fails   bool // the last result is an error
	failure failureCodec
	frames  sync.Pool // of *callFrame
}

// returnForm says how what the Go function returns becomes the result.
type returnForm uint8

const (
	returnNothing returnForm = iota
	returnValue              // the value is the result
	returnOK                 // the value, if there is one, is the success of the result
)

// newFuncCodec matches fn against ft. fn is a [HostFunc] or has the parameters
// (context.Context, P1, P2, …) and the results (R, error), (R), (error) or (),
// where each type fits its counterpart in ft. Of a component function that
// returns a result<T, E> R is the success, and the error may be the failure (see
// failureCodec), or R is a Result. A function without an error can't fail.
//
// The error names the parameter and the place inside it that does not fit, and
// what would. ext may be nil where ft has no handle.
func newFuncCodec(fn reflect.Value, ft *types.Func, ext handleMatcher) (*funcCodec, error) {
	if err := checkFunc(fn, ft); err != nil {
		return nil, err
	}
	m := newMatcher(ext)
	c := &funcCodec{t: ft, fn: fn, failure: failureCodec{m: m}}
	if ft.Result != nil && ft.Result.Kind() == types.KindResult {
		c.returns = returnOK
		c.failure.t = ft.Result.Err()
	}
	if fn.Type().ConvertibleTo(hostFuncType) {
		c.dynamic = fn.Convert(hostFuncType).Interface().(HostFunc)
		return c, nil
	}
	if err := errors.Join(c.matchParams(m), c.matchResults(m)); err != nil {
		return nil, err
	}
	c.frames.New = func() any { return c.newFrame() }
	return c, nil
}

// checkFunc checks what can be said of fn before any type is compared.
func checkFunc(fn reflect.Value, ft *types.Func) error {
	gt := reflect.TypeOf(nil)
	if fn.IsValid() {
		gt = fn.Type()
	}
	problem := ""
	switch {
	case gt == nil || gt.Kind() != reflect.Func:
		problem = "it is no function"
	case fn.IsNil():
		problem = "it is nil"
	case gt.ConvertibleTo(hostFuncType):
		return nil
	case gt.IsVariadic():
		problem = "it is variadic"
	case gt.NumIn() == 0 || gt.In(0) != contextType:
		problem = "its first parameter is no context.Context"
	case gt.NumIn() != len(ft.Params)+1:
		problem = fmt.Sprintf("after the context it has %s, the component's function has %d", countOf(gt.NumIn()-1, "parameter"), len(ft.Params))
	default:
		return nil
	}
	return signatureError(gt, ft, problem)
}

func countOf(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func signatureError(gt reflect.Type, ft *types.Func, problem string) error {
	return fmt.Errorf("%s can't be called from Go %v: %s; use %s", shortText(ft.String()), gt, problem, goSignature(ft))
}

func (c *funcCodec) matchParams(m *matcher) error {
	var errs []error
	c.params = make([]*codec, len(c.t.Params))
	for i, p := range c.t.Params {
		var err error
		c.params[i], err = m.codec(c.fn.Type().In(i+1), p.Type)
		errs = append(errs, using("passed", within("parameter "+p.Name, err)))
	}
	return errors.Join(errs...)
}

func (c *funcCodec) matchResults(m *matcher) error {
	gt := c.fn.Type()
	n := gt.NumOut()
	c.fails = n > 0 && gt.Out(n-1) == errorType
	if c.fails {
		n--
	}
	want := 0
	if returned(c.t) != nil || n == 1 && c.returns == returnOK && isResult(gt.Out(0)) {
		want = 1
	}
	if n != want {
		return signatureError(gt, c.t, fmt.Sprintf("besides an error it returns %s instead of %d", countOf(n, "value"), want))
	}
	if n == 0 {
		return nil
	}
	return using("returned", c.matchResult(m, gt.Out(0)))
}

func (c *funcCodec) matchResult(m *matcher, gt reflect.Type) (err error) {
	if c.returns != returnOK {
		c.returns = returnValue
		c.result, err = m.codec(gt, c.t.Result)
		return within("result", err)
	}
	if isResult(gt) {
		c.result, err = m.codec(gt, c.t.Result)
		if ok := c.t.Result.Ok(); err == nil || ok == nil || ok.Kind() != types.KindResult {
			c.returns = returnValue
			return within("result", err)
		}
	}
	c.result, err = m.codec(gt, c.t.Result.Ok())
	return within("result.ok", err)
}

// callFrame is where the arguments of one call lie, to be used again by later
// ones.
type callFrame struct {
	ctx context.Context
	in  []reflect.Value
}

func (c *funcCodec) newFrame() *callFrame {
	f := &callFrame{in: make([]reflect.Value, len(c.params)+1)}
	f.in[0] = reflect.ValueOf(&f.ctx).Elem()
	for i := range c.params {
		f.in[i+1] = reflect.New(c.fn.Type().In(i + 1)).Elem()
	}
	return f
}

func (f *callFrame) clear() {
	for _, v := range f.in {
		v.SetZero()
	}
}

// call calls the function. args must have the types of its parameters; the
// function shares their strings and byte slices. The value that is returned has
// the type of the function's result; it is the zero Value where there is none.
//
// The error is the function's own unless it stands for the failure of a result,
// or says which part of an argument or of the result could not be converted. If
// an argument can't be converted, the function was not called.
func (c *funcCodec) call(ctx context.Context, args []val.Value) (val.Value, error) {
	if c.dynamic != nil {
		return c.callDynamic(ctx, args)
	}
	f := c.frames.Get().(*callFrame)
	f.ctx = ctx
	for i, p := range c.params {
		if err := p.set(f.in[i+1], args[i]); err != nil {
			f.clear()
			c.frames.Put(f)
			return val.Value{}, &argError{within("parameter "+c.t.Params[i].Name, err)}
		}
	}
	out := c.fn.Call(f.in)
	f.clear()
	c.frames.Put(f)
	return c.returned(out)
}

// argError says that a function was not called, because an argument could not be
// converted.
type argError struct{ error }

func (e *argError) Unwrap() error { return e.error }

func isArgError(err error) bool {
	_, ok := err.(*argError)
	return ok
}

func (c *funcCodec) returned(out []reflect.Value) (val.Value, error) {
	if c.fails {
		if err := out[len(out)-1]; !err.IsNil() {
			return c.failed(err.Interface().(error))
		}
	}
	var v val.Value
	if c.result != nil {
		var err error
		if v, err = c.result.toVal(out[0]); err != nil {
			return val.Value{}, within("result", err)
		}
	}
	if c.returns == returnOK {
		v = val.Ok(v)
	}
	return v, nil
}

func (c *funcCodec) failed(err error) (val.Value, error) {
	if c.t.Result == nil || c.t.Result.Kind() != types.KindResult {
		return val.Value{}, err
	}
	return c.failure.toVal(err)
}

func (c *funcCodec) callDynamic(ctx context.Context, args []val.Value) (val.Value, error) {
	return c.checked(c.dynamic(ctx, args))
}

// checked checks what a dynamic function returned.
func (c *funcCodec) checked(v val.Value, err error) (val.Value, error) {
	switch {
	case isArgError(err): // of a function that this one wraps
		return val.Value{}, err
	case err != nil:
		return c.failed(err)
	case c.t.Result != nil:
		return v, val.Check(v, c.t.Result, "result")
	case v.IsValid():
		return val.Value{}, &pathError{"result", errNoPayload}
	}
	return v, nil
}
