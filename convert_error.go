package gondola

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/val"
)

// matchError says that values of a component type can't be converted to or from
// a Go type.
type matchError struct {
	path   string // from the whole value: "p.headers[].name"
	t      *types.Type
	gt     reflect.Type
	verb   string // what the Go side does with the value; "used" where none is set
	reason string // what is wrong where the types alone don't say it
}

func (e *matchError) Error() string {
	verb := e.verb
	if verb == "" {
		verb = "used"
	}
	gt := "nil"
	if e.gt != nil {
		gt = e.gt.String()
	}
	s := fmt.Sprintf("%s can't be %s as Go %s", typeText(e.t), verb, gt)
	if e.path != "" {
		s = e.path + ": " + s
	}
	if e.reason != "" {
		s += ": " + e.reason
	}
	return s + "; use " + goText(e.t)
}

// pathError is an error with the path to the value that it is about.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string {
	if e.path == "" {
		return e.err.Error()
	}
	return e.path + ": " + e.err.Error()
}

func (e *pathError) Unwrap() error { return e.err }

var errNoPayload = errors.New("got a value where the type has none")

// within says that err, if there is one, happened at a step of a path.
func within(step string, err error) error {
	switch e := err.(type) {
	case nil:
		return nil
	case *matchError:
		e.path = step + e.path
		return e
	case *pathError:
		e.path = step + e.path
		return e
	case *val.TypeError:
		e.Path = step + e.Path
		return e
	}
	return &pathError{step, err}
}

// using sets the verb of a matchError.
func using(verb string, err error) error {
	if e := (*matchError)(nil); errors.As(err, &e) {
		e.verb = verb
	}
	return err
}

// maxTypeText bounds the text of one component type in an error.
const maxTypeText = 120

func typeText(t *types.Type) string {
	if t == nil {
		return "no value"
	}
	return shortText(t.String())
}

func shortText(s string) string {
	if len(s) <= maxTypeText {
		return s
	}
	n := maxTypeText
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
