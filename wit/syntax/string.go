package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// unquote returns the value of a string literal, which is written like a name in
// the core text format.
//
// Spec: WIT.md#string-literals.
func unquote(lit Span) (string, *Error) {
	text := lit.Text()
	body := text[1 : len(text)-1]
	var b strings.Builder
	for i := 0; i < len(body); {
		if body[i] != '\\' {
			b.WriteByte(body[i])
			i++
			continue
		}
		s, n := unescape(body[i+1:])
		if n == 0 {
			at := Span{lit.File, lit.Start + 1 + i, lit.Start + 1 + i + min(2, len(body)-i)}
			return "", Errorf(at, "invalid escape in a string").
				WithHint(`known are \t \n \r \" \' \\ \hh (two hexadecimal digits) and \u{h…}`)
		}
		b.WriteString(s)
		i += 1 + n
	}
	if !utf8.ValidString(b.String()) {
		return "", Errorf(lit, "the string is not valid UTF-8 after its escapes")
	}
	return b.String(), nil
}

// unescape decodes what follows a backslash and returns how long that is in the
// source, 0 if it is invalid.
func unescape(s string) (value string, n int) {
	if s == "" {
		return "", 0
	}
	switch s[0] {
	case 't':
		return "\t", 1
	case 'n':
		return "\n", 1
	case 'r':
		return "\r", 1
	case '"', '\'', '\\':
		return s[:1], 1
	case 'u':
		return unescapeUnicode(s)
	}
	if len(s) < 2 || !isHex(s[0]) || !isHex(s[1]) {
		return "", 0
	}
	c, err := strconv.ParseUint(s[:2], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(c)}), 2
}

// unescapeUnicode decodes `u{h…}`, in which underscores may stand between digits.
func unescapeUnicode(s string) (string, int) {
	end := strings.IndexByte(s, '}')
	if end < 3 || s[1] != '{' {
		return "", 0
	}
	digits := s[2:end]
	if !isHex(digits[0]) || !isHex(digits[len(digits)-1]) || strings.Contains(digits, "__") {
		return "", 0
	}
	r, err := strconv.ParseUint(strings.ReplaceAll(digits, "_", ""), 16, 32)
	if err != nil || r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
		return "", 0
	}
	return string(rune(r)), end + 1
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// Quote writes s as a string literal.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case isForbidden(r):
			b.WriteString(`\u{` + strconv.FormatUint(uint64(r), 16) + "}")
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
