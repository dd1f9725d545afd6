package wat

import (
	"slices"
	"unicode/utf8"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// SourceForm says how a script writes a module or component.
type SourceForm uint8

// The forms.
const (
	SourceText   SourceForm = iota // as in a file of its own
	SourceBinary                   // as the bytes of its binary
	SourceQuote                    // as text in strings, which may be malformed
)

// Source is a module or component in a script. It may be faulty, which shows when
// it is asked for.
type Source struct {
	At        syntax.Span // the whole form
	Component bool
	Form      SourceForm
	ID        string // without the $, or ""

	definition bool
	file       *syntax.File
	tokens     []token // of SourceText: a whole file
	bytes      []byte  // of the other forms
}

// Encode is the binary of the source. Only that of SourceBinary can be malformed.
func (s *Source) Encode() ([]byte, error) {
	switch s.Form {
	case SourceBinary:
		return slices.Clone(s.bytes), nil
	case SourceQuote:
		return s.encodeQuoted()
	}
	return s.encodeText()
}

// encodeText parses the source's tokens as those of a file of its own.
func (s *Source) encodeText() (wasm []byte, err error) {
	end := int32(s.At.End)
	tokens := append(slices.Clip(s.tokens), token{tokEOF, end, end})
	err = catch(func() { wasm = parserAt(s.file, tokens, 0).whole() })
	return wasm, err
}

// encodeQuoted takes what the strings hold for a file of its own, in which errors
// have their places.
func (s *Source) encodeQuoted() ([]byte, error) {
	if !utf8.Valid(s.bytes) {
		return nil, syntax.Errorf(s.At, "malformed UTF-8 encoding")
	}
	text := string(s.bytes)
	if s.Component {
		text = "(component " + text + ")"
	}
	return Parse(s.file.Name+": quoted text", []byte(text))
}

// source parses a form that begins with module or component.
func (p *parser) source() *Source {
	first, end := p.pos, p.matching(p.pos)
	s := &Source{Component: p.atOpen("component"), file: p.file}
	if !p.gotOpen("component") && !p.gotOpen("module") {
		p.unexpected("`(component`", "`(module`")
	}
	definition := p.pos
	s.definition = p.gotKeyword("definition")
	s.ID = p.id().name
	switch {
	case p.gotKeyword("binary"):
		s.Form = SourceBinary
		s.bytes = p.strs()
	case p.gotKeyword("quote"):
		s.Form = SourceQuote
		s.bytes = p.quoted()
	case s.definition:
		s.tokens = slices.Concat(p.tokens[first:definition], p.tokens[definition+1:end+1])
		p.skipTo(end)
	default:
		s.tokens = p.tokens[first : end+1]
		p.skipTo(end)
	}
	p.close("a string")
	s.At = p.from(p.tokens[first].start)
	return s
}

// quoted joins the strings of a quoted text. A token can't go on in the next one.
func (p *parser) quoted() []byte {
	var b []byte
	for p.at(tokString) {
		b = append(b, p.str()...)
		b = append(b, ' ')
	}
	return b
}

// skipTo passes over everything up to the token with an index.
func (p *parser) skipTo(i int) {
	for p.pos < i {
		p.skip()
	}
}
