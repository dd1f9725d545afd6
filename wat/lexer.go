package wat

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// lex splits a file into tokens; the last one is tokEOF. White space and comments
// are left out.
//
// Spec: WebAssembly core 3.0, section 6.2 (lexical format).
func lex(file *syntax.File) ([]token, *syntax.Error) {
	if len(file.Src) > math.MaxInt32 {
		return nil, syntax.Errorf(syntax.Span{}, "%s: a text may have 2 GiB at most", file.Name)
	}
	if i := invalidUTF8(file.Src); i >= 0 {
		return nil, syntax.Errorf(syntax.Span{File: file, Start: i, End: i}, "malformed UTF-8 encoding: byte 0x%02x", file.Src[i])
	}
	l := lexer{file: file, src: file.Src, tokens: make([]token, 0, len(file.Src)/8+1)}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == tokEOF {
			return l.tokens, nil
		}
	}
}

// invalidUTF8 is where s stops being UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return -1
}

type lexer struct {
	file   *syntax.File
	src    string
	pos    int
	tokens []token
	inside int // parentheses of an annotation that are open
}

func (l *lexer) errorf(start, end int, format string, args ...any) *syntax.Error {
	return syntax.Errorf(syntax.Span{File: l.file, Start: start, End: end}, format, args...)
}

// next skips white space and comments, and reads a token.
func (l *lexer) next() (token, *syntax.Error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	start := l.pos
	k, err := l.scan()
	return token{k, int32(start), int32(l.pos)}, err
}

