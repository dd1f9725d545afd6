package gondola

import (
	"fmt"
	"reflect"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// failureCodec finds in an error that a Go function returned the failure of its
// WIT result. An error is the failure if it, or an error that it wraps, is
//
//   - an *Err[E] where E fits the result's error type, or
//   - a value of a Go type that stands for that type itself: a struct (or a
//     pointer to one) with the fields of a record, a case of a variant, an enum as
//     enumName says, a resource.
type failureCodec struct {
	m *matcher
	t *types.Type // nil where the failure has no value
}

// toVal returns the failure that err stands for as the error case of a result.
// Any other error is returned as it is, but for a note if it holds an *Err that
// was meant for another type.
func (c failureCodec) toVal(err error) (val.Value, error) {
	s := failureSearch{failureCodec: c}
	var problem error
	switch {
	case s.walk(err) && s.invalid == nil:
		return val.Err(s.found), nil
	case s.invalid != nil:
		problem = s.invalid
	case s.mismatch != nil:
		problem = using("returned", s.mismatch)
	default:
		return val.Value{}, err
	}
	return val.Value{}, fmt.Errorf("%w (%w)", err, within("error", problem))
}

// failureSearch looks through an error and what it wraps.
type failureSearch struct {
	failureCodec
	found    val.Value
	invalid  error // why what was found is no value of the failure's type
	mismatch error // why an *Err on the way is not the failure
}

// walk tries err and what it wraps in the order of errors.As.
func (s *failureSearch) walk(err error) bool {
	for err != nil {
		if s.try(err) {
			return true
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, err := range e.Unwrap() {
				if s.walk(err) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

func (s *failureSearch) try(err error) bool {
	if e, ok := err.(interface{ errValue() reflect.Value }); ok {
		return s.tryErr(e.errValue())
	}
	if s.t == nil {
		return false
	}
	switch s.t.Kind() {
	case types.KindEnum:
		name, ok := enumName(err, s.t)
		s.found = val.Enum(name)
		return ok
	case types.KindRecord, types.KindVariant:
		return s.tryNamed(reflect.Indirect(reflect.ValueOf(err)))
	case types.KindOwn:
		return s.tryNamed(reflect.ValueOf(err))
	}
	return false
}

// tryErr tries the Value of an *Err.
func (s *failureSearch) tryErr(rv reflect.Value) bool {
	if !rv.IsValid() {
		return false
	}
	c, err := s.m.payload(rv.Type(), s.t)
	if err != nil {
		s.mismatch = err
		return false
	}
	s.found, s.invalid = c.toVal(rv)
	return true
}

// tryNamed tries a Go value that may have nothing to do with the failure's type.
func (s *failureSearch) tryNamed(rv reflect.Value) bool {
	if !rv.IsValid() {
		return false
	}
	c, err := s.m.arg(rv.Type(), s.t)
	if err != nil {
		return false
	}
	s.found, s.invalid = c.toVal(rv)
	return true
}
