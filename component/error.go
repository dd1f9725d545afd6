package component

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is what decoding or validation says of bytes that are no valid
// component. It is the input's fault, never the host's or ours.
type Error struct {
	At      Offset  // of the byte that is at fault; 0 where the model was not decoded
	Path    Path    // the definition that is at fault
	Msg     string  // what is wrong, what was expected
	Feature Feature // the gate that is closed or the feature that is not supported yet, or 0
	Err     error   // what a lower layer said, or nil
}

// Error says where, what, and what was expected.
func (e *Error) Error() string {
	where := fmt.Sprintf("offset %#x", int(e.At))
	if len(e.Path) > 0 {
		where = e.Path.String() + " at " + where
	}
	if e.Err != nil && e.Msg == "" {
		return where + ": " + e.Err.Error()
	}
	if e.Err != nil {
		return where + ": " + e.Msg + ": " + e.Err.Error()
	}
	return where + ": " + e.Msg
}

// Unwrap is what a lower layer said.
func (e *Error) Unwrap() error { return e.Err }

// Path leads from the root component to a definition, for instance
// `component[2].export["wasi:io/streams"]`. The empty path is the root itself.
type Path []Step

// Step is a definition in the component or type that encloses it: by name where
// it has one, else by index.
type Step struct {
	Kind  string // `type`, `export`, …
	Index int
	Name  string
}

// String spells the path as messages do. The middle of a very long one is left
// out.
func (p Path) String() string {
	const ends = 8
	parts := make([]string, 0, 2*ends+1)
	for i, s := range p {
		switch {
		case i < ends || i >= len(p)-ends:
			parts = append(parts, s.String())
		case i == ends:
			parts = append(parts, "…")
		}
	}
	return strings.Join(parts, ".")
}

// String spells the step as messages do.
func (s Step) String() string {
	if s.Name != "" {
		return s.Kind + "[" + strconv.Quote(s.Name) + "]"
	}
	return s.Kind + "[" + strconv.Itoa(s.Index) + "]"
}
