package cabi

import "github.com/gondola-wasm/gondola/internal/trap"

// ErrorContext is a message for people that travels with a failure. It is
// immutable and implements [val.ErrorContext].
//
// Spec: CanonicalABI.md#-canon-error-contextnew (definitions.py ErrorContext).
type ErrorContext struct{ message string }

// NewErrorContext makes an error context that no guest knows yet.
func NewErrorContext(message string) *ErrorContext { return &ErrorContext{message} }

// Error is the text.
func (e *ErrorContext) Error() string { return e.message }

// Message is the text.
func (e *ErrorContext) Message() string { return e.message }

// ValErrorContext marks the values that stand for error contexts.
func (*ErrorContext) ValErrorContext() {}

func (*ErrorContext) kind() string { return "an error context" }

func errorContextAt(i *ComponentInstance, index uint32) *ErrorContext {
	h := i.handles.get(index)
	e, ok := h.(*ErrorContext)
	if !ok {
		trap.Throw(trap.WrongHandleType, index, "an error context", h.kind())
	}
	return e
}