func (l *lexer) space() *syntax.Error {
	for l.pos < len(l.src) {
		switch rest := l.src[l.pos:]; {
		case rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r':
			l.pos++
		case strings.HasPrefix(rest, ";;"):
			l.lineComment()
		case strings.HasPrefix(rest, "(;"):
			if err := l.blockComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) lineComment() {
	for l.pos < len(l.src) && l.src[l.pos] != '\n' && l.src[l.pos] != '\r' {
		l.pos++
	}
}

// blockComment skips a comment that may hold others.
func (l *lexer) blockComment() *syntax.Error {
	start, depth := l.pos, 0
	for l.pos < len(l.src) {
		switch rest := l.src[l.pos:]; {
		case strings.HasPrefix(rest, "(;"):
			depth++
			l.pos += 2
		case strings.HasPrefix(rest, ";)"):
			depth--
			l.pos += 2
			if depth == 0 {
				return nil
			}
		default:
			l.pos++
		}
	}
	return l.errorf(start, start+2, "this comment has no end").WithHint("comments nest: every `(;` needs its own `;)`")
}

func (l *lexer) scan() (kind, *syntax.Error) {
	if l.pos == len(l.src) {
		return tokEOF, nil
	}
	switch l.src[l.pos] {
	case '(':
		l.pos++
		if strings.HasPrefix(l.src[l.pos:], "@") {
			return l.annotation()
		}
		l.inside += min(l.inside, 1)
		return tokLeft, nil
	case ')':
		l.pos++
		l.inside -= min(l.inside, 1)
		return tokRight, nil
	}
	if n := charLit(l.src[l.pos:]); n > 0 && l.inside == 0 {
		l.pos += n
		return tokChar, nil
	}
	return l.word()
}

// charLit is the length of the character literal at the front of s, or 0. It is
// one Unicode scalar value or escape between single quotes; other tokens may hold
// single quotes too.
//
// Spec: Explainer.md#-value-definitions, production `val`.
func charLit(s string) int {
	if len(s) < 3 || s[0] != '\'' {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s[1:])
	switch {
	case r == '\\':
		var decoded string
		if decoded, n = unescape(s[1:]); !utf8.ValidString(decoded) {
			return 0
		}
	case r == '\'' || r < ' ' || r == 0x7f:
		return 0
	}
	if n == 0 || !strings.HasPrefix(s[1+n:], "'") {
		return 0
	}
	if n += 2; n < len(s) && (isIDChar(s[n]) || strings.IndexByte("\",;[]{}", s[n]) >= 0) && !strings.HasPrefix(s[n:], ";;") {
		return 0
	}
	return n
}

// annotation reads the name behind the parenthesis of an annotation. In annotations
// anything may stand, a parenthesis with a lonely @ too.
func (l *lexer) annotation() (kind, *syntax.Error) {
	start := l.pos - 1
	l.pos++
	if strings.HasPrefix(l.src[l.pos:], `"`) {
		l.inside++
		return tokAnnotation, l.quotedAnnotation(start)
	}
	for l.pos < len(l.src) && isIDChar(l.src[l.pos]) {
		l.pos++
	}
	switch {
	case l.pos > start+2:
		l.inside++
		return tokAnnotation, nil
	case l.inside > 0:
		l.inside++
		l.pos = start + 1
		return tokLeft, nil
	}
	return 0, l.errorf(start, l.pos, "empty annotation id").WithHint("an annotation's name follows the `@` at once: `(@custom …)`")
}

// quotedAnnotation reads the name of an annotation that is a string.
func (l *lexer) quotedAnnotation(start int) *syntax.Error {
	at := l.pos
	if err := l.stringLit(); err != nil {
		return err
	}
	switch name := unquote(l.src[at:l.pos]); {
	case name == "":
		return l.errorf(start, l.pos, "empty annotation id")
	case !utf8.ValidString(name):
		return l.errorf(at, l.pos, "malformed UTF-8 encoding in an annotation id")
	}
	return nil
}

// word reads all characters that are not separated, strings among them, and
// finds out which token they make up.
func (l *lexer) word() (kind, *syntax.Error) {
	start, strs, plain := l.pos, 0, true
scan:
	for l.pos < len(l.src) {
		switch classes[l.src[l.pos]] {
		case idChar:
			l.pos++
		case quoteChar:
			strs++
			if err := l.stringLit(); err != nil {
				return 0, err
			}
		case reservedChar:
			if strings.HasPrefix(l.src[l.pos:], ";;") {
				break scan
			}
			plain = false
			l.pos++
		default:
			break scan
		}
	}
	if l.pos == start {
		r, size := utf8.DecodeRuneInString(l.src[start:])
		return 0, l.errorf(start, start+size, "unexpected character %q", r).
			WithHint("characters like this one can stand in strings and comments only")
	}
	word := l.src[start:l.pos]
	if strs == 0 && plain {
		return classify(word), nil
	}
	return classifyQuoted(word, strs), nil
}

// classify tells what a run of identifier characters is.
func classify(word string) kind {
	switch c := word[0]; {
	case c == '$' && len(word) > 1:
		return tokID
	case 'a' <= c && c <= 'z':
		if (c == 'i' || c == 'n') && isFloat(word) { // inf, nan
			return tokFloat
		}
		return tokKeyword
	case isInteger(word):
		return tokInteger
	case isFloat(word):
		return tokFloat
	}
	return tokReserved
}

// classifyQuoted tells what a run of characters is that holds so many strings, or
// characters that no identifier has.
func classifyQuoted(word string, strs int) kind {
	switch {
	case strs == 1 && word[0] == '"' && closesAtEnd(word):
		return tokString
	case strs == 1 && strings.HasPrefix(word, `$"`) && closesAtEnd(word[1:]) && word != `$""`:
		return tokID
	}
	return tokReserved
}

// closesAtEnd reports whether the string that s begins with is all of s.
func closesAtEnd(s string) bool {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i == len(s)-1
		}
	}
	return false
}

// class tells characters apart in words.
type class uint8

const (
	separator class = iota
	idChar
	reservedChar // none of an identifier, but it separates nothing
	quoteChar
)

var classes = func() (table [256]class) {
	for c := '0'; c <= 'z'; c++ {
		if c <= '9' || c >= 'a' || 'A' <= c && c <= 'Z' {
			table[c] = idChar
		}
	}
	for _, c := range "!#$%&'*+-./:<=>?@\\^_`|~" {
		table[c] = idChar
	}
	for _, c := range ",;[]{}" {
		table[c] = reservedChar
	}
	table['"'] = quoteChar
	return table
}()

func isIDChar(c byte) bool { return classes[c] == idChar }
