package trap

import (
	"errors"
	"fmt"
	"strings"
)

// Trap is the error of a stopped guest. Whoever receives one may read all of
// it; the engine fills in Frames, the canonical ABI Component and Func, before
// anybody else sees it.
type Trap struct {
	Code Code

	// Component and Func name the component instance whose task trapped and the
	// function that the task was called for; both may be empty.
	Component, Func string

	// Frames is the wasm backtrace, innermost first; it may be empty.
	Frames []Frame

	// Cause is the host's error where Code is [HostFailed]; the trap that ended the
	// instance before where it is [CannotEnter]; else nil.
	Cause error

	message string
}

// Frame is a function that was on the wasm stack.
type Frame struct {
	Module string // the module's name, or ""
	Func   string // the function's name, or "func[N]"
	File   string // the source file, or "" where no line is known
	Line   int
}

// New makes a trap. args fill the verbs of the code's text.
func New(c Code, args ...any) *Trap {
	if len(args) == 0 {
		return &Trap{Code: c, message: c.String()}
	}
	return &Trap{Code: c, message: fmt.Sprintf(c.String(), args...)}
}

// Throw panics with a new trap. It unwinds guest frames up to where the store
// was entered.
func Throw(c Code, args ...any) { panic(New(c, args...)) }

// Host makes the trap of a host function that failed with err.
func Host(err error) *Trap {
	if t, ok := errors.AsType[*Trap](err); ok {
		return t
	}
	t := New(HostFailed, err.Error())
	t.Cause = err
	return t
}

// CannotEnterAfter makes the trap of a call of an instance that has trapped.
func CannotEnterAfter(before *Trap) *Trap {
	t := New(CannotEnter)
	t.Cause = before
	return t
}

// ErrEndedBefore is what [CannotEnterAfter] makes, for errors.Is.
var ErrEndedBefore = errors.New("the instance can't be entered, because it was ended before")

// Is reports whether t says that a call never began.
func (t *Trap) Is(target error) bool {
	_, after := t.Cause.(*Trap)
	return target == ErrEndedBefore && t.Code == CannotEnter && after
}

// Message is the reason in words, without prefix and backtrace.
func (t *Trap) Message() string { return t.message }

// Error is the reason in words, "wasm trap: " in front, then where it happened
// and the backtrace as far as they are known, a line each.
func (t *Trap) Error() string {
	var b strings.Builder
	b.WriteString("wasm trap: " + t.message)
	if t.Component != "" || t.Func != "" {
		b.WriteString("\n    in " + t.where())
	}
	for _, f := range t.Frames {
		b.WriteString("\n    at " + f.String())
	}
	if before, ok := t.Cause.(*Trap); ok {
		b.WriteString("\n  because it has trapped before: " + before.Error())
	}
	return b.String()
}

func (t *Trap) where() string {
	switch {
	case t.Component == "":
		return "function " + t.Func
	case t.Func == "":
		return "component instance " + t.Component
	}
	return "function " + t.Func + " of component instance " + t.Component
}

// Unwrap is the cause, or nil.
func (t *Trap) Unwrap() error { return t.Cause }

// String is the frame as one line of a backtrace.
func (f Frame) String() string {
	s := f.Func
	if f.Module != "" {
		s = f.Module + "." + s
	}
	if f.File != "" {
		s += fmt.Sprintf(" (%s:%d)", f.File, f.Line)
	}
	return s
}
