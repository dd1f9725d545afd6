package corewasm

import "fmt"

// Error says what is wrong with a module and where. It is never the host's or our
// own fault.
type Error struct {
	Offset int    // of the byte that is at fault, in the module's bytes; -1 if the module was not decoded from bytes
	Where  string // for example "type section" or "function 12"; may be empty
	Msg    string
}

func (e *Error) Error() string {
	s := e.Msg
	if e.Where != "" {
		s = e.Where + ": " + s
	}
	if e.Offset >= 0 {
		s = fmt.Sprintf("offset %#x: %s", e.Offset, s)
	}
	return "core module: " + s
}

// UnsupportedError tells a proposal that is recognised but not supported from a
// malformed module. It wraps an [*Error].
type UnsupportedError struct {
	Cause   *Error
	Feature string // for example "garbage collection"
}

func (e *UnsupportedError) Error() string { return e.Cause.Error() }

func (e *UnsupportedError) Unwrap() error { return e.Cause }
