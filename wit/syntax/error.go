package syntax

import (
	"fmt"
	"strings"
)

// Error is a fault in a text, with everything that its author needs to mend it.
// It knows nothing of WIT, so that other text formats may use it too.
type Error struct {
	At       Location
	Msg      string   // what is wrong: lower case, no full stop, names in backquotes
	Expected []string // what could have stood there; may be empty
	Notes    []Note   // other places that are involved
	Hints    []string // what to do about it
}

// Note points at a second place that has to do with an [Error].
type Note struct {
	At  Location
	Msg string
}

// Errorf makes an Error at a span.
func Errorf(at Span, format string, args ...any) *Error {
	return &Error{At: at.Location(), Msg: fmt.Sprintf(format, args...)}
}

// WithNote adds a second place to e and returns e.
func (e *Error) WithNote(at Span, format string, args ...any) *Error {
	if !at.IsZero() {
		e.Notes = append(e.Notes, Note{at.Location(), fmt.Sprintf(format, args...)})
	}
	return e
}

// WithHint adds advice to e and returns e. An empty hint adds nothing.
func (e *Error) WithHint(format string, args ...any) *Error {
	if hint := fmt.Sprintf(format, args...); hint != "" {
		e.Hints = append(e.Hints, hint)
	}
	return e
}

// Error renders the message over several lines, without a newline at the end:
//
//	a.wit:3:12: unexpected `;`, expected a type
//	   3 |   type t = ;
//	     |            ^
//	  hint: …
func (e *Error) Error() string {
	var b strings.Builder
	e.At.render(&b, e.headline())
	for _, n := range e.Notes {
		b.WriteByte('\n')
		n.At.render(&b, "note: "+n.Msg)
	}
	for _, h := range e.Hints {
		b.WriteString("\n  hint: " + h)
	}
	return b.String()
}

// headline is the message with what was expected.
func (e *Error) headline() string {
	if len(e.Expected) == 0 {
		return e.Msg
	}
	return e.Msg + ", expected " + Alternatives(e.Expected)
}

// Alternatives joins words as in `a`, `a or b`, `a, b or c`.
func Alternatives(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
}

// render writes the message, the source line, and carets under the place.
func (l Location) render(b *strings.Builder, msg string) {
	if l.Line == 0 {
		if l.File != "" {
			b.WriteString(l.File + ": ")
		}
		b.WriteString(msg)
		return
	}
	fmt.Fprintf(b, "%s:%d:%d: %s\n", l.File, l.Line, l.Column, msg)
	number := fmt.Sprintf("%4d", l.Line)
	source, column, width := l.clip()
	fmt.Fprintf(b, "%s | %s\n", number, source)
	fmt.Fprintf(b, "%s | %s%s", strings.Repeat(" ", len(number)), padding(source, column), strings.Repeat("^", width))
}

// maxShown bounds how much of a line a message repeats, in code points: a
// hostile or generated file may hold its whole text on one line.
const maxShown = 160

// clip returns the part of the source line that is shown, and the place in it.
func (l Location) clip() (source string, column, width int) {
	runes := []rune(l.Source)
	column, width = l.Column-1, l.Width
	if len(runes) > maxShown {
		from := min(max(0, column-maxShown/2), len(runes))
		to := min(len(runes), from+maxShown)
		runes = runes[from:to]
		column -= from
		width = min(width, max(1, to-from-column))
	}
	return Printable(string(runes)), column, width
}

// Printable replaces characters that WIT forbids, which are also those that disturb a
// terminal, by U+FFFD.
func Printable(line string) string {
	return strings.Map(func(r rune) rune {
		if isForbidden(r) || r == '\n' || r == '\r' {
			return '\uFFFD'
		}
		return r
	}, line)
}

// padding is as wide as the first n code points of line: tabs stay tabs.
func padding(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n == 0 {
			break
		}
		n--
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String() + strings.Repeat(" ", n)
}
