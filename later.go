package gondola

import (
	"context"
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/val"
)

// Later is for host functions of async WIT functions that are declared [Ready] but
// can't always be: where one can't answer at once it returns Later(f) as its error,
// and f is called as a function without Ready is, on a goroutine of its own.
//
//	l.Func(id, "wait-until", func(_ context.Context, when uint64) error {
//		if when <= now() {
//			return nil
//		}
//		return gondola.Later(func(ctx context.Context) error { return waitUntil(ctx, when) })
//	}, gondola.Ready())
//
// f is a func(context.Context) with the results of the host function. What the
// arguments lend stays lent until it returns.
func Later(f any) error { return &later{f} }

type later struct{ f any }

func (*later) Error() string {
	return "gondola.Later was returned by a function that is not declared Ready, or in another error"
}

// later is what calls f, which must return what the function does.
func (c *funcCodec) later(f any) (func(context.Context) (val.Value, error), error) {
	if c.dynamic != nil {
		call, ok := f.(func(context.Context) (val.Value, error))
		if !ok {
			return nil, c.laterError(f, "func(context.Context) (val.Value, error)")
		}
		return func(ctx context.Context) (val.Value, error) { return c.checked(call(ctx)) }, nil
	}
	fn := reflect.ValueOf(f)
	want := reflect.FuncOf([]reflect.Type{contextType}, resultTypes(c.fn.Type()), false)
	if !fn.IsValid() || !fn.Type().ConvertibleTo(want) || fn.IsNil() {
		return nil, c.laterError(f, want.String())
	}
	return func(ctx context.Context) (val.Value, error) {
		return c.returned(fn.Call([]reflect.Value{reflect.ValueOf(ctx)}))
	}, nil
}

func (c *funcCodec) laterError(f any, want string) error {
	return fmt.Errorf("gondola.Later got a %T from a %v, want a %s", f, c.fn.Type(), want)
}

func resultTypes(gt reflect.Type) (types []reflect.Type) {
	for i := range gt.NumOut() {
		types = append(types, gt.Out(i))
	}
	return types
}
