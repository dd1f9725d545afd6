package wat

import (
	"errors"
	"sort"

	"github.com/gondola-wasm/gondola/component"
	"github.com/gondola-wasm/gondola/component/binary"
	"github.com/gondola-wasm/gondola/wit/syntax"
)

// Locate is err with the place in a text, where err is what decoding or validation
// says of the binary that [Parse] makes of the text: its message has the line and a
// caret instead of a byte offset. name and src are as for Parse. Where src is no text
// of a component, or err no [*component.Error], it is returned as it is.
//
// What is returned wraps err.
func Locate(name string, src []byte, err error) error {
	e := new(component.Error)
	if IsBinary(src) || !errors.As(err, &e) {
		return err
	}
	at, ok := locate(&syntax.File{Name: name, Src: string(src)}, e.At)
	if !ok {
		return err
	}
	msg := e.Msg
	switch {
	case e.Err != nil && msg != "":
		msg += ": " + e.Err.Error()
	case e.Err != nil:
		msg = e.Err.Error()
	}
	return &locatedError{syntax.Errorf(at, "%s", msg), err}
}

// locatedError is an error about a binary that has a place in its text.
type locatedError struct {
	text *syntax.Error
	err  error
}

func (e *locatedError) Error() string { return e.text.Error() }

func (e *locatedError) Unwrap() error { return e.err }

// textPlace is where a definition stands in the text, and where its parts do: fields,
// labels, arguments, exports, options. Each is the index of the token that it begins
// with.
type textPlace struct {
	at    int
	parts []int
}

// begin notes that a definition begins with tok.
func (c *componentParser) begin() { c.place = textPlace{at: c.pos} }

// beginPart notes that a part of the definition begins with tok.
func (c *componentParser) beginPart() {
	if c.places != nil {
		c.place.parts = append(c.place.parts, c.pos)
	}
}

// gotPart is gotOpen for a form that is a part of the definition.
func (c *componentParser) gotPart(word string) bool {
	if !c.atOpen(word) {
		return false
	}
	c.beginPart()
	return c.gotOpen(word)
}

// spanAt is the token at an index, or the form that it opens.
func (p *parser) spanAt(i int) syntax.Span {
	span := p.spanOf(p.tokens[i])
	if p.tokens[i].kind == tokLeft {
		span.End = int(p.tokens[p.matching(i)].end)
	}
	return span
}

// locate finds the place of the definition that has the byte at an offset in the
// binary of a component.
func locate(file *syntax.File, offset component.Offset) (at syntax.Span, ok bool) {
	err := catch(func() {
		p := newParser(file)
		if !p.gotOpen("component") {
			return
		}
		c := newComponentParser(p)
		c.places = map[any]textPlace{}
		id := p.id()
		if p.atKeyword("binary") || p.atKeyword("quote") {
			return
		}
		text := c.root(id)
		decoded, err := binary.Decode(binary.Encode(text))
		if err != nil {
			return
		}
		places := placesOf(c.places, text, decoded)
		i := sort.Search(len(places), func(i int) bool { return places[i].offset > offset })
		if ok = i > 0; ok {
			at = p.spanAt(places[i-1].token)
		}
	})
	return at, ok && err == nil
}

// placed is a definition, declarator or part: where it begins in the binary, and where it
// stands in the text.
type placed struct {
	offset component.Offset
	token  int
}

// placesOf finds the places of everything in a component that was parsed. decoded is
// the same component, with offsets. They are in the order of the binary.
func placesOf(places map[any]textPlace, text, decoded *component.Component) (list []placed) {
	var ds []any
	walkComponent(decoded, func(d any) { ds = append(ds, d) })
	walkComponent(text, func(d any) {
		same := ds[0]
		ds = ds[1:]
		p, ok := places[d]
		if !ok {
			return
		}
		list = append(list, placed{component.OffsetOf(same), p.at})
		if offsets := partsOf(same); len(offsets) == len(p.parts) {
			for i := range offsets {
				list = append(list, placed{offsets[i], p.parts[i]})
			}
		}
	})
	return list
}

// partsOf is where the parts of a definition begin that have places in the text.
func partsOf(d any) (offsets []component.Offset) {
	switch d := d.(type) {
	case *component.Type:
		return partsOfType(d.Def)
	case *component.CoreInstance:
		switch e := d.Expr.(type) {
		case *component.CoreInstantiate:
			return offsetsOf(e.Args, func(a *component.CoreInstantiateArg) component.Offset { return a.At })
		case component.CoreInlineExports:
			return offsetsOf(e, func(x *component.CoreInlineExport) component.Offset { return x.At })
		}
	case *component.Instance:
		switch e := d.Expr.(type) {
		case *component.Instantiate:
			return offsetsOf(e.Args, func(a *component.InstantiateArg) component.Offset { return a.At })
		case component.InlineExports:
			return offsetsOf(e, func(x *component.InlineExport) component.Offset { return x.At })
		}
	case *component.Canon:
		return offsetsOf(d.Options, func(o *component.CanonOption) component.Offset { return o.At })
	}
	return nil
}

func partsOfType(t component.DefType) []component.Offset {
	field := func(f *component.LabelValType) component.Offset { return f.At }
	label := func(l *component.Label) component.Offset { return l.At }
	switch t := t.(type) {
	case *component.FuncType:
		return offsetsOf(t.Params, field)
	case component.RecordType:
		return offsetsOf(t, field)
	case component.VariantType:
		return offsetsOf(t, func(c *component.VariantCase) component.Offset { return c.At })
	case component.FlagsType:
		return offsetsOf(t, label)
	case component.EnumType:
		return offsetsOf(t, label)
	}
	return nil
}

func offsetsOf[T any](list []T, at func(*T) component.Offset) []component.Offset {
	offsets := make([]component.Offset, len(list))
	for i := range list {
		offsets[i] = at(&list[i])
	}
	return offsets
}

// walkComponent visits definitions and declarators, the outer ones before those in
// them.
func walkComponent(c *component.Component, visit func(d any)) {
	for d := range c.Definitions() {
		visit(d)
		switch d := d.(type) {
		case *component.Component:
			walkComponent(d, visit)
		case *component.Type:
			walkType(d, visit)
		case *component.CoreType:
			walkCoreType(d, visit)
		}
	}
}

func walkType(t *component.Type, visit func(d any)) {
	var list []component.Declarator
	switch def := t.Def.(type) {
	case component.ComponentType:
		list = def
	case component.InstanceType:
		list = def
	}
	for _, d := range list {
		visit(d)
		switch d := d.(type) {
		case *component.Type:
			walkType(d, visit)
		case *component.CoreType:
			walkCoreType(d, visit)
		}
	}
}

func walkCoreType(t *component.CoreType, visit func(d any)) {
	list, _ := t.Def.(component.CoreModuleType)
	for _, d := range list {
		visit(d)
	}
}
