package val

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gondola-wasm/gondola/types"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// sequence reads what stands between brackets, separated by commas of which one may
// stand at the end. The opening bracket has been taken.
func (p *waveParser) sequence(end string, item func() error) error {
	for !p.got(end) {
		if err := item(); err != nil {
			return err
		}
		if !p.got(",") && !p.at(end) {
			return p.unexpected("`,`", "`"+end+"`")
		}
	}
	return nil
}

func (p *waveParser) list(t *types.Type) (Value, error) {
	if !p.at("[") {
		return Value{}, p.mismatch(t)
	}
	whole := p.tok.start
	p.advance()
	var list Value
	var n int
	var err error
	if t.Elem() == types.U8 {
		var bytes []byte
		err = p.sequence("]", func() error {
			b, err := p.value(t.Elem())
			if err == nil {
				bytes = append(bytes, byte(b.Uint()))
			}
			return err
		})
		list, n = Bytes(bytes), len(bytes)
	} else {
		var elems []Value
		err = p.sequence("]", func() error {
			v, err := p.value(t.Elem())
			elems = append(elems, v)
			return err
		})
		list, n = List(elems...), len(elems)
	}
	if want, fixed := t.Len(); fixed && err == nil && n != want {
		return Value{}, syntax.Errorf(p.since(whole), "got %d elements, expected %d: the type is `%s`", n, want, clip(t.String()))
	}
	return list, err
}

// since is the place from start to what was taken last.
func (p *waveParser) since(start int) syntax.Span { return p.span(start, p.taken) }

// entries reads a map as a list of tuples, which it despecializes to.
func (p *waveParser) entries(t *types.Type) (Value, error) {
	if !p.at("[") {
		return Value{}, p.mismatch(t)
	}
	p.advance()
	pair := types.Tuple(t.Key(), t.Value())
	var entries []Entry
	err := p.sequence("]", func() error {
		v, err := p.value(pair)
		if err == nil {
			entries = append(entries, Entry{v.elems()[0], v.elems()[1]})
		}
		return err
	})
	return Map(entries...), err
}

func (p *waveParser) tuple(t *types.Type) (Value, error) {
	if !p.at("(") {
		return Value{}, p.mismatch(t)
	}
	whole := p.tok.start
	p.advance()
	fields := t.Fields()
	var elems []Value
	err := p.sequence(")", func() error {
		if len(elems) == len(fields) {
			if p.tok.kind == tokBad || p.at(",") {
				return p.unexpected("`)`")
			}
			return syntax.Errorf(p.extent(), "the tuple has more than %s: its type is `%s`", count(len(fields), "element"), clip(t.String()))
		}
		v, err := p.value(fields[len(elems)].Type)
		elems = append(elems, v)
		return err
	})
	if err == nil && len(elems) < len(fields) {
		err = syntax.Errorf(p.since(whole), "the tuple has %s, expected %d: its type is `%s`", count(len(elems), "element"), len(fields), clip(t.String()))
	}
	return Tuple(elems...), err
}

// labelled takes the label of a field or flag, where a keyword needs no mark.
func (p *waveParser) labelled(what string) (string, syntax.Span, error) {
	if p.tok.kind != tokWord && p.tok.kind != tokLabel {
		return "", syntax.Span{}, p.unexpected(what)
	}
	label, at := p.tok.text, p.span(p.tok.start, p.tok.end)
	p.advance()
	return label, at, nil
}

func (p *waveParser) record(t *types.Type) (Value, error) {
	if !p.at("{") {
		return Value{}, p.mismatch(t)
	}
	whole := p.tok.start
	p.advance()
	if p.at("}") {
		e := syntax.Errorf(p.span(whole, p.tok.end), "got no flags")
		e.Expected = []string{"`" + clip(t.String()) + "`"}
		return Value{}, e.WithHint("a record of nothing is written {:}")
	}
	fields := make([]Field, len(t.Fields()))
	var err error
	if p.got(":") {
		err = p.want("}")
	} else {
		err = p.sequence("}", func() error { return p.field(t, fields) })
	}
	if err != nil {
		return Value{}, err
	}
	for i, f := range t.Fields() {
		switch {
		case fields[i].Name != "":
		case f.Type.Kind() == types.KindOption:
			fields[i] = Field{f.Name, None()}
		default:
			return Value{}, syntax.Errorf(p.since(whole), "the field `%s` is missing", f.Name).
				WithHint("its type is `%s`", clip(f.Type.String()))
		}
	}
	return Record(fields...), nil
}

// field reads one field of a record into its place in fields, which those without a
// name are free of.
func (p *waveParser) field(t *types.Type, fields []Field) error {
	label, at, err := p.labelled("a field")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.Fields(), func(f types.Field) bool { return f.Name == label })
	switch {
	case i < 0:
		return p.unknown(at, "field", label, fieldNames(t))
	case fields[i].Name != "":
		return syntax.Errorf(at, "the field `%s` is there twice", label)
	}
	if err := p.want(":"); err != nil {
		return err
	}
	v, err := p.value(t.Fields()[i].Type)
	fields[i] = Field{label, v}
	return err
}

