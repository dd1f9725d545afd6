package serve

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Output is a writer that several share: what one passes to Write comes out in one piece.
type Output struct {
	mu sync.Mutex
	w  io.Writer
}

// NewOutput makes an output that writes to w.
func NewOutput(w io.Writer) *Output { return &Output{w: w} }

// Write implements [io.Writer]. It is safe for use from several goroutines.
func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(b)
}

// Prefixed makes a writer that writes to o only whole lines, each behind prefix. Control
// characters but tabs, and what makes text run backwards or breaks lines, are written as
// Go writes them in strings, so that no guest can disguise its lines as somebody else's.
func (o *Output) Prefixed(prefix string) *Lines { return &Lines{out: o, prefix: prefix} }

// maxLine is how much of a line is kept until its end has come. A longer one comes out in
// pieces, as lines of their own.
const maxLine = 8 << 10

// Lines is what [Output.Prefixed] makes. It is safe for use from several goroutines.
type Lines struct {
	out    *Output
	prefix string

	mu   sync.Mutex
	rest []byte // of a line whose end has not come
}

// Write implements [io.Writer]. It keeps the begin of a line until the end has come, or
// until [Lines.Flush].
func (l *Lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out strings.Builder
	for _, c := range b {
		if c != '\n' {
			l.rest = append(l.rest, c)
		}
		if c == '\n' || len(l.rest) >= maxLine && utf8.Valid(l.rest) || len(l.rest) >= maxLine+utf8.UTFMax {
			l.line(&out)
		}
	}
	if out.Len() == 0 {
		return len(b), nil
	}
	if _, err := io.WriteString(l.out, out.String()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Flush writes what is kept, as a line.
func (l *Lines) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) == 0 {
		return nil
	}
	var out strings.Builder
	l.line(&out)
	_, err := io.WriteString(l.out, out.String())
	return err
}

// line moves the kept line to out.
func (l *Lines) line(out *strings.Builder) {
	out.WriteString(l.prefix)
	rest := l.rest
	if n := len(rest); n > 0 && rest[n-1] == '\r' {
		rest = rest[:n-1]
	}
	for len(rest) > 0 {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			out.WriteString(`\x` + strconv.FormatUint(uint64(rest[0]), 16))
		case r != '\t' && unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		default:
			out.Write(rest[:n])
		}
		rest = rest[n:]
	}
	out.WriteByte('\n')
	l.rest = l.rest[:0]
}
