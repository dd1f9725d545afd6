package rt

import (
	"errors"
	"reflect"
)

// Unit is the value of a stream, future or result case without a payload.
type Unit = struct{}

// Err carries the error case of a WIT result<T, E> whose E isn't an error itself. Find it with errors.As and a *Err[E].
type Err[E any] struct {
	// Value is what WIT calls the error value.
	Value E
}

// Error describes the value.
func (e *Err[E]) Error() string { return "error value " + Describe(e.Value) }

// NewErr returns value as an error.
func NewErr[E any](value E) error { return &Err[E]{Value: value} }

// Result is a WIT result<T, E> that isn't the result of a function.
type Result[T, E any] struct {
	// IsErr tells which of the two is set.
	IsErr bool
	// Ok is the success value; the zero value if IsErr.
	Ok T
	// Err is the error value; the zero value unless IsErr.
	Err E
}

// Ok returns a result that succeeded with v.
func Ok[T, E any](v T) Result[T, E] { return Result[T, E]{Ok: v} }

// Fail returns a result that failed with e.
func Fail[T, E any](e E) Result[T, E] { return Result[T, E]{IsErr: true, Err: e} }

// Get returns the success value, or the error value as an error.
func (r Result[T, E]) Get() (T, error) {
	if r.IsErr {
		return r.Ok, AsError(r.Err)
	}
	return r.Ok, nil
}

// AsError returns a WIT error value as a Go error: itself where it is one, else an *Err[E].
func AsError[E any](e E) error {
	if err, ok := any(e).(error); ok {
		return err
	}
	return &Err[E]{Value: e}
}

// FindErr looks for an error value of type E in err: E itself or an *Err[E] anywhere in its tree.
func FindErr[E any](err error) (e E, found bool) {
	if reflect.TypeFor[E]().Implements(reflect.TypeFor[error]()) && errors.As(err, any(&e)) {
		return e, true
	}
	var wrapped *Err[E]
	if errors.As(err, &wrapped) {
		return wrapped.Value, true
	}
	return e, false
}
