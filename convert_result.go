package gondola

import (
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// Result is a WIT result that is a value: a parameter, a field, an element. As
// the result of a function it may be used too, but (T, error) is the usual form.
// What has no type in WIT is struct{}: `result<_, string>` is
// Result[struct{}, string].
//
// The zero Result is a success with the zero T.
type Result[T, E any] struct {
	OK  T  // the success, where Err is nil
	Err *E // the failure
}

// Get is r in the form in which functions return it. The error is the E itself
// where E implements error, else an *[Err][E].
func (r Result[T, E]) Get() (T, error) {
	if r.Err == nil {
		return r.OK, nil
	}
	if err, ok := any(*r.Err).(error); ok {
		return r.OK, err
	}
	return r.OK, &Err[E]{*r.Err}
}

// typ is the Result type itself, which a type that embeds it differs from.
func (Result[T, E]) typ() reflect.Type { return reflect.TypeFor[Result[T, E]]() }

// Err is the failure of a WIT result as a Go error, for failures whose Go type
// does not implement error itself:
//
//	return "", &gondola.Err[uint32]{Value: 404}
//
// A host function returns it, wrapped or not, to let the guest see a failure; any
// other error traps the guest. `result<T>`, whose failure has no value, has
// Err[struct{}].
type Err[E any] struct{ Value E }

func (e *Err[E]) Error() string {
	if e == nil {
		return fmt.Sprintf("a nil %T, which is an error all the same", e)
	}
	switch v := any(e.Value).(type) {
	case struct{}:
		return "failed"
	case val.Value:
		if !v.IsValid() {
			return "failed"
		}
		return "failed: " + v.String()
	}
	return fmt.Sprintf("failed: %v", e.Value)
}

// Unwrap is the Value, where it is an error itself.
func (e *Err[E]) Unwrap() error {
	if e == nil {
		return nil
	}
	err, _ := any(e.Value).(error)
	return err
}

// errValue is the Value, invalid where e is nil.
func (e *Err[E]) errValue() reflect.Value {
	if e == nil {
		return reflect.Value{}
	}
	return reflect.ValueOf(&e.Value).Elem()
}

// isResult reports whether gt is an instance of Result.
func isResult(gt reflect.Type) bool {
	if gt.Kind() != reflect.Struct || gt.NumField() != 2 || gt.Field(resultOK).Name != "OK" {
		return false
	}
	r, ok := reflect.Zero(gt).Interface().(interface{ typ() reflect.Type })
	return ok && r.typ() == gt
}

// The fields of a Result.
const (
	resultOK = iota
	resultErr
)

func (m *matcher) result(gt reflect.Type, t *types.Type) (*codec, error) {
	if !isResult(gt) {
		return nil, &matchError{t: t, gt: gt}
	}
	ok, err := m.payload(gt.Field(resultOK).Type, t.Ok())
	if err != nil {
		return nil, within(".ok", err)
	}
	failure, err := m.payload(gt.Field(resultErr).Type.Elem(), t.Err())
	if err != nil {
		return nil, within(".error", err)
	}
	c := resultCodec{ok, failure}
	return &codec{c.toVal, c.set}, nil
}

type resultCodec struct{ ok, err *codec }

func (c resultCodec) toVal(src reflect.Value) (val.Value, error) {
	if failure := src.Field(resultErr); !failure.IsNil() {
		v, err := c.err.toVal(failure.Elem())
		if err != nil {
			return val.Value{}, within(".error", err)
		}
		return val.Err(v), nil
	}
	v, err := c.ok.toVal(src.Field(resultOK))
	if err != nil {
		return val.Value{}, within(".ok", err)
	}
	return val.Ok(v), nil
}

func (c resultCodec) set(dst reflect.Value, v val.Value) error {
	payload, ok := v.Result()
	dst.SetZero()
	if ok {
		return within(".ok", c.ok.set(dst.Field(resultOK), payload))
	}
	failure := dst.Field(resultErr)
	failure.Set(reflect.New(failure.Type().Elem()))
	return within(".error", c.err.set(failure.Elem(), payload))
}
