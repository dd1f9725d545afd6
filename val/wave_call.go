package val

import (
	"strings"

	"github.com/gondola-wasm/gondola/internal/names"
	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// WAVECall is a function call in WAVE, such as
//
//	wasi:cli/run.run@0.2.0()
//	add(1, 2)
//
// What its arguments are depends on the function's type: see [WAVECall.Args].
type WAVECall struct {
	// Instance is the instance that the function is in, as a component names it:
	// "wasi:cli/run@0.2.0". It is "" where the call names none.
	Instance string
	// Func is the function's own name.
	Func string

	p    *waveParser // before the opening parenthesis
	name syntax.Span
}

// ParseWAVECall reads the name of the function in a call. name is what errors call the
// text. The arguments are read by [WAVECall.Args], for which the options count, too.
func ParseWAVECall(name, text string, opts ...WAVEOption) (*WAVECall, error) {
	p, err := newWaveParser(name, text, opts)
	if err != nil {
		return nil, err
	}
	start := p.tok.start
	c := &WAVECall{p: p, name: p.span(start, endOfName(text, start))}
	if err := c.parseName(c.name.Text()); err != nil {
		return nil, err
	}
	// The name is no token of WAVE's, what follows it is.
	p.waveLexer = waveLexer{file: p.file, pos: c.name.End}
	p.advance()
	if p.tok.kind == tokEnd {
		at := c.name
		e := syntax.Errorf(p.span(at.End, at.End), "unexpected end of the text")
		e.Expected = []string{"`(`"}
		return nil, e.WithHint("a call of a function without parameters is written `%s()`", clip(at.Text()))
	}
	return c, nil
}

// endOfName is where the name that begins at start ends.
func endOfName(text string, start int) int {
	name := text[start:]
	if i := strings.IndexAny(name, "( \t\r\n"); i >= 0 {
		name = name[:i]
	}
	name, _, _ = strings.Cut(name, "//") // a comment, as no name has an empty part
	return start + len(name)
}

// parseName takes a function's name apart: [[ns:pkg/]interface.]function[@version].
func (c *WAVECall) parseName(text string) error {
	if text == "" {
		return syntax.Errorf(c.name, "the name of a function is missing").WithHint(callHint)
	}
	rest, version, versioned := strings.Cut(text, "@")
	pkg, rest, qualified := cutLast(rest, "/")
	instance, fn, inside := strings.Cut(rest, ".")
	if !inside {
		instance, fn = "", rest
	}
	labels := []string{fn}
	if inside {
		labels = []string{instance, fn}
	}
	for i, label := range labels {
		if label == "" {
			missing := []string{"interface", "function"}[i+2-len(labels)]
			return syntax.Errorf(c.name, "the name of the %s in `%s` is missing", missing, clip(text)).WithHint(callHint)
		}
		if err := names.CheckLabel(label); err != nil {
			return syntax.Errorf(c.name, "%s", err.Error()).WithHint(callHint)
		}
	}
	c.Instance, c.Func = instance, fn
	switch {
	case (qualified || versioned) && !inside:
		return syntax.Errorf(c.name, "the name of the function in `%s` is missing", clip(text)).WithHint(callHint)
	case qualified:
		c.Instance = pkg + "/" + instance
	}
	if versioned {
		c.Instance += "@" + version
	}
	if qualified || versioned {
		if _, err := names.ParseInterface(c.Instance, names.AllGates); err != nil {
			return syntax.Errorf(c.name, "%s", err.Error()).WithHint(callHint)
		}
	}
	return nil
}

const callHint = "calls are written `f(…)`, `interface.f(…)` or `ns:pkg/interface.f@1.2.3(…)`"

// cutLast is [strings.Cut] around the last sep; what stands before it is empty where
// there is none.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s, false
	}
	return s[:i], s[i+len(sep):], true
}

// Errorf makes an error about the function's name.
func (c *WAVECall) Errorf(format string, args ...any) *syntax.Error {
	return syntax.Errorf(c.name, format, args...)
}

// Args reads the arguments, for a function of that type. Arguments at the end that are
// options may be left out.
func (c *WAVECall) Args(f *types.Func) ([]Value, error) {
	args, err := c.args(f)
	if e, ok := err.(*syntax.Error); ok {
		return nil, e.WithHint("`%s` is %s", c.Func, clip(f.String()))
	}
	return args, err
}

func (c *WAVECall) args(f *types.Func) ([]Value, error) {
	before := *c.p
	p := &before
	if err := p.want("("); err != nil {
		return nil, err
	}
	var args []Value
	err := p.sequence(")", func() error {
		if len(args) == len(f.Params) {
			if p.tok.kind == tokBad || p.at(",") {
				return p.unexpected("`)`")
			}
			return syntax.Errorf(p.extent(), "the function takes %s", atMost(len(f.Params)))
		}
		v, err := p.value(f.Params[len(args)].Type)
		args = append(args, v)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case p.tok.kind != tokEnd:
		return nil, p.unexpected("the end of the text")
	}
	end := p.span(p.taken-1, p.taken)
	for _, param := range f.Params[len(args):] {
		if param.Type.Kind() != types.KindOption {
			return nil, syntax.Errorf(end, "the argument `%s` is missing, a `%s`", param.Name, clip(param.Type.String()))
		}
		args = append(args, None())
	}
	return args, nil
}

func atMost(n int) string {
	if n == 0 {
		return "no arguments"
	}
	return "no more than " + count(n, "argument")
}
