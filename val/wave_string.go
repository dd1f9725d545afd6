package val

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

const tripleQuote = `"""`

// char takes a char, which is one code point or an escape between quotes.
func (l *waveLexer) char(t *token) {
	src := l.src()
	i := t.start + 1
	r, n := utf8.DecodeRuneInString(src[i:])
	switch {
	case n == 0 || r == '\n':
		l.fail(t, i, "the quote is not closed")
		return
	case r == '\'':
		l.fail(t, i+1, "a char is missing between the quotes").WithHint(`a single quote itself is written '\''`)
		return
	case r == '\\':
		if r, n = unescape(src[i:]); n == 0 {
			l.failWith(t, i+1, l.badEscape(i))
			return
		}
	}
	i += n
	if i < len(src) && src[i] == '\'' {
		t.kind, t.end, t.text = tokChar, i+1, string(r)
		return
	}
	end := strings.IndexAny(src[i:], "'\n")
	if end < 0 || src[i+end] == '\n' {
		l.fail(t, i, "the quote is not closed")
		return
	}
	l.fail(t, i+end+1, "a char is one Unicode code point").WithHint("strings have double quotes")
}

// string takes a string on one line.
func (l *waveLexer) string(t *token) {
	src := l.src()
	for i := t.start + 1; i < len(src); i++ {
		switch src[i] {
		case '"':
			t.end = i + 1
			if text, e := l.decode(t.start+1, i); e != nil {
				l.failWith(t, t.end, e)
			} else {
				t.kind, t.text = tokString, text
			}
			return
		case '\\':
			i++ // which may be a quote
		}
		if i < len(src) && src[i] == '\n' {
			l.fail(t, i, "the string is not closed on its line").WithHint(`a line break is written \n; a string over several lines stands between lines of """`)
			return
		}
	}
	l.fail(t, len(src), "the string is not closed")
}

// multiline takes a string over several lines. The spaces before the closing quotes are
// what every line is indented by.
func (l *waveLexer) multiline(t *token) {
	src := l.src()
	inner := t.start + len(tripleQuote)
	n := strings.Index(src[inner:], tripleQuote)
	if n < 0 {
		l.fail(t, inner, `the string is not closed with """`)
		return
	}
	t.end = inner + n + len(tripleQuote)
	if text, e := l.lines(inner, inner+n); e != nil {
		l.failWith(t, t.end, e)
	} else {
		t.kind, t.text = tokString, text
	}
}

// lines decodes what stands between triple quotes.
func (l *waveLexer) lines(start, end int) (string, *syntax.Error) {
	src := l.src()
	first := strings.IndexByte(src[start:end], '\n')
	if first < 0 || strings.TrimSuffix(src[start:start+first], "\r") != "" {
		return "", syntax.Errorf(l.span(start-len(tripleQuote), start), `a line break must follow the opening """`)
	}
	last := strings.LastIndexByte(src[:end], '\n')
	indent := src[last+1 : end]
	if strings.Trim(indent, " ") != "" {
		return "", syntax.Errorf(l.span(end, end+len(tripleQuote)), `only spaces may stand before the closing """ on its line`).
			WithHint(`three quotes in a row inside the string are written ""\"`)
	}
	var b strings.Builder
	for i := start + first + 1; i <= last; {
		stop := i + strings.IndexByte(src[i:], '\n')
		if !strings.HasPrefix(src[i:stop], indent) {
			return "", syntax.Errorf(l.span(i, stop), `the line is indented less than the closing """, which has %d spaces`, len(indent))
		}
		line, e := l.decode(i+len(indent), i+len(strings.TrimSuffix(src[i:stop], "\r")))
		if e != nil {
			return "", e
		}
		b.WriteString(line)
		if stop < last {
			b.WriteByte('\n')
		}
		i = stop + 1
	}
	return b.String(), nil
}

// decode replaces the escapes between two places.
func (l *waveLexer) decode(start, end int) (string, *syntax.Error) {
	s := l.src()[start:end]
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s, nil
	}
	var b strings.Builder
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		b.WriteString(s[:i])
		r, n := unescape(s[i:])
		if n == 0 {
			return "", l.badEscape(end - len(s) + i)
		}
		b.WriteRune(r)
		s = s[i+n:]
	}
	b.WriteString(s)
	return b.String(), nil
}

// unescape decodes the escape that s begins with; n is its length, 0 where it is none.
func unescape(s string) (r rune, n int) {
	if len(s) < 2 {
		return 0, 0
	}
	switch c := s[1]; c {
	case '\\', '\'', '"':
		return rune(c), 2
	case 't':
		return '\t', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 'u':
		hex, opened := strings.CutPrefix(s[2:], "{")
		hex, _, closed := strings.Cut(hex, "}")
		if !opened || !closed || len(hex) > 6 {
			return 0, 0
		}
		// Where it is given a base, ParseUint takes no signs and no separators.
		code, err := strconv.ParseUint(hex, 16, 32)
		if err != nil || !utf8.ValidRune(rune(code)) {
			return 0, 0
		}
		return rune(code), len(`\u{}`) + len(hex)
	}
	return 0, 0
}

// badEscape says what is wrong with the escape at i.
func (l *waveLexer) badEscape(i int) *syntax.Error {
	s := l.src()[i:]
	if hex, ok := strings.CutPrefix(s, `\u{`); ok {
		hex, _, closed := strings.Cut(hex, "}")
		if code, err := strconv.ParseUint(hex, 16, 32); closed && err == nil && len(hex) <= 6 {
			return syntax.Errorf(l.span(i, i+len(`\u{}`)+len(hex)), "U+%04X is no Unicode scalar value, which a char or string is made of", code)
		}
	}
	_, n := utf8.DecodeRuneInString(s[1:])
	return syntax.Errorf(l.span(i, i+1+n), "there is no escape `%s`", syntax.Printable(s[:1+n])).
		WithHint(`the escapes are \' \" \\ \t \n \r and \u{…} with up to 6 hexadecimal digits`)
}