func fieldNames(t *types.Type) []string {
	var names []string
	for _, f := range t.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// unknown is the error that a type has no such field, case or flag.
func (p *waveParser) unknown(at syntax.Span, what, label string, known []string) error {
	e := syntax.Errorf(at, "there is no %s `%s`", what, clip(label))
	if hint := syntax.Suggest(label, known); hint != "" {
		return e.WithHint("%s", hint)
	}
	return e.WithHint("known are `%s`", clip(strings.Join(known, "`, `")))
}

func (p *waveParser) flags(t *types.Type) (Value, error) {
	if !p.at("{") {
		return Value{}, p.mismatch(t)
	}
	whole := p.tok.start
	p.advance()
	if p.at(":") {
		e := syntax.Errorf(p.span(whole, p.tok.end), "got a record")
		e.Expected = []string{"`" + clip(t.String()) + "`"}
		return Value{}, e.WithHint("no flags are written {}")
	}
	set := make([]bool, len(t.Labels()))
	n := 0
	err := p.sequence("}", func() error {
		label, at, err := p.labelled("a flag")
		if err != nil {
			return err
		}
		i := slices.Index(t.Labels(), label)
		switch {
		case i < 0:
			return p.unknown(at, "flag", label, t.Labels())
		case set[i]:
			return syntax.Errorf(at, "the flag `%s` is there twice", label)
		}
		set[i] = true
		n++
		return nil
	})
	labels := make([]string, 0, n)
	for i, label := range t.Labels() {
		if set[i] {
			labels = append(labels, label)
		}
	}
	return Flags(labels...), err
}

// variant reads a case of a variant or enum.
func (p *waveParser) variant(t *types.Type) (Value, error) {
	if p.tok.kind != tokWord && p.tok.kind != tokLabel {
		return Value{}, p.mismatch(t)
	}
	label := p.tok.text
	i := slices.IndexFunc(t.Cases(), func(c types.Case) bool { return c.Name == label })
	switch {
	case p.keyword() != "" && i >= 0:
		return Value{}, p.mismatch(t).WithHint("the case `%s` is written `%%%s`", label, label)
	case p.keyword() != "":
		return Value{}, p.mismatch(t)
	case i < 0:
		var known []string
		for _, c := range t.Cases() {
			known = append(known, c.Name)
		}
		return Value{}, p.unknown(p.span(p.tok.start, p.tok.end), "case", label, known)
	}
	payload, err := p.payload(t.Cases()[i].Type)
	return OfCase(t, i, payload), err
}

// payload takes the name of a case, and what it carries. t is nil where that is
// nothing.
func (p *waveParser) payload(t *types.Type) (Value, error) {
	label := p.tok
	p.advance()
	switch {
	case t == nil && p.at("("):
		return Value{}, syntax.Errorf(p.span(p.tok.start, p.tok.end), "`%s` carries no value", label.text)
	case t == nil:
		return Value{}, nil
	case !p.at("(") && p.tok.kind != tokBad:
		return Value{}, syntax.Errorf(p.span(label.start, label.end), "`%s` needs a value: `%s(…)` with `%s`", label.text, label.text, clip(t.String()))
	}
	if err := p.want("("); err != nil {
		return Value{}, err
	}
	v, err := p.value(t)
	if err != nil {
		return Value{}, err
	}
	return v, p.want(")")
}

func (p *waveParser) option(t *types.Type) (Value, error) {
	switch p.keyword() {
	case "none":
		_, err := p.payload(nil)
		return None(), err
	case "some":
		v, err := p.payload(t.Elem())
		return Some(v), err
	}
	if !isFlat(t.Elem()) {
		return Value{}, p.mismatch(t).WithHint("write some(…): only what is neither an option nor a result may stand for itself")
	}
	v, err := p.flattened(t, t.Elem())
	return Some(v), err
}

func (p *waveParser) result(t *types.Type) (Value, error) {
	switch p.keyword() {
	case "ok":
		v, err := p.payload(t.Ok())
		return Ok(v), err
	case "err":
		v, err := p.payload(t.Err())
		return Err(v), err
	}
	switch {
	case t.Ok() == nil:
		return Value{}, p.mismatch(t)
	case !isFlat(t.Ok()):
		return Value{}, p.mismatch(t).WithHint("write ok(…): only what is neither an option nor a result may stand for itself")
	}
	v, err := p.flattened(t, t.Ok())
	return Ok(v), err
}

// isFlat reports whether a payload may stand for the option or result around it.
func isFlat(t *types.Type) bool { return t.Kind() != types.KindOption && t.Kind() != types.KindResult }

// flattened reads a payload that stands for the option or result around it.
func (p *waveParser) flattened(whole, payload *types.Type) (Value, error) {
	p.flat, p.flatAt = whole, p.tok.start
	return p.unnested(payload)
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
