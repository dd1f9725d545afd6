package val

import (
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// tokenKind tells the tokens of WAVE apart.
type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokBad              // what is no token: see waveLexer.fault
	tokPunct            // one of ()[]{}:,
	tokNumber           // also -inf
	tokWord             // a label without %, or one of WAVE's own words
	tokLabel            // a label after %
	tokChar
	tokString
)

// token is a token of WAVE.
type token struct {
	kind       tokenKind
	start, end int
	text       string // of a label, without %; of a char or string, what it means; else as it stands
}

// waveLexer takes a text apart.
type waveLexer struct {
	file  *syntax.File
	pos   int
	fault *syntax.Error // what is wrong with the token of kind tokBad
}

func (l *waveLexer) src() string { return l.file.Src }

func (l *waveLexer) span(start, end int) syntax.Span {
	return syntax.Span{File: l.file, Start: start, End: end}
}

// next is the next token. After one that is bad nothing else comes.
func (l *waveLexer) next() token {
	if l.fault != nil {
		return token{kind: tokBad, start: l.pos, end: l.pos}
	}
	l.skipSpace()
	t := token{start: l.pos}
	if l.pos == len(l.src()) {
		t.end = t.start
		return t
	}
	switch c := l.src()[l.pos]; {
	case strings.IndexByte("()[]{}:,", c) >= 0:
		t.kind, t.end = tokPunct, l.pos+1
		t.text = l.src()[t.start:t.end]
	case c == '-' || isDigit(c):
		l.number(&t)
	case c == '%' || isLetter(c):
		l.label(&t)
	case c == '\'':
		l.char(&t)
	case strings.HasPrefix(l.src()[l.pos:], tripleQuote):
		l.multiline(&t)
	case c == '"':
		l.string(&t)
	default:
		_, n := utf8.DecodeRuneInString(l.src()[l.pos:])
		l.fail(&t, l.pos+n, "nothing in WAVE begins with %q", l.src()[l.pos:l.pos+n])
	}
	l.pos = t.end
	return t
}

// fail makes t a bad token that ends at end.
func (l *waveLexer) fail(t *token, end int, format string, args ...any) *syntax.Error {
	return l.failWith(t, end, syntax.Errorf(l.span(t.start, end), format, args...))
}

func (l *waveLexer) failWith(t *token, end int, e *syntax.Error) *syntax.Error {
	t.kind, t.end = tokBad, end
	l.fault = e
	return e
}

// skipSpace skips white space and comments.
func (l *waveLexer) skipSpace() {
	src := l.src()
	for l.pos < len(src) {
		switch c := src[l.pos]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			l.pos++
		case strings.HasPrefix(src[l.pos:], "//"):
			n := strings.IndexByte(src[l.pos:], '\n')
			if n < 0 {
				n = len(src) - l.pos
			}
			l.pos += n
		default:
			return
		}
	}
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// while is the end of the bytes from i on that satisfy is.
func (l *waveLexer) while(i int, is func(byte) bool) int {
	for i < len(l.src()) && is(l.src()[i]) {
		i++
	}
	return i
}

// number takes a number of JSON, or -inf.
func (l *waveLexer) number(t *token) {
	src := l.src()
	// What looks like a number is taken whole, to be right or wrong as a whole.
	end := l.while(t.start+1, func(c byte) bool { return isDigit(c) || isLetter(c) || c == '.' || c == '_' })
	if end < len(src) && (src[end] == '+' || src[end] == '-') && (src[end-1]|0x20) == 'e' {
		end = l.while(end+1, isDigit)
	}
	t.kind, t.end, t.text = tokNumber, end, src[t.start:end]
	if t.text != "-inf" && !isNumber(t.text) {
		l.fail(t, end, "`%s` is no number", clip(t.text)).WithHint("%s", numberHint(t.text))
	}
}

// isNumber reports whether s is -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole := digits(s)
	if whole == "" || len(whole) > 1 && whole[0] == '0' {
		return false
	}
	s = s[len(whole):]
	if after, ok := strings.CutPrefix(s, "."); ok {
		fraction := digits(after)
		if fraction == "" {
			return false
		}
		s = after[len(fraction):]
	}
	if s == "" {
		return true
	}
	if s[0]|0x20 != 'e' {
		return false
	}
	s = s[1:]
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && digits(s) == s
}

// digits are the digits that s begins with.
func digits(s string) string {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i]
}

func numberHint(s string) string {
	rest := strings.TrimPrefix(s, "-")
	switch {
	case strings.EqualFold(rest, "nan"):
		return "not a number is written `nan`"
	case strings.EqualFold(rest, "inf"), strings.EqualFold(rest, "infinity"):
		return "infinity is written `inf`, or `-inf`"
	case len(rest) > 1 && rest[0] == '0' && isDigit(rest[1]):
		return "numbers have no leading zeros"
	case len(rest) > 1 && rest[0] == '0' && strings.ContainsAny(rest[1:2], "xXbBoO"):
		return "numbers are decimal"
	case strings.Contains(rest, "_"):
		return "numbers have no separators"
	}
	return ""
}

// label takes a label with or without %.
func (l *waveLexer) label(t *token) {
	start := t.start
	t.kind = tokWord
	if l.src()[start] == '%' {
		t.kind = tokLabel
		start++
	}
	end := l.while(start, func(c byte) bool { return isDigit(c) || isLetter(c) || c == '-' || c == '_' })
	t.end, t.text = end, l.src()[start:end]
	switch err := names.CheckLabel(t.text); {
	case err == nil:
	case t.kind == tokWord && numberHint(t.text) != "": // NaN, Infinity
		l.fail(t, end, "`%s` is no value", clip(t.text)).WithHint("%s", numberHint(t.text))
	default:
		e := l.fail(t, end, "%s", err.Error())
		if better := names.SuggestLabel(t.text); better != "" {
			e.WithHint("did you mean `%s`?", better)
		}
	}
}

// clip cuts a text short that a message repeats.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
