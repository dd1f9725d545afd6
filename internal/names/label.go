package names

import (
	"fmt"
	"strings"
)

// LabelError says why a string is no label or no word sequence.
type LabelError struct {
	Text   string // the rejected string
	Offset int    // byte offset of the first offending character; len(Text) if something is missing at the end
	Reason string // what the rule is, for people
}

func (e *LabelError) Error() string {
	return fmt.Sprintf("%s is not in kebab case: %s", quote(e.Text), e.Reason)
}

// quote puts s in backquotes, cut short if it is longer than any message should be.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return "`" + s + "`"
}

// CheckLabel reports whether s is a label: fragments joined by single hyphens,
// each fragment wholly lower case or wholly upper case, the first one starting
// with a letter. `a1-2-3`, `get-JSON` and `XML` are labels; `1-a`, `fooBar`,
// `foo_bar` and `a--b` are not. The error, if any, is a *[LabelError].
//
// Spec: Explainer.md#import-and-export-definitions, production `label`.
func CheckLabel(s string) error { return checkFragments(s, true) }

// IsLabel reports whether [CheckLabel] accepts s.
func IsLabel(s string) bool { return CheckLabel(s) == nil }

// CheckWords reports whether s may name a namespace or a package: a label
// without upper-case letters. The error, if any, is a *[LabelError].
//
// Spec: Explainer.md#import-and-export-definitions, production `words`.
func CheckWords(s string) error { return checkFragments(s, false) }

func checkFragments(s string, acronyms bool) error {
	if s == "" {
		return &LabelError{s, 0, "it is empty"}
	}
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '-' {
			continue
		}
		if err := checkFragment(s, start, i, acronyms); err != nil {
			return err
		}
		start = i + 1
	}
	return nil
}

// checkFragment checks s[start:end], which holds no hyphen.
func checkFragment(s string, start, end int, acronyms bool) error {
	if start == end {
		return &LabelError{s, start, "every hyphen must stand between two words"}
	}
	if start == 0 && isDigit(s[0]) {
		return &LabelError{s, 0, "it must start with a letter"}
	}
	var lower, upper bool
	for i := start; i < end; i++ {
		switch c := s[i]; {
		case isDigit(c):
		case 'a' <= c && c <= 'z':
			lower = true
		case 'A' <= c && c <= 'Z':
			upper = true
		default:
			return &LabelError{s, i, "only letters, digits and hyphens are allowed"}
		}
		if upper && !acronyms {
			return &LabelError{s, i, "upper-case letters are not allowed here"}
		}
		if upper && lower {
			return &LabelError{s, i, "a word between hyphens is either all lower case or all upper case"}
		}
	}
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// SuggestLabel turns s into a label that its author probably meant: `fooBar`,
// `foo_bar` and `Foo Bar` give `foo-bar`. It returns "" when nothing sensible
// comes out. It serves error messages only.
func SuggestLabel(s string) string {
	var b strings.Builder
	var prev byte = '-'
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'A' <= c && c <= 'Z':
			if 'a' <= prev && prev <= 'z' || isDigit(prev) {
				b.WriteByte('-')
			}
			b.WriteByte(c - 'A' + 'a')
		case 'a' <= c && c <= 'z' || isDigit(c):
			b.WriteByte(c)
		case prev != '-' && (c == '_' || c == '-' || c == ' ' || c == '.'):
			c = '-'
			b.WriteByte(c)
		case c == '_' || c == '-' || c == ' ' || c == '.':
			c = '-'
		default:
			return ""
		}
		prev = c
	}
	out := strings.TrimRight(b.String(), "-")
	if !IsLabel(out) {
		return ""
	}
	return out
}
