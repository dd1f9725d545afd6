package syntax

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lex splits a file into tokens, comments included; the last one is [EOF].
// Everything between two tokens is white space.
//
// Spec: WIT.md#lexical-structure.
func Lex(file *File) ([]Token, *Error) {
	if err := checkText(file); err != nil {
		return nil, err
	}
	l := lexer{file: file, src: file.Src, tokens: make([]Token, 0, len(file.Src)/8)}
	l.pos = len(l.src) - len(strings.TrimPrefix(l.src, "\ufeff"))
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.Kind == EOF {
			return l.tokens, nil
		}
	}
}

// checkText rejects text that isn't UTF-8 and characters that WIT forbids anywhere.
func checkText(file *File) *Error {
	for i, r := range file.Src {
		if r == utf8.RuneError && !strings.HasPrefix(file.Src[i:], "\uFFFD") {
			return Errorf(Span{file, i, i}, "the file is not valid UTF-8: byte 0x%02x", file.Src[i])
		}
		if isForbidden(r) {
			return Errorf(Span{file, i, i + utf8.RuneLen(r)}, "the character U+%04X is not allowed in WIT (%s)", r, forbiddenReason(r)).
				WithHint("remove it")
		}
	}
	return nil
}

// isForbidden reports control codes other than newline, carriage return and tab,
// bidirectional overrides, and what Unicode deprecates.
func isForbidden(r rune) bool {
	switch r {
	case '\n', '\r', '\t':
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Deprecated, r) || isBidi(r) || r == 0x17b4 || r == 0x17b5
}

func isBidi(r rune) bool { return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 }

func forbiddenReason(r rune) string {
	switch {
	case unicode.IsControl(r):
		return "a control code"
	case isBidi(r):
		return "a bidirectional override"
	}
	return "discouraged by Unicode"
}

type lexer struct {
	file   *File
	src    string
	pos    int
	tokens []Token
}

func (l *lexer) span(start, end int) Span { return Span{l.file, start, end} }

func (l *lexer) next() (Token, *Error) {
	for l.pos < len(l.src) && strings.IndexByte(" \n\r\t", l.src[l.pos]) >= 0 {
		l.pos++
	}
	start := l.pos
	kind, err := l.scan()
	return Token{kind, start, l.pos}, err
}

// scan consumes one token.
func (l *lexer) scan() (Kind, *Error) {
	rest := l.src[l.pos:]
	if rest == "" {
		return EOF, nil
	}
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "//"):
		l.lineComment()
		return Comment, nil
	case strings.HasPrefix(rest, "/*"):
		return Comment, l.blockComment()
	case strings.HasPrefix(rest, "->"):
		l.pos += 2
		return Arrow, nil
	case c == '"':
		return StringLit, l.stringLit()
	case '0' <= c && c <= '9':
		l.pos += len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		return Integer, nil
	case c == '%':
		l.pos++
		l.word()
		return Ident, nil
	}
	if l.word() {
		return wordKind(rest[:len(rest)-len(l.src[l.pos:])]), nil
	}
	return l.operator()
}

func wordKind(word string) Kind {
	if word == "_" {
		return Underscore
	}
	if k, ok := keywords[word]; ok {
		return k
	}
	return Ident
}

func (l *lexer) operator() (Kind, *Error) {
	for k := Equals; k <= Plus; k++ {
		if l.src[l.pos] == kindText[k][0] {
			l.pos++
			return k, nil
		}
	}
	r, size := utf8.DecodeRuneInString(l.src[l.pos:])
	return EOF, Errorf(l.span(l.pos, l.pos+size), "unexpected character %q", r)
}

// word consumes an identifier or keyword. It takes in more characters than a name may
// have, so that the message can be about the whole name.
func (l *lexer) word() bool {
	start := l.pos
	for l.pos < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.pos:])
		starts := r == '_' || unicode.IsLetter(r)
		if !starts && (l.pos == start || r != '-' && !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			break
		}
		if strings.HasPrefix(l.src[l.pos:], "->") {
			break
		}
		l.pos += size
	}
	return l.pos > start
}

func (l *lexer) lineComment() {
	end := strings.IndexByte(l.src[l.pos:], '\n')
	if end < 0 {
		l.pos = len(l.src)
		return
	}
	l.pos += end
	if l.src[l.pos-1] == '\r' {
		l.pos--
	}
}

// blockComment consumes a comment that may hold others.
func (l *lexer) blockComment() *Error {
	start, depth := l.pos, 0
	for l.pos < len(l.src) {
		switch rest := l.src[l.pos:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.pos += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.pos += 2
			if depth == 0 {
				return nil
			}
		default:
			l.pos++
		}
	}
	return Errorf(l.span(start, start+2), "this comment has no end").WithHint("comments nest: every `/*` needs its own `*/`")
}

func (l *lexer) stringLit() *Error {
	start := l.pos
	for l.pos++; l.pos < len(l.src); l.pos++ {
		switch l.src[l.pos] {
		case '\\':
			l.pos++
		case '"':
			l.pos++
			_, err := unquote(l.span(start, l.pos))
			return err
		case '\n':
			return Errorf(l.span(start, l.pos), "this string has no end on its line")
		}
	}
	l.pos = len(l.src)
	return Errorf(l.span(start, l.pos), "this string has no end")
}
