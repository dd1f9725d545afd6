package pollio

import "errors"

// Error is the resource wasi:io/error.error: why an operation of a stream failed.
// Faces find out more about it with errors.As, for wasi:filesystem's
// filesystem-error-code and the like.
type Error struct{ cause error }

// ErrClosed is what operations of a stream return that has ended, is closed, or has
// reported its failure before: stream-error.closed.
var ErrClosed = errors.New("the stream is closed")

// Failed makes the error of an operation, stream-error.last-operation-failed.
func Failed(cause error) *Error { return &Error{cause} }

// Error implements error. It is error.to-debug-string.
func (e *Error) Error() string { return e.cause.Error() }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.cause }
