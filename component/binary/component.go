package binary

import (
	"bytes"

	"github.com/gondola-wasm/gondola/component"
)

// MaxNesting bounds how deep components and types may stand in one another.
const MaxNesting = 100

// MaxDefinitions bounds the number of definitions and declarators of a file, at all
// levels together. It keeps what a file of a few megabytes costs within bounds; real
// components have some ten thousand.
const MaxDefinitions = 500_000

var (
	magic          = []byte("\x00asm")
	preamble       = []byte("\x00asm\x0d\x00\x01\x00")
	modulePreamble = []byte("\x00asm\x01\x00\x00\x00")
)

// IsComponent reports whether b starts like a component, IsModule whether it
// starts like a core module.
func IsComponent(b []byte) bool { return bytes.HasPrefix(b, preamble) }

// IsModule reports whether b starts like a core module.
func IsModule(b []byte) bool { return bytes.HasPrefix(b, modulePreamble) }

// Decode reads a component. The result shares b's memory: module bytes and custom
// sections are not copied, and b must not be changed while it is in use.
//
// An error is a *[component.Error].
//
// Spec: Binary.md#component-definitions.
func Decode(b []byte) (c *component.Component, err error) {
	d := &decoder{reader: reader{b: b, end: len(b)}}
	defer d.recover(&err)
	return d.component(), nil
}

// decoder is the state of decoding: where it reads, and in which definition.
type decoder struct {
	reader
	scopes []scope // the components and types that enclose the current position
	count  int     // definitions and declarators so far
}

// scope is a component or type that is being read, for paths.
type scope struct {
	sorts    [component.NumSorts]int         // index spaces so far
	sections [component.SectionValue + 1]int // definitions so far, by kind
	step     component.Step                  // what is being read
}

func (d *decoder) recover(err *error) {
	switch r := recover().(type) {
	case nil:
	case *component.Error:
		r.Path = d.path()
		*err = r
	default:
		panic(r)
	}
}

func (d *decoder) path() component.Path {
	var p component.Path
	for _, s := range d.scopes {
		if s.step.Kind != "" {
			p = append(p, s.step)
		}
	}
	return p
}

// enter opens a scope; leave closes it.
func (d *decoder) enter(what string) {
	if len(d.scopes) >= MaxNesting {
		fail(d.at(), "%ss nest deeper than %d levels", what, MaxNesting)
	}
	d.scopes = append(d.scopes, scope{})
}

func (d *decoder) leave() { d.scopes = d.scopes[:len(d.scopes)-1] }

func (d *decoder) scope() *scope { return &d.scopes[len(d.scopes)-1] }

// own is the index space that all definitions of a kind add to.
func own(id component.SectionID) (sort component.Sort, ok bool) {
	switch id {
	case component.SectionCoreModule:
		return component.SortCoreModule, true
	case component.SectionCoreInstance:
		return component.SortCoreInstance, true
	case component.SectionCoreType:
		return component.SortCoreType, true
	case component.SectionComponent:
		return component.SortComponent, true
	case component.SectionInstance:
		return component.SortInstance, true
	case component.SectionType:
		return component.SortType, true
	}
	return 0, false
}

// begin notes that a definition of a kind is being read.
func (d *decoder) begin(id component.SectionID) {
	if d.count++; d.count > MaxDefinitions {
		fail(d.at(), "there are more than %d definitions", MaxDefinitions)
	}
	s := d.scope()
	s.step = component.Step{Kind: id.String(), Index: s.sections[id]}
	if sort, ok := own(id); ok {
		s.step.Index = s.sorts[sort]
	}
}

// named notes the name of the definition that is being read.
func (d *decoder) named(name string) { d.scope().step.Name = name }

// done counts the definition that has been read.
func (d *decoder) done(id component.SectionID, def interface {
	Defines() (component.Sort, bool)
}) {
	s := d.scope()
	s.step = component.Step{}
	s.sections[id]++
	if t, ok := def.(*component.CoreType); ok {
		s.sorts[component.SortCoreType] += int(t.Indices())
	} else if sort, ok := def.Defines(); ok {
		s.sorts[sort]++
	}
}

func (d *decoder) component() *component.Component {
	d.enter("component")
	c := &component.Component{At: d.at()}
	d.preamble()
	for d.left() > 0 {
		c.Sections = append(c.Sections, d.section())
	}
	d.leave()
	return c
}

