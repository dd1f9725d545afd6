package cabi

import (
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/internal/trap"
)

// ErrorContext is a message for people that travels with a failure. It is
// immutable and implements [val.ErrorContext].
//
// Spec: CanonicalABI.md#-canon-error-contextnew (definitions.py ErrorContext).
type ErrorContext struct{ message string }

// NewErrorContext makes an error context that no guest knows yet.
func NewErrorContext(message string) *ErrorContext { return &ErrorContext{message} }

// maxMessage is how much of a guest's message is kept, in bytes. The specification lets a
// host shorten it; the guest may make as many as it may have handles.
const maxMessage = 4 << 10

// shortened is as much of a message as is kept.
func shortened(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	n := maxMessage
	for !utf8.RuneStart(message[n]) {
		n--
	}
	return strings.Clone(message[:n])
}

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
