package wat

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// stringLit skips a string and checks its escapes.
//
// Spec: WebAssembly core 3.0, section 6.3.3 (strings).
func (l *lexer) stringLit() *syntax.Error {
	start := l.pos
	for l.pos++; l.pos < len(l.src); {
		switch c := l.src[l.pos]; {
		case c == '"':
			l.pos++
			return nil
		case c == '\\':
			_, n := unescape(l.src[l.pos:])
			if n == 0 {
				return l.errorf(l.pos, min(l.pos+2, len(l.src)), "invalid escape in a string").
					WithHint(`there are \t \n \r \" \' \\ \00 to \ff and \u{…} with a code point`)
			}
			l.pos += n
		case c == '\n' || c == '\r':
			return l.errorf(start, l.pos, "this string has no end on its line").WithHint(`a line break in a string is written \n`)
		case c < ' ' || c == 0x7f:
			return l.errorf(l.pos, l.pos+1, "the control character 0x%02x can't stand in a string", c).WithHint(`write \%02x`, c)
		default:
			l.pos++
		}
	}
	return l.errorf(start, start+1, "this string has no end")
}

// simpleEscapes are the escapes of one letter and what they stand for.
var simpleEscapes = strings.NewReplacer(`t`, "\t", `n`, "\n", `r`, "\r")

// unescape decodes the escape at the front of s. n is the number of bytes read, 0
// where it is none.
func unescape(s string) (decoded string, n int) {
	if len(s) < 2 {
		return "", 0
	}
	switch c := s[1]; {
	case strings.IndexByte(`tnr"'\`, c) >= 0:
		return simpleEscapes.Replace(s[1:2]), 2
	case c == 'u':
		return unescapeRune(s)
	case len(s) >= 3:
		if b, err := strconv.ParseUint(s[1:3], 16, 8); err == nil && isHex(s[1]) && isHex(s[2]) {
			return string([]byte{byte(b)}), 3
		}
	}
	return "", 0
}

// unescapeRune decodes \u{…}.
func unescapeRune(s string) (decoded string, n int) {
	end := strings.IndexByte(s, '}')
	if !strings.HasPrefix(s, `\u{`) || end < 0 {
		return "", 0
	}
	digits := s[len(`\u{`):end]
	if !isDigits(digits, isHex) {
		return "", 0
	}
	digits = strings.TrimLeft(strings.ReplaceAll(digits, "_", ""), "0")
	r, err := strconv.ParseUint("0"+digits, 16, 32)
	if err != nil || r > utf8.MaxRune || 0xd800 <= r && r < 0xe000 {
		return "", 0
	}
	return string(rune(r)), end + 1
}

// unquote decodes a string that the lexer has found to be right, quotes
// included. The result need not be UTF-8.
func unquote(s string) string {
	s = s[1 : len(s)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		decoded, n := unescape(s[i:])
		b.WriteString(decoded)
		s = s[i+n:]
	}
	return b.String()
}

// quote is the text of a string with the given bytes. What is printable UTF-8
// stays as it is.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
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
		case r == utf8.RuneError && n == 1, r < ' ', r == 0x7f:
			const hex = "0123456789abcdef"
			b.Write([]byte{'\\', hex[s[0]>>4], hex[s[0]&15]})
		case !strconv.IsPrint(r):
			b.WriteString(`\u{` + strconv.FormatUint(uint64(r), 16) + `}`)
		default:
			b.WriteRune(r)
		}
		s = s[n:]
	}
	b.WriteByte('"')
	return b.String()
}
