package gondola

import (
	"reflect"

	"github.com/gondola-wasm/gondola/internal/cabi"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// ErrorContext is an error-context: an immutable message for people that travels
// with a failure. It is an error, needs no closing, and may be passed to any number
// of guests. The specification lets any component on its way shorten the message or
// lose it, so nothing may depend on it.
//
// Components that have it in their types need the feature error-context
// ([WithFeatures]).
//
// Spec: Explainer.md#error-context-type.
type ErrorContext = cabi.ErrorContext

// NewErrorContext makes an error context.
func NewErrorContext(message string) *ErrorContext { return cabi.NewErrorContext(message) }

// errorContext converts between an *ErrorContext and an error-context.
func (h handleTypes) errorContext(gt reflect.Type, t *types.Type) (*codec, error) {
	if gt != reflect.TypeFor[*ErrorContext]() {
		return nil, &matchError{t: t, gt: gt}
	}
	return &codec{
		toVal: func(src reflect.Value) (val.Value, error) {
			if src.IsNil() {
				return val.Value{}, errForeign(nil, "a *gondola.ErrorContext")
			}
			return val.OfErrorContext(src.Interface().(*ErrorContext)), nil
		},
		set: func(dst reflect.Value, v val.Value) error {
			e, ok := v.ErrorContext().(*ErrorContext)
			if !ok {
				return errForeign(v.ErrorContext(), "an error context of the runtime")
			}
			dst.Set(reflect.ValueOf(e))
			return nil
		},
	}, nil
}
