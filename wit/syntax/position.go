package syntax

import (
	"strings"
	"unicode/utf8"
)

// File is one source text with the name that messages give it.
// Its fields don't change once it has been parsed.
type File struct {
	Name string // as shown in messages: a path, or what the embedder calls the text
	Src  string
}

// Span is a half-open range of bytes in a file. The zero Span stands for an
// unknown place, for instance that of an item that was decoded from a binary.
type Span struct {
	File       *File
	Start, End int
}

// IsZero reports whether the place is unknown.
func (s Span) IsZero() bool { return s.File == nil }

// Text returns the source text that the span covers.
func (s Span) Text() string {
	if s.IsZero() {
		return ""
	}
	return s.File.Src[s.Start:s.End]
}

// Location returns the place that people are shown for the span.
func (s Span) Location() Location {
	if s.IsZero() {
		return Location{}
	}
	src := s.File.Src
	start := min(s.Start, len(src))
	lineStart := strings.LastIndexByte(src[:start], '\n') + 1
	lineEnd := len(src)
	if i := strings.IndexByte(src[start:], '\n'); i >= 0 {
		lineEnd = start + i
	}
	end := min(max(s.End, start), lineEnd)
	return Location{
		File:   s.File.Name,
		Line:   1 + strings.Count(src[:lineStart], "\n"),
		Column: 1 + utf8.RuneCountInString(src[lineStart:start]),
		Source: strings.TrimSuffix(src[lineStart:lineEnd], "\r"),
		Width:  max(1, utf8.RuneCountInString(src[start:end])),
	}
}

// Location is a place in a text, together with the line that it stands on.
type Location struct {
	File   string
	Line   int    // from 1; 0 if the place is unknown
	Column int    // from 1, in Unicode code points
	Source string // the line without its end
	Width  int    // how many code points to mark, at least 1
}
