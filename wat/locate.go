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

// locate finds the place of the definition that has the byte at an offset in the
// binary of a component.
func locate(file *syntax.File, offset component.Offset) (at syntax.Span, ok bool) {
	var places []placed
	err := catch(func() {
		p := newParser(file)
		if !p.gotOpen("component") {
			return
		}
		c := newComponentParser(p)
		c.places = map[any]syntax.Span{}
		id := p.id()
		if p.atKeyword("binary") || p.atKeyword("quote") {
			return
		}
		text := c.root(id)
		if decoded, err := binary.Decode(binary.Encode(text)); err == nil {
			places = placesOf(c.places, text, decoded)
		}
	})
	i := sort.Search(len(places), func(i int) bool { return places[i].offset > offset })
	if err != nil || i == 0 {
		return at, false
	}
	return places[i-1].at, true
}

// placed is a definition or declarator: where it begins in the binary, and where it
// stands in the text.
type placed struct {
	offset component.Offset
	at     syntax.Span
}

// placesOf finds the places of everything in a component that was parsed. decoded is
// the same component, with offsets. They are in the order of the binary.
func placesOf(at map[any]syntax.Span, text, decoded *component.Component) (list []placed) {
	var offsets []component.Offset
	walkComponent(decoded, func(d any, offset component.Offset) { offsets = append(offsets, offset) })
	walkComponent(text, func(d any, _ component.Offset) {
		if span, ok := at[d]; ok {
			list = append(list, placed{offsets[0], span})
		}
		offsets = offsets[1:]
	})
	return list
}

// walkComponent visits definitions and declarators, the outer ones before those in
// them.
func walkComponent(c *component.Component, visit func(d any, at component.Offset)) {
	for d := range c.Definitions() {
		visit(d, component.OffsetOf(d))
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

func walkType(t *component.Type, visit func(d any, at component.Offset)) {
	var list []component.Declarator
	switch def := t.Def.(type) {
	case component.ComponentType:
		list = def
	case component.InstanceType:
		list = def
	}
	for _, d := range list {
		visit(d, component.OffsetOf(d))
		switch d := d.(type) {
		case *component.Type:
			walkType(d, visit)
		case *component.CoreType:
			walkCoreType(d, visit)
		}
	}
}

func walkCoreType(t *component.CoreType, visit func(d any, at component.Offset)) {
	list, _ := t.Def.(component.CoreModuleType)
	for _, d := range list {
		visit(d, component.OffsetOf(d))
	}
}
