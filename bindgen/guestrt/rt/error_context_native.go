//go:build !wasip1

package rt

// An ErrorContext is a message for people that travels with a failure: WIT's error-context. To pass one on is to share it, and
// each side closes its own. Natively it is just the message.
type ErrorContext struct{ message string }

// NewErrorContext makes an error context.
func NewErrorContext(message string) *ErrorContext { return &ErrorContext{message} }

// DebugMessage returns the message. A host may have cut it short or left it out.
func (e *ErrorContext) DebugMessage() string { return e.message }

// Close gives the error context up.
func (e *ErrorContext) Close() error { return nil }
