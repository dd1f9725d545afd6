package wat

import (
	"slices"
	"strings"

	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Script is a script of the specifications' tests: what a .wast file says.
//
// Spec: github.com/WebAssembly/spec, interpreter/README.md#scripts; for components
// the README of the component model's test/.
type Script struct {
	Name       string
	Directives []*Directive

	// Header has the comments at the top of the file, a line each, behind their
	// semicolons, with blank lines in between: where suites say which features a file
	// needs.
	Header []string
}

// DirectiveKind says what a directive asks for.
type DirectiveKind uint8

// The directives.
const (
	DirectiveModule                DirectiveKind = iota + 1 // define and instantiate; the instance is the current one
	DirectiveDefinition                                     // define only
	DirectiveInstance                                       // instantiate what was defined
	DirectiveRegister                                       // make an instance's exports importable
	DirectiveAction                                         // invoke or get, whatever comes of it but a failure
	DirectiveAssertReturn                                   // an action
	DirectiveAssertTrap                                     // an action or an instantiation
	DirectiveAssertExhaustion                               // an action
	DirectiveAssertException                                // an action
	DirectiveAssertSuspension                               // an action
	DirectiveAssertMalformed                                // of a source
	DirectiveAssertMalformedCustom                          // of a source
	DirectiveAssertInvalid                                  // of a source
	DirectiveAssertInvalidCustom                            // of a source
	DirectiveAssertUnlinkable                               // of a source
	DirectiveThread                                         // run directives beside the others
	DirectiveWait                                           // until a thread has ended
)

// assertions are the directives that begin with their own word.
var assertions = map[string]DirectiveKind{
	"assert_return":           DirectiveAssertReturn,
	"assert_trap":             DirectiveAssertTrap,
	"assert_exhaustion":       DirectiveAssertExhaustion,
	"assert_exception":        DirectiveAssertException,
	"assert_suspension":       DirectiveAssertSuspension,
	"assert_malformed":        DirectiveAssertMalformed,
	"assert_malformed_custom": DirectiveAssertMalformedCustom,
	"assert_invalid":          DirectiveAssertInvalid,
	"assert_invalid_custom":   DirectiveAssertInvalidCustom,
	"assert_unlinkable":       DirectiveAssertUnlinkable,
}

// Directive is a directive of a script. Kind says which of the fields count.
type Directive struct {
	Kind DirectiveKind
	At   syntax.Span // the whole form
	Word string      // as it is written: "assert_trap", "component definition"

	// ID is the identifier, without its $, of what Instance, Register, Thread and
	// Wait speak of, or "". Register takes the current instance then.
	ID string
	// Of is the identifier of the definition that Instance instantiates, or "" for
	// the last one; the instance that a Thread shares.
	Of string
	// Component is set for an Instance of a component.
	Component bool
	// Name is the name under which Register makes an instance importable.
	Name string

	Source  *Source    // of Module, Definition and assertions on sources
	Action  *Action    // of Action and assertions on actions
	Results []*Literal // of AssertReturn: patterns
	Text    string     // the message that an assertion expects
	Body    []*Directive
}

// Action is an invocation of an exported function, or the read of an exported
// global.
type Action struct {
	At       syntax.Span
	Get      bool
	Instance string // the identifier of the instance, or "" for the current one
	Name     string // of the export
	Args     []*Literal
}

// ParseScript reads a script. name is the file's, for errors, which are
// [*syntax.Error]s. What stands in the sources of the script is not looked at, but
// that its parentheses match. A file without directives is a module or component.
func ParseScript(name, src string) (script *Script, err error) {
	file := &syntax.File{Name: name, Src: src}
	err = catch(func() {
		p := newParser(file)
		script = &Script{Name: name, Header: header(src)}
		if !p.at(tokEOF) && !startsDirective(p.peekOpen()) {
			script.Directives = []*Directive{p.bareModule()}
			return
		}
		for !p.at(tokEOF) {
			script.Directives = append(script.Directives, p.directive())
		}
	})
	if err != nil {
		return nil, err
	}
	return script, nil
}

// header collects the comments before the first line that is none.
func header(src string) []string {
	var lines []string
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		comment, ok := strings.CutPrefix(line, ";;")
		if !ok && line != "" {
			break
		}
		lines = append(lines, comment)
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func startsDirective(word string) bool {
	return word == "" || assertions[word] != 0 ||
		slices.Contains([]string{"module", "component", "register", "invoke", "get", "thread", "wait"}, word)
}
