package host

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Variable is a tuple of a variable's name and value.
type Variable struct{ F0, F1 string }

// Environment is the environment of the instance that calls. The error, which is for
// the guest to be trapped with, is that some of it is no text.
func (h *Host) Environment(ctx context.Context) ([]Variable, error) {
	env := h.Env(ctx)
	vars := make([]Variable, len(env))
	for i, kv := range env {
		if !utf8.ValidString(kv) {
			return nil, fmt.Errorf("the variable %q of the environment is not UTF-8 and can't be given to a guest", kv)
		}
		vars[i].F0, vars[i].F1, _ = strings.Cut(kv, "=")
	}
	return vars, nil
}

// Arguments are the guest's arguments. The error, which is for the guest to be
// trapped with, is that one of them is no text.
func (h *Host) Arguments(context.Context) ([]string, error) {
	for i, a := range h.args {
		if !utf8.ValidString(a) {
			return nil, fmt.Errorf("argument %d, %q, is not UTF-8 and can't be given to a guest", i, a)
		}
	}
	return h.args, nil
}

// Cwd is the directory where the guest starts, or nil.
func (h *Host) Cwd(context.Context) *string {
	if h.cwd == "" {
		return nil
	}
	return &h.cwd
}

// Exit is the error of a guest that ends itself with a result.
func Exit(ok bool) error {
	if ok {
		return &ExitError{0}
	}
	return &ExitError{1}
}

// ExitError is the error of a guest that ended itself.
type ExitError struct{ Code int }

func (e *ExitError) Error() string { return fmt.Sprintf("the guest exited with status %d", e.Code) }