func (d *decoder) preamble() {
	rest := d.b[d.pos:d.end]
	switch {
	case bytes.HasPrefix(rest, preamble):
		d.pos += len(preamble)
	case bytes.HasPrefix(rest, modulePreamble):
		fail(d.at(), "this is a core module, not a component; it must be wrapped into a component first")
	case !bytes.HasPrefix(rest, magic):
		fail(d.at(), "this is no WebAssembly: it must start with `\\0asm`")
	case len(rest) < len(preamble):
		fail(d.at(), "unexpected end in the first 8 bytes")
	default:
		fail(d.at()+4, "unknown binary version and layer [% x]: a component has [% x]", rest[4:8], preamble[4:8])
	}
}

func (d *decoder) section() component.Section {
	s := component.Section{At: d.at()}
	s.ID = component.SectionID(d.byte("a section id"))
	if s.ID > component.SectionValue {
		fail(s.At, "there is no section with id %d", s.ID)
	}
	n := d.u32("the size of the " + s.ID.String() + " section")
	d.within(n, "the "+s.ID.String()+" section", func() { s.Definitions = d.definitions(s.ID) })
	return s
}

// definitions reads a section's content.
func (d *decoder) definitions(id component.SectionID) []component.Definition {
	read := func() component.Definition {
		d.begin(id)
		def := d.definition(id)
		d.done(id, def)
		return def
	}
	if id.IsVector() {
		return vec(&d.reader, id.String()+" definitions", read)
	}
	return []component.Definition{read()}
}

func (d *decoder) definition(id component.SectionID) component.Definition {
	switch id {
	case component.SectionCustom:
		return d.custom()
	case component.SectionCoreModule:
		return d.coreModule()
	case component.SectionCoreInstance:
		return d.coreInstance()
	case component.SectionCoreType:
		return d.coreType()
	case component.SectionComponent:
		return d.component()
	case component.SectionInstance:
		return d.instance()
	case component.SectionAlias:
		return d.alias()
	case component.SectionType:
		return d.typ()
	case component.SectionCanon:
		return d.canon()
	case component.SectionStart:
		return d.start()
	case component.SectionImport:
		return d.importDef()
	case component.SectionExport:
		return d.export()
	default:
		return d.value()
	}
}

func (d *decoder) custom() *component.Custom {
	c := &component.Custom{At: d.at()}
	c.Name = d.name("the name of a custom section")
	c.Data = d.bytes(uint32(d.left()), "a custom section")
	return c
}

func (d *decoder) coreModule() *component.CoreModule {
	m := &component.CoreModule{At: d.at()}
	if !IsModule(d.b[d.pos:d.end]) {
		fail(d.at(), "this is no core module: it must start with [% x]", modulePreamble)
	}
	m.Bytes = d.bytes(uint32(d.left()), "a core module")
	return m
}

// Encode writes a component. It panics where the model is not one that could be
// written at all: a definition in a section of another kind, a nil where the
// grammar has no option, a sort that the grammar does not have in that place.
//
// Spec: Binary.md#component-definitions.
func Encode(c *component.Component) []byte {
	var w writer
	w.component(c)
	return w.b
}

func (w *writer) component(c *component.Component) {
	w.b = append(w.b, preamble...)
	for i := range c.Sections {
		w.section(&c.Sections[i])
	}
}

func (w *writer) section(s *component.Section) {
	w.byte(byte(s.ID))
	w.sized(func() {
		if s.ID.IsVector() {
			w.u32(uint32(len(s.Definitions)))
		} else if len(s.Definitions) != 1 {
			panic("binary: a " + s.ID.String() + " section holds one definition")
		}
		for _, d := range s.Definitions {
			if d.Section() != s.ID {
				panic("binary: a " + d.Section().String() + " in a " + s.ID.String() + " section")
			}
			w.definition(d)
		}
	})
}

func (w *writer) definition(d component.Definition) {
	switch d := d.(type) {
	case *component.Custom:
		w.name(d.Name)
		w.b = append(w.b, d.Data...)
	case *component.CoreModule:
		w.b = append(w.b, d.Bytes...)
	case *component.CoreInstance:
		w.coreInstance(d)
	case *component.CoreType:
		w.coreType(d.Def)
	case *component.Component:
		w.component(d)
	case *component.Instance:
		w.instance(d)
	case *component.Alias:
		w.alias(d)
	case *component.Type:
		w.defType(d.Def)
	case *component.Canon:
		w.canon(d)
	case *component.Start:
		w.start(d)
	case *component.Import:
		w.importDef(d)
	case *component.Export:
		w.export(d)
	case *component.Value:
		w.value(d)
	}
}
